"""The real time, where tests put another."""

from __future__ import annotations

import time
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable

_GLANCE: Final = 0.2  # the longest that a cancel goes unnoticed, in seconds


class Clock(Protocol):
    """Time as an argument."""

    def now(self) -> datetime:
        """The time of day, aware, UTC."""

    def monotonic(self) -> float:
        """Seconds that never run backwards."""

    def sleep(self, seconds: float, cancelled: Callable[[], bool]) -> None:
        """Wait so long, or less where ``cancelled`` becomes true."""


class SystemClock:
    """The clock of the machine; a sleep ends within 0.2 s of a cancel."""

    def now(self) -> datetime:
        """The time of day, UTC."""
        return datetime.now(UTC)

    def monotonic(self) -> float:
        """Seconds that never run backwards."""
        return time.monotonic()

    def sleep(self, seconds: float, cancelled: Callable[[], bool]) -> None:
        """Wait so long, or until ``cancelled``."""
        end = time.monotonic() + seconds
        while not cancelled() and (left := end - time.monotonic()) > 0:
            time.sleep(min(left, _GLANCE))
