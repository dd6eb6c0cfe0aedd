"""The ordered list of faults, with receipts that record which request consumed which fault."""

from __future__ import annotations

import re
from typing import Any

from tuning_sandbox.kernel.errors import STATUS_OF_HTTP, GoogleError, invalid_argument
from tuning_sandbox.kernel.journal import redact_path
from tuning_sandbox.kernel.patterns import Pattern, PatternError

KINDS = {
    "status": "answer this status instead of calling the API (status, code, message, details, headers)",
    "delay": "wait delaySeconds of real time, then answer as usual",
    "truncate": "send half of the answer's body, then break the connection",
    "stale": "answer as it was `changes` changes or `seconds` seconds ago (GET only; default one change)",
    "close": "break the connection before anything happens",
    "lost": "let it take effect, then break the connection (or answer `status`, where given)",
    "answer": "let it take effect, then answer the text `body` with status 200",
    "hold": "let nothing happen and answer nothing, until the caller is gone",
    "mute": "let it take effect and answer nothing, until the caller is gone",
    "last": "answer as usual, then hold every later request",
}
_FIELDS = {
    "kind",
    "match",
    "count",
    "skip",
    "status",
    "code",
    "message",
    "details",
    "headers",
    "delaySeconds",
    "changes",
    "seconds",
    "body",
}
_MATCH = {"method", "path", "id"}


class Fault:
    """One fault, and the number of requests that it still applies to."""

    def __init__(self, number: int, spec: dict[str, Any]) -> None:
        check_fault(spec)
        self.number = number
        self.spec = spec
        self.kind: str = spec["kind"]
        self.left: int = spec.get("count", 1)
        self.skip: int = spec.get("skip", 0)
        match = spec.get("match", {})
        self._method: str | None = match.get("method")
        self._id: str | None = match.get("id")
        self._path = Pattern(match["path"]) if "path" in match else None

    def matches(self, method: str, path: str, route: str | None) -> bool:
        """Whether the fault applies to the request."""
        if self._method is not None and self._method.upper() != method:
            return False
        if self._id is not None and self._id != route:
            return False
        return self._path is None or any(self._path.is_in(text) for text in (path.partition("?")[0], path))

    def error(self) -> GoogleError:
        """The error that the fault returns."""
        http = int(self.spec.get("status", 503))
        code = self.spec.get("code") or STATUS_OF_HTTP.get(http, "UNKNOWN")
        return GoogleError(http, code, self.spec.get("message", f"Injected fault: {code}."), self.spec.get("details"))


class Faults:
    """The ordered list and the receipts."""

    def __init__(self) -> None:
        self._faults: list[Fault] = []
        self._receipts: list[dict[str, Any]] = []
        self._count = 0
        self._holds_rest = False

    def add(self, spec: dict[str, Any]) -> Fault:
        """Append one fault, or the 400 that says what is wrong with it."""
        fault = Fault(self._count + 1, spec)
        self._count += 1
        self._faults.append(fault)
        return fault

    def take(self, method: str, path: str, route: str | None, seq: int, at: str) -> Fault | None:
        """The first fault that applies to the request; it is recorded and its count goes down by one."""
        if self._holds_rest:
            return Fault(0, {"kind": "hold"})
        for fault in self._faults:
            if fault.left <= 0 or not fault.matches(method, path, route):
                continue
            if fault.skip > 0:
                fault.skip -= 1
                continue
            fault.left -= 1
            self._holds_rest = fault.kind == "last"
            self._receipts.append(
                {
                    "fault": fault.number,
                    "kind": fault.kind,
                    "request": seq,
                    "method": method,
                    "path": redact_path(path),
                    "id": route,
                    "time": at,
                }
            )
            return fault
        return None

    def report(self) -> dict[str, Any]:
        """The pending faults and the consumed ones."""
        return {
            "faults": [{**fault.spec, "fault": fault.number, "left": fault.left} for fault in self._faults],
            "receipts": list(self._receipts),
        }

    def clear(self) -> None:
        """Remove all faults and receipts."""
        self._faults.clear()
        self._receipts.clear()
        self._holds_rest = False


def check_fault(spec: Any) -> None:
    """Raise the 400 that says what is wrong with a fault."""
    if not isinstance(spec, dict):
        raise invalid_argument("a fault is a JSON object")
    unknown = sorted(set(spec) - _FIELDS)
    if unknown:
        raise invalid_argument(
            f"unknown field {unknown[0]!r} in a fault; it may have {', '.join(sorted(_FIELDS))}", unknown[0]
        )
    if spec.get("kind") not in KINDS:
        raise invalid_argument(f"kind must be one of {', '.join(KINDS)}, not {spec.get('kind')!r}", "kind")
    _check_match(spec.get("match", {}))
    for key, kinds in (
        ("count", int),
        ("skip", int),
        ("status", int),
        ("changes", int),
        ("delaySeconds", (int, float)),
        ("seconds", (int, float)),
    ):
        if key in spec and (isinstance(spec[key], bool) or not isinstance(spec[key], kinds) or spec[key] < 0):
            raise invalid_argument(f"{key} must be a number, 0 or more", key)
    _check_answer(spec)
    if spec["kind"] == "delay" and "delaySeconds" not in spec:
        raise invalid_argument("a delay needs delaySeconds", "delaySeconds")
    if (spec["kind"] == "answer") != ("body" in spec):
        raise invalid_argument("a fault of the kind answer needs body, and no other has it", "body")


def _check_match(match: Any) -> None:
    if not isinstance(match, dict) or set(match) - _MATCH:
        raise invalid_argument(f"match may have {', '.join(sorted(_MATCH))}", "match")
    for key, value in match.items():
        if not isinstance(value, str):
            raise invalid_argument(f"match.{key} must be text", f"match.{key}")
    if "path" in match:
        try:
            Pattern(match["path"])
        except PatternError as error:
            raise invalid_argument(f"match.path is not a regular expression: {error}", "match.path") from error


def _check_answer(spec: dict[str, Any]) -> None:
    for key in ("code", "message", "body"):
        if not isinstance(spec.get(key, ""), str):
            raise invalid_argument(f"{key} must be text", key)
    if not 400 <= spec.get("status", 503) <= 599:
        raise invalid_argument("status must be an HTTP error, 400 to 599", "status")
    headers, details = spec.get("headers", {}), spec.get("details", [])
    if not isinstance(headers, dict) or not all(_is_header(*pair) for pair in headers.items()):
        raise invalid_argument("headers must be an object of header names and printable values", "headers")
    if not isinstance(details, list) or not all(isinstance(item, dict) for item in details):
        raise invalid_argument("details must be a list of objects", "details")


def _is_header(name: str, value: Any) -> bool:
    printable = isinstance(value, str) and re.fullmatch(r"[\x20-\x7e]*", value) is not None
    return printable and re.fullmatch(r"[A-Za-z0-9-]+", name) is not None
