"""With this folder on PYTHONPATH, a minute of the provider's clock is a second of the machine's."""

from __future__ import annotations

import time
from collections.abc import Callable

from pulumi_gcp_tuning.clock import SystemClock

TIMES = 60
_sleep = SystemClock.sleep


def monotonic(_: SystemClock) -> float:
    return time.monotonic() * TIMES


def sleep(self: SystemClock, seconds: float, cancelled: Callable[[], bool]) -> None:
    _sleep(self, seconds / TIMES, cancelled)


SystemClock.monotonic = monotonic  # type: ignore[method-assign, assignment]
SystemClock.sleep = sleep  # type: ignore[method-assign]
