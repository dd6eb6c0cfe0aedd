"""The sandbox's clock: real, scaled or stepped. Only the clock changes state; a read never does."""

from __future__ import annotations

import asyncio
import heapq
import itertools
import time
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any

from tuning_sandbox.kernel.errors import invalid_argument

MODES = ("real", "scaled", "stepped")
MOST_SCALE = 10_000_000
MOST_ADVANCE = 100 * 366 * 86_400


def to_stamp(moment: datetime) -> str:
    """RFC 3339 with microseconds and Z, as Google writes it."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def from_stamp(stamp: str) -> datetime:
    """The time of an RFC 3339 timestamp."""
    return datetime.fromisoformat(stamp).astimezone(UTC)


class Timer:
    """Work that is due at a time of the sandbox's clock."""

    def __init__(self, due: datetime, work: Callable[[], Any]) -> None:
        self.due = due
        self.work: Callable[[], Any] | None = work

    def cancel(self) -> None:
        """Cancel the work."""
        self.work = None


class Clock:
    """A clock that is real, runs `scale` times as fast, or stands still until it is advanced."""

    def __init__(
        self,
        mode: str = "real",
        *,
        scale: float = 1.0,
        start: datetime | None = None,
        hurried: timedelta = timedelta(0),
        monotonic: Callable[[], float] = time.monotonic,
        run: Callable[[Callable[[], Any]], Any] = lambda work: work(),
    ) -> None:
        """`start`: the first time (default: now); `hurried`: the part of it due to a scale; `run` wraps all due work."""
        self._monotonic = monotonic
        self._run = run
        self._base = start or datetime.now(UTC)
        self._mark = monotonic()
        self._mode = mode
        self._scale = scale if mode == "scaled" else 1.0
        self._hurried = hurried
        self._frozen: datetime | None = None
        self._queue: list[tuple[datetime, int, Timer]] = []
        self._order = itertools.count()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._alarm: asyncio.TimerHandle | None = None

    @property
    def mode(self) -> str:
        """`real`, `scaled` or `stepped`."""
        return self._mode

    @property
    def scale(self) -> float:
        """The number of sandbox seconds per real second (1 in real mode)."""
        return self._scale

    def now(self) -> datetime:
        """The current time; while due work runs, the time at which it was due."""
        if self._frozen is not None:
            return self._frozen
        if self._mode == "stepped":
            return self._base
        return self._base + timedelta(seconds=(self._monotonic() - self._mark) * self._scale)

    def hurried(self) -> timedelta:
        """How far a scale has moved the clock ahead of real time."""
        running = self._mode != "stepped"
        return self._hurried + timedelta(seconds=(self._monotonic() - self._mark) * (self._scale - 1) if running else 0)

    def calendar(self) -> date:
        """The date for launch and retirement of models: a scale does not change it, an advance does."""
        return (self.now() - self.hurried()).date()

    def stamp(self) -> str:
        """`now()` as RFC 3339 with microseconds and Z."""
        return to_stamp(self.now())

    def at(self, due: datetime, fn: Callable[..., Any], *args: Any) -> Timer:
        """Run `fn(*args)` at `due`; if that time has passed, in the next iteration of the loop."""
        timer = Timer(due, lambda: fn(*args))
        heapq.heappush(self._queue, (due, next(self._order), timer))
        self._set_alarm()
        return timer

    def after(self, seconds: float, fn: Callable[..., Any], *args: Any) -> Timer:
        """Run `fn(*args)` that many sandbox seconds from now."""
        return self.at(self.now() + timedelta(seconds=seconds), fn, *args)

    def attach(self, loop: asyncio.AbstractEventLoop) -> None:
        """Start to run due work on this loop."""
        self._loop = loop
        self._set_alarm()

    def detach(self) -> None:
        """Stop running due work."""
        if self._alarm is not None:
            self._alarm.cancel()
        self._alarm = self._loop = None

    def change(self, mode: str, scale: float | None = None) -> None:
        """Continue from the current time in another mode."""
        if mode not in MODES:
            raise invalid_argument(f"mode must be one of {', '.join(MODES)}, not {mode!r}", "mode")
        if mode == "scaled" and not (scale is not None and 0 < scale <= MOST_SCALE):
            raise invalid_argument(f"mode scaled needs scale, a number above 0 and at most {MOST_SCALE:,}", "scale")
        self._hurried = self.hurried()
        self._base, self._mark = self.now(), self._monotonic()
        self._mode = mode
        self._scale = float(scale) if mode == "scaled" and scale is not None else 1.0
        self._set_alarm()

    def advance(self, seconds: float) -> int:
        """Advance by so many seconds and run due work in order; returns how much work ran."""
        if not 0 <= seconds <= MOST_ADVANCE:
            raise invalid_argument(f"advance_seconds must be 0 to {MOST_ADVANCE:,}", "advance_seconds")
        target = self.now() + timedelta(seconds=seconds)
        ran = self._fire(target)
        self._hurried = self.hurried()
        self._base, self._mark = target, self._monotonic()
        self._set_alarm()
        return ran

    def fire_due(self) -> int:
        """Run all work that is due."""
        ran = self._fire(self.now()) if self._queue and self._frozen is None else 0
        self._set_alarm()
        return ran

    def next_due(self) -> datetime | None:
        """When the next work is due; None if there is none."""
        while self._queue and self._queue[0][2].work is None:
            heapq.heappop(self._queue)
        return self._queue[0][0] if self._queue else None

    def clear(self) -> None:
        """Cancel all scheduled work."""
        self._queue.clear()
        self._set_alarm()

    def _fire(self, until: datetime) -> int:
        ran = 0
        while (due := self.next_due()) is not None and due <= until:
            timer = heapq.heappop(self._queue)[2]
            work, timer.work = timer.work, None
            if work is None:
                continue
            self._frozen = max(due, self._base) if self._mode == "stepped" else due
            try:
                self._run(work)
            finally:
                if self._mode == "stepped":
                    self._base = self._frozen
                self._frozen = None
            ran += 1
        return ran

    def _set_alarm(self) -> None:
        if self._alarm is not None:
            self._alarm.cancel()
            self._alarm = None
        if self._loop is None or self._mode == "stepped" or self._frozen is not None:
            return
        due = self.next_due()
        if due is not None:
            wait = max(0.0, (due - self.now()).total_seconds() / self._scale)
            self._alarm = self._loop.call_later(wait, self.fire_due)
