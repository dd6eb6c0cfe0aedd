"""What the rows of the third list share; it was written without a look at the checks or at the second list."""

from __future__ import annotations

from typing import Any, Final

from preflight.list_row import file, turn
from support.preflight_case import Tree, good_rows, lines

TRAINED_ON: Final = "world/objects/train.jsonl"
DATA_PAGE: Final = "docs.cloud.google.com/gemini-enterprise-agent-platform/models/tuning/supervised-tuning/prepare-data"
TUNING_PAGE: Final = "docs.cloud.google.com/vertex-ai/generative-ai/docs/models/gemini-supervised-tuning"
REGIONS_PAGE: Final = "cloud.google.com/vertex-ai/generative-ai/docs/models/gemini-supervised-tuning-region-settings"
DISCOVERY: Final = "discovery document aiplatform v1, revision 20261106"
DECLARATION: Final = f"{DISCOVERY}: FunctionDeclaration"


def trained_on(*rows: Any) -> dict[str, Any]:
    """A file whose lines from the third on are these, among good ones."""
    return {TRAINED_ON: lines(*good_rows(2), *rows, *good_rows(118, 2))}


def asked(*parts: Any, **more: Any) -> Tree:
    """A row that asks this, and gets an answer in text."""
    return {"contents": [turn("user", *parts), turn("model", "It is in the shop.")], **more}


VIDEO: Final = file("video/mp4", "a.mp4")
CALL: Final = {"functionCall": {"name": "find", "args": {"order": 1}}}
REPLY: Final = {"functionResponse": {"name": "find", "response": {"output": "sent"}}}


def clip(**metadata: Any) -> Tree:
    """A row with a part of a video."""
    return asked("What is sold?", {**VIDEO, "videoMetadata": metadata})


def declared(*functions: Any, **more: Any) -> Tree:
    """A row without a call, whose tools declare these functions."""
    return asked("Where is order 1?", tools=[{"functionDeclarations": list(functions)}], **more)


def taking(**properties: Any) -> Tree:
    """A declaration of a function with these parameters."""
    return {"name": "find", "description": "Finds.", "parameters": {"type": "OBJECT", "properties": properties}}


def called(*turns: Any) -> Tree:
    """A row whose tools declare ``find``, with these turns between the question and the answer."""
    contents = [turn("user", "Where are orders 1 and 2?"), *turns, turn("model", "Both are sent.")]
    return {"contents": contents, "tools": [{"functionDeclarations": [taking(order={"type": "INTEGER"})]}]}
