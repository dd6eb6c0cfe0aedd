"""One row of a bison model's data set: a pair of input and output, or messages with authors."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from tuning_sandbox.learner.rows import Row, RowError, Turn, parse_row

_ROLES = {"user": "user", "assistant": "model"}


def read_pair(raw: bytes) -> Row:
    """A row of `input_text` and `output_text`; RowError if it is not one."""
    row = parse_row(raw)
    turns = (Turn("user", _text_of(row, "input_text")), Turn("model", _text_of(row, "output_text")))
    return Row("input_text", turns)


def read_chat(raw: bytes, default_context: str = "") -> Row:
    """A row of `messages` with authors; its `context` comes first, or the default one."""
    row = parse_row(raw)
    messages = row.get("messages")
    if not isinstance(messages, list) or not messages:
        raise RowError('has no turns in "messages".')
    context = row.get("context", default_context)
    if not isinstance(context, str):
        raise RowError('has a "context" that is not text.')
    said = [_turn(message) for message in messages]
    if said[0].role != "user":
        raise RowError("does not begin with a message of the author user.")
    if said[-1].role != "model":
        raise RowError("does not end with a message of the author assistant.")
    return Row("messages", (*((Turn("system", context),) if context.strip() else ()), *said))


def prompt_of_chat(instance: Mapping[str, Any]) -> str:
    """The prompt for the next answer of a chat: the context, the examples, every message."""
    examples = [
        str(side.get("content", ""))
        for example in instance.get("examples", [])
        for side in (example.get("input", {}), example.get("output", {}))
    ]
    said = [str(message["content"]) for message in instance["messages"]]
    return "\n".join(text for text in [str(instance.get("context", "")), *examples, *said] if text)


def _turn(message: Any) -> Turn:
    if not isinstance(message, dict):
        raise RowError("has a message that is not an object.")
    author = message.get("author")
    role = _ROLES.get(str(author).lower())
    if role is None:
        raise RowError(f"has a message of the unknown author {json.dumps(author)}.")
    return Turn(role, _text_of(message, "content"))


def _text_of(holder: Mapping[str, Any], key: str) -> str:
    if key not in holder:
        raise RowError(f'has no "{key}".')
    text = holder[key]
    if not isinstance(text, str):
        raise RowError(f'has a "{key}" that is not text.')
    if not text.strip():
        raise RowError(f'has an empty "{key}".')
    return text
