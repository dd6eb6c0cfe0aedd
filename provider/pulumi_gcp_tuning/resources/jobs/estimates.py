"""What the training of each job of a run was estimated to cost, so that a model shows it beside what the training did cost."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from pulumi_gcp_tuning.resources.core.description import described

if TYPE_CHECKING:
    from pulumi_gcp_tuning.preflight.cost import Estimate
    from pulumi_gcp_tuning.resources.core.lifecycle import Call, Properties

KEY: Final = "estimatedUsd"
"""The output of a job that keeps its estimate."""
ESTIMATED_USD: Final = described(
    "What preview estimated for the training when the job was submitted; missing if price, tokens or epochs were not known.",
    unit="USD",
    stays=True,
)


@dataclass
class Estimates:
    """The estimates of this run: by the URN of a job that is checked, and by the name of one that exists. Safe for all threads."""

    _lock: threading.Lock = field(default_factory=threading.Lock)
    _usd: dict[str, float] = field(default_factory=dict)

    def note(self, key: str, usd: float | None) -> None:
        """Notes an estimate; None is none."""
        with self._lock:
            if usd is not None:
                self._usd[key] = usd

    def find(self, key: str) -> float | None:
        """The estimate of a URN or a job's name; None if there is none."""
        with self._lock:
            return self._usd.get(key)


def note_estimate(call: Call, urn: str, estimate: Estimate) -> None:
    """Notes what a check estimated, unless it is the cost of one epoch only."""
    usd = None if estimate.per_epoch or estimate.usd is None else round(estimate.usd, 4)
    call.run.of(Estimates).note(urn, usd)


def new_estimate(call: Call) -> Properties:
    """The output of a job that this run makes."""
    usd = call.run.of(Estimates).find(call.urn)
    return {} if usd is None else {KEY: usd}


def kept_estimate(call: Call, name: str, before: Properties) -> Properties:
    """The output of a job that exists: what it had before. Notes it for the model of the job."""
    call.run.of(Estimates).note(name, before.get(KEY))
    return {KEY: before[KEY]} if before.get(KEY) is not None else {}
