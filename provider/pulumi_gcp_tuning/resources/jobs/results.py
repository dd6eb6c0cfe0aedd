"""The result of a job that a TunedModel gets by name, fetched before anything waits for it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from pulumi_gcp_tuning.errors import Finding
from pulumi_gcp_tuning.names import Urn
from pulumi_gcp_tuning.preflight.existing import (
    JobResult,
    check_job_exists,
    check_job_fits,
    check_job_is_left,
    check_job_model,
)
from pulumi_gcp_tuning.preflight.facts import NOT_ASKED, Fact, Known
from pulumi_gcp_tuning.resources.core.catalogue import catalogue_of
from pulumi_gcp_tuning.resources.core.declared import checks_on
from pulumi_gcp_tuning.resources.core.foreseen import Foreseen
from pulumi_gcp_tuning.resources.core.lifecycle import Call, Difference, Place
from pulumi_gcp_tuning.resources.core.told import ReferringTold
from pulumi_gcp_tuning.resources.facts.surroundings import fact_of, fetch_model_is_there
from pulumi_gcp_tuning.resources.jobs.declared_bases import DeclaredBases
from pulumi_gcp_tuning.resources.jobs.kind import Job, JobKind
from pulumi_gcp_tuning.wording import PropertyPath


def check_given_job(
    call: Call,
    told: ReferringTold,
    kind: JobKind,
    name: str | None,
    *,
    checks: Mapping[str, str] | None,
    weights: bool = False,
    checkpoint: str | None = None,
    is_new: bool = False,
    key: str = "tuningJob",
    path: PropertyPath = ("tuning_job",),
) -> list[Finding]:
    """The finding if the job has no model and can no longer make one, or if it is of the other kind.

    Skips the result of a job of this run, because reads may lag behind. ``weights``: it has to be the job of an open model.
    ``is_new``: the resource has no entry, so what depends on it will have the names of the model. ``key`` and ``path``
    are the input that names the job.
    """
    off, foreseen = "existence" not in checks_on(call.settings, checks), call.run.of(Foreseen)
    if off or (name is not None and foreseen.was_made(name)):
        return []
    if name is None:
        return _check_declared(call, told.sources.get(key, ()), weights=weights, path=path)
    found = fetch_result(call, kind, name)
    if found == Known(None):
        if foreseen.is_kept(told.sources, key, name):
            return check_job_is_left(name, kind.noun, kind.resource, path=path)
        if told.may_come(key):
            return []
    if is_new and (made := _made_in(found)):
        foreseen.note_new(call.urn, made)
    if isinstance(found, Known) and found.value is not None:
        is_open, what = found.value.tunes_open_model, f"The {kind.noun} {name}"
        if unfit := check_job_fits(what, tunes_open_model=is_open, weights=weights, path=path):
            return unfit
    return check_job_model(name, kind.noun, kind.resource, found, checkpoint=checkpoint, path=path)


def _check_declared(call: Call, sources: Sequence[str], *, weights: bool, path: PropertyPath) -> list[Finding]:
    """The finding about the job of the program that has no name yet."""
    base_model = call.run.of(DeclaredBases).of(sources)
    row = catalogue_of(call.settings).find_model(base_model) if base_model else None
    if row is None:
        return []
    return check_job_fits(_title_of(sources[0]), tunes_open_model=row.product == "OPEN", weights=weights, path=path)


def base_of(call: Call, kind: JobKind, name: str | None, sources: Sequence[str]) -> tuple[str, str | None]:
    """A job, as messages call it, and its base model: as the program declares it, else as Google has it; None if it is not known."""
    declared = call.run.of(DeclaredBases).of(sources)
    if declared is not None or name is None:
        return (_title_of(sources[0]) if len(sources) == 1 else "It"), declared
    found = fetch_result(call, kind, name)
    base_model = found.value.base_model if isinstance(found, Known) and found.value is not None else None
    return f"The {kind.noun} {name}", base_model


def _title_of(urn: str) -> str:
    found = Urn.parse(urn)
    return f"The {found.kind} {found.name!r}"


def check_adopted_exists(call: Call, kind: JobKind, name: str, checks: Mapping[str, str] | None) -> list[Finding]:
    """The finding if the job to adopt does not exist."""
    if "existence" not in checks_on(call.settings, checks):
        return []
    return check_job_exists(name, kind.noun, fetch_result(call, kind, name), path=("adopt",))


def fetch_result(call: Call, kind: JobKind, name: str) -> Fact[JobResult | None]:
    """The job's result so far, Known(None) if there is no such job. Makes at most two requests a run and never raises."""
    return fact_of(
        call,
        lambda: _result_of(call, kind, call.google.cached("job result", name, lambda: kind.at(call, name).get(name))),
        subject=f"the {kind.noun} {name}",
        needs=kind.needs("get"),
        absent=Known(None),
    )


def find_made(call: Call, kind: JobKind, name: str) -> frozenset[str]:
    """The model that the job has made, with and without its version; empty if it is not there or cannot be read."""
    return _made_in(fetch_result(call, kind, name))


def wait_on(call: Call, kind: JobKind, name: str, paths: Sequence[Place]) -> Difference:
    """The difference of a resource that goes on to wait for the model of a job."""
    found = fetch_result(call, kind, name)
    runs = isinstance(found, Known) and found.value is not None and not found.value.ended
    return Difference(changed=True, paths=paths, waits=True, becomes=_made_in(found), makes_another=runs)


def _made_in(found: Fact[JobResult | None]) -> frozenset[str]:
    result = found.value if isinstance(found, Known) else None
    if result is None or result.model is None or result.model_is_there != Known(True):
        return frozenset()
    return frozenset({result.model, result.model.partition("@")[0]})


def _result_of(call: Call, kind: JobKind, job: Job) -> JobResult:
    state, made = kind.state_of(job), kind.made(job)
    model = made.get("model") if state.has_succeeded else None
    return JobResult(
        state=kind.word_of(job),
        ended=not state.is_active,
        succeeded=state.has_succeeded,
        model=model,
        error=" ".join(str(kind.error_of(job).get("message") or "").split())[:600],
        tunes_open_model=bool(job.get("outputUri")),
        base_model=str(job["baseModel"]) if job.get("baseModel") else None,
        model_is_there=fetch_model_is_there(call, model) if model else NOT_ASKED,
        checkpoints=tuple(str(each.get("checkpointId")) for each in made.get("checkpoints") or ()),
    )
