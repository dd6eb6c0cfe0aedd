"""The sandbox's clock: what a scale moves and what it does not."""

from __future__ import annotations

from datetime import UTC, date, datetime

from tuning_sandbox.kernel.clock import Clock

START = datetime(2026, 11, 21, tzinfo=UTC)
DAY = 86_400


class Real:
    """Seconds that really passed."""

    def __init__(self) -> None:
        self.seconds = 0.0

    def __call__(self) -> float:
        return self.seconds


def test_a_scale_hurries_the_clock_and_not_the_calendar() -> None:
    real = Real()
    clock = Clock("scaled", scale=600, start=START, monotonic=real)
    real.seconds = DAY
    assert clock.now() == datetime(2028, 7, 13, tzinfo=UTC)
    assert clock.calendar() == date(2026, 11, 22)


def test_an_advance_moves_the_calendar_too() -> None:
    clock = Clock("stepped", start=START, monotonic=Real())
    clock.advance(10 * DAY)
    assert clock.calendar() == date(2026, 12, 1)


def test_the_calendar_survives_a_change_of_mode() -> None:
    real = Real()
    clock = Clock("scaled", scale=600, start=START, monotonic=real)
    real.seconds = DAY
    clock.change("stepped")
    clock.advance(DAY)
    assert clock.calendar() == date(2026, 11, 23)


def test_a_restart_goes_on_with_what_was_hurried_before() -> None:
    real = Real()
    before = Clock("scaled", scale=600, start=START, monotonic=real)
    real.seconds = DAY
    after = Clock("scaled", scale=600, start=before.now(), hurried=before.hurried(), monotonic=real)
    assert after.calendar() == date(2026, 11, 22)
