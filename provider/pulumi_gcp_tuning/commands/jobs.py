"""Tuning jobs at Google, of every kind: list, find, cancel."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, Any, Final

from pulumi_gcp_tuning.audit.costs import age_of
from pulumi_gcp_tuning.commands.connection import Connection, connect
from pulumi_gcp_tuning.commands.places import (
    MOST,
    Asked,
    problems_in,
    project_of,
    read_lists,
    shortened_in,
    tuning_regions,
)
from pulumi_gcp_tuning.errors import Refused
from pulumi_gcp_tuning.resources.core.catalogue import catalogue_of
from pulumi_gcp_tuning.resources.core.labels import IDENTITY, STACK, effective_labels
from pulumi_gcp_tuning.resources.jobs.billing import (
    TrainingCost,
    base_model_of,
    cost_of_training,
    epochs_of,
    steps_of,
)
from pulumi_gcp_tuning.resources.jobs.kinds import JOB_KINDS, kind_of
from pulumi_gcp_tuning.resources.jobs.pipeline_jobs import template_parameters_of

if TYPE_CHECKING:
    from pulumi_gcp_tuning.audit.state import StackState
    from pulumi_gcp_tuning.catalog import Catalogue
    from pulumi_gcp_tuning.resources.jobs.kind import Job, JobKind

_OTHER_PRODUCTS: Final = {"GEMINI": ("GEMINI", "OPEN")}
"""Jobs of one collection tune models of several products."""


@dataclass(frozen=True, kw_only=True)
class FoundJob:
    """A job at Google.

    ``state`` is Google's word without its prefix. ``owner`` is the resource and stack that submitted it, as far as the
    labels and the states that were read say it; None if no stack did. ``progress`` are the words of a running job.
    """

    name: str
    noun: str
    state: str
    is_active: bool
    has_succeeded: bool
    base_model: str | None
    display_name: str | None
    created: str | None
    age_seconds: float | None
    progress: tuple[str, ...]
    owner: str | None
    labels: Mapping[str, str] = field(repr=False)


@dataclass(frozen=True, kw_only=True)
class JobList:
    """Jobs, the newest first. ``places`` were listed; ``shortened`` are those of which only the first jobs were read.

    ``problems`` are sentences about places that could not be listed.
    """

    jobs: tuple[FoundJob, ...]
    places: tuple[str, ...]
    shortened: tuple[str, ...] = ()
    problems: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class JobReport:
    """A job with what it made and why it failed. ``steps`` is the number of steps of the whole training."""

    job: FoundJob
    error: str | None
    model: str | None
    endpoint: str | None
    checkpoints: tuple[Mapping[str, Any], ...]
    epochs: int | None
    steps: int | None
    started: str | None
    ended: str | None
    experiment: str | None
    cost: TrainingCost | None


def list_jobs(
    *,
    project: str | None = None,
    regions: Sequence[str] = (),
    active: bool = False,
    limit: int = MOST,
    states: Sequence[StackState] = (),
    connection: Connection | None = None,
) -> JobList:
    """The tuning jobs of a project, of every kind and whoever submitted them, the newest first.

    Without ``regions``, the regions that the catalogue has for tuning are listed, each kind where it exists. At most
    ``limit`` jobs are read of each region and kind. ``active`` leaves out jobs that have ended. ``states`` give the
    owners names. Raises ApiError if no place can be listed.
    """
    connection = connection or connect(project)
    where = project or project_of(connection.settings)
    catalogue = catalogue_of(connection.settings)
    asked = [
        (kind, f"projects/{where}/locations/{region}")
        for kind in JOB_KINDS
        for region in regions or tuning_regions(catalogue, _OTHER_PRODUCTS.get(kind.product, (kind.product,)))
        if region != "global"
    ]
    lists = [
        Asked(
            f"{kind.noun}s of {parent}",
            kind.needs("list"),
            partial(_tuning_jobs, connection, catalogue, kind, parent),
        )
        for kind, parent in asked
    ]
    pages = read_lists(lists, limit)
    found = [
        found_job(connection, kind, job, states)
        for (kind, _), page in zip(asked, pages, strict=True)
        for job in page.items
        if not active or kind.state_of(job).is_active
    ]
    return JobList(
        jobs=tuple(sorted(found, key=lambda each: each.created or "", reverse=True)),
        places=tuple(dict.fromkeys(parent for _, parent in asked)),
        shortened=shortened_in(pages),
        problems=problems_in(pages),
    )


def find_job(name: str, *, states: Sequence[StackState] = (), connection: Connection | None = None) -> JobReport:
    """One job by its full name. Raises NotFound if Google has none of that name, MalformedName for another text."""
    connection = connection or connect()
    kind, job = read_job(connection, name)
    made = kind.made(job)
    said = " ".join(str(kind.error_of(job).get("message") or "").split())
    return JobReport(
        job=found_job(connection, kind, job, states),
        error=said or None,
        model=made.get("model"),
        endpoint=made.get("endpoint"),
        checkpoints=tuple(made.get("checkpoints") or ()),
        epochs=epochs_of(job),
        steps=steps_of(job),
        started=job.get("startTime"),
        ended=job.get("endTime"),
        experiment=job.get("experiment"),
        cost=cost_of_training(job, catalogue_of(connection.settings)),
    )


def cancel_job(name: str, *, connection: Connection | None = None) -> FoundJob:
    """Asks Google to cancel a job and returns the job as it is then; it may still be CANCELLING, or succeed.

    Raises Refused if the job has ended, NotFound if there is none.
    """
    connection = connection or connect()
    kind, job = read_job(connection, name)
    check_cancellable(kind, job)
    kind.calls(connection.google.vertex_of(name)).cancel(name)
    return found_job(connection, *read_job(connection, name))


def check_cancellable(kind: JobKind, job: Job) -> None:
    """Raises Refused, with the state of the job, if it has ended."""
    if kind.state_of(job).is_over:
        raise Refused(f"The {kind.noun} has ended ({kind.word_of(job)}), so it cannot be cancelled.\n  {job['name']}")


def read_job(connection: Connection, name: str) -> tuple[JobKind, Job]:
    """The kind of a job and Google's answer. Raises NotFound or MalformedName."""
    kind = kind_of(name)
    kind.parse_name(name)
    return kind, kind.calls(connection.google.vertex_of(name)).get(name)


def found_job(connection: Connection, kind: JobKind, job: Job, states: Sequence[StackState] = ()) -> FoundJob:
    """What Google's answer says of a job."""
    state, labels, template = kind.state_of(job), effective_labels(job), template_parameters_of(job)
    shown = job.get("tunedModelDisplayName") or template.get("model_display_name") or job.get("displayName")
    return FoundJob(
        name=str(job["name"]),
        noun=kind.noun,
        state=kind.word_of(job),
        is_active=state.is_active,
        has_succeeded=state.has_succeeded,
        base_model=base_model_of(job),
        display_name=str(shown) if shown else None,
        created=job.get("createTime"),
        age_seconds=age_of(job.get("createTime"), connection.clock.now()),
        progress=tuple(kind.progress(job)),
        owner=owner_of(labels, states),
        labels=labels,
    )


def owner_of(labels: Mapping[str, str], states: Iterable[StackState] = ()) -> str | None:
    """The resource and stack that made something with these labels; only the stack's label if no state tells more."""
    if IDENTITY not in labels:
        return None
    for state in states:
        title, entry = f"{state.project}/{state.stack}", state.identities.get(labels[IDENTITY])
        if entry is not None:
            return f"{entry.kind} {entry.name} of {title}"
        if labels.get(STACK) == state.hash:
            return f"{title}, no entry"
    return f"stack {labels[STACK]}" if labels.get(STACK) else "a stack"


def _tuning_jobs(connection: Connection, catalogue: Catalogue, kind: JobKind, parent: str) -> Iterable[Job]:
    """The jobs of one place that tune a model: a collection may have others."""
    jobs = kind.calls(connection.google.vertex_of(parent)).list(parent)
    return (job for job in jobs if kind.family(job, catalogue) is not None)
