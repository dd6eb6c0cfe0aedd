"""The limits of the named model, or of the usual model for a format, from the catalogue."""

from __future__ import annotations

from typing import Final

from pulumi_gcp_tuning.catalog import Limits, ModelRow, shipped
from pulumi_gcp_tuning.datasets.formats import Format, Product

CHARACTERS_PER_TOKEN: Final = 4.0
"""Seed 000: one token is about four characters."""
FEW_EXAMPLES: Final = 100
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
    """What may be in a file for ``model``, or for the usual model of that format if none is named."""

    def __init__(self, form: Format, model: ModelRow | None) -> None:
        row = model or shipped().find_model(_USUAL[form.id])
        self.model = model
        self.limits = row.limits if row is not None else Limits()
        self.sequence_tokens = row.max_sequence_tokens if row is not None else None
        self.modalities = model.modalities if model is not None else None
        # a rate of the usual model says nothing about another one
        rate = model.tokens_per_character if model is not None else None
        self.characters_per_token = 1 / rate if rate else CHARACTERS_PER_TOKEN


def product_of(model: ModelRow | None) -> Product | None:
    """Which product's formats come first if a row could belong to two."""
    return _PRODUCTS.get(str(model.product)) if model is not None else None
