"""Jobs that an earlier run submitted for a declaration that the state does not have: taken over, in the way, or renamed."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from pulumi_gcp_tuning.errors import ApiError, Refused
from pulumi_gcp_tuning.preflight.existing import ONE_SPEC
from pulumi_gcp_tuning.resources.core.declared import checks_on
from pulumi_gcp_tuning.resources.core.holdings import Holdings
from pulumi_gcp_tuning.resources.core.inputs import known
from pulumi_gcp_tuning.resources.core.labels import SPEC
from pulumi_gcp_tuning.resources.core.lifecycle import Call, Judged, is_known
from pulumi_gcp_tuning.resources.jobs.adoption import Wanted, choose, find_jobs, wanted_by
from pulumi_gcp_tuning.resources.jobs.kind import DeclaredKind, Job
from pulumi_gcp_tuning.resources.jobs.listing import list_jobs
from pulumi_gcp_tuning.wording import advise


def judge_earlier(call: Call, kind: DeclaredKind, args: Any, inputs: Mapping[str, Any]) -> Judged:
    """The finding if a create would be refused because of an earlier job, or a line about a job that may be taken over.

    Asks nothing if the entry was compared in this run, or if the place or ``retry`` is unknown.
    """
    declared = {**inputs, **args.properties()}
    if call.run.of(Holdings).was_compared(call.urn) or not _is_placed(declared):
        return Judged(findings=[])
    wanted = wanted_by(call, kind, declared)
    if not wanted.spec:
        return Judged(findings=[], told=say_what_runs(call, wanted))
    try:
        if "existence" in checks_on(call.settings, known(args.checks)):
            choose(call, wanted, find_jobs(call, wanted))
        return Judged(findings=[], told=_hint_of_rename(call, wanted))
    except Refused as refusal:
        problem, _, remedy = str(refusal).rpartition("\n")
        return Judged(
            findings=[ONE_SPEC.finding((), problem, advise("change it at Google", "{remedy}", remedy=remedy))]
        )
    except ApiError:
        return Judged(findings=[])


def say_what_runs_besides(call: Call, kind: DeclaredKind, id: str, news: Mapping[str, Any]) -> list[str]:  # noqa: A002
    """The line of :func:`say_what_runs` about a job that is not in state, if the spec is known only at apply."""
    if not _is_placed(news):
        return []
    wanted = wanted_by(call, kind, news)
    return [] if wanted.spec else say_what_runs(call, wanted, besides=[id])


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


def _is_placed(declared: Mapping[str, Any]) -> bool:
    place = declared.get("project"), declared.get("location")
    return all(isinstance(each, str) for each in place) and is_known(declared.get("retry"))


def _hint_of_rename(call: Call, wanted: Wanted) -> list[str]:
    """A line if the spec of a new declaration was submitted before: the resource may have been renamed, and would be paid for again."""
    kind, holdings = wanted.kind, call.run.of(Holdings)
    same = [job for job in list_jobs(call, kind, wanted.parent) if (job.get("labels") or {}).get(SPEC) == wanted.spec]
    if any(wanted.is_ours(job) for job in same):
        return []

    def is_paid(job: Job) -> bool:
        return kind.state_of(job).is_adoptable or kind.state_of(job).has_succeeded

    paid = [job for job in same if is_paid(job) and not holdings.names(job["name"])]
    if not paid:
        return []
    hint = (
        f"{paid[0]['name']} was submitted for the same, by another declaration. If that was this one under an older name or "
        "parent, keep its job: opts=pulumi.ResourceOptions(aliases=[pulumi.Alias(name=OLD_NAME)])."
    )
    return [hint]
