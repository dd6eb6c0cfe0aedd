"""Finding what is already there, so that nothing paid for is started twice."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from pulumi_gcp_tuning.errors import ApiError, NotFound, Refused
from pulumi_gcp_tuning.google.answers import FRONT_DOOR
from pulumi_gcp_tuning.resources.core.labels import IDENTITY, SPEC
from pulumi_gcp_tuning.resources.core.lifecycle import Call
from pulumi_gcp_tuning.resources.jobs.listing import ACTIVE, list_jobs

Job = Mapping[str, Any]

LIVE: Final = ACTIVE - {"JOB_STATE_CANCELLING"}
SUCCEEDED: Final = frozenset({"JOB_STATE_SUCCEEDED", "JOB_STATE_PARTIALLY_SUCCEEDED"})
LOST_ANSWER_WINDOW: Final = 60.0
"""How long, in seconds, a job whose acceptance was not heard is looked for (a list may lag behind a create)."""


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """The job that a declaration amounts to: where, whose, what."""

    parent: str
    identity: str
    spec: str
    resource: str


def is_active(job: Job) -> bool:
    """Whether Google may still work on the job."""
    return job.get("state", "JOB_STATE_UNSPECIFIED") in ACTIVE


def has_succeeded(job: Job) -> bool:
    """Whether the job ended with a model."""
    return job.get("state") in SUCCEEDED


def find_jobs(call: Call, wanted: Wanted) -> list[Job]:
    """All jobs of this identity, as they stand now. The listing is shared in a run, each match is read afresh."""

    def now(listed: Job) -> Job:
        try:
            job: Job = call.google.vertex_of(listed["name"]).get_tuning_job(listed["name"])
        except NotFound:  # one read lags behind the other; a job that was listed is there
            return listed
        return job

    listing = list_jobs(call, wanted.parent, insist=True)
    return [now(job) for job in listing if (job.get("labels") or {}).get(IDENTITY) == wanted.identity]


def choose(call: Call, wanted: Wanted, jobs: Iterable[Job]) -> Job | None:
    """The one job to adopt, or None where a new one must be submitted. Raises Refused where neither is right."""
    jobs = list(jobs)
    same = [job for job in jobs if job["labels"].get(SPEC) == wanted.spec]
    live = [job for job in same if job.get("state", "JOB_STATE_UNSPECIFIED") in LIVE]
    candidates = live + [job for job in same if has_succeeded(job) and model_answers(call, job)]
    if len(candidates) > 1:
        raise Refused(
            f"{len(candidates)} tuning jobs belong to {wanted.resource!r} and fit its declaration; which one is meant?\n"
            + table(candidates)
            + "\nSet adopt to the name of the one to keep and cancel the others, or set retry to train anew."
        )
    if candidates:
        return candidates[0]
    other = [job for job in jobs if job.get("state", "JOB_STATE_UNSPECIFIED") in LIVE and job not in same]
    if other:
        raise Refused(
            f"A tuning job of {wanted.resource!r} with another specification is still running:\n"
            + table(other)
            + f"\nCancel it (POST {other[0]['name']}:cancel) or let it end, then run again; or set retry to run beside it."
        )
    return None


def model_answers(call: Call, job: Job) -> bool:
    """Whether the model that a job made is still there."""
    model = (job.get("tunedModel") or {}).get("model")
    if not model:
        return False
    try:
        call.google.vertex_of(model).get_model(model)
    except NotFound:
        return False
    return True


def find_new(call: Call, wanted: Wanted, known: Collection[str]) -> dict[str, Any] | None:
    """The job that an unclear answer left behind, as Google lists it now; None where none is there besides ``known``."""
    vertex = call.google.vertex(wanted.parent.rpartition("/")[2])
    found = [
        job
        for job in vertex.list_tuning_jobs(wanted.parent)
        if (job.get("labels") or {}).get(IDENTITY) == wanted.identity
        and job["labels"].get(SPEC) == wanted.spec
        and job["name"] not in known
    ]
    if len(found) > 1:
        raise Refused(f"Several new tuning jobs belong to {wanted.resource!r}:\n{table(found)}")
    return found[0] if found else None


def look_for_lost(call: Call, wanted: Wanted, known: Collection[str], lost: ApiError) -> Job:
    """The job that Google accepted although its answer was unclear; raises where none shows up in time."""
    end, pause = call.clock.monotonic() + LOST_ANSWER_WINDOW, 0.5
    while True:
        job = find_new(call, wanted, known)
        if job is not None:
            return job
        if lost.http_status in FRONT_DOOR:  # was sent again as long as that made sense, each time after a look
            raise lost
        if call.clock.monotonic() >= end or call.cancelled():
            raise ApiError(
                f"creating the tuning job of {wanted.resource!r} in {wanted.parent}: {lost}\n"
                f"No job with label {IDENTITY}={wanted.identity} is there yet, and it was not sent again.\n"
                "Run `pulumi up` once more: it looks for the job before it submits one.",
                http_status=lost.http_status,
                status=lost.status,
                details=lost.details,
                maybe_took_effect=True,
            ) from lost
        call.clock.sleep(pause, call.cancelled)
        pause = min(pause * 2, 10.0)


def table(jobs: Sequence[Job]) -> str:
    """Jobs, one a line, at most three."""
    lines = [f"  {job['name']}  {job.get('state', '?')}  created {job.get('createTime', '?')}" for job in jobs[:3]]
    return "\n".join(lines + ([f"  and {len(jobs) - 3} more"] if len(jobs) > 3 else []))
