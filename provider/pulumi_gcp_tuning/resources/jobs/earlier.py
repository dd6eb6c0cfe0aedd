"""Jobs that an earlier run submitted for a declaration that the state does not have: taken over, in the way, or renamed."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from pulumi_gcp_tuning.errors import ApiError, Finding, Refused
from pulumi_gcp_tuning.preflight.existing import ONE_SPEC
from pulumi_gcp_tuning.resources.core.declared import checks_on
from pulumi_gcp_tuning.resources.core.holdings import Holdings
from pulumi_gcp_tuning.resources.core.inputs import known
from pulumi_gcp_tuning.resources.core.labels import IDENTITY, SPEC
from pulumi_gcp_tuning.resources.core.lifecycle import UNKNOWN, Call
from pulumi_gcp_tuning.resources.jobs.adoption import Wanted, find_existing, find_jobs, wanted_at_preview
from pulumi_gcp_tuning.resources.jobs.kind import DeclaredKind, Job
from pulumi_gcp_tuning.resources.jobs.listing import list_jobs
from pulumi_gcp_tuning.resources.jobs.others import identities_of
from pulumi_gcp_tuning.wording import advise


@dataclass(frozen=True)
class Earlier:
    """What a create would find at Google, as far as it is known.

    ``adopted`` is the job that it takes over. ``is_certain`` says that the spec is known: without ``adopted``, the create
    then submits a job. The findings and lines are those of a declaration that is new in the program.
    """

    adopted: str | None = None
    is_certain: bool = False
    findings: Sequence[Finding] = ()
    told: Sequence[str] = ()


def find_earlier(
    call: Call, kind: DeclaredKind, args: Any, inputs: Mapping[str, Any], *, is_new: bool, has_entry: bool
) -> Earlier:
    """Looks for the job that a create with these inputs adopts, or that is in its way. Never raises.

    ``is_new``: the state has no entry, and create does not follow directly. Findings and lines are left out if this run
    compared one nevertheless.
    """
    wanted = wanted_at_preview(call, kind, {**inputs, **args.properties()})
    if wanted is None or inputs.get("adopt") is UNKNOWN:
        return Earlier()
    is_new = is_new and not call.run.of(Holdings).was_compared(call.urn)
    if not wanted.spec:
        return Earlier(told=say_what_runs(call, wanted) if is_new else ())
    try:
        found, _ = find_existing(call, wanted, is_new=not has_entry)
    except ApiError:
        return Earlier(is_certain=True)
    except Refused as refusal:
        if is_new and "existence" in checks_on(call.settings, known(args.checks)):
            return Earlier(is_certain=True, findings=[_in_the_way(refusal)])
        found = None
    if found is not None:
        return Earlier(is_certain=True, adopted=str(found["name"]))
    return Earlier(is_certain=True, told=_hint_of_rename(call, wanted) if is_new else ())


def _in_the_way(refusal: Refused) -> Finding:
    problem, _, remedy = str(refusal).rpartition("\n")
    return ONE_SPEC.finding((), problem, advise("change it at Google", "{remedy}", remedy=remedy))


def say_what_runs(call: Call, wanted: Wanted, *, besides: Collection[str] = ()) -> list[str]:
    """A line about a running job of this identity; none if the jobs cannot be listed."""
    try:
        jobs = find_jobs(call, wanted, besides=besides)
    except ApiError:
        return []
    running = [job for job in jobs if wanted.kind.state_of(job).is_adoptable]
    line = (
        "{name} of {resource!r} is still running. `up` takes it over if it has the declared specification, which is known "
        "only at apply, and stops otherwise."
    )
    return [line.format(name=job["name"], resource=wanted.resource) for job in running[:1]]


def _hint_of_rename(call: Call, wanted: Wanted) -> list[str]:
    """A line if the spec of a new declaration was submitted before: the resource may have been renamed, and would be paid for again."""
    kind, holdings = wanted.kind, call.run.of(Holdings)
    same = [job for job in list_jobs(call, kind, wanted.parent) if (job.get("labels") or {}).get(SPEC) == wanted.spec]
    own = {wanted.identity, *identities_of(call.urn)}  # a new retry is no new name
    if any(job["labels"].get(IDENTITY) in own for job in same):
        return []

    def is_paid(job: Job) -> bool:
        return kind.state_of(job).is_adoptable or kind.state_of(job).has_succeeded

    paid = [job for job in same if is_paid(job) and not holdings.names(job["name"])]
    if not paid:
        return []
    hint = (
        f"{paid[0]['name']} was submitted for the same, by another declaration. If that was this one under an older name or "
        "parent, keep its job: opts=pulumi.ResourceOptions(aliases=[pulumi.Alias(name=OLD_NAME)]). After `pulumi state taint` "
        "or --replace, aliases do not reach it; set adopt to its name."
    )
    return [hint]
