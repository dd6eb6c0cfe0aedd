"""Tuning jobs at Google, of every kind: list, find, cancel."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import partial
from typing import TYPE_CHECKING, Final

from pulumi_gcp_tuning.commands.connection import Connection, connect
from pulumi_gcp_tuning.commands.found_jobs import FoundJob, JobList, JobReport, LiveJob
from pulumi_gcp_tuning.commands.gemini_jobs import NEEDS, GeminiJob, list_gemini_models, read_gemini_job
from pulumi_gcp_tuning.commands.places import (
    MOST,
    Asked,
    problems_in,
    project_of,
    read_lists,
    shortened_in,
    tuning_regions,
)
from pulumi_gcp_tuning.commands.vertex_jobs import VertexJob, read_vertex_job
from pulumi_gcp_tuning.gemini_names import is_gemini_tuned_model, split_operation
from pulumi_gcp_tuning.resources.core.catalogue import catalogue_of
from pulumi_gcp_tuning.resources.jobs.kinds import JOB_KINDS, kind_of

if TYPE_CHECKING:
    from pulumi_gcp_tuning.audit.state import StackState
    from pulumi_gcp_tuning.catalog import Catalogue
    from pulumi_gcp_tuning.resources.jobs.kind import Job, JobKind

_OTHER_PRODUCTS: Final = {"GEMINI": ("GEMINI", "OPEN")}
"""Jobs of one collection tune models of several products."""


def list_jobs(
    *,
    project: str | None = None,
    regions: Sequence[str] = (),
    active: bool = False,
    limit: int = MOST,
    states: Sequence[StackState] = (),
    gemini_api: bool | None = None,
    connection: Connection | None = None,
) -> JobList:
    """The tuning jobs of a project, of every kind and whoever submitted them, the newest first.

    Without ``regions``, the regions that the catalogue has for tuning are listed, each kind where it exists. At most
    ``limit`` jobs are read of each region and kind. ``active`` leaves out jobs that have ended. ``states`` give the
    owners names. ``gemini_api``: whether the tuned models of the Gemini API, which have no region, are among them;
    None: if that is configured and no ``regions`` are given. Raises ApiError if no place can be listed.
    """
    connection = connection or connect(project)
    catalogue = catalogue_of(connection.settings)
    with_gemini = lists_gemini_api(connection, regions, gemini_api)
    where = project or (connection.settings.project if with_gemini else project_of(connection.settings))
    asked = [
        (kind, f"projects/{where}/locations/{region}")
        for kind in JOB_KINDS
        for region in regions or tuning_regions(catalogue, _OTHER_PRODUCTS.get(kind.product, (kind.product,)))
        if region != "global" and where
    ]
    lists = [
        Asked(
            f"{kind.noun}s of {parent}",
            kind.needs("list"),
            partial(_tuning_jobs, connection, catalogue, kind, parent),
        )
        for kind, parent in asked
    ]
    pages = read_lists([*lists, *([gemini_models_of(connection)] if with_gemini else [])], limit)
    found: list[FoundJob] = []
    for (kind, _), page in zip(asked, pages, strict=False):
        found += [VertexJob(connection, kind, job).found(states) for job in page.items]
    for page in pages[len(asked) :]:
        found += [GeminiJob(connection, model).found(states) for model in page.items]
    chosen = [each for each in found if each.is_active or not active]
    return JobList(
        jobs=tuple(sorted(chosen, key=lambda each: each.created or "", reverse=True)),
        places=tuple(dict.fromkeys([*(parent for _, parent in asked), *(["the Gemini API"] if with_gemini else [])])),
        shortened=shortened_in(pages),
        problems=problems_in(pages),
    )


def find_job(name: str, *, states: Sequence[StackState] = (), connection: Connection | None = None) -> JobReport:
    """One job by its full name. Raises NotFound if Google has none of that name, MalformedName for another text."""
    return read_job(connection or connect(), name).report(states)


def cancel_job(name: str, *, connection: Connection | None = None) -> FoundJob:
    """Asks Google to cancel a job and returns the job as it is then; it may still be CANCELLING, or succeed.

    A model that the Gemini API still tunes is deleted, because this API has no cancel; its state is DELETED then.
    Raises Refused if the job has ended, NotFound if there is none.
    """
    return read_job(connection or connect(), name).cancel()


def check_job_name(name: str) -> None:
    """Raises MalformedName for a text that is no name of a job, nor of an operation of the Gemini API."""
    if is_gemini_tuned_model(name):
        split_operation(name)
    else:
        kind_of(name).parse_name(name)


def read_job(connection: Connection, name: str) -> LiveJob:
    """A job as Google has it. Raises NotFound or MalformedName."""
    check_job_name(name)
    return (read_gemini_job if is_gemini_tuned_model(name) else read_vertex_job)(connection, name)


def lists_gemini_api(connection: Connection, regions: Sequence[str], wanted: bool | None) -> bool:  # noqa: FBT001
    """Whether a list has the tuned models of the Gemini API, which is never asked where nothing configures it."""
    return connection.settings.has_gemini_api and (not regions if wanted is None else wanted)


def gemini_models_of(connection: Connection) -> Asked:
    """The list of the caller's tuned models of the Gemini API."""
    return Asked("tuned models of the Gemini API", NEEDS, partial(list_gemini_models, connection))


def _tuning_jobs(connection: Connection, catalogue: Catalogue, kind: JobKind, parent: str) -> Iterable[Job]:
    """The jobs of one place that tune a model: a collection may have others."""
    jobs = kind.calls(connection.google.vertex_of(parent)).list(parent)
    return (job for job in jobs if kind.family(job, catalogue) is not None)
