"""The stand-in's client of the sandbox: plain HTTP, JSON in and out, with Google's error text unchanged."""

from __future__ import annotations

import json
import re
import threading
import time
import urllib.error
import urllib.parse
import urllib.request
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Mapping

BASE_URL_VARIABLE: Final = "GCP_TUNING_BASE_URL"
_TIMEOUT_SECONDS: Final = 60.0
_OPERATION_SECONDS: Final = 600.0

Json = dict[str, Any]


class ApiError(Exception):
    """An error of the sandbox, with the text that the real provider would print."""

    def __init__(self, status: int, message: str, reason: str = "") -> None:
        super().__init__(f"googleapi: Error {status}: {message}")
        self.status = status
        self.message = message
        self.reason = reason


class StandInError(Exception):
    """Something that the stand-in does not support; the message says what to do instead."""


def quote(text: str) -> str:
    """One path segment."""
    return urllib.parse.quote(text, safe="")


class Api:
    """Calls to one sandbox. Thread-safe."""

    def __init__(self, base_url: str) -> None:
        self._base_url = base_url.rstrip("/")
        self._locks: dict[str, threading.Lock] = {}
        self._locks_guard = threading.Lock()

    def require_address(self) -> None:
        """StandInError if no sandbox address is set."""
        if not self._base_url:
            raise StandInError(
                f"this is the sandbox's stand-in for the gcp plugin and {BASE_URL_VARIABLE} is not set, so it has no "
                "sandbox to talk to. Start one (gcp-tuning sandbox) and set the variable to the address it prints; "
                "against the cloud, run Pulumi with the real gcp plugin."
            )

    def lock(self, resource: str) -> threading.Lock:
        """The lock that keeps this process from overwriting its own changes to one policy."""
        with self._locks_guard:
            return self._locks.setdefault(resource, threading.Lock())

    def get(self, path: str, **query: str) -> Json:
        """GET; raises ApiError."""
        return self.call("GET", path, query=query)

    def find(self, path: str, **query: str) -> Json | None:
        """GET; None if it does not exist. Only 404 means gone."""
        try:
            return self.get(path, **query)
        except ApiError as error:
            if error.status == 404:
                return None
            raise

    def post(self, path: str, body: Mapping[str, Any] | None = None, **query: str) -> Json:
        """POST a JSON body."""
        return self.call("POST", path, body=body or {}, query=query)

    def put(self, path: str, body: Mapping[str, Any]) -> Json:
        """PUT a JSON body."""
        return self.call("PUT", path, body=body)

    def patch(self, path: str, body: Mapping[str, Any], **query: str) -> Json:
        """PATCH with a JSON body."""
        return self.call("PATCH", path, body=body, query=query)

    def delete(self, path: str, **query: str) -> Json:
        """DELETE; a 404 is not an error."""
        try:
            return self.call("DELETE", path, query=query)
        except ApiError as error:
            if error.status == 404:
                return {}
            raise

    def call(
        self, method: str, path: str, *, body: Mapping[str, Any] | None = None, query: Mapping[str, str] | None = None
    ) -> Json:
        """One JSON request."""
        data = None if body is None else json.dumps(body).encode()
        answer = self.send(method, path, data, "application/json", query or {})
        parsed: Json = json.loads(answer) if answer.strip() else {}
        return parsed

    def send(self, method: str, path: str, data: bytes | None, content_type: str, query: Mapping[str, str]) -> bytes:
        """One request with a body of any type."""
        self.require_address()
        url = self._base_url + path + ("?" + urllib.parse.urlencode(query) if query else "")
        headers = {"content-type": content_type, "user-agent": "gcp-stand-in"} if data is not None else {}
        request = urllib.request.Request(url, data=data, method=method, headers=headers)  # noqa: S310  # the user's own address
        try:
            with _OPENER.open(request, timeout=_TIMEOUT_SECONDS) as response:
                content: bytes = response.read()
                return content
        except urllib.error.HTTPError as error:
            raise _api_error(error.code, error.read()) from None
        except (urllib.error.URLError, OSError) as error:
            reason = getattr(error, "reason", error)
            raise StandInError(
                f"no answer from the sandbox at {self._base_url} ({reason}). Start it with `gcp-tuning sandbox` or "
                f"correct {BASE_URL_VARIABLE}."
            ) from None

    def wait(self, operation: Json, version: str = "v1") -> Json:
        """The response of a long-running operation; raises ApiError if it failed."""
        pause, waited = 0.05, 0.0
        while not operation.get("done"):
            if waited > _OPERATION_SECONDS:
                raise StandInError(
                    f"the operation {operation['name']} is not done after {_OPERATION_SECONDS:.0f} s. Does the sandbox's "
                    "clock stand? Advance it (POST /_sandbox/clock), or start it without --stepped."
                )
            time.sleep(pause)
            waited += pause
            pause = min(pause * 1.5, 2.0)
            operation = self.get(f"/{version}/{operation['name']}")
        if error := operation.get("error"):
            raise ApiError(int(error.get("code", 0)), str(error.get("message", "")))
        response: Json = operation.get("response", {})
        return response


# Loopback traffic must not go through the machine's proxy.
_OPENER: Final = urllib.request.build_opener(urllib.request.ProxyHandler({}))


def _api_error(status: int, body: bytes) -> ApiError:
    text = body.decode("utf-8", "replace").strip()
    try:
        error = json.loads(text)["error"]
        reasons = [item.get("reason", "") for item in error.get("errors", [])]
        return ApiError(status, str(error.get("message", "")), reasons[0] if reasons else str(error.get("status", "")))
    except (ValueError, KeyError, TypeError, AttributeError):
        return ApiError(status, " ".join(re.sub(r"<[^>]*>", " ", text).split())[:200])
