"""Reads an HTTP answer: its JSON, or an error with Google's text."""

from __future__ import annotations

import html
import json
import re
from collections.abc import Mapping
from typing import Any

from pulumi_gcp_tuning.errors import ApiError, NotFound
from pulumi_gcp_tuning.google.operations import RPC_CODES, Json, objects_in
from pulumi_gcp_tuning.google.shape import Shape
from pulumi_gcp_tuning.redaction import redact

REQUEST_ID_HEADERS = ("x-goog-request-id", "x-request-id", "x-guploader-uploadid", "x-cloud-trace-context")
_STATUS_OF_HTTP = {
    400: "INVALID_ARGUMENT",
    401: "UNAUTHENTICATED",
    403: "PERMISSION_DENIED",
    404: "NOT_FOUND",
    409: "ALREADY_EXISTS",
    412: "FAILED_PRECONDITION",
    429: "RESOURCE_EXHAUSTED",
    499: "CANCELLED",
    500: "INTERNAL",
    501: "UNIMPLEMENTED",
    502: "UNAVAILABLE",
    503: "UNAVAILABLE",
    504: "DEADLINE_EXCEEDED",
}
FRONT_DOOR = frozenset({408, 429, 503})
"""The statuses of a busy service. The request was probably not accepted, but they do not prove it."""
_CANONICAL = frozenset(name for name, _ in RPC_CODES.values())


def proves_not_taken(http_status: int) -> bool:
    """Whether an answer with this status means that the request changed nothing: 408, 429 and 5xx may follow the effect."""
    return (400 <= http_status < 500 and http_status not in FRONT_DOOR) or http_status == 501


def read_answer(
    verb: str, url: str, http_status: int, headers: Mapping[str, str], content: bytes, shape: Shape
) -> Json:
    """The JSON object of a success, checked against the ``shape``. Raises ApiError for anything else.

    A success that cannot be read (empty, truncated, HTML from a proxy, another kind of object) is an unclear answer:
    the write may or may not have taken effect. 404 becomes NotFound only with Google's own error
    envelope, because a 404 page of a proxy or an unknown route says nothing about the resource.
    """
    changes = verb.upper() not in ("GET", "HEAD")
    if 200 <= http_status < 300:
        value, wrong = _read_success(content, shape)
        if wrong is None:
            return value
        remedy = "" if changes else "\nRun the command again."
        raise ApiError(
            _sentence(verb, url, f"the answer ({http_status}) cannot be read: {wrong}", headers) + remedy,
            http_status=http_status,
            status="UNKNOWN",
            maybe_took_effect=changes,
        )
    envelope = _envelope(content)
    if envelope is None:
        unclear = changes and not proves_not_taken(http_status)
        hint = f"HTTP {http_status}: {_shortened(content)}"
        if http_status == 404:
            hint += " (the address is not known there; check GCP_TUNING_BASE_URL and the region)"
        status = "UNIMPLEMENTED" if http_status == 404 else _STATUS_OF_HTTP.get(http_status, "UNKNOWN")
        raise ApiError(
            _sentence(verb, url, hint, headers), http_status=http_status, status=status, maybe_took_effect=unclear
        )
    raise _error(verb, url, http_status, headers, envelope=envelope, changes=changes)


def _read_success(content: bytes, shape: Shape) -> tuple[Json, str | None]:
    """The object in the answer, and what is wrong with it."""
    if not content.strip():
        return {}, None if shape.may_be_empty else "it is empty"
    try:
        value: Any = json.loads(content)
    except (ValueError, RecursionError):
        value = None
    if not isinstance(value, dict):
        return {}, _shortened(content)
    return value, shape.misfit(value)


def _error(
    verb: str, url: str, http_status: int, headers: Mapping[str, str], *, envelope: Json, changes: bool
) -> ApiError:
    status = str(envelope.get("status") or "")
    if status not in _CANONICAL:
        status = _STATUS_OF_HTTP.get(http_status, "UNKNOWN")
    details = objects_in(envelope.get("details"))
    text = str(envelope.get("message") or "").strip() or "Google gave no reason."
    extra = [each for each in _violations(details) if each not in text]
    text = "; ".join([text, *extra])
    unclear = changes and not proves_not_taken(http_status)
    kind = NotFound if http_status == 404 else ApiError
    return kind(
        _sentence(verb, url, f"{text} [{http_status} {status}]", headers),
        http_status=http_status,
        status=status,
        details=details,
        maybe_took_effect=unclear,
    )


def _envelope(content: bytes) -> Json | None:
    """Google's ``{"error": {...}}``, also inside the one-element list of streaming methods."""
    try:
        value: Any = json.loads(content)
    except (ValueError, RecursionError):
        return None
    if isinstance(value, list) and value:
        value = value[0]
    if not isinstance(value, dict) or "error" not in value:
        return None
    error = value["error"]
    if isinstance(error, dict):
        return error
    return {"message": str(value.get("error_description") or error)}


def _violations(details: tuple[Json, ...]) -> list[str]:
    """The sentences in BadRequest and QuotaFailure details."""
    found: list[str] = []
    for detail in details:
        for violation in [*objects_in(detail.get("fieldViolations")), *objects_in(detail.get("violations"))]:
            where = violation.get("field") or violation.get("subject") or ""
            text = str(violation.get("description") or "")
            if text:
                found.append(f"{where}: {text}" if where else text)
    return found[:3]


def _shortened(content: bytes, limit: int = 200) -> str:
    text = content[:20_000].decode("utf-8", "replace")
    if "<" in text and re.search(r"(?i)<(!doctype|html|head|body|title)\b", text):
        text = re.sub(r"(?is)<(style|script)\b.*?</\1>", " ", text)
        text = html.unescape(re.sub(r"<[^>]*>", " ", text))
    text = redact(" ".join(text.split()))
    if not text:
        return "an empty answer"
    return text if len(text) <= limit else text[: limit - 3] + "..."


def _sentence(verb: str, url: str, text: str, headers: Mapping[str, str]) -> str:
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    body = redact("\n".join(lines[:4]))
    if len(body) > 1500:
        body = body[:1497] + "..."
    request_id = next((headers[name] for name in REQUEST_ID_HEADERS if headers.get(name)), None)
    ending = f" (request id {request_id})" if request_id else ""
    return redact(f"{verb.upper()} {url.split('?', maxsplit=1)[0]}: {body}{ending}")
