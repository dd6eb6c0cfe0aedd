"""Reading many jobs of one location at once: a refresh of 300 jobs does not need 300 requests."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field
from itertools import islice
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from pulumi_gcp_tuning.clock import Clock
    from pulumi_gcp_tuning.google.job_states import Collection
    from pulumi_gcp_tuning.google.operations import Json

SINGLE_READS = 3  # up to this many jobs, one request each is cheaper than a list
LISTED_PAGES = 5  # records are never deleted: a project may have thousands, so only the first pages are read
FRESH_SECONDS = 10.0


@dataclass
class JobReads:
    """The reads of one location. Safe to share among threads; at most one list is under way."""

    get: Callable[[str], Json]
    pages: Callable[[], Iterator[Json]]
    collection: Collection
    clock: Clock
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _reads: int = 0
    _since: float = 0.0
    _listed_at: float | None = None
    _jobs: dict[str, Json] = field(default_factory=dict)

    def read(self, name: str) -> Json:
        """The job, at most ten seconds old. Raises what a direct request would raise."""
        if not self.collection.lists_whole:
            return self.get(name)
        with self._lock:
            now = self.clock.monotonic()
            if now - self._since > FRESH_SECONDS:
                self._reads, self._since = 0, now
            self._reads += 1
            listed = self._listed(now) if self._reads > SINGLE_READS else {}
        found = listed.get(name.rsplit("/", 1)[-1])
        return self.get(name) if found is None else found

    def _listed(self, now: float) -> dict[str, Json]:
        if self._listed_at is None or now - self._listed_at > FRESH_SECONDS:
            self._jobs = {
                str(job["name"]).rsplit("/", 1)[-1]: job
                for page in islice(self.pages(), LISTED_PAGES)
                for job in page.get(self.collection.name) or ()
            }
            self._listed_at = now
        return self._jobs
