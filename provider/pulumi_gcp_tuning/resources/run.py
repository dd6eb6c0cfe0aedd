"""What the resources of one run know of each other."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from concurrent.futures import Future
    from pathlib import Path

    from pulumi_gcp_tuning.preflight.quota import PlannedJob
    from pulumi_gcp_tuning.resources.slots import Line


@dataclass
class Run:
    """One per process and settings, shared by all threads; ``lock`` guards what is in it.

    ``planned`` are the jobs that this run would submit, by URN, in the order in which they were checked.
    ``local_files`` are the files that TuningDatasets of this run upload, by their ``gs://`` URI. ``reports`` are what
    the validator said of files and objects, by whatever tells one content and model from another. ``unreachable`` is why
    Google could not be asked, once it could not. ``lines`` are those who wait for a slot, by quota.
    """

    lock: threading.RLock = field(default_factory=threading.RLock)
    planned: dict[str, PlannedJob] = field(default_factory=dict)
    local_files: dict[str, Path] = field(default_factory=dict)
    reports: dict[Any, Future[Any]] = field(default_factory=dict)
    unreachable: str = ""
    lines: dict[str, Line] = field(default_factory=dict)
