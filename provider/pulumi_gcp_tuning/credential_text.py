"""Recognises the text of a credential: a key file's JSON, the path of a key file, or a token.

Any other text is refused with a ValueError that says what the text seems to be and quotes nothing of it.
"""

from __future__ import annotations

import base64
import binascii
import json
import os
import re
from pathlib import Path
from typing import Any, Final

from pulumi_gcp_tuning.redaction import holds_credential, is_mixed

Json = dict[str, Any]

KEY_FORMS: Final = "Give the path of a key file, its full JSON, or that JSON in base64. The value is not shown."
TOKEN_FORMS: Final = "Give the token alone, as 'gcloud auth print-access-token' prints it. The value is not shown."

_NEEDED: Final = {
    "service_account": ("client_email", "private_key", "token_uri"),
    "authorized_user": ("client_id", "client_secret", "refresh_token"),
    "external_account": ("audience", "subject_token_type", "token_url"),
    "external_account_authorized_user": (),
    "impersonated_service_account": ("source_credentials", "service_account_impersonation_url"),
    "gdch_service_account": ("private_key",),
}
"""The credential types that Google's libraries load, and the fields that each type requires."""

_MARKS: Final = ("\ufeff", "\ufffe", "ï»¿", "\udcef\udcbb\udcbf")  # a byte order mark, also read in a wrong encoding
_QUOTES: Final = {'"': '"', "'": "'", "`": "`", "\u201c": "\u201d", "\u2018": "\u2019"}
_PEM: Final = re.compile(r"-----BEGIN [A-Z ]*PRIVATE KEY-----.+-----END [A-Z ]*PRIVATE KEY-----", re.DOTALL)
_KEY_WORDS: Final = re.compile(r"private_key|client_secret|refresh_token|client_email|type\W{1,8}service_account")
_TOKEN_PREFIX: Final = re.compile(r"(?i)(?:authorization:\s*)?bearer\s+")
_BASE64: Final = re.compile(r"[A-Za-z0-9+/_-]{8,}={0,2}")
_LOOKS: Final = (
    (re.compile(r"\A<"), "it looks like a web page, not like a key file"),
    (
        re.compile(r"(?i)\A(?:(?:authorization:\s*)?bearer\s|ya29\.|1//|eyJ[\w-]+\.[\w-]+\.)"),
        "it looks like an access token, not like a key file. Set GOOGLE_OAUTH_ACCESS_TOKEN to a token",
    ),
    (re.compile(r"\AAIza"), "it looks like an API key, which tuning does not accept"),
    (re.compile(r"\A[\[(]?\{\s*'"), "it looks like a Python dictionary, not like JSON"),
    (re.compile(r"(?m)\A[^{]*^\s*type\s*:"), "it looks like YAML, not like JSON"),
    (_KEY_WORDS, "it looks like a key file that was cut off or damaged: it is not JSON"),
    (re.compile("PRIVATE KEY"), "it looks like a private key, or a part of one, without the JSON of its key file"),
    (re.compile(r"\A[\[{]"), "it looks like JSON that was cut off or damaged"),
)
_SHORTEST_BASE64: Final = 40
_SHORTEST_RUN: Final = 24


def read_key(text: str) -> Json | Path:
    """The key file, or the path of one, that ``text`` holds.

    JSON may have a byte order mark, be in quotes, escaped as a JSON string, in base64, or the one member of a list;
    each of these once. The path is not opened.
    """
    bare = _bare(text)
    found = _object_in(bare)
    if found is not None:
        return _checked(found)
    path = _unquoted(bare)
    if _is_path(path):
        return Path(path)
    raise ValueError(_refusal(bare))


def read_key_file(content: bytes) -> Json:
    """The key file that these bytes hold, in the forms of :func:`read_key` except the path."""
    for encoding in ("utf-8", "utf-16"):
        try:
            text = _bare(content.decode(encoding))
        except UnicodeDecodeError:
            continue
        found = _object_in(text)
        if found is not None:
            return _checked(found)
        if encoding == "utf-8":
            raise ValueError(_refusal(text))
    raise ValueError("it is not a key file: it is not text")


def read_token(text: str) -> str:
    """The access token in ``text``, without surrounding quotes and a leading ``Bearer``."""
    bare = _unquoted(_TOKEN_PREFIX.sub("", _unquoted(_bare(text)), count=1).strip())
    if not bare or bare in _QUOTES:
        raise ValueError("it is empty except for quotes or 'Bearer'")
    found = _object_in(bare)
    if _KEY_WORDS.search(bare) or "PRIVATE KEY" in bare or (found and found.get("type") in _NEEDED):
        raise ValueError("it looks like a key file, not like an access token. Set GOOGLE_CREDENTIALS to a key file")
    if found is not None or bare[0] in "{[<":
        raise ValueError("it looks like JSON or a page, not like an access token")
    if not re.fullmatch(r"[\x21-\x7e]+", bare):
        raise ValueError("it contains a space, a line break or a letter that no access token has")
    if "/" in bare and os.path.isfile(bare):  # noqa: PTH113 - a name that is too long is no error
        raise ValueError("it is the path of a file, not an access token")
    return bare


def is_plain_path(path: str) -> bool:
    """Whether a path may be shown: it cannot be a credential."""
    if not re.fullmatch(r"[\w./\\:~ @()+,-]{1,200}", path) or holds_credential(path):
        return False
    for run in re.findall(r"[A-Za-z0-9+]+", path):
        if len(run) >= 8 and (is_mixed(run) or (len(run) >= 16 and not (run.islower() and run.isalpha()))):
            return False
    parent = Path(path).parent
    return path.endswith(".json") or bool(parent.name and parent.is_dir())


def _bare(text: str) -> str:
    text = text.strip()
    for mark in _MARKS:
        text = text.removeprefix(mark).strip()
    return text


def _object_in(text: str, wrappings: frozenset[str] = frozenset({"quotes", "base64", "list"})) -> Json | None:
    """The JSON object in ``text``, taken out of each of the ``wrappings`` at most once; None where there is none."""
    value = _json(text)
    if isinstance(value, list) and len(value) == 1 and "list" in wrappings:
        value = value[0]
    if isinstance(value, dict):
        return value
    for wrapping, inner in (("quotes", value), ("quotes", _unescaped(text)), ("base64", _decoded(text))):
        if isinstance(inner, str) and wrapping in wrappings:
            found = _object_in(_bare(inner), wrappings - {wrapping})
            if found is not None:
                return found
    inner = _without_quotes(text)
    if inner is None or "quotes" not in wrappings:
        return None
    return _object_in(_bare(inner), wrappings - {"quotes"}) or _object_in(_unescaped(inner) or "", frozenset())


def _json(text: str) -> Any:
    try:
        return json.loads(text, strict=False)  # a key's line breaks are often no longer escaped
    except (ValueError, RecursionError):
        return None


def _unescaped(text: str) -> str | None:
    r"""What was between the quotes of a JSON string: ``{\"type\": ...}``."""
    value = _json(f'"{text}"') if '\\"' in text else None
    return value if isinstance(value, str) else None


def _without_quotes(text: str) -> str | None:
    quoted = len(text) > 1 and _QUOTES.get(text[0]) == text[-1]
    return text[1:-1].strip() if quoted else None


def _unquoted(text: str) -> str:
    inner = _without_quotes(text)
    return text if inner is None else inner


def _decoded(text: str) -> str | None:
    compact = "".join(text.split())
    if not _BASE64.fullmatch(compact):
        return None
    standard = compact.rstrip("=").translate(str.maketrans("-_", "+/"))
    try:
        content = base64.b64decode(standard + "=" * (-len(standard) % 4), validate=True)
    except binascii.Error:
        return None
    for encoding in ("utf-8", "utf-16-le"):
        try:
            text = _bare(content.decode(encoding))
        except UnicodeDecodeError:
            continue
        if text[:1] in ('"', "'", "{", "["):
            return text
    return None


def _checked(info: Json) -> Json:
    """The object with its private key's line breaks in order. Refuses what Google's libraries would not load."""
    kind = info.get("type")
    if "installed" in info or "web" in info:
        raise ValueError("it looks like an OAuth client secret, which is not a credential by itself")
    if not isinstance(kind, str) or kind not in _NEEDED:
        raise ValueError(f"it is a JSON object, but its type is not one of {', '.join(_NEEDED)}")
    missing = [name for name in _NEEDED[kind] if not info.get(name)]
    if missing:
        raise ValueError(f"it is a key file of the type {kind} without {', '.join(missing)}")
    if kind != "service_account":
        return info
    key = info["private_key"]
    if not isinstance(key, str) or not _PEM.search(key):
        raise ValueError("it is a key file, but its private_key was cut off or is not a private key")
    return info | {"private_key": key.replace("\\n", "\n").replace("\\r", "")}


def _is_path(text: str) -> bool:
    if not text or len(text) > 4096 or not text.isprintable():
        return False
    if os.path.exists(text):  # noqa: PTH110 - a name that is too long is no error
        return True
    has_form = "/" in text or "\\" in text or text.endswith(".json")
    may_be_key = holds_credential(text, shortest_run=_SHORTEST_RUN)
    return has_form and not may_be_key and not text.startswith(("{", "[", "<", *_QUOTES))


def _refusal(text: str) -> str:
    inner = _without_quotes(text)
    if not text or inner == "":
        return "it is empty except for quotes"
    value = _json(text)
    if isinstance(value, list):
        return "it is a list, but not of one key file"
    if value is not None and not isinstance(value, str):
        return "it is JSON, but not an object"
    for shape, sentence in _LOOKS:
        if shape.search(inner or text):
            return sentence
    compact = "".join(text.split())
    if _BASE64.fullmatch(compact) and (len(compact) >= _SHORTEST_BASE64 or holds_credential(compact)):
        return "it looks like base64 that was cut off, or that is not a key file"
    return "it is neither a key file nor the path of one"
