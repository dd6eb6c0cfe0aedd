"""The words in which the plugin fails.

Every error that a user may see derives from :class:`TuningError`: its text is one readable message of at most
six lines, it ends with the name of the thing it is about, and it never shows a Python frame.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Severity = Literal["error", "warn"]
Evidence = Literal["seed", "discovery", "recording", "thread", "assumed", "policy"]


@dataclass(frozen=True, kw_only=True)
class Finding:
    """What a check says of one property.

    ``path`` is the property path in Python spelling (``supervised_tuning_spec.hyper_parameters.epoch_count``),
    ``""`` for the resource as a whole; ``problem`` says what is wrong, ``remedy`` what to do about it.
    ``check`` names the check (``region``, ``cmek`` ...) so that it can be switched to ``warn`` or ``off``.
    ``shared`` is what every resource of a run would say in the same words; it is shown once.
    """

    path: str
    problem: str
    remedy: str
    check: str = "schema"
    severity: Severity = "error"
    evidence: Evidence = "policy"
    shared: bool = False

    def __str__(self) -> str:
        return f"{self.problem} {self.remedy}".strip()


class TuningError(Exception):
    """A failure in the user's words."""


class Refused(TuningError):
    """We, or Google, refuse the request as it stands; repeating it changes nothing."""


class Failed(TuningError):
    """Something that Google was asked to do ended badly (a job FAILED, an operation returned an error)."""


class Unfinished(TuningError):
    """A wait ended early (timeout or cancel); what exists is known and kept, the next ``up`` goes on.

    ``id`` and ``outputs`` are what state must keep.
    """

    def __init__(self, message: str, *, id: str, outputs: dict[str, object]) -> None:  # noqa: A002
        super().__init__(message)
        self.id = id
        self.outputs = outputs


class ApiError(TuningError):
    """An answer of Google's that is not a success.

    ``http_status`` is the HTTP code (0 where no answer came), ``status`` the canonical name in the body
    (``FAILED_PRECONDITION``; read it, not the code), ``details`` the typed details, ``maybe_took_effect``
    whether the request may have taken effect: no answer came, or one that does not prove the contrary (408, 429, 5xx).
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
    """404: the one answer that means gone."""
