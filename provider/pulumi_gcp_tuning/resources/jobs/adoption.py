"""Finding what is already there, so that nothing paid for is started twice."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Final

from pulumi_gcp_tuning.errors import ApiError, NotFound, Refused
from pulumi_gcp_tuning.google.answers import FRONT_DOOR
from pulumi_gcp_tuning.resources.core.labels import IDENTITY, SPEC
from pulumi_gcp_tuning.resources.core.lifecycle import Call
from pulumi_gcp_tuning.resources.jobs.kind import Job, JobKind
from pulumi_gcp_tuning.resources.jobs.listing import list_jobs

LOST_ANSWER_WINDOW: Final = 60.0
"""How long, in seconds, a job whose acceptance was not heard is looked for (a list may lag behind a create)."""


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """The job that a declaration amounts to: of which kind, where, whose, what."""

    kind: JobKind
    parent: str
    identity: str
    spec: str
    resource: str

    def is_ours(self, job: Job) -> bool:
        """Whether the job has this identity."""
        return (job.get("labels") or {}).get(IDENTITY) == self.identity

    def fits(self, job: Job) -> bool:
        """Whether the job has this identity and this spec."""
        return self.is_ours(job) and job["labels"].get(SPEC) == self.spec

    def free_id(self, taken: Collection[str]) -> str | None:
        """The first of this job's ids that no job in ``taken`` (names) has; None where Google chooses the id."""
        if self.kind.chosen_id is None:
            return None
        first, ids = self.kind.chosen_id(self.identity, self.spec), {name.rpartition("/")[2] for name in taken}
        return next(each for i in range(len(ids) + 1) if (each := f"{first}-{i + 1}" if i else first) not in ids)


def find_jobs(call: Call, wanted: Wanted) -> list[Job]:
    """All jobs of this identity, as they stand now. The listing is shared in a run, each match is read afresh."""
    calls = wanted.kind.at(call, wanted.parent)

    def now(listed: Job) -> Job:
        try:
            return calls.get(listed["name"])
        except NotFound:  # one read lags behind the other; a job that was listed is there
            return listed

    return [now(job) for job in list_jobs(call, wanted.kind, wanted.parent, insist=True) if wanted.is_ours(job)]


def choose(call: Call, wanted: Wanted, jobs: Iterable[Job]) -> Job | None:
    """The one job to adopt, or None where a new one must be submitted. Raises Refused where neither is right."""
    jobs, state_of = list(jobs), wanted.kind.state_of
    same = [job for job in jobs if wanted.fits(job)]
    live = [job for job in same if state_of(job).is_adoptable]
    done = [job for job in same if state_of(job).has_succeeded and model_answers(call, wanted.kind, job)]
    candidates = live + done
    if len(candidates) > 1:
        raise Refused(
            f"{len(candidates)} {wanted.kind.noun}s belong to {wanted.resource!r} and fit its declaration; which one is meant?\n"
            + table(candidates)
            + "\nSet adopt to the name of the one to keep and cancel the others, or set retry to train anew."
        )
    if candidates:
        return candidates[0]
    other = [job for job in jobs if state_of(job).is_adoptable and job not in same]
    if other:
        raise Refused(
            f"A {wanted.kind.noun} of {wanted.resource!r} with another specification is still running:\n"
            + table(other)
            + f"\nCancel it (POST {other[0]['name']}:cancel) or let it end, then run again; or set retry to run beside it."
        )
    return None


def model_answers(call: Call, kind: JobKind, job: Job) -> bool:
    """Whether the model that a job made is still there."""
    model = kind.made(job).get("model")
    if not model:
        return False
    try:
        call.google.vertex_of(model).get_model(model)
    except NotFound:
        return False
    return True


def find_new(call: Call, wanted: Wanted, known: Collection[str], job_id: str | None) -> dict[str, Any] | None:
    """The job that an unclear answer left behind, as Google has it now; None where none is there besides ``known``.

    It is read by ``job_id`` where we chose the id, and listed elsewhere.
    """
    calls = wanted.kind.at(call, wanted.parent)
    if job_id is not None:
        try:
            found = [calls.get(f"{wanted.parent}/{wanted.kind.collection.name}/{job_id}")]
        except NotFound:
            found = []
    else:
        found = [job for job in calls.list(wanted.parent) if job["name"] not in known]
    found = [job for job in found if wanted.fits(job)]
    if len(found) > 1:
        raise Refused(f"Several new {wanted.kind.noun}s belong to {wanted.resource!r}:\n{table(found)}")
    return found[0] if found else None


def look_for_lost(call: Call, wanted: Wanted, known: Collection[str], job_id: str | None, lost: ApiError) -> Job:
    """The job that Google accepted although its answer was unclear; raises where none shows up in time."""
    end, pause = call.clock.monotonic() + LOST_ANSWER_WINDOW, 0.5
    while True:
        job = find_new(call, wanted, known, job_id)
        if job is not None:
            return job
        if lost.http_status in FRONT_DOOR:  # was sent again as long as that made sense, each time after a look
            raise lost
        if call.clock.monotonic() >= end or call.cancelled():
            sent = "and it was not sent again" if job_id is None else f"nor one with the id {job_id}"
            raise ApiError(
                f"creating the {wanted.kind.noun} of {wanted.resource!r} in {wanted.parent}: {lost}\n"
                f"No job with label {IDENTITY}={wanted.identity} is there yet, {sent}.\n"
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
