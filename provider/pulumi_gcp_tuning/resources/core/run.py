"""What the resources of one run share: each feature keeps its own part, and the run names none of them."""

from __future__ import annotations

import threading
from collections.abc import Hashable
from dataclasses import dataclass, field
from typing import TypeVar

from pulumi_gcp_tuning.once import Once

T = TypeVar("T")


@dataclass
class Run:
    """One per process and settings, shared by all threads; ``lock`` guards what the parts hold."""

    lock: threading.RLock = field(default_factory=threading.RLock)
    _seen: set[Hashable] = field(default_factory=set)
    _parts: Once = field(default_factory=lambda: Once(Exception))

    def is_first(self, thing: Hashable) -> bool:
        """Whether nobody asked this of the thing before in this run: what is said once a run asks first."""
        with self.lock:
            is_new = thing not in self._seen
            self._seen.add(thing)
            return is_new

    def of(self, part: type[T]) -> T:
        """The run's one object of this class, made without arguments when it is first asked for."""
        return self._parts.get((part,), part)
