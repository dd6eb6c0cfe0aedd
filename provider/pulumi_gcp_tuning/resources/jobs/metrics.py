"""The metrics of a tuning job, step by step, and what a TunedModel shows of them."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Annotated, Any, Final

from pulumi_gcp_tuning.errors import Refused, TuningError
from pulumi_gcp_tuning.names import GcsUri, MalformedName
from pulumi_gcp_tuning.resources.core.courses import Course, course_of
from pulumi_gcp_tuning.resources.core.description import described
from pulumi_gcp_tuning.resources.core.outputs import Outputs
from pulumi_gcp_tuning.resources.facts.surroundings import UNREADABLE
from pulumi_gcp_tuning.resources.jobs.kinds import kind_of

if TYPE_CHECKING:
    from pulumi_gcp_tuning.google.protocols import GoogleApi
    from pulumi_gcp_tuning.resources.core.lifecycle import Call, Properties
    from pulumi_gcp_tuning.resources.jobs.kind import Job

NAMES: Final = (
    "train_total_loss",
    "train_fraction_of_correct_next_step_preds",
    "train_num_predictions",
    "eval_total_loss",
    "eval_fraction_of_correct_next_step_preds",
    "eval_num_predictions",
)
"""Google's six metrics; those of the validation set are there only with a validation set."""


_LOSS: Final = "/train_total_loss"


class TuningMetrics(Outputs):
    """Google's metrics of a training; the names are Google's."""

    train_total_loss: Annotated[Course | None, described("The loss on the training data.")] = None
    train_fraction_of_correct_next_step_preds: Annotated[
        Course | None, described("The share of tokens that were predicted correctly, on the training data.")
    ] = None
    train_num_predictions: Annotated[Course | None, described("The tokens that a step predicted.")] = None
    eval_total_loss: Annotated[Course | None, described("The loss on the validation data.")] = None
    eval_fraction_of_correct_next_step_preds: Annotated[
        Course | None, described("The share of tokens that were predicted correctly, on the validation data.")
    ] = None
    eval_num_predictions: Annotated[Course | None, described("The tokens that an evaluation predicted.")] = None


def read_metrics(google: GoogleApi, job: Job) -> list[dict[str, Any]]:
    """Each training step of ``job`` in order, with Google's metric names (``/train_total_loss`` ...).

    Read from the object that ``gcsMetricsUri`` names, for a pipeline from its TensorBoard. It is assumed that the object
    holds one JSON object per line: Google documents the field and not the content. Raises Refused if the job has no
    metrics yet or they have another form.
    """
    kind = kind_of(job["name"])
    place = kind.curves_at(job)
    if not place:
        raise Refused(f"The job names no metrics ({kind.word_of(job)}); {kind.curves_come}.\n  {job['name']}")
    steps = _lines_of(google, place) if place.startswith("gs://") else _points_of(google, place)
    if not steps or not all(isinstance(step, dict) and _LOSS in step for step in steps):
        raise Refused(f"The metrics have no {_LOSS}; look at them yourself.\n  {place}")
    return steps


def _lines_of(google: GoogleApi, uri: str) -> list[Any]:
    place = GcsUri.parse(uri)
    with google.storage.open_object(place.bucket, place.object) as file:
        try:
            return [json.loads(line) for line in file if line.strip()]
        except ValueError as error:
            raise Refused(f"The metrics are not JSON lines; look at them yourself.\n  {uri}") from error


def _points_of(google: GoogleApi, experiment: str) -> list[dict[str, Any]]:
    """The steps at which the loss was measured, with what else was measured there."""
    steps: dict[int, dict[str, Any]] = {}
    for name, values in google.vertex_of(experiment).read_experiment(experiment).items():
        for step, value in values.items():
            steps.setdefault(step, {"step": step})[f"/{name.lstrip('/')}"] = value
    return [steps[step] for step in sorted(steps) if _LOSS in steps[step]]


def describe_training(call: Call, job: Job) -> Properties:
    """The outputs ``experiment`` and ``metrics`` of a job that has ended, as far as it names them and they can be read."""
    found: Properties = {"experiment": job["experiment"]} if job.get("experiment") else {}
    if not kind_of(job["name"]).curves_at(job):
        return found
    try:
        return {**found, "metrics": summarise(read_metrics(call.google, job)).properties()}
    except (TuningError, MalformedName, *UNREADABLE):
        return found


def summarise(steps: Sequence[Mapping[str, Any]]) -> TuningMetrics:
    """The first, best and last value of each metric."""
    return TuningMetrics.model_validate({name: course for name in NAMES if (course := course_of(f"/{name}", steps))})
