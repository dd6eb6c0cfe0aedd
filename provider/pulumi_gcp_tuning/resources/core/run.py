"""What the resources of one run share: each feature keeps its own part, and the run names none of them."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field
from typing import TypeVar

from pulumi_gcp_tuning.once import Once

T = TypeVar("T")


@dataclass
class Run:
    """One per process and settings, shared by all threads; ``lock`` guards what the parts hold."""

    lock: threading.RLock = field(default_factory=threading.RLock)
    _parts: Once = field(default_factory=lambda: Once(Exception))

    def of(self, part: type[T]) -> T:
        """The run's one object of this class, made without arguments when it is first asked for."""
        return self._parts.get((part,), part)
