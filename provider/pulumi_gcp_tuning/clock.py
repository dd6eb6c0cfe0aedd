"""The clock as an argument: the real time, which tests replace."""

from __future__ import annotations

import time
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable

_GLANCE: Final = 0.2  # a cancel is noticed after at most this many seconds


class Clock(Protocol):
    """Tells the time and sleeps; an argument wherever either is needed."""

    def now(self) -> datetime:
        """The time of day, aware, UTC."""

    def monotonic(self) -> float:
        """Seconds that never run backwards."""

    def sleep(self, seconds: float, cancelled: Callable[[], bool]) -> None:
        """Sleep for ``seconds``, or until ``cancelled`` returns true."""


class SystemClock:
    """The clock of the machine; a sleep ends within 0.2 s of a cancel."""

    def now(self) -> datetime:
        """The time of day, UTC."""
        return datetime.now(UTC)

    def monotonic(self) -> float:
        """Seconds that never run backwards."""
        return time.monotonic()

    def sleep(self, seconds: float, cancelled: Callable[[], bool]) -> None:
        """Sleep for ``seconds``, or until ``cancelled`` returns true."""
        end = time.monotonic() + seconds
        while not cancelled() and (left := end - time.monotonic()) > 0:
            time.sleep(min(left, _GLANCE))
