"""How long jobs took that are like a job of the merge."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final

from pulumi_gcp_tuning.catalog import shipped
from pulumi_gcp_tuning.grammar import counted
from pulumi_gcp_tuning.review.sentences import in_time

if TYPE_CHECKING:
    from pulumi_gcp_tuning.review.previews import Planned

TRAINS: Final = ("TuningJob", "PipelineTuningJob", "GeminiApiTunedModel")
"""The classes whose resources are a training."""
_METHODS: Final = (("preferenceOptimizationSpec", "PREFERENCE"), ("supervisedTuningSpec", "SUPERVISED"))


class Durations:
    """The durations of the jobs in the stack's state, and those of the catalogue."""

    def __init__(self, steps: Iterable[Planned]) -> None:
        self._of_stack: dict[str, list[float]] = {}
        for step in steps:
            seconds = _seconds(step.outputs) if step.named.type in TRAINS else None
            if seconds is not None:
                self._of_stack.setdefault(str(step.outputs.get("baseModel")), []).append(seconds)

    def of(self, job: Planned) -> str:
        """What is known, in words: of jobs of the stack with the same base model, else what others reported; or empty."""
        base_model = str(job.new_inputs.get("baseModel"))
        if own := self._of_stack.get(base_model):
            return f"{counted(len(own), 'job')} of this stack: {_span(own)}"
        method = next((method for key, method in _METHODS if job.new_inputs.get(key)), None)
        if not base_model.startswith("gemini-") or method is None:
            return ""
        rows = shipped().durations.values()
        reported = [row.seconds for row in rows if (row.product, row.method) == ("GEMINI", method)]
        return f"{counted(len(reported), 'report')}: {_span(reported)}" if reported else ""


def _span(seconds: Sequence[float]) -> str:
    shortest, longest = min(seconds), max(seconds)
    return in_time(shortest) if in_time(shortest) == in_time(longest) else f"{in_time(shortest)} to {in_time(longest)}"


def _seconds(outputs: Mapping[str, Any]) -> float | None:
    try:
        begun, ended = (datetime.fromisoformat(str(outputs[key])) for key in ("createTime", "endTime"))
        return max((ended - begun).total_seconds(), 0.0)
    except (KeyError, ValueError, TypeError):
        return None
