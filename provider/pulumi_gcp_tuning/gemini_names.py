"""The names of the Gemini API, which have no project and no location, and the limits of its examples."""

from __future__ import annotations

import re
from typing import Final

from pulumi_gcp_tuning.names import MalformedName

EXAMPLE: Final = "tunedModels/number-generator-u3b7m"
MOST_INPUT: Final = 40_000
MOST_OUTPUT: Final = 5_000
"""The most characters of an example's input and output."""
_NAME: Final = re.compile(r"tunedModels/[a-z]([a-z0-9-]*[a-z0-9])?")


def split_operation(text: str) -> tuple[str, str | None]:
    """The name of a tuned model and None, or the model and the name itself for that of its operation. Else raises MalformedName."""
    model, slash, _ = text.partition("/operations/")
    return parse_gemini_tuned_model(model), text if slash else None


def is_gemini_tuned_model(text: str) -> bool:
    """Whether the text begins as the name of a tuned model of the Gemini API does."""
    return text.startswith("tunedModels/")


def parse_gemini_tuned_model(text: str) -> str:
    """The name, if it is that of a tuned model of the Gemini API. Raises MalformedName for any other text."""
    if not _NAME.fullmatch(text):
        reason = "it is tunedModels/ and an id of small letters, digits and hyphens"
        raise MalformedName("the name of a tuned model of the Gemini API", text, reason, EXAMPLE)
    return text
