"""Time, waiting, and Google's long-running operations."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, Literal

from pulumi_gcp_tuning.clock import Clock
from pulumi_gcp_tuning.errors import ApiError, NotFound, TuningError

if TYPE_CHECKING:
    pass

Json = dict[str, Any]
OPERATION_SECONDS: Final = 1800.0
"""The default time to wait for an operation."""

# google.rpc.Code -> canonical name and the HTTP code that Google pairs with it
RPC_CODES: Mapping[int, tuple[str, int]] = {
    1: ("CANCELLED", 499),
    2: ("UNKNOWN", 500),
    3: ("INVALID_ARGUMENT", 400),
    4: ("DEADLINE_EXCEEDED", 504),
    5: ("NOT_FOUND", 404),
    6: ("ALREADY_EXISTS", 409),
    7: ("PERMISSION_DENIED", 403),
    8: ("RESOURCE_EXHAUSTED", 429),
    9: ("FAILED_PRECONDITION", 400),
    10: ("ABORTED", 409),
    11: ("OUT_OF_RANGE", 400),
    12: ("UNIMPLEMENTED", 501),
    13: ("INTERNAL", 500),
    14: ("UNAVAILABLE", 503),
    15: ("DATA_LOSS", 500),
    16: ("UNAUTHENTICATED", 401),
}


def never() -> bool:
    """The ``cancelled`` function of a call that cannot be cancelled."""
    return False


class WaitEnded(TuningError):
    """A wait ended early. ``why`` says why, ``last`` is the last answer received (or None)."""

    def __init__(self, why: Literal["timeout", "cancelled"], what: str, last: Json | None = None) -> None:
        ended = "was interrupted" if why == "cancelled" else "ran out of time"
        super().__init__(f"Waiting for {what} {ended}. Google continues with it.")
        self.why: Literal["timeout", "cancelled"] = why
        self.last = last


@dataclass(frozen=True, kw_only=True)
class Wait:
    """How long to wait and who may end it. ``deadline`` is a reading of ``clock.monotonic()``; None is no deadline."""

    clock: Clock
    deadline: float | None = None
    cancelled: Callable[[], bool] = never
    interval: float = 20.0

    @classmethod
    def lasting(
        cls, seconds: float | None, *, clock: Clock, cancelled: Callable[[], bool] = never, interval: float = 20.0
    ) -> Wait:
        """A wait that ends ``seconds`` from now."""
        deadline = None if seconds is None else clock.monotonic() + seconds
        return cls(clock=clock, deadline=deadline, cancelled=cancelled, interval=interval)

    def remaining(self) -> float | None:
        """Seconds until the deadline, None without a deadline."""
        return None if self.deadline is None else max(0.0, self.deadline - self.clock.monotonic())

    def expired(self) -> bool:
        """Whether the deadline has come."""
        return self.remaining() == 0.0

    def check(self, what: str, last: Json | None = None) -> None:
        """Raises :class:`WaitEnded` if the wait is over."""
        if self.cancelled():
            raise WaitEnded("cancelled", what, last)
        if self.expired():
            raise WaitEnded("timeout", what, last)

    def pause(self, seconds: float | None = None) -> None:
        """Sleeps ``seconds`` (default: the interval), never past the deadline or a cancel."""
        length = self.interval if seconds is None else seconds
        remaining = self.remaining()
        self.clock.sleep(length if remaining is None else min(length, remaining), self.cancelled)


def wait_until_done(operation: Json, fetch: Callable[[str], Json], wait: Wait, *, what: str) -> Json:
    """The response of a long-running operation, without its ``@type``.

    An operation that ended in an error raises :class:`ApiError` (NotFound for NOT_FOUND) with Google's text.
    """
    delay = min(0.5, wait.interval)
    while not operation.get("done"):
        wait.check(what, operation)
        wait.pause(delay)
        delay = min(delay * 1.5, wait.interval)
        operation = fetch(str(operation["name"]))
    if "error" in operation:
        raise operation_error(operation["error"], what)
    response = dict(operation.get("response") or {})
    response.pop("@type", None)
    return response


def objects_in(value: object) -> tuple[Json, ...]:
    """The objects in a list of an answer; none if it is not a list."""
    return tuple(dict(each) for each in value if isinstance(each, Mapping)) if isinstance(value, list) else ()


def operation_error(error: Mapping[str, Any], what: str) -> ApiError:
    """The error inside an operation as the exception that a direct answer of that code would have been."""
    status, http_status = RPC_CODES.get(error.get("code") or 2, ("UNKNOWN", 500))
    kind = NotFound if status == "NOT_FOUND" else ApiError
    text = str(error.get("message") or "Google gave no reason.")
    details = objects_in(error.get("details"))
    return kind(f"{what} failed: {text} [{status}]", http_status=http_status, status=status, details=details)
