"""Removes credentials from texts for people and logs.

A credential is recognised by its form (a private key, a token, an API key, a key file in any encoding) or by its
value, once it has been remembered in this process. Nothing here raises.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final

REDACTED: Final = "[redacted]"
WINDOW: Final = 12
"""This many consecutive characters of a remembered secret are never shown; shorter secrets are not searched for."""

_PRIVATE: Final = r"private_key(?:_id)?|client_secret|refresh_token|access_token|id_token"
_KIND: Final = r"type\W{1,8}(?:service_account|authorized_user|external_account)"
_SECRET_FIELD: Final = re.compile(rf"(?i)(?:{_PRIVATE}|token|password|authorization|assertion|accessToken|privateKey)")
_SHAPES: Final = (
    # A key file, also an incomplete one: its other fields are not shown either.
    (re.compile(rf"\{{[^{{}}]*\b(?:{_PRIVATE}|{_KIND})\b[^{{}}]*(?:\}}|\Z)"), REDACTED),
    (re.compile(r"(?s)-----BEGIN [A-Z ]*PRIVATE KEY-----.*?(?:-----END [A-Z ]*PRIVATE KEY-----|\Z)"), REDACTED),
    (re.compile(r"(?<![A-Za-z0-9+/=\\\s])[A-Za-z0-9+/=\\\s]*-----END [A-Z ]*PRIVATE KEY-----"), REDACTED),
    (re.compile(rf"\b({_PRIVATE})(\W{{0,4}}[:=][\s\"'\\]*)[^\s\"'\\,}}]{{6,}}"), rf"\1\2{REDACTED}"),
    (re.compile(r"(?i)(bearer\s+|ya29\.|[?&]key=|[?&]upload_id=)[A-Za-z0-9._~+/=-]{6,}"), rf"\1{REDACTED}"),
    (re.compile(r"\b(?:AIza[\w-]{30,}|GOCSPX-[\w-]{10,}|1//[\w-]{20,})"), REDACTED),
    # base64 of what begins with a brace, also after a bracket or a quote, and of a key in DER
    (
        re.compile(r"(?:\b|(?<=\\[nr]))(?:eyJ|eyAi|ewo|W3si|IntcI|MII|MIGHAg)[A-Za-z0-9+/_=-]{12,}(?:\.[\w-]+)*"),
        REDACTED,
    ),
)
_RUN: Final = re.compile(r"(?P<kept>request id [^\s)]+)|[A-Za-z0-9+]+")
_LONG_RUN: Final = 40
_PART: Final = re.compile(r"[A-Za-z0-9+/=_-]{12,}")
_HEX: Final = re.compile(r"[0-9a-f]{20,}")

_MOST_LINES: Final = 6
_known: Final[set[str]] = set()  # stretches of WINDOW characters; a process has one user


def redact(text: str, *, shortest_run: int = _LONG_RUN) -> str:
    """The text without anything that is or may be a credential.

    ``shortest_run`` or more letters and digits that look random count as one, except in a request id.
    """
    text = _without_known(text)
    for shape, replacement in _SHAPES:
        text = shape.sub(replacement, text)

    def without_run(match: re.Match[str]) -> str:
        is_kept = match["kept"] or len(match[0]) < shortest_run or not is_mixed(match[0])
        return match[0] if is_kept else REDACTED

    return _RUN.sub(without_run, text)


def holds_credential(text: str, *, shortest_run: int = _LONG_RUN) -> bool:
    """Whether the text is or contains a possible credential; see :func:`redact`."""
    return redact(text, shortest_run=shortest_run) != text


def quoted(value: object) -> str:
    """The value as an error message quotes it; no part of it if it may hold a credential."""
    text = value if isinstance(value, str) else repr(value)
    return "[not shown: it looks like a credential]" if holds_credential(text) else repr(value)


def summary_of(error: BaseException, hide: Callable[[str], str] = str) -> str:
    """An unexpected error in one line, without the text that ``hide`` removes."""
    return (redact(hide(f"{type(error).__name__}: {error}")).splitlines() or [""])[0][:300]


def is_mixed(run: str) -> bool:
    """Whether capitals, small letters and digits are mixed, as in generated text."""
    return all(any(is_one(letter) for letter in run) for is_one in (str.isupper, str.islower, str.isdigit))


def remember(secret: str) -> None:
    """From now on :func:`redact` removes this secret and each part of it that is at least ``WINDOW`` long."""
    parts = re.split(r"\\[nr]|\s+", secret)
    for part in (*parts, "".join(parts)):
        if part[:WINDOW] in _known and part[-WINDOW:] in _known:
            continue
        _known.update(part[start : start + WINDOW] for start in range(len(part) - WINDOW + 1))


def remember_parts(text: str) -> None:
    """Remembers the possible secrets in a text that is not a valid credential."""
    for part in _PART.findall(text):
        if (part.lower() != part != part.upper()) or _HEX.fullmatch(part):
            remember(part)


def remember_fields(info: Mapping[str, Any]) -> None:
    """Remembers the secret fields of a key file at any depth."""
    for field, value in _fields_of(info):
        if _SECRET_FIELD.fullmatch(field) or holds_credential(value):
            remember(value)


def _fields_of(value: Any, field: str = "") -> Iterator[tuple[str, str]]:
    if isinstance(value, str):
        yield field, value
    elif isinstance(value, Mapping):
        for name, inner in value.items():
            yield from _fields_of(inner, str(name))
    elif isinstance(value, list):
        for inner in value:
            yield from _fields_of(inner, field)


def _without_known(text: str) -> str:
    if not _known:
        return text
    kept: list[str] = []
    start = 0
    while start < len(text):
        if text[start : start + WINDOW] not in _known:
            kept.append(text[start])
            start += 1
            continue
        kept.append(REDACTED)
        while text[start : start + WINDOW] in _known:
            start += 1
        start += WINDOW - 1
    return "".join(kept)


def shortened(text: str) -> str:
    """The text as it is shown to a person: redacted, in at most six lines."""
    lines = redact(text).strip().splitlines() or ["failed without a message"]
    return "\n".join(lines if len(lines) <= _MOST_LINES else [*lines[: _MOST_LINES - 1], "..."])
