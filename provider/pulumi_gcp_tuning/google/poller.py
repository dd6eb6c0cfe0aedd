"""One poller for all threads that wait for jobs of one collection, project and location.

There is no polling thread: the first waiting thread whose answers are due requests them for all, while the others sleep.
A round takes one request per waiting job or one per page of jobs, the smaller number of the two.
"""

from __future__ import annotations

import threading
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from pulumi_gcp_tuning.clock import Clock
from pulumi_gcp_tuning.errors import ApiError, NotFound
from pulumi_gcp_tuning.google.operations import Json, Wait, never

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from pulumi_gcp_tuning.google.job_states import Collection

OUTAGE_SECONDS = 600.0  # how long to keep waiting without an answer
LAG_SECONDS = 30.0  # how long a new job may be NOT_FOUND, because reads lag behind a create


def parent_of(name: str) -> str:
    """``projects/P/locations/L`` of a job's name."""
    return name.rsplit("/", 2)[0]


def _key(name: str) -> str:
    """The part of a job's name that is the same whether Google writes the project's id or its number."""
    return name.rsplit("/", 1)[-1]


@dataclass
class _Watched:
    """What is known of one job. ``version`` counts the answers that differed from the one before."""

    name: str
    waiting: int = 0
    job: Json | None = None
    version: int = 0
    asked_at: float | None = None
    failing_since: float | None = None
    failure: Exception | None = None

    def take(self, job: Json) -> None:
        """Records an answer."""
        self.failing_since = self.failure = None
        if job != self.job:
            self.job, self.version = job, self.version + 1

    def fail(self, error: Exception, at: float, patience: float) -> None:
        """Records a failure. A temporary one ends the wait only after a while, a clear answer at once."""
        if self.failing_since is None:
            self.failing_since = at
        if isinstance(error, NotFound) and self.job is None and at - self.failing_since < LAG_SECONDS:
            return
        if not _may_pass(error) or at - self.failing_since >= patience:
            self.failure = error


def _may_pass(error: Exception) -> bool:
    if not isinstance(error, ApiError):
        return False
    unread = 200 <= error.http_status < 300
    return unread or error.http_status >= 500 or error.http_status in (408, 429) or error.status == "UNAVAILABLE"


@dataclass
class Poller:
    """``get`` and ``pages`` send one request each and do not retry; the next round is the retry.

    Pages are asked for only where the collection lists whole jobs.
    """

    get: Callable[[str], Json]
    pages: Callable[[], Iterator[Json]]
    collection: Collection
    clock: Clock
    interval: float
    outage_seconds: float = OUTAGE_SECONDS
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _round: threading.Lock = field(default_factory=threading.Lock)
    _watched: dict[str, _Watched] = field(default_factory=dict)
    _pages_needed: int | None = None

    def wait_for(
        self,
        name: str,
        *,
        timeout: float | None = None,
        cancelled: Callable[[], bool] = never,
        on_change: Callable[[Json], None] = lambda _job: None,
    ) -> Json:
        """See ``JobCalls.poll``."""
        wait = Wait.lasting(timeout, clock=self.clock, cancelled=cancelled, interval=self.interval)
        watched = self._join(name)
        seen = 0
        try:
            while True:
                self._ask_if_due()
                failure, job, version = watched.failure, watched.job, watched.version
                if failure is not None:
                    raise failure
                if job is not None and version != seen:
                    seen = version
                    on_change(job)
                    if self._is_over(job):
                        return job
                wait.check(f"{self.collection.noun} {name}", job)
                self._sleep(watched, seen, wait)
        finally:
            self._leave(watched)

    def _is_over(self, job: Json) -> bool:
        return self.collection.state_of(job).is_over

    def _join(self, name: str) -> _Watched:
        with self._lock:
            watched = self._watched.setdefault(_key(name), _Watched(name))
            if watched.waiting == 0:
                watched.failure = watched.failing_since = None
            watched.waiting += 1
            return watched

    def _leave(self, watched: _Watched) -> None:
        with self._lock:
            watched.waiting -= 1
            if watched.waiting == 0:
                self._watched.pop(_key(watched.name), None)

    def _sleep(self, watched: _Watched, seen: int, wait: Wait) -> None:
        asked_at = watched.asked_at
        due_in = 0.05 if asked_at is None else asked_at + self.interval - self.clock.monotonic()
        remaining = wait.remaining()
        # a follower wakes a little after the round is due, so that the round is done
        pause = max(due_in, 0.0) + 0.01
        self.clock.sleep(
            pause if remaining is None else min(pause, remaining),
            lambda: wait.cancelled() or watched.version != seen or watched.failure is not None,
        )

    def _ask_if_due(self) -> None:
        if not self._round.acquire(blocking=False):
            return
        try:
            with self._lock:
                now = self.clock.monotonic()
                open_jobs = [each for each in self._watched.values() if each.job is None or not self._is_over(each.job)]
                due = [each for each in open_jobs if each.asked_at is None or each.asked_at + self.interval <= now]
            if due:
                self._ask(due, open_jobs)
        finally:
            self._round.release()

    def _ask(self, due: list[_Watched], open_jobs: list[_Watched]) -> None:
        left = {_key(each.name): each for each in due}
        budget = len(due)
        if self.collection.lists_whole and budget > 1 and (self._pages_needed is None or self._pages_needed < budget):
            try:
                self._list(left, open_jobs, budget)
            except ApiError as error:
                if _may_pass(error):
                    self._fail_all(left, error)
                    return
                self._pages_needed = 1_000_000  # this caller may not list jobs but may be allowed to get one
        while left:
            watched = left.pop(next(iter(left)))
            try:
                job = self.get(watched.name)
            except Exception as error:  # noqa: BLE001 - handed to the thread that waits for this job
                watched.asked_at = self.clock.monotonic()
                watched.fail(error, watched.asked_at, self.outage_seconds)
                if _may_pass(error):
                    self._fail_all(left, error)
            else:
                watched.take(job)
                watched.asked_at = self.clock.monotonic()

    def _fail_all(self, left: dict[str, _Watched], error: Exception) -> None:
        """After an outage, this round sends no further requests."""
        now = self.clock.monotonic()
        for watched in left.values():
            watched.asked_at = now
            watched.fail(error, now, self.outage_seconds)
        left.clear()

    def _list(self, left: dict[str, _Watched], open_jobs: list[_Watched], budget: int) -> None:
        """Reads answers from a list; stops if that would need more requests than one per job."""
        wanted = {_key(each.name): each for each in open_jobs}
        read = 0
        for page in self.pages():
            read += 1
            for job in page.get(self.collection.name) or ():
                watched = wanted.pop(_key(str(job.get("name", ""))), None)
                if watched is not None:
                    watched.take(job)
                    watched.asked_at = self.clock.monotonic()
                    left.pop(_key(watched.name), None)
            if not left or read >= budget:
                break
        # get the jobs that the list does not show, and treat the list as if it had more pages
        self._pages_needed = read + len(left)
