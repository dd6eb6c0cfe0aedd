"""Pages of lists: a token continues after the item that it names, in the list that it came from."""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Sequence
from hashlib import sha256
from typing import Any

from tuning_sandbox.kernel.errors import GoogleError

_IDENTITY = ("name", "id", "versionId", "checkpointId")


def take_page(items: Sequence[Any], token: str, count: int, of: str) -> tuple[list[Any], str | None]:
    """At most `count` items after the token's position, and the token of the next page; `of` names the list."""
    keys = [_key(item) for item in items]
    start = _start(keys, token, of) if token else 0
    end = start + count
    following = _write(keys, end, of) if end < len(items) else None
    return list(items[start:end]), following


def _key(item: Any) -> str:
    if isinstance(item, dict):
        return "|".join(str(item[name]) for name in _IDENTITY if name in item)
    return json.dumps(item)


def _write(keys: list[str], end: int, of: str) -> str:
    # if the last item was deleted between two pages, the following item is where to continue
    held = {"of": _digest(of), "after": keys[end - 1], "next": keys[end], "at": end}
    return base64.urlsafe_b64encode(json.dumps(held).encode()).decode()


def _start(keys: list[str], token: str, of: str) -> int:
    try:
        held = json.loads(base64.b64decode(token.encode(), b"-_", validate=True))
        fits = held["of"] == _digest(of)
        after, following, at = str(held["after"]), str(held["next"]), int(held["at"])
    except (binascii.Error, ValueError, LookupError, TypeError) as error:
        raise _invalid() from error
    if not fits or at < 0:
        raise _invalid()
    if after in keys:
        return keys.index(after) + 1
    return keys.index(following) if following in keys else min(at, len(keys))


def _digest(of: str) -> str:
    return sha256(of.encode()).hexdigest()[:16]


def _invalid() -> GoogleError:
    return GoogleError(400, "INVALID_ARGUMENT", "Invalid page token.")
