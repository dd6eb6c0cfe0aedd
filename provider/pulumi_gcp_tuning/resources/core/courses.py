"""A metric over a training, in a few numbers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Annotated, Any

from pulumi_gcp_tuning.resources.core.description import described
from pulumi_gcp_tuning.resources.core.outputs import Count, Outputs


class Course(Outputs):
    """A metric over the training."""

    first: Annotated[float | None, described("Its first value.")] = None
    best: Annotated[float | None, described("Its best value: the lowest loss, the highest of others.")] = None
    best_step: Annotated[Count, described("The step of the best value.")] = None
    final: Annotated[float | None, described("Its last value.")] = None


def course_of(key: str, steps: Sequence[Mapping[str, Any]]) -> Course | None:
    """The numbers of the metric that each step has under this key; None if no step has it. The lowest loss is the best."""
    found = [(float(value), step.get("step")) for step in steps if isinstance(value := step.get(key), int | float)]
    if not found:
        return None
    best, at = (min if key.lower().endswith("loss") else max)(found, key=lambda each: each[0])
    return Course(first=found[0][0], best=best, best_step=at, final=found[-1][0])
