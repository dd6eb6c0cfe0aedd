"""The real clock, with time itself replaced."""

from __future__ import annotations

import time
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from pulumi_gcp_tuning.clock import SystemClock

if TYPE_CHECKING:
    pass


@pytest.fixture
def naps(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """The naps that were taken; time passes by them alone."""
    taken: list[float] = []
    monkeypatch.setattr(time, "sleep", taken.append)
    monkeypatch.setattr(time, "monotonic", lambda: 100.0 + sum(taken))
    return taken


def test_a_sleep_lasts_as_long_as_asked_in_naps_of_a_fifth_of_a_second_at_most(naps: list[float]) -> None:
    SystemClock().sleep(5.1, lambda: False)
    assert sum(naps) == pytest.approx(5.1)
    assert max(naps) <= 0.2


def test_a_cancel_ends_the_sleep_at_the_next_nap(naps: list[float]) -> None:
    SystemClock().sleep(3600, lambda: len(naps) == 3)
    assert len(naps) == 3


def test_the_time_of_day_is_in_utc() -> None:
    assert SystemClock().now().utcoffset() == timedelta(0)
