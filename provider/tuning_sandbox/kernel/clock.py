"""The sandbox's own time: real, scaled or stepped. Things move on it, never on reads."""

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
    """The moment an RFC 3339 stamp names."""
    return datetime.fromisoformat(stamp).astimezone(UTC)


class Timer:
    """Work that is due at a moment of the sandbox's clock."""

    def __init__(self, due: datetime, work: Callable[[], Any]) -> None:
        self.due = due
        self.work: Callable[[], Any] | None = work

    def cancel(self) -> None:
        """The work will not run."""
        self.work = None


class Clock:
    """Time that is real, runs `scale` times as fast, or does not move until it is advanced."""

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
        """`start`: the first moment (default: now); `hurried`: what of it came from a scale; `run` wraps each due work."""
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
        """How many sandbox seconds a real second holds (1 in real mode)."""
        return self._scale

    def now(self) -> datetime:
        """The moment; while due work runs, the moment at which that work was due."""
        if self._frozen is not None:
            return self._frozen
        if self._mode == "stepped":
            return self._base
        return self._base + timedelta(seconds=(self._monotonic() - self._mark) * self._scale)

    def hurried(self) -> timedelta:
        """How far a scale has driven the clock beyond the time that really passed."""
        running = self._mode != "stepped"
        return self._hurried + timedelta(seconds=(self._monotonic() - self._mark) * (self._scale - 1) if running else 0)

    def calendar(self) -> date:
        """The day by which models live and retire: a scale hurries work, not the calendar; an advance moves both."""
        return (self.now() - self.hurried()).date()

    def stamp(self) -> str:
        """`now()` as RFC 3339 with microseconds and Z."""
        return to_stamp(self.now())

    def at(self, due: datetime, fn: Callable[..., Any], *args: Any) -> Timer:
        """Run `fn(*args)` at `due`; a moment that has passed means: as soon as the loop turns."""
        timer = Timer(due, lambda: fn(*args))
        heapq.heappush(self._queue, (due, next(self._order), timer))
        self._set_alarm()
        return timer

    def after(self, seconds: float, fn: Callable[..., Any], *args: Any) -> Timer:
        """Run `fn(*args)` that many sandbox seconds from now."""
        return self.at(self.now() + timedelta(seconds=seconds), fn, *args)

    def attach(self, loop: asyncio.AbstractEventLoop) -> None:
        """From now on due work fires by itself on this loop."""
        self._loop = loop
        self._set_alarm()

    def detach(self) -> None:
        """No work fires by itself any more."""
        if self._alarm is not None:
            self._alarm.cancel()
        self._alarm = self._loop = None

    def change(self, mode: str, scale: float | None = None) -> None:
        """Go on from the present moment in another mode."""
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
        """Go forward by so many seconds, running what falls due in order; the number of works that ran."""
        if not 0 <= seconds <= MOST_ADVANCE:
            raise invalid_argument(f"advance_seconds must be 0 to {MOST_ADVANCE:,}", "advance_seconds")
        target = self.now() + timedelta(seconds=seconds)
        ran = self._fire(target)
        self._hurried = self.hurried()
        self._base, self._mark = target, self._monotonic()
        self._set_alarm()
        return ran

    def fire_due(self) -> int:
        """Run what is due by now."""
        ran = self._fire(self.now()) if self._queue and self._frozen is None else 0
        self._set_alarm()
        return ran

    def next_due(self) -> datetime | None:
        """When the next work is due, None if nothing waits."""
        while self._queue and self._queue[0][2].work is None:
            heapq.heappop(self._queue)
        return self._queue[0][0] if self._queue else None

    def clear(self) -> None:
        """Forget all waiting work."""
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
