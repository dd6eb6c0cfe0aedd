"""With this folder on PYTHONPATH, a minute of the provider's clock is a second of the machine's.

TEST_CLOCK_TIMES is another factor than 60. TEST_READ_SECONDS is how long an answer is waited for, in place of a minute of
the machine's.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable

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

    for method in (Transport.send, Transport.exchange, GapicWire.call):
        assert method.__kwdefaults__ is not None
        method.__kwdefaults__["read_seconds"] = float(os.environ["TEST_READ_SECONDS"])
