"""With this folder on PYTHONPATH, a minute of the provider's clock is a second of the machine's.

TEST_CLOCK_TIMES is another factor than 60. TEST_READ_SECONDS is how long an answer is waited for at most, in place of up to
two minutes of the machine's. An upload keeps its five minutes.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from typing import Any

from pulumi_gcp_tuning.clock import SystemClock

TIMES = int(os.environ.get("TEST_CLOCK_TIMES", "60"))
_sleep = SystemClock.sleep


def monotonic(_: SystemClock) -> float:
    return time.monotonic() * TIMES


def sleep(self: SystemClock, seconds: float, cancelled: Callable[[], bool]) -> None:
    _sleep(self, seconds / TIMES, cancelled)


SystemClock.monotonic = monotonic  # type: ignore[method-assign, assignment]
SystemClock.sleep = sleep  # type: ignore[method-assign]

if "TEST_READ_SECONDS" in os.environ:
    from pulumi_gcp_tuning.google.gapic import GapicWire
    from pulumi_gcp_tuning.google.transport import Transport

    MOST = float(os.environ["TEST_READ_SECONDS"])

    def shortened(method: Callable[..., Any]) -> Callable[..., Any]:
        """Waits no longer, whatever the caller asks for."""

        def call(*given: Any, read_seconds: float = MOST, **more: Any) -> Any:
            return method(*given, read_seconds=min(read_seconds, MOST), **more)

        return call

    for owner, name in ((Transport, "send"), (Transport, "exchange"), (GapicWire, "call")):
        setattr(owner, name, shortened(getattr(owner, name)))
