"""The form of a row of the third list, which was written without a look at the checks or at the second list."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final, Literal

from support.preflight_case import Kind, Tree, changed, good_rows, lines, usual

TRAINED_ON: Final = "world/objects/train.jsonl"
DISCOVERY: Final = "discovery document aiplatform v1, revision 20261106"


@dataclass(frozen=True, kw_only=True)
class Row:
    """A configuration: what it changes in the usual situation, and what preview has to say.

    ``names`` are words that one finding of the severity of ``answer`` has to hold.
    """

    id: str
    source: str
    given: Mapping[str, Any] = field(default_factory=dict)
    names: tuple[str, ...] = ()
    answer: Literal["error", "warning", "passes"] = "passes"
    kind: Kind = "tuning_job"
    command: tuple[str, ...] = ()

    @property
    def situation(self) -> Tree:
        """The whole situation."""
        return changed(usual(self.kind), self.given)


def trained_on(*rows: Any) -> dict[str, Any]:
    """A file whose lines from the third on are these, among good ones."""
    return {TRAINED_ON: lines(*good_rows(2), *rows, *good_rows(118, 2))}


def turn(role: str, *parts: Any) -> Tree:
    """One turn; a string is a text part."""
    return {"role": role, "parts": [{"text": each} if isinstance(each, str) else each for each in parts]}


def asked(*parts: Any, **more: Any) -> Tree:
    """A row that asks this, and gets an answer in text."""
    return {"contents": [turn("user", *parts), turn("model", "It is in the shop.")], **more}


def file(mime: str, name: str) -> Tree:
    """A part that names an object beside the usual data."""
    return {"fileData": {"mimeType": mime, "fileUri": f"gs://shop-data/{name}"}}


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
