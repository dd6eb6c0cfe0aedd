"""One row of an open model's data set: prompt and completion, messages, or contents, with or without images."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

from tuning_sandbox.learner.contents import inline_contents
from tuning_sandbox.learner.rows import Row, RowError, Turn, field_of, list_of, parse_row, parts_of
from tuning_sandbox.spelling import BUCKET_NAME

_ROLES = {"system": "system", "user": "user", "assistant": "model"}
_GS = re.compile(rf"gs://{BUCKET_NAME}/.+")
_INLINE = re.compile(r"data:(image/(?:jpe?g|png|webp));base64,([A-Za-z0-9+/=]+)", re.IGNORECASE)
_TYPE = re.compile(r"image/(jpe?g|png|webp)", re.IGNORECASE)
_SUFFIX = re.compile(r"\.(jpe?g|png|webp)$", re.IGNORECASE)


def read_open_row(raw: bytes, *, images: bool) -> Row:
    """The row of one line; RowError if an open model does not accept it. `images`: whether the model reads them."""
    row = parse_row(raw)
    if "prompt" in row or "completion" in row:
        said = Turn("user", _text(row, "prompt")), Turn("model", _text(row, "completion"))
        return Row("prompt", said)
    if "messages" in row:
        form, found = "messages", [_message(message) for message in list_of(row, "messages")]
    elif "contents" in row:
        system = field_of(row, "systemInstruction")
        first = [_content({**system, "role": "system"})] if isinstance(system, Mapping) else []
        form, found = "contents", [*first, *(_content(content) for content in list_of(row, "contents"))]
    else:
        raise RowError('has neither "prompt" and "completion" nor "messages" nor "contents".')
    turns = tuple(turn for turn, _ in found)
    _check_order(turns)
    row_read = Row(form, turns, tuple(uri for _, uris in found for uri in uris))
    if row_read.has_media and not images:
        raise RowError("has an image, and this model is tuned on text only.")
    return row_read


def _message(message: Any) -> tuple[Turn, list[str]]:
    if not isinstance(message, Mapping):
        raise RowError("has a message that is not an object.")
    content = message.get("content")
    parts = [{"type": "text", "text": content}] if isinstance(content, str) else content
    if not isinstance(parts, list) or not parts:
        raise RowError('has a message whose "content" is neither text nor a list of parts.')
    return _turn(message.get("role"), [_part_of_message(part) for part in parts])


def _part_of_message(part: Any) -> tuple[str, str, str]:
    kind = part.get("type") if isinstance(part, Mapping) else None
    if kind == "text" and isinstance(part.get("text"), str):
        return part["text"], "", ""
    image = part.get("image_url") if kind == "image_url" else None
    url = image.get("url") if isinstance(image, Mapping) else None
    if not isinstance(url, str):
        raise RowError('has a part that is neither {"type": "text"} nor {"type": "image_url"}.')
    inline = _INLINE.fullmatch(url)
    if inline:
        return f"[image {inline_contents(inline[2])}]", inline[1].lower(), ""
    if not _GS.fullmatch(url) or not _SUFFIX.search(url):
        raise RowError("has an image that is neither a JPEG, PNG or WEBP in Cloud Storage nor base64 data.")
    return f"[image {url}]", "image/" + _SUFFIX.findall(url)[0].lower(), url


def _content(content: Any) -> tuple[Turn, list[str]]:
    parts = [_part_of_content(part) for part in parts_of(content)]
    return _turn(content.get("role"), parts)


def _part_of_content(part: Any) -> tuple[str, str, str]:
    if not isinstance(part, Mapping):
        raise RowError("has a part that is not an object.")
    if isinstance(part.get("text"), str):
        return part["text"], "", ""
    file, inline = field_of(part, "fileData"), field_of(part, "inlineData")
    held = file if isinstance(file, Mapping) else inline
    kind = field_of(held, "mimeType") if isinstance(held, Mapping) else None
    if not isinstance(kind, str) or not _TYPE.fullmatch(kind):
        raise RowError("has a part that is neither text nor a JPEG, PNG or WEBP image.")
    if held is inline:
        return f"[image {inline_contents(held.get('data'))}]", kind.lower(), ""
    uri = field_of(file, "fileUri")
    if not isinstance(uri, str) or not _GS.fullmatch(uri):
        raise RowError("has an image that is not named by a gs:// URI.")
    return f"[image {uri}]", kind.lower(), uri


def _turn(role: Any, parts: list[tuple[str, str, str]]) -> tuple[Turn, list[str]]:
    known = _ROLES.get(role) if isinstance(role, str) else None
    if known is None:
        raise RowError(f"has a turn of the unknown role {json.dumps(role)}.")
    text = "\n".join(said for said, _, _ in parts)
    kinds = tuple(kind for _, kind, _ in parts if kind)
    if not text.strip():
        raise RowError(f"has an empty turn of the role {role}.")
    if kinds and known != "user":
        raise RowError(f"has an image in a turn of the role {role}.")
    return Turn(known, text, kinds), [uri for _, _, uri in parts if uri]


def _check_order(turns: tuple[Turn, ...]) -> None:
    roles = [turn.role for turn in turns]
    if "system" in roles[1:]:
        raise RowError("has a turn of the role system that is not the first.")
    said = [role for role in roles if role != "system"]
    if not said or said[0] != "user":
        raise RowError("does not begin with a turn of the role user.")
    if said[-1] != "model":
        raise RowError("does not end with a turn of the role assistant.")


def _text(row: Mapping[str, Any], key: str) -> str:
    text = row.get(key)
    if not isinstance(text, str):
        raise RowError(f'has no text in "{key}".')
    if not text.strip():
        raise RowError(f'has an empty "{key}".')
    return text
