"""The metrics of a tuning job, step by step, and what a TunedModel shows of them."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Annotated, Any, Final

from pulumi_gcp_tuning.errors import Refused, TuningError
from pulumi_gcp_tuning.names import GcsUri, MalformedName
from pulumi_gcp_tuning.resources.core.description import described
from pulumi_gcp_tuning.resources.core.outputs import Count, Outputs
from pulumi_gcp_tuning.resources.facts.surroundings import UNREADABLE

if TYPE_CHECKING:
    from pulumi_gcp_tuning.google.protocols import GoogleApi
    from pulumi_gcp_tuning.resources.core.lifecycle import Call, Properties

NAMES: Final = (
    "train_total_loss",
    "train_fraction_of_correct_next_step_preds",
    "train_num_predictions",
    "eval_total_loss",
    "eval_fraction_of_correct_next_step_preds",
    "eval_num_predictions",
)
"""Google's six metrics; those of the validation set are there only with a validation set."""


class Course(Outputs):
    """A metric over the training."""

    first: Annotated[float | None, described("Its first value.")] = None
    best: Annotated[float | None, described("Its best value: the lowest loss, the highest of others.")] = None
    best_step: Annotated[Count, described("The step of the best value.")] = None
    final: Annotated[float | None, described("Its last value.")] = None


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


def read_metrics(google: GoogleApi, job: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Each training step of ``job`` in order, with Google's metric names (``/train_total_loss`` ...).

    Read from the object that ``gcsMetricsUri`` names. It is assumed that it holds one JSON object per line: Google
    documents the field and not the content. Raises Refused if the job has no metrics yet or they have another form.
    """
    uri = job.get("gcsMetricsUri")
    if not uri:
        state = str(job.get("state", "")).removeprefix("JOB_STATE_")
        raise Refused(f"The job names no metrics ({state}); they appear once it runs.\n  {job['name']}")
    place = GcsUri.parse(str(uri))
    with google.storage.open_object(place.bucket, place.object) as file:
        try:
            steps = [json.loads(line) for line in file if line.strip()]
        except ValueError as error:
            raise Refused(f"The metrics are not JSON lines; look at them yourself.\n  {uri}") from error
    if not steps or not all(isinstance(step, dict) and "/train_total_loss" in step for step in steps):
        raise Refused(f"The metrics have no /train_total_loss; look at them yourself.\n  {uri}")
    return steps


def describe_training(call: Call, job: Mapping[str, Any]) -> Properties:
    """The outputs ``experiment`` and ``metrics`` of a job that has ended, as far as it names them and they can be read."""
    found: Properties = {"experiment": job["experiment"]} if job.get("experiment") else {}
    if not job.get("gcsMetricsUri"):
        return found
    try:
        return {**found, "metrics": summarise(read_metrics(call.google, job)).properties()}
    except (TuningError, MalformedName, *UNREADABLE):
        return found


def summarise(steps: Sequence[Mapping[str, Any]]) -> TuningMetrics:
    """The first, best and last value of each metric."""
    return TuningMetrics.model_validate({name: course for name in NAMES if (course := _course_of(name, steps))})


def _course_of(name: str, steps: Sequence[Mapping[str, Any]]) -> Course | None:
    found = [
        (float(value), step.get("step")) for step in steps if isinstance(value := step.get(f"/{name}"), int | float)
    ]
    if not found:
        return None
    best, at = (min if name.endswith("loss") else max)(found, key=lambda each: each[0])
    return Course(first=found[0][0], best=best, best_step=at, final=found[-1][0])
