"""The jobs of a place, listed once for all who want to know: who adopts, who counts, who waits for a slot."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from pulumi_gcp_tuning.errors import ApiError
from pulumi_gcp_tuning.preflight.facts import Fact, Family, LiveJob
from pulumi_gcp_tuning.resources.core.labels import IDENTITY
from pulumi_gcp_tuning.resources.facts.surroundings import fact_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from pulumi_gcp_tuning.catalog import Catalogue
    from pulumi_gcp_tuning.resources.core.lifecycle import Call

Job = dict[str, Any]

ACTIVE: Final = frozenset(
    f"JOB_STATE_{name}" for name in ("UNSPECIFIED", "QUEUED", "PENDING", "RUNNING", "PAUSED", "UPDATING", "CANCELLING")
)
"""The states in which Google may still work on a job, and in which it counts against the quota."""

FRESH_SECONDS: Final = 60.0
_KEPT: Final = ("name", "state", "baseModel", "labels", "createTime", "tunedModel")


def list_jobs(call: Call, parent: str, *, at_most_old: float = FRESH_SECONDS, insist: bool = False) -> list[Job]:
    """Every job of ``projects/P/locations/L`` as of so many seconds ago at most, without what nobody here reads.

    A failure is remembered for the run; ``insist`` asks again in spite of it.
    """

    def listed() -> tuple[float, list[Job]]:
        at = call.clock.monotonic()
        vertex = call.google.vertex(parent.rpartition("/")[2])
        return at, [{key: job[key] for key in _KEPT if key in job} for job in vertex.list_tuning_jobs(parent)]

    try:
        at, jobs = call.google.cached("tuning jobs", parent, listed)
    except ApiError:
        if not insist:
            raise
        at, jobs = call.google.cached("tuning jobs", parent, listed, fresh=True)
    if call.clock.monotonic() - at > at_most_old:
        _, jobs = call.google.cached("tuning jobs", parent, listed, fresh=True)
    return jobs


def is_live(job: Mapping[str, Any]) -> bool:
    """Whether the job counts against a quota of running jobs."""
    return job.get("state", "JOB_STATE_UNSPECIFIED") in ACTIVE


def family_of(base_model: object, catalogue: Catalogue) -> Family:
    """Which quota a job takes of."""
    row = catalogue.find_model(base_model) if isinstance(base_model, str) else None
    return "open" if row is not None and row.product == "OPEN" else "gemini"


def fetch_live_jobs(call: Call, parent: str, catalogue: Catalogue, *, without: str) -> Fact[Sequence[LiveJob]]:
    """The live jobs of a place but those of the resource with the identity ``without``, which would be adopted or go first."""
    region = parent.rpartition("/")[2]

    def ask() -> Sequence[LiveJob]:
        return [
            LiveJob(name=str(job.get("name")), region=region, family=family_of(job.get("baseModel"), catalogue))
            for job in list_jobs(call, parent)
            if is_live(job) and (job.get("labels") or {}).get(IDENTITY) != without
        ]

    return fact_of(call, ask, subject=f"the jobs that run in {region}", needs="aiplatform.tuningJobs.list")
