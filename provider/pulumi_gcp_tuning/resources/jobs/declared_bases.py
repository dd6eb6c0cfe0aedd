"""The base models of the jobs that this run's program declares."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from dataclasses import dataclass, field


@dataclass
class DeclaredBases:
    """The base models by the URN of the job. Safe for all threads."""

    _lock: threading.Lock = field(default_factory=threading.Lock)
    _bases: dict[str, str] = field(default_factory=dict)

    def note(self, urn: str, base_model: str | None) -> None:
        """Notes the base model of a job, if it is known."""
        with self._lock:
            if base_model is not None:
                self._bases[urn] = base_model

    def of(self, urns: Sequence[str]) -> str | None:
        """The base model of the single job among the sources of an input; None if it is not known."""
        with self._lock:
            return self._bases.get(urns[0]) if len(urns) == 1 else None
