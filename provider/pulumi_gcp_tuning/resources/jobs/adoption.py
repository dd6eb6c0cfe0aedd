"""Finds existing jobs, so that no paid job is started twice."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from pulumi_gcp_tuning.errors import NotFound, Refused
from pulumi_gcp_tuning.names import identity_of
from pulumi_gcp_tuning.resources.core.declared import called, urn_of
from pulumi_gcp_tuning.resources.core.description import keys_of
from pulumi_gcp_tuning.resources.core.holdings import Holdings
from pulumi_gcp_tuning.resources.core.labels import IDENTITY, SPEC
from pulumi_gcp_tuning.resources.core.lifecycle import Call, is_known
from pulumi_gcp_tuning.resources.facts.checkpoints import checkpoint_folder, list_checkpoints
from pulumi_gcp_tuning.resources.jobs.kind import DeclaredKind, Job, JobKind
from pulumi_gcp_tuning.resources.jobs.listing import FRESH_SECONDS, list_jobs


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """The job that a declaration asks for: its kind, place, identity and spec.

    ``earlier`` are its identities from before the stack or the project was renamed.
    """

    kind: JobKind
    parent: str
    identity: str
    spec: str
    resource: str
    earlier: frozenset[str] = frozenset()

    def is_ours(self, job: Job) -> bool:
        """Whether the job has this identity."""
        return (job.get("labels") or {}).get(IDENTITY) == self.identity

    def fits(self, job: Job) -> bool:
        """Whether the job has this identity and this spec."""
        return self.is_ours(job) and job["labels"].get(SPEC) == self.spec

    def free_id(self, taken: Collection[str]) -> str | None:
        """The first of this job's possible ids that is not in ``taken`` (names); None if Google chooses the id."""
        if self.kind.chosen_id is None:
            return None
        first, ids = self.kind.chosen_id(self.identity, self.spec), {name.rpartition("/")[2] for name in taken}
        return next(each for i in range(len(ids) + 1) if (each := f"{first}-{i + 1}" if i else first) not in ids)


def spec_is_known(kind: DeclaredKind, inputs: Mapping[str, Any]) -> bool:
    """Whether every input that says what is trained is known."""
    return is_known([inputs.get(key) for key in keys_of(kind.args, "spec")])


def wanted_by(call: Call, kind: DeclaredKind, inputs: Mapping[str, Any]) -> Wanted:
    """What a declaration asks for. Project, location and ``retry`` must be known; an unknown spec is empty and fits no job."""
    urn, retry = urn_of(call, inputs), inputs.get("retry")
    return Wanted(
        kind=kind,
        parent=f"projects/{inputs['project']}/locations/{inputs['location']}",
        identity=identity_of(urn, retry),
        spec=kind.spec_hash(inputs) if spec_is_known(kind, inputs) else "",
        resource=called(call, inputs),
        earlier=frozenset(identity_of(each, retry) for each in call.run.of(Holdings).urns_before_rename(urn)),
    )


def wanted_at_preview(call: Call, kind: DeclaredKind, inputs: Mapping[str, Any]) -> Wanted | None:
    """What a declaration asks for; None if its place or ``retry`` is known only at apply."""
    place = inputs.get("project"), inputs.get("location")
    if not all(isinstance(each, str) for each in place) or not is_known(inputs.get("retry")):
        return None
    return wanted_by(call, kind, inputs)


def find_jobs(
    call: Call, wanted: Wanted, *, besides: Collection[str] = (), at_most_old: float = FRESH_SECONDS
) -> list[Job]:
    """All jobs of this identity except ``besides``, in their current state. One listing serves the run; each match is read."""
    calls = wanted.kind.at(call, wanted.parent)

    def listed(at_most_old: float) -> list[Job]:
        jobs = list_jobs(call, wanted.kind, wanted.parent, at_most_old=at_most_old, insist=True)
        return [job for job in jobs if wanted.is_ours(job) and job["name"] not in besides]

    found: list[Job] = []
    unread: set[str] = set()
    for job in listed(at_most_old):
        try:
            found.append(calls.get(job["name"]))
        except NotFound:
            unread.add(job["name"])
    if unread:  # a new list tells a deleted record from a read that lags behind the list
        found += [job for job in listed(0.0) if job["name"] in unread]
    return found


def find_existing(call: Call, wanted: Wanted, *, is_new: bool = True) -> tuple[Job | None, list[Job]]:
    """The job to adopt, and all jobs of this identity. Raises Refused as :func:`choose`.

    If there is none to adopt and the resource is new, or seems so because it is tainted, looks for one from before the
    stack was renamed that no current entry of this run has.
    """
    jobs = find_jobs(call, wanted)
    found = choose(call, wanted, jobs)
    for identity in sorted(wanted.earlier) if is_new and not found else ():
        before = replace(wanted, identity=identity)
        fits = [job for job in find_jobs(call, before) if before.fits(job)]
        found = choose(call, before, [job for job in fits if not call.run.of(Holdings).names(job["name"])])
        if found:
            break
    return found, jobs


def choose(call: Call, wanted: Wanted, jobs: Iterable[Job]) -> Job | None:
    """The job to adopt, or None if a new one must be submitted. Raises Refused if neither is right."""
    jobs, state_of = list(jobs), wanted.kind.state_of
    same = [job for job in jobs if wanted.fits(job)]
    live = [job for job in same if state_of(job).is_adoptable]
    done = [job for job in same if state_of(job).has_succeeded and model_answers(call, wanted.kind, job)]
    candidates = live + done
    if len(candidates) > 1:
        raise Refused(
            f"{len(candidates)} {wanted.kind.noun}s belong to {wanted.resource!r} and match its declaration:\n"
            + table(candidates)
            + "\nSet adopt to the name of the one to keep and cancel the others, or set retry to submit a new job."
        )
    if candidates:
        return candidates[0]
    other = [job for job in jobs if state_of(job).is_adoptable and job not in same]
    if other:
        raise Refused(
            f"A {wanted.kind.noun} of {wanted.resource!r} with another specification is still running:\n"
            + table(other)
            + f"\nCancel it (POST {other[0]['name']}:cancel) or let it end, then run again; or set retry to run both."
        )
    return None


def model_answers(call: Call, kind: JobKind, job: Job) -> bool:
    """Whether the model that a job made still exists; of an open model's job, whether its final checkpoint does.

    A checkpoint that a later job overwrote does not exist any more.
    """
    if folder := job.get("outputUri"):
        return checkpoint_folder(folder) in list_checkpoints(call, folder) and not _is_overwritten(call, kind, job)
    model = kind.made(job).get("model")
    if not model:
        return False
    try:
        call.google.vertex_of(model).get_model(model)
    except NotFound:
        return False
    return True


def _is_overwritten(call: Call, kind: JobKind, job: Job) -> bool:
    """Whether a later job of the same place wrote, or will write, to the folder of this one."""
    later = (
        each
        for each in list_jobs(call, kind, str(job["name"]).rpartition(f"/{kind.collection.name}/")[0])
        if str(each.get("outputUri")).rstrip("/") == str(job["outputUri"]).rstrip("/")
        and str(each.get("createTime", "")) > str(job.get("createTime", ""))
    )
    return any(kind.state_of(each).is_active or kind.state_of(each).has_succeeded for each in later)


def find_new(call: Call, wanted: Wanted, known: Collection[str], job_id: str | None) -> Job | None:
    """The job that an unclear answer may have created, in its current state; None if there is none besides ``known``.

    It is read by ``job_id`` if we chose the id, and listed otherwise.
    """
    if job_id is None:
        found = find_jobs(call, wanted, besides=known, at_most_old=0.0)
    else:
        try:
            found = [wanted.kind.at(call, wanted.parent).get(f"{wanted.parent}/{wanted.kind.collection.name}/{job_id}")]
        except NotFound:
            found = []
    found = [job for job in found if wanted.fits(job)]
    if len(found) > 1:
        raise Refused(f"Several new {wanted.kind.noun}s belong to {wanted.resource!r}:\n{table(found)}")
    return found[0] if found else None


def table(jobs: Sequence[Job]) -> str:
    """A table of at most three jobs, one a line."""
    lines = [f"  {job['name']}  {job.get('state', '?')}  created {job.get('createTime', '?')}" for job in jobs[:3]]
    return "\n".join(lines + ([f"  and {len(jobs) - 3} more"] if len(jobs) > 3 else []))
