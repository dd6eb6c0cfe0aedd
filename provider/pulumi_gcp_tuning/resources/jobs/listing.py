"""The jobs of a place, listed once for adoption, for the quota and for waiting jobs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from pulumi_gcp_tuning.errors import ApiError
from pulumi_gcp_tuning.preflight.facts import Fact, LiveJob
from pulumi_gcp_tuning.resources.core.labels import IDENTITY
from pulumi_gcp_tuning.resources.facts.surroundings import fact_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pulumi_gcp_tuning.catalog import Catalogue
    from pulumi_gcp_tuning.resources.core.lifecycle import Call
    from pulumi_gcp_tuning.resources.jobs.kind import JobKind

FRESH_SECONDS: Final = 60.0
_KEPT: Final = ("name", "state", "labels", "createTime")


def list_jobs(
    call: Call, kind: JobKind, parent: str, *, at_most_old: float = FRESH_SECONDS, insist: bool = False
) -> list[dict[str, Any]]:
    """Every job of ``projects/P/locations/L``, at most ``at_most_old`` seconds old, without fields that nothing here reads.

    A failure is remembered for the run; ``insist`` asks again anyway.
    """
    kept, fact = (*_KEPT, *kind.listed), f"{kind.noun}s"

    def listed() -> tuple[float, list[dict[str, Any]]]:
        at = call.clock.monotonic()
        return at, [{key: job[key] for key in kept if key in job} for job in kind.at(call, parent).list(parent)]

    begun = call.clock.monotonic()
    try:
        at, jobs = call.google.cached(fact, parent, listed)
    except ApiError:
        if not insist:
            raise
        at, jobs = call.google.cached(fact, parent, listed, fresh=True)
    while begun - at > at_most_old:  # loops if another thread's listing was in progress
        at, jobs = call.google.cached(fact, parent, listed, fresh=True)
    return jobs


def fetch_live_jobs(
    call: Call, kind: JobKind, parent: str, catalogue: Catalogue, *, without: str
) -> Fact[Sequence[LiveJob]]:
    """The live jobs of a place, except those of the identity ``without``: they would be adopted or end before."""
    region = parent.rpartition("/")[2]

    def ask() -> Sequence[LiveJob]:
        return [
            LiveJob(name=str(job.get("name")), region=region, family=family)
            for job in list_jobs(call, kind, parent)
            if kind.state_of(job).is_active
            and (job.get("labels") or {}).get(IDENTITY) != without
            and (family := kind.family(job, catalogue)) is not None
        ]

    return fact_of(call, ask, subject=f"the jobs that run in {region}", needs=kind.needs("list"))
