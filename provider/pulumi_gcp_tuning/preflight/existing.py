"""Checks that the objects that a resource names exist and are in the expected state."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from pulumi_gcp_tuning.errors import Finding
from pulumi_gcp_tuning.preflight.facts import Fact, Known, Missing
from pulumi_gcp_tuning.preflight.rule import Rule
from pulumi_gcp_tuning.wording import PropertyPath, Remedy, advise

JOB_EXISTS: Final = Rule(
    check="existence",
    name="job exists",
    refuses="the name of a job that does not exist",
    why="Google answers 404 when the job is read, after everything else of the run was made.",
    evidence="policy",
    facts=("job",),
)
ONE_SPEC: Final = Rule(
    check="existence",
    name="one job at a time",
    refuses="a new job while an earlier run's job for the same resource runs with another specification, or while several match",
    why="Both would be paid for, and only you know which one to keep.",
    evidence="policy",
    facts=("jobs",),
)
JOB_MODEL: Final = Rule(
    check="existence",
    name="job has a model",
    refuses="the model of a job that failed, was cancelled or expired, and a model that was deleted since",
    why="A job never runs again by itself, so there is no model to wait for.",
    evidence="policy",
    facts=("job", "model"),
)
CHECKPOINT: Final = Rule(
    check="existence",
    name="checkpoint exists",
    refuses="a default checkpoint that the job of the model did not make",
    why="The job lists its checkpoints.",
    evidence="policy",
    facts=("job",),
)
ENDPOINT_EXISTS: Final = Rule(
    check="existence",
    name="endpoint exists",
    refuses="a deployment on an endpoint that does not exist",
    why="Google answers 404 to the deployment, after the model was paid for.",
    evidence="policy",
    facts=("endpoint",),
)
MODEL_EXISTS: Final = Rule(
    check="existence",
    name="model exists",
    refuses="a deployment of a model that does not exist",
    why="Google answers 404 to the deployment.",
    evidence="policy",
    facts=("model",),
)
JOB_FITS: Final = Rule(
    check="existence",
    name="job of the other kind",
    refuses="the job of an open model in a TunedModel, and any other job where the weights of an open model are needed",
    why="Only the job of an open model writes weights, and it makes no model. The error would come after the training.",
    evidence="seed",
    facts=("job",),
)
OF_JOBS: Final = (JOB_EXISTS, JOB_MODEL, JOB_FITS, CHECKPOINT)
RULES: Final = (ONE_SPEC, *OF_JOBS, ENDPOINT_EXISTS, MODEL_EXISTS)


@dataclass(frozen=True, kw_only=True)
class JobResult:
    """The outcome of a job: Google's state, whether it has ``ended`` or ``succeeded``, its error, and its model.

    ``model_is_there`` says whether the model that it names exists; NotAsked if it names none. ``tunes_open_model`` says
    whether it writes weights in place of a model.
    """

    state: str
    ended: bool
    succeeded: bool
    model: str | None
    model_is_there: Fact[bool]
    tunes_open_model: bool = False
    base_model: str | None = None
    checkpoints: tuple[str, ...] = ()
    error: str = ""


def check_job_exists(name: str, noun: str, found: Fact[object], *, path: PropertyPath) -> list[Finding]:
    """The job exists."""
    if isinstance(found, Missing):
        return [JOB_EXISTS.not_judged(path, found)]
    if isinstance(found, Known) and found.value is None:
        remedy = advise("set a property", "Check the name and the location in it.")
        return [JOB_EXISTS.finding(path, f"There is no {noun} {name}.", remedy)]
    return []


def check_job_model(
    name: str,
    noun: str,
    resource: str,
    found: Fact[JobResult | None],
    *,
    checkpoint: str | None = None,
    path: PropertyPath = ("tuning_job",),
) -> list[Finding]:
    """The job has created its model, which exists, or may still create it."""
    if not isinstance(found, Known) or found.value is None:
        return check_job_exists(name, noun, found, path=path)
    job = found.value
    again = _again(resource)
    if job.ended and not job.succeeded:
        why = f": {job.error.rstrip('.')}." if job.error else "."
        return [JOB_MODEL.finding(path, f"The {noun} {name} ended {job.state} and made no model{why}", again)]
    if not job.succeeded:
        return []
    if isinstance(job.model_is_there, Missing):
        return [JOB_MODEL.not_judged(path, job.model_is_there)]
    if isinstance(job.model_is_there, Known) and not job.model_is_there.value:
        problem = f"The {noun} {name} succeeded, but its model {job.model} is gone."
        return [JOB_MODEL.finding(path, problem, again)]
    return check_checkpoint(checkpoint, job.checkpoints)


def check_job_is_left(name: str, noun: str, resource: str, *, path: PropertyPath = ("tuning_job",)) -> list[Finding]:
    """The finding about a job that the state has and Google no longer returns: the run will not submit it again."""
    return [
        JOB_MODEL.finding(path, f"The state has the {noun} {name}, and Google no longer returns it.", _again(resource))
    ]


def check_job_fits(
    job: str, *, tunes_open_model: bool, weights: bool, path: PropertyPath = ("tuning_job",)
) -> list[Finding]:
    """``job`` is its name, or says which it is. ``weights``: the resource needs those of an open model, else a model."""
    if tunes_open_model == weights:
        return []
    if not weights:
        problem = f"{job} tunes an open model: it writes weights to Cloud Storage and makes no model."
        way_out = "Declare a ModelDeployment with this {tuning_job} in place of the TunedModel; it serves the weights."
    elif path == ("tuning_job",):
        problem = f"{job} does not tune an open model, so it writes no weights."
        way_out = "Declare a TunedModel with this {tuning_job}, and set {model} to its model here."
    else:
        problem = f"{job} does not tune an open model, so it writes no weights."
        way_out = "To train on from its model, set {pre_tuned_model} to its TunedModel in place of {base_model}."
    return [JOB_FITS.finding(path, problem, advise("set a property", way_out))]


def _again(resource: str) -> Remedy:
    return advise(
        "set a property",
        "It does not run again by itself: set {retry} on the {resource} to submit a new job, or remove this resource.",
        resource=resource,
    )


def check_checkpoint(
    wanted: str | None, offered: Sequence[str], *, path: PropertyPath = ("default_checkpoint_id",)
) -> list[Finding]:
    """The checkpoint is one of the job's checkpoints."""
    if wanted is None or wanted in offered:
        return []
    if offered:
        remedy = advise("set a property", "It has {offered}.", offered=", ".join(offered))
    else:
        remedy = advise("remove a property", "It has none; remove {default_checkpoint_id}.")
    return [CHECKPOINT.finding(path, f"The model has no checkpoint {wanted!r}.", remedy)]


def check_endpoint_exists(name: str, found: Fact[bool], *, path: PropertyPath = ("endpoint",)) -> list[Finding]:
    """The endpoint exists."""
    return _check_exists(ENDPOINT_EXISTS, "endpoint", name, found, path)


def check_model_exists(name: str, found: Fact[bool], *, path: PropertyPath = ("model",)) -> list[Finding]:
    """The model exists."""
    return _check_exists(MODEL_EXISTS, "model", name, found, path)


def _check_exists(rule: Rule, noun: str, name: str, found: Fact[bool], path: PropertyPath) -> list[Finding]:
    if isinstance(found, Missing):
        return [rule.not_judged(path, found)]
    if isinstance(found, Known) and not found.value:
        remedy = advise("set a property", "Check the name, or declare the {noun} and give it here.", noun=noun)
        return [rule.finding(path, f"There is no {noun} {name}.", remedy)]
    return []
