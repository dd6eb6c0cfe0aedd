"""The limits of the named model, or of the usual model for a format, from the catalogue."""

from __future__ import annotations

from typing import Final

from pulumi_gcp_tuning.catalog import Limits, ModelRow, shipped
from pulumi_gcp_tuning.datasets.formats import GEMINI_CONTENTS, Format, Product, find_format
from pulumi_gcp_tuning.datasets.media import LEVELS, LOW
from pulumi_gcp_tuning.datasets.tokens import rate_of

FEW_EXAMPLES: Final = 100
MOST_PDF_FILES: Final = 4
"""In one row, by Google's page on document tuning."""
MOST_CLIP_MINUTES: Final = dict.fromkeys(LEVELS, 5) | {LOW: 20}
"""The longest part of a video by ``mediaResolution``, by Google's page on video tuning; a longer one drops its row."""
MOST_BYTES: Final = {"image": 20 << 20, "pdf": 20 << 20, "audio": 100 << 20, "video": 100 << 20}
"""Of one file, by Google's pages on tuning for each modality."""
_USUAL: Final = {
    "gemini-contents": "gemini-3.5-flash",
    "gemini-messages": "gemini-1.0-pro-002",
    "code-pairs": "code-bison@002",
    "chat-messages": "codechat-bison@002",
    "gemini-api-pairs": "models/gemini-1.5-flash-001-tuning",
    "prompt-completion": "google/gemma3@gemma-3-27b-it",
    "messages": "google/gemma3@gemma-3-27b-it",
    "generate-content": "google/gemma3@gemma-3-27b-it",
    "preference-pairs": "gemini-2.5-flash",
}
_PRODUCTS: Final[dict[str, Product]] = {
    "GEMINI": "gemini",
    "PIPELINE": "pipeline",
    "OPEN": "open",
    "GEMINI_API": "gemini-api",
}


class Bounds:
    """The limits of a file for ``model``, or for the usual model of that format if none is named.

    ``is_of_model`` is false if the named model does not take rows of that format, with or without images.
    """

    def __init__(self, form: Format, model: ModelRow | None) -> None:
        row = model or shipped().find_model(_USUAL[form.id])
        self.model = model
        self.limits = row.limits if row is not None else Limits()
        self.sequence_tokens = row.max_sequence_tokens if row is not None else None
        self.modalities = model.modalities if model is not None else None
        self.rate = rate_of(model)
        taken = model.dataset_formats if model is not None else ()
        self.is_of_model = not taken or not {form.id, f"{form.id}-multimodal"}.isdisjoint(taken)


def example_for(model: ModelRow | None) -> str:
    """A row in the form that the model accepts, or that Gemini accepts if no model is named."""
    names = model.dataset_formats if model is not None else ()
    found = find_format(names[0]) if names else None
    return (found or GEMINI_CONTENTS).example


def product_of(model: ModelRow | None) -> Product | None:
    """The product whose formats are preferred if a row could belong to two."""
    return _PRODUCTS.get(str(model.product)) if model is not None else None
