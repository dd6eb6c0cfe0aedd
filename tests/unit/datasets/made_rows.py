"""Rows of each format that are good, and what changes them."""

from __future__ import annotations

import copy
from typing import Any

JPEG = "data:image/jpeg;base64,/9j/4AAQSkZJRgABAQ=="
C = "gemini-contents"
M = "gemini-messages"
OPEN = "messages"
G = "generate-content"
P = "preference-pairs"


def said(role: str, *parts: Any) -> dict[str, Any]:
    return {"role": role, "parts": [{"text": part} if isinstance(part, str) else part for part in parts]}


def file_part(mime: str = "image/png", uri: str = "gs://shop/a.png") -> dict[str, Any]:
    return {"fileData": {"mimeType": mime, "fileUri": uri}}


def completion(score: Any, text: str, role: str = "model") -> dict[str, Any]:
    return {"score": score, "completion": said(role, text)}


def image(url: Any, **more: Any) -> dict[str, Any]:
    return {"type": "image_url", "image_url": {"url": url, **more}}


def message(role: str, content: Any, key: str = "role") -> dict[str, Any]:
    return {key: role, "content": content}


GOOD: dict[str, dict[str, Any]] = {
    "gemini-contents": {
        "systemInstruction": {"role": "system", "parts": [{"text": "Be brief."}]},
        "contents": [said("user", "Where is it?", file_part()), said("model", "shipping")],
    },
    "gemini-messages": {
        "messages": [message("system", "Classify."), message("user", "Invest"), message("model", "business")]
    },
    "code-pairs": {"input_text": "Write the code in Python: sum", "output_text": "sum(nums)"},
    "chat-messages": {
        "context": "You help with code.",
        "messages": [message("user", "How?", "author"), message("assistant", "So.", "author")],
    },
    "gemini-api-pairs": {"text_input": "1", "output": "2"},
    "prompt-completion": {"prompt": "One", "completion": "two"},
    "messages": {
        "messages": [
            message("system", "Be brief."),
            message(
                "user", [{"type": "text", "text": "What is it?"}, image("gs://shop/a.jpeg", detail="low"), image(JPEG)]
            ),
            message("assistant", [{"type": "text", "text": "A shoe."}]),
        ]
    },
    "generate-content": {
        "systemInstruction": {"parts": [{"text": "Be brief."}]},
        "contents": [
            said("user", "What?", {"file_data": {"mime_type": "image/jpeg", "file_uri": "gs://shop/a.jpeg"}}),
            said("assistant", "A shoe."),
        ],
    },
    "preference-pairs": {
        "contents": [said("user", "My favourite?")],
        "completions": [completion(1, "Apple!"), completion(0, "Your favourite is apple.")],
    },
}
TOOL = {"functionDeclarations": [{"name": "find"}]}
CALL: dict[str, Any] = {"functionCall": {"name": "find", "args": {}}}
PDF = file_part("application/pdf", "gs://shop/a.pdf")
CLIP: dict[str, Any] = file_part("video/mp4", "gs://shop/a.mp4")


def changed(form: str, *path: Any, to: Any = ..., **keys: Any) -> dict[str, Any]:
    """The good row of a format with one thing changed; ``...`` removes it."""
    row: Any = copy.deepcopy(GOOD[form])
    at = row
    for key in path[:-1]:
        at = at[key]
    if path and to is ...:
        del at[path[-1]]
    elif path:
        at[path[-1]] = to
    return {**row, **keys}


def asked(*parts: Any, **more: Any) -> dict[str, Any]:
    """The good row of contents with another question."""
    return {**changed(C, "contents", 0, to=said("user", "?", *parts)), **more}


def called(call: Any, role: str = "model", **more: Any) -> dict[str, Any]:
    """A row that ends with a call."""
    return {
        **GOOD[C],
        "contents": [said("user", "?"), said(role, call), *([] if role == "model" else [said("model", "a")])],
        **more,
    }
