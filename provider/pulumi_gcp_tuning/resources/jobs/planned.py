"""The jobs that this run would submit, which count against a quota together."""

from __future__ import annotations

import threading
from collections.abc import Collection
from dataclasses import dataclass, field

from pulumi_gcp_tuning.preflight.quota import Need, Plan, PlannedJob


@dataclass
class PlannedJobs:
    """The jobs by URN, in the order in which they were checked. Safe for all threads."""

    _lock: threading.Lock = field(default_factory=threading.Lock)
    _jobs: dict[str, PlannedJob] = field(default_factory=dict)
    _projects: dict[str, str] = field(default_factory=dict)

    def add(
        self, urn: str, name: str, project: str, need: Need, after: Collection[str] = ()
    ) -> tuple[PlannedJob, Plan]:
        """The job, and its project's plan including it. A job that is checked again keeps its place.

        ``after`` are the URNs of the jobs that have ended before it begins.
        """
        with self._lock:
            if urn not in self._jobs:
                taken = {each.name for each in self._jobs.values()}
                free = next(n for i in range(len(taken) + 1) if (n := f"{name} ({i + 1})" if i else name) not in taken)
                earlier = frozenset(self._jobs[each].name for each in after if each in self._jobs)
                self._jobs[urn] = PlannedJob(name=free, need=need, after=earlier)
                self._projects[urn] = project
            same_project = tuple(job for each, job in self._jobs.items() if self._projects[each] == project)
            return self._jobs[urn], Plan(same_project)
