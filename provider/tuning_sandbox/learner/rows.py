"""One row of a tuning data set as turns, or why Google's job would fail on it: Gemini contents, Gemini 1.0 messages."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from tuning_sandbox.learner.contents import inline_contents
from tuning_sandbox.spelling import BUCKET_NAME, to_snake

MOST_LEVELS = 100
FORMATS = ("contents", "messages")
_MEDIA = re.compile(r"image/(png|jpe?g|webp|heic|heif)|(audio|video|text)/[\w.+-]+|application/pdf", re.IGNORECASE)
_PARTS = ("text", "fileData", "functionCall", "functionResponse")
_URI = re.compile(rf"gs://{BUCKET_NAME}/.+|https?://\S+")


class RowError(Exception):
    """Why a row cannot be used; the text follows `line N `."""


@dataclass(frozen=True)
class Limits:
    """What a model's rows may hold."""

    formats: tuple[str, ...] = FORMATS
    media: bool = True
    images: int = 30
    audio_files: int = 1


@dataclass(frozen=True)
class Turn:
    """One turn: role and text; `kinds` are the MIME types of its files, `files` the URIs of a Gemini turn's."""

    role: str
    text: str
    kinds: tuple[str, ...] = ()
    calls: bool = False
    files: tuple[str, ...] = ()


@dataclass(frozen=True)
class Row:
    """The format of a row and its turns, the system's first; `files` are the URIs of its files."""

    format: str
    turns: tuple[Turn, ...]
    files: tuple[str, ...] = ()

    @property
    def has_media(self) -> bool:
        """Whether it names files."""
        return any(turn.kinds for turn in self.turns)


def read_row(raw: bytes, limits: Limits) -> Row:
    """The row of one line; RowError if the model does not accept it."""
    row = parse_row(raw)
    form = next((name for name in FORMATS if name in row), None)
    if form is None:
        raise RowError('has neither "contents" nor "messages".')
    if form not in limits.formats:
        raise RowError(f'has "{form}", which this model does not take.')
    turns = _contents(row) if form == "contents" else _messages(row)
    _check_order(turns)
    _check_media(turns, limits)
    return Row(form, tuple(turns), tuple(uri for turn in turns for uri in turn.files))


def text_of(content: Any) -> str:
    """The text of a content, with a file as its type and name."""
    if isinstance(content, str):
        return content
    parts = content.get("parts", []) if isinstance(content, Mapping) else []
    parts = [parts] if isinstance(parts, Mapping) else parts
    return "\n".join(_text_of_part(part) for part in parts if isinstance(part, Mapping))


def parse_row(raw: bytes) -> dict[str, Any]:
    """The JSON object of one line; RowError if it is not one."""
    try:
        row = json.loads(raw.decode("utf-8-sig"), parse_constant=_refuse)
    except UnicodeDecodeError:
        raise RowError("is not UTF-8.") from None
    except (ValueError, RecursionError):
        raise RowError("is not valid JSON.") from None
    if not isinstance(row, dict):
        raise RowError("is not a JSON object.")
    if raw.count(b"{") + raw.count(b"[") > MOST_LEVELS and _is_deeper(row):
        raise RowError(f"is nested more than {MOST_LEVELS} levels deep.")
    return _without_nulls(row) if b"null" in raw else row


def _without_nulls(value: Any) -> Any:
    """What is null is not set; elements of lists are kept, and are refused where they are read."""
    if isinstance(value, list):
        return [_without_nulls(each) for each in value]
    if isinstance(value, dict):
        return {key: _without_nulls(each) for key, each in value.items() if each is not None}
    return value


def _refuse(name: str) -> float:
    raise ValueError(name)


def _is_deeper(row: Any) -> bool:
    level = [row]
    for _ in range(MOST_LEVELS):
        level = [
            inner
            for held in level
            for inner in (held.values() if isinstance(held, dict) else held)
            if isinstance(inner, dict | list)
        ]
    return bool(level)


def _contents(row: dict[str, Any]) -> list[Turn]:
    contents, turns = list_of(row, "contents"), []
    system = field_of(row, "systemInstruction")
    if system is not None:
        said = _turn(system, "system")
        if said.kinds or said.calls:
            raise RowError("has a system instruction that is not text.")
        turns.append(said)
    _check_tools(row.get("tools"))
    for at, content in enumerate(contents):
        role = content.get("role") if isinstance(content, Mapping) else None
        # in Google's sample of a tuned chat, the turn with a function's answer has no role
        role = "user" if role is None and _answers_a_call(content) else role
        # Google's page on tuning data: a row of one question and one answer may omit the role
        if role in (None, "") and isinstance(content, Mapping) and len(contents) == 2:
            role = "model" if at else "user"
        turns.append(_turn(content, _role(role, ("user", "model"))))
    return turns


def _answers_a_call(content: Any) -> bool:
    parts = content.get("parts") if isinstance(content, Mapping) else None
    parts = [parts] if isinstance(parts, Mapping) else parts
    return (
        isinstance(parts, list)
        and bool(parts)
        and all(isinstance(part, Mapping) and field_of(part, "functionResponse") is not None for part in parts)
    )


def _turn(content: Any, role: str) -> Turn:
    kinds: list[str] = []
    files: list[str] = []
    calls = False
    for part in parts_of(content):
        held = _held_by(part)
        calls = calls or held.startswith("function")
        if held == "fileData":
            kinds.append(_media_type(field_of(part, held)))
            files.append(field_of(field_of(part, held), "fileUri"))
    text = text_of(content)
    if not text.strip():
        raise RowError(f"has an empty {'answer of the model' if role == 'model' else f'turn of the role {role}'}.")
    return Turn(role, text, tuple(kinds), calls, tuple(files))


def _held_by(part: Any) -> str:
    if not isinstance(part, Mapping):
        raise RowError("has a part that is not an object.")
    held = [name for name in _PARTS if name in part or to_snake(name) in part]
    if len(held) != 1:
        raise RowError(f"has a part that does not hold one of {', '.join(_PARTS)}.")
    if held == ["text"]:
        if not isinstance(part["text"], str):
            raise RowError("has a part whose text is not text.")
    elif not isinstance(field_of(part, held[0]), Mapping):
        raise RowError(f"has a part whose {held[0]} is not an object.")
    return held[0]


def _media_type(file: Mapping[str, Any]) -> str:
    kind, uri = field_of(file, "mimeType"), field_of(file, "fileUri")
    if not isinstance(kind, str) or not _MEDIA.fullmatch(kind):
        raise RowError(f"has a file of the unknown MIME type {json.dumps(kind)}.")
    if not isinstance(uri, str) or not _URI.fullmatch(uri):
        raise RowError("has a file that is not named by a gs://, https:// or http:// URI.")
    return kind.lower()


def _check_tools(tools: Any) -> None:
    if tools is None:
        return
    if not isinstance(tools, list) or not all(isinstance(tool, Mapping) for tool in tools):
        raise RowError('has "tools" that are not a list of declarations.')
    if not all(isinstance(field_of(tool, "functionDeclarations") or [], list) for tool in tools):
        raise RowError('has "tools" whose functions are not a list.')


def _messages(row: dict[str, Any]) -> list[Turn]:
    turns: list[Turn] = []
    for at, message in enumerate(list_of(row, "messages")):
        if not isinstance(message, Mapping) or not isinstance(message.get("content"), str):
            raise RowError('has a message whose "content" is not text.')
        role = _role(message.get("role"), ("system", "user", "model"))
        if role == "system" and at:
            raise RowError("has a turn of the role system that is not the first.")
        if not message["content"].strip():
            raise RowError(f"has an empty {'answer of the model' if role == 'model' else f'turn of the role {role}'}.")
        # Gemini 1.0 required alternating turns
        if turns and turns[-1].role == role:
            raise RowError(f"has two turns of the role {role} together.")
        turns.append(Turn(role, message["content"]))
    return turns


def _role(role: Any, known: tuple[str, ...]) -> str:
    name = str(role).lower()
    if name not in known:
        raise RowError(f"has a turn of the unknown role {json.dumps(role)}.")
    return name


def _check_order(turns: list[Turn]) -> None:
    said = [turn.role for turn in turns if turn.role != "system"]
    if not said or said[-1] != "model":
        raise RowError("does not end with a turn of the role model.")
    if "user" not in said:
        raise RowError("has no turn of the role user before the answer.")
    if said[0] != "user":
        raise RowError("does not begin with a turn of the role user.")


def _check_media(turns: list[Turn], limits: Limits) -> None:
    if any(turn.kinds for turn in turns if turn.role == "model"):
        raise RowError("has a file in an answer of the model.")
    kinds = [kind for turn in turns for kind in turn.kinds]
    if kinds and not limits.media:
        raise RowError("has a file, and this model is tuned on text only.")
    for kind, most in (("image", limits.images), ("audio", limits.audio_files)):
        count = sum(found.startswith(kind + "/") for found in kinds)
        if count > most:
            raise RowError(f"has {count} {kind} files: at most {most} are allowed.")


def _text_of_part(part: Mapping[str, Any]) -> str:
    if isinstance(part.get("text"), str):
        return str(part["text"])
    file = field_of(part, "fileData")
    if isinstance(file, Mapping):
        return f"[{field_of(file, 'mimeType') or 'file'} {field_of(file, 'fileUri') or ''}]"
    inline = field_of(part, "inlineData")
    if isinstance(inline, Mapping):
        return f"[{field_of(inline, 'mimeType') or 'file'} {inline_contents(inline.get('data'))}]"
    return json.dumps(part, sort_keys=True, ensure_ascii=False)


def list_of(row: Mapping[str, Any], key: str) -> list[Any]:
    """The turns of a row, of which there is one at least."""
    found = row[key]
    if not isinstance(found, list) or not found:
        raise RowError(f'has no turns in "{key}".')
    return found


def parts_of(content: Any) -> list[Any]:
    """The parts of a turn, of which there is one at least."""
    parts = content.get("parts") if isinstance(content, Mapping) else None
    parts = [parts] if isinstance(parts, Mapping) else parts
    if not isinstance(parts, list) or not parts:
        raise RowError('has a turn without "parts".')
    return parts


def field_of(value: Mapping[str, Any], name: str) -> Any:
    """A field by either of its names, `fileData` or `file_data`; None if it is missing."""
    return value.get(name, value.get(to_snake(name)))
