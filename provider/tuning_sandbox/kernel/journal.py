"""The requests to the sandbox and its answers, with secrets removed."""

from __future__ import annotations

import json
import re
from collections import deque
from typing import Any

SIZE = 10_000
REDACTED = "REDACTED"
_SECRET_QUERY = re.compile(r"((?:^|[?&])(?:key|access_token|oauth_token|upload_id)=)[^&]*", re.IGNORECASE)
_SECRET_FIELDS = re.compile(
    r"^(private_?key(_?data|_?id)?|access_?token|refresh_?token|client_?secret|password|token|api_?key|plaintext)$",
    re.IGNORECASE,
)
_SHOWN_BODY = 64 * 1024


def redact_path(path: str) -> str:
    """The path without the keys and tokens of its query."""
    return _SECRET_QUERY.sub(rf"\g<1>{REDACTED}", path)


def redact(value: Any) -> Any:
    """The JSON without the values of secret fields."""
    if isinstance(value, dict):
        return {k: REDACTED if _SECRET_FIELDS.match(k) else redact(v) for k, v in value.items()}
    if isinstance(value, list):
        return [redact(item) for item in value]
    return value


class Journal:
    """A bounded ring of requests, newest last, each with a unique sequence number."""

    def __init__(self, size: int = SIZE) -> None:
        self._entries: deque[dict[str, Any]] = deque(maxlen=size)
        self._count = 0

    def add(
        self, *, method: str, path: str, route: str | None, headers: dict[str, str], body: bytes, at: str,
        sized_only: bool = False,
    ) -> dict[str, Any]:  # fmt: skip
        """Record a request; the status is set in the returned entry later. For uploads only the size is kept."""
        self._count += 1
        entry: dict[str, Any] = {
            "seq": self._count,
            "method": method,
            "path": redact_path(path),
            "id": route,
            "status": None,
            "body": _shown(body, "" if sized_only else headers.get("content-type", "json")),
            "time": at,
            "userAgent": headers.get("user-agent", ""),
            "authorization": REDACTED if headers.get("authorization") else None,
        }
        self._entries.append(entry)
        return entry

    def since(self, seq: int) -> list[dict[str, Any]]:
        """Entries after that sequence number."""
        return [entry for entry in self._entries if entry["seq"] > seq]

    @property
    def last(self) -> int:
        """The newest sequence number; 0 before the first request."""
        return self._count

    def clear(self) -> None:
        """Remove the entries; sequence numbers continue."""
        self._entries.clear()


def _shown(body: bytes, content_type: str) -> Any:
    if not body:
        return None
    if len(body) <= _SHOWN_BODY and "json" in content_type:
        try:
            return redact(json.loads(body))
        except (ValueError, RecursionError):
            pass
    return {"bytes": len(body)}
