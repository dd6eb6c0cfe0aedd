"""The errors of this package.

Every error that a user may see derives from ``TuningError``: its text is one readable message of at most
six lines that names its object, and it never shows a Python frame.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from pulumi_gcp_tuning.wording import PYTHON, PropertyPath, Remedy, Spelling, Words

Severity = Literal["error", "warn"]
Evidence = Literal["seed", "discovery", "docs", "recording", "thread", "assumed", "policy"]


@dataclass(frozen=True, kw_only=True)
class Finding:
    """A finding of a check about one property. ``str()`` is its sentences in Python spelling.

    ``path`` is the property, ``()`` for the resource as a whole; ``problem`` says what is wrong, ``remedy`` what to do
    about it. ``check`` names the check (``region``, ``cmek`` ...) so that it can be switched to ``warn`` or ``off``.
    ``shared`` marks a finding that is the same for every resource of a run; it is shown once.
    """

    path: PropertyPath
    problem: Words
    remedy: Remedy | None
    check: str = "schema"
    severity: Severity = "error"
    evidence: Evidence = "policy"
    shared: bool = False

    def __str__(self) -> str:
        return self.printed(PYTHON).sentences

    def printed(self, spelling: Spelling) -> Printed:
        """The finding in the spelling of an interface (Python, or Pulumi's camelCase)."""
        return Printed(
            path=spelling.path(self.path),
            problem=self.problem.spelled(spelling),
            remedy=self.remedy.words.spelled(spelling) if self.remedy else "",
            check=self.check,
            severity=self.severity,
            evidence=self.evidence,
            shared=self.shared,
        )


@dataclass(frozen=True, kw_only=True)
class Printed:
    """A finding as it is printed; ``str()`` is the line, ``sentences`` the line without its property."""

    path: str
    problem: str
    remedy: str
    check: str = ""
    severity: Severity = "error"
    evidence: Evidence = "policy"
    shared: bool = False

    @property
    def sentences(self) -> str:
        """The problem and the remedy."""
        return f"{self.problem} {self.remedy}".strip()

    def __str__(self) -> str:
        return f"{self.path}: {self.sentences}" if self.path else self.sentences


class TuningError(Exception):
    """A failure that the user sees; ``words`` is its text with its names as values."""

    def __init__(self, message: str | Words) -> None:
        super().__init__(str(message))
        self.words = message if isinstance(message, Words) else Words((message,))


class Refused(TuningError):
    """This package or Google refuses the request; repeating it gives the same result."""


class Failed(TuningError):
    """An operation at Google failed (a job FAILED, an operation returned an error)."""


class Unfinished(TuningError):
    """A wait ended early (timeout or cancel); what exists is kept in state, and the next ``up`` continues.

    ``id`` and ``outputs`` are what state must keep. ``put_off`` is set if the program asked not to wait: the run then continues,
    and an engine that supports this keeps the state as it was.
    """

    def __init__(self, message: str, *, id: str, outputs: dict[str, object], put_off: bool = False) -> None:  # noqa: A002
        super().__init__(message)
        self.id = id
        self.outputs = outputs
        self.put_off = put_off


class ApiError(TuningError):
    """A request to Google that did not succeed.

    ``http_status`` is the HTTP code (0 if no answer came), ``status`` the canonical name in the body
    (``FAILED_PRECONDITION``; read it, not the code), ``details`` the typed details, ``maybe_took_effect``
    whether the request may have taken effect: no answer came, or one that does not rule it out (408, 429, 5xx).
    """

    def __init__(
        self,
        message: str,
        *,
        http_status: int,
        status: str,
        details: tuple[dict[str, object], ...] = (),
        maybe_took_effect: bool = False,
    ) -> None:
        super().__init__(message)
        self.http_status = http_status
        self.status = status
        self.details = details
        self.maybe_took_effect = maybe_took_effect


class NotFound(ApiError):
    """404: the only answer that means that the object does not exist."""
