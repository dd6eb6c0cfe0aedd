"""The curves of a review: how the trainings of the models in use went, and those of the models that would follow them."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final, Literal

from pulumi_gcp_tuning.errors import ApiError, TuningError
from pulumi_gcp_tuning.review.report import Curve
from pulumi_gcp_tuning.review.scales import ACCURACIES, LOSSES, points_of

if TYPE_CHECKING:
    from pulumi_gcp_tuning.review.previews import Planned

MOST_JOBS: Final = 12
"""The metrics of at most so many jobs are read."""
_JOB: Final = re.compile(r"projects/[^/]+/locations/[^/]+/(tuningJobs|pipelineJobs)/[^/]+|tunedModels/[^/]+")
"""The names of jobs; a tuned model of the Gemini API is its own job."""
_KINDS: Final = ("TuningJob", "PipelineTuningJob", "GeminiApiTunedModel")
Steps = Sequence[Mapping[str, Any]]


def read_curves(planned: Sequence[Planned], read: Callable[[str], Steps] | None = None) -> tuple[Curve, ...]:
    """The curves of the jobs that this merge replaces or leaves, and of those whose models take their place.

    ``read`` gives the steps of a training by the job's name; without it they are read from Google. A job whose metrics
    cannot be read has no curve, and if Google cannot be reached, nothing more is read.
    """
    jobs = list(dict.fromkeys(_jobs(planned)))[:MOST_JOBS]
    curves: list[Curve] = []
    for title, of, job in jobs:
        try:
            read = read or _reader()
            steps = read(job)
        except ApiError as error:
            if error.http_status == 0:
                break
            continue
        except (TuningError, ValueError):
            continue
        for key, _ in (*LOSSES, *ACCURACIES):
            points = tuple((int(step), value) for step, value in points_of(steps, key))
            if points:
                curves.append(Curve(job=title, of=of, metric=key.strip("/"), points=points))
    return tuple(curves)


def _jobs(planned: Sequence[Planned]) -> Iterator[tuple[str, Literal["in use", "candidate"], str]]:
    """What to call it, whose it is, and the name of the job."""
    for step in planned:
        if not step.is_ours:
            continue
        name, kind = step.named.name, step.named.type
        if kind in _KINDS:
            if "replace" in step.op and _is_job(step.id):
                yield name, "in use", step.id
            if _is_job(step.new_inputs.get("adopt")) and step.op != "same":
                yield name, "candidate", step.new_inputs["adopt"]
        old, new = step.old_inputs.get("tuningJob"), step.new_inputs.get("tuningJob")
        if old != new and _is_job(old) and _is_job(new):
            yield name, "in use", str(old)
            yield name, "candidate", str(new)


def _is_job(value: object) -> bool:
    return isinstance(value, str) and _JOB.fullmatch(value) is not None


def _reader() -> Callable[[str], Steps]:
    from pulumi_gcp_tuning.commands.connection import connect
    from pulumi_gcp_tuning.commands.training import read_steps

    connection = connect()
    return lambda job: read_steps(job, connection=connection)
