"""What the resources of one run know of each other."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from pulumi_gcp_tuning.resources.holdings import Holdings

if TYPE_CHECKING:
    from collections.abc import Collection
    from concurrent.futures import Future
    from pathlib import Path

    from pulumi_gcp_tuning.preflight.quota import Need, Plan, PlannedJob
    from pulumi_gcp_tuning.resources.slots import Line


@dataclass
class Run:
    """One per process and settings, shared by all threads; ``lock`` guards what is in it.

    ``planned`` are the jobs that this run would submit, by URN, in the order in which they were checked; ``projects``
    says whose quota each takes of.
    ``local_files`` are the files that TuningDatasets of this run upload, by their ``gs://`` URI. ``reports`` are what
    the validator said of files and objects, by whatever tells one content and model from another. ``unreachable`` is why
    Google could not be asked, once it could not. ``lines`` are those who wait for a slot, by quota. ``holdings`` are
    the current entries of state, which no delete may touch.
    """

    lock: threading.RLock = field(default_factory=threading.RLock)
    planned: dict[str, PlannedJob] = field(default_factory=dict)
    projects: dict[str, str] = field(default_factory=dict)
    local_files: dict[str, Path] = field(default_factory=dict)
    reports: dict[Any, Future[Any]] = field(default_factory=dict)
    unreachable: str = ""
    lines: dict[str, Line] = field(default_factory=dict)
    holdings: Holdings = field(default_factory=Holdings)

    def plan_job(
        self, urn: str, name: str, project: str, need: Need, after: Collection[str] = ()
    ) -> tuple[PlannedJob, Plan]:
        """The job and the plan of its project with it; it keeps its place when it is checked again.

        ``after`` are the URNs of the jobs that have ended before it begins.
        """
        from pulumi_gcp_tuning.preflight.quota import Plan, PlannedJob

        with self.lock:
            if urn not in self.planned:
                taken = {each.name for each in self.planned.values()}
                free = next(n for i in range(len(taken) + 1) if (n := f"{name} ({i + 1})" if i else name) not in taken)
                earlier = frozenset(self.planned[each].name for each in after if each in self.planned)
                self.planned[urn] = PlannedJob(name=free, need=need, after=earlier)
                self.projects[urn] = project
            return self.planned[urn], Plan(tuple(j for u, j in self.planned.items() if self.projects[u] == project))
