"""Waiting for a slot: a job is submitted once the quota of running jobs has room for it, in order of arrival."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from pulumi_gcp_tuning.errors import ApiError, Failed, Refused, TuningError
from pulumi_gcp_tuning.google.transport import is_full
from pulumi_gcp_tuning.once import Once
from pulumi_gcp_tuning.resources.jobs.listing import FRESH_SECONDS, list_jobs

if TYPE_CHECKING:
    from pulumi_gcp_tuning.catalog import Catalogue
    from pulumi_gcp_tuning.preflight.facts import Family
    from pulumi_gcp_tuning.resources.core.lifecycle import Call
    from pulumi_gcp_tuning.resources.jobs.kind import Job, JobKind

WAIT_TIMEOUT: Final = 24 * 3600.0
"""How long, in seconds, a job waits for its slot if ``customTimeouts`` is not set."""


@dataclass(frozen=True, kw_only=True)
class Slots:
    """A quota of running jobs. ``limit`` is None if it is not known or there is no limit."""

    kind: JobKind
    parent: str
    family: Family
    name: str
    limit: int | None
    ask: str


@dataclass
class Line:
    """The jobs of this process that share one quota: those that wait, in order of arrival, those being submitted, and those submitted."""

    lock: threading.Lock = field(default_factory=threading.Lock)
    waiting: list[object] = field(default_factory=list)
    going: set[object] = field(default_factory=set)
    started: set[str] = field(default_factory=set)
    full: bool = False

    def join(self) -> object:
        """A ticket for the end of the line."""
        ticket = object()
        with self.lock:
            self.waiting.append(ticket)
        return ticket

    def leave(self, ticket: object) -> None:
        """Removes the ticket from the line."""
        with self.lock:
            self.waiting.remove(ticket)
            self.going.discard(ticket)

    def ahead_of(self, ticket: object) -> int:
        """How many tickets are ahead of this one."""
        with self.lock:
            return self._ahead(ticket)

    def take_turn(self, ticket: object, free: int | None) -> bool:
        """Whether the ticket may submit now. If ``free`` is None (no count), all may until Google answers that the quota is full."""
        with self.lock:
            ahead = self._ahead(ticket)
            if (self.full and ahead) or (free is not None and ahead >= free - len(self.going)):
                return False
            self.going.add(ticket)
            return True

    def stay(self, ticket: object) -> None:
        """Google had no room: the ticket keeps its place, and only the first in line tries again."""
        with self.lock:
            self.going.discard(ticket)
            self.full = True

    def arrive(self, name: str) -> None:
        """Notes that Google accepted the job."""
        with self.lock:
            self.started.add(name.rpartition("/")[2])
            self.full = False

    def _ahead(self, ticket: object) -> int:
        return sum(each not in self.going for each in self.waiting[: self.waiting.index(ticket)])


@dataclass
class Lines:
    """The lines of waiting jobs in this run, by quota."""

    by_quota: Once = field(default_factory=Once)


def submit_in_turn(
    call: Call, slots: Slots, submit: Callable[[], Job], look: Callable[[float], Job | None], catalogue: Catalogue
) -> Job:
    """The job that ``submit`` returns, once there is room for it.

    If Google has no room for the job (429), this function waits instead of failing. A 429 does not prove that the job
    was not accepted. So ``look`` searches for it, for the given number of seconds and at least once, before the job is
    sent again and when the wait ends early. If it is not found then, raises Refused on cancel and Failed on timeout.
    """
    line = call.run.of(Lines).by_quota.get(f"{slots.parent.split('/')[1]} {slots.family}", Line)
    begun = call.clock.monotonic()
    wait = _Wait(call, slots, end=begun + (call.timeout or WAIT_TIMEOUT))
    oldest = FRESH_SECONDS
    ticket = line.join()
    try:
        while True:
            used = _in_use(call, slots, line, catalogue, oldest)
            free = None if slots.limit is None or used is None else slots.limit - used
            job: Job | None = None
            if not wait.was_cancelled() and line.take_turn(ticket, free):
                job = look(0.0) if wait.sent else None
                try:
                    job = job or submit()
                except ApiError as error:
                    if not is_full(error):
                        raise
                    line.stay(ticket)
                    wait.sent = True
                    wait.tell(_numbers(slots, used, line), line.ahead_of(ticket))
                    job = look(wait.left())
            if job is None and wait.is_over():
                job = look(0.0) if wait.sent else None
                if job is None:
                    raise wait.ended(_numbers(slots, used, line))
            if job is not None:
                line.arrive(str(job["name"]))
                if wait.said:  # without this, the status would still say that it waits
                    call.report(f"submitted after {call.clock.monotonic() - begun:,.0f} s of waiting")
                return job
            wait.tell(_numbers(slots, used, line), line.ahead_of(ticket))
            wait.pause()
            oldest = call.settings.poll_interval / 2
    finally:
        line.leave(ticket)


def _in_use(call: Call, slots: Slots, line: Line, catalogue: Catalogue, oldest: float) -> int | None:
    """The number of jobs that run in this place, including those that this process has just started; None if not known."""
    if slots.limit is None:
        return None
    try:
        jobs = list_jobs(call, slots.kind, slots.parent, at_most_old=oldest)
    except TuningError:
        return None
    listed = {str(job["name"]).rpartition("/")[2] for job in jobs}
    kind = slots.kind
    running = sum(kind.state_of(job).is_active and kind.family(job, catalogue) == slots.family for job in jobs)
    with line.lock:
        return running + len(line.started - listed)


def _numbers(slots: Slots, used: int | None, line: Line) -> str:
    if line.full:
        return ", Google says that it is full"
    if slots.limit is None or used is None:
        return ""
    with line.lock:  # a job that is being submitted may already be listed
        taken = max(used, min(used + len(line.going), slots.limit))
    return f", {taken} of {slots.limit} in use"


@dataclass
class _Wait:
    """The wait of one job: its end, its last status line, and whether the job was already sent."""

    call: Call
    slots: Slots
    end: float
    said: str = ""
    sent: bool = False

    def left(self) -> float:
        """The seconds that remain."""
        return max(0.0, self.end - self.call.clock.monotonic())

    def was_cancelled(self) -> bool:
        """Whether the user cancelled after the wait began. Nothing is sent then."""
        return bool(self.said) and self.call.cancelled()

    def is_over(self) -> bool:
        """Whether the user cancelled or the time is over."""
        return self.call.cancelled() or not self.left()

    def tell(self, numbers: str, ahead: int) -> None:
        """Reports the status line only when it changes, so that a day of waiting does not print a line every few seconds."""
        others = f", {ahead} of this run ahead" if ahead else ""
        line = f"waiting for a slot of {self.slots.name!r}{numbers}{others}"
        if line != self.said:
            self.call.report(line)
        self.said = line

    def pause(self) -> None:
        """Sleeps until the next look at the quota."""
        self.call.clock.sleep(min(self.call.settings.poll_interval, self.left()), self.call.cancelled)

    def ended(self, numbers: str) -> TuningError:
        """The error that ends the wait. It says that nothing was submitted only if nothing was sent."""
        submitted, again = "Nothing was submitted.", "Run the same command again to continue waiting"
        if self.sent:
            submitted = "Google lists no such job, but its answer 429 does not prove that none was accepted."
            again += " (it looks for the job before it submits one)"
        name = self.slots.name
        if self.call.cancelled():
            more = f"\n{again}." if self.sent else ""
            return Refused(f"Cancelled while it waited for a slot of {name!r}{numbers}. {submitted}{more}")
        return Failed(
            f"No slot of {name!r} came free in time{numbers}. {submitted}\n{again}, or allow more time with "
            f"custom_timeouts (create). {self.slots.ask}"
        )
