"""What the resources of one run share: each feature keeps its own part, and the run names none of them."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field
from typing import Any, TypeVar, cast

T = TypeVar("T")


@dataclass
class Run:
    """One per process and settings, shared by all threads; ``lock`` guards what the parts hold."""

    lock: threading.RLock = field(default_factory=threading.RLock)
    _parts: dict[type[Any], Any] = field(default_factory=dict)

    def of(self, part: type[T]) -> T:
        """The run's one object of this class, made without arguments when it is first asked for."""
        with self.lock:
            if part not in self._parts:
                self._parts[part] = part()
            return cast(T, self._parts[part])
