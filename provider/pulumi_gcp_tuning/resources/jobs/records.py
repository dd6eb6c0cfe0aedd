"""The models of one TunedModel in the records of jobs: the endpoints made for them, and the models that nobody took over."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from pulumi_gcp_tuning.errors import ApiError
from pulumi_gcp_tuning.names import stack_hash
from pulumi_gcp_tuning.resources.core.holdings import Holdings
from pulumi_gcp_tuning.resources.core.labels import STACK, effective_labels
from pulumi_gcp_tuning.resources.core.lifecycle import Call
from pulumi_gcp_tuning.resources.jobs.kind import Job, JobKind
from pulumi_gcp_tuning.resources.jobs.listing import list_jobs
from pulumi_gcp_tuning.resources.jobs.others import find_overtaken


@dataclass(frozen=True)
class Records:
    """``made`` is what the listed jobs made. ``overtaken`` is what each overtaken job made, by the job's name.

    Both are in the shape of ``tunedModel``. An overtaken job that still runs has made nothing yet. ``parents`` are the
    models from which a running job trains on, as it names them, with the job; with one of another stack if there is one.
    """

    made: Sequence[Mapping[str, Any]] = ()
    overtaken: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    parents: Mapping[str, Job] = field(default_factory=dict)


def find_records(call: Call, kind: JobKind, id: str, job: Job | None) -> Records:  # noqa: A002
    """The records in the place of that job. Empty, with a warning, if the caller may not list jobs."""
    parent = id.rsplit("/", 2)[0]
    try:
        listed = list_jobs(call, kind, parent)
        made = [kind.made(each) for each in listed]
        own_first = sorted(listed, key=lambda each: effective_labels(each).get(STACK) != stack_hash(call.urn))
        parents = {_parent_of(each): each for each in own_first if _trains_on(call, kind, each)}
        overtaken = find_overtaken(call, kind, job) if job is not None else []
    except ApiError as error:
        if error.http_status != 403:
            raise
        call.warn(
            f"Whether jobs of {parent} made more models of this resource is not known: {str(error).splitlines()[0]}\n"
            f"This needs the permission {kind.needs('list')}. `gcp-tuning audit` lists what is left."
        )
        return Records()
    held = call.run.of(Holdings)
    of_job = {each["name"]: kind.made(each) for each in overtaken if not held.names(each["name"])}
    return Records([each for each in made if each.get("model")], of_job, parents)


def _parent_of(job: Job) -> str:
    return str((job.get("preTunedModel") or {}).get("tunedModelName") or "")


def _trains_on(call: Call, kind: JobKind, job: Job) -> bool:
    """Whether the job runs and has a parent. A list may be older than the end of the job."""
    if not _parent_of(job) or not kind.state_of(job).is_active:
        return False
    return kind.state_of(kind.at(call, job["name"]).get(job["name"])).is_active
