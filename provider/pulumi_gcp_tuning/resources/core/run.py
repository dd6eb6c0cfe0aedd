"""State that the resources of one run share. Each feature keeps its own part; the run names none of them."""

from __future__ import annotations

import threading
from collections.abc import Hashable
from dataclasses import dataclass, field
from typing import TypeVar

from pulumi_gcp_tuning.once import Once

T = TypeVar("T")


@dataclass
class Run:
    """One per process and settings, shared by all threads. ``lock`` guards the parts."""

    lock: threading.RLock = field(default_factory=threading.RLock)
    _seen: set[Hashable] = field(default_factory=set)
    _parts: Once = field(default_factory=lambda: Once(Exception))

    def is_first(self, thing: Hashable) -> bool:
        """Whether this is the first call for the thing in this run. Used for messages that appear once per run."""
        with self.lock:
            is_new = thing not in self._seen
            self._seen.add(thing)
            return is_new

    def of(self, part: type[T]) -> T:
        """The run's single object of this class, created without arguments on first use."""
        return self._parts.get((part,), part)
