"""Whether a region's quota of serving accelerators has room for the machines of a deployment."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from pulumi_gcp_tuning.errors import Finding
from pulumi_gcp_tuning.names import identity_of
from pulumi_gcp_tuning.preflight import quota
from pulumi_gcp_tuning.preflight.facts import Fact, Known, Missing
from pulumi_gcp_tuning.resources.core.catalogue import catalogue_of
from pulumi_gcp_tuning.resources.core.declared import called, checks_on, urn_of
from pulumi_gcp_tuning.resources.core.inputs import known
from pulumi_gcp_tuning.resources.core.labels import IDENTITY, effective_labels
from pulumi_gcp_tuning.resources.facts.surroundings import fact_of, fetch_limits
from pulumi_gcp_tuning.resources.jobs.planned import PlannedJobs

if TYPE_CHECKING:
    from pulumi_gcp_tuning.resources.core.lifecycle import Call, Properties


def check_serving_room(
    call: Call, args: Any, inputs: Properties, project: str | None, region: str | None
) -> list[Finding]:
    """The findings about the machines of weights in their region. What serves there now counts too."""
    kind, count = known(args.accelerator_type), known(args.accelerator_count)
    if (
        not kind
        or not count
        or not project
        or not region
        or "quota" not in checks_on(call.settings, known(args.checks))
    ):
        return []
    most = known(args.max_replica_count) or known(args.min_replica_count) or 1
    need = quota.serving_need(kind, region, count * most, catalogue=catalogue_of(call.settings))
    urn = urn_of(call, inputs)
    planned, plan = call.run.of(PlannedJobs).add(urn, called(call, inputs), project, need)
    used = _fetch_used(call, f"projects/{project}/locations/{region}", kind, identity_of(urn))
    usage = quota.Usage(
        amount=used.value if isinstance(used, Known) else 0,
        missing=used if isinstance(used, Missing) else None,
        regions=(region,),
    )
    limits = fetch_limits(call, project)
    return quota.check_quota(
        planned, plan, limits, usage, on_quota=None, project=project, path=("accelerator_count",), what="deployment"
    )


def accelerators_in(endpoints: Iterable[Mapping[str, Any]], kind: str) -> int:
    """How many accelerators of this kind the deployments of the endpoints may use, with their largest number of replicas."""
    total = 0
    for deployed in (each for endpoint in endpoints for each in endpoint.get("deployedModels") or ()):
        machines = deployed.get("dedicatedResources") or {}
        spec = machines.get("machineSpec") or {}
        if spec.get("acceleratorType") == kind:
            replicas = machines.get("maxReplicaCount") or machines.get("minReplicaCount") or 1
            total += int(spec.get("acceleratorCount") or 0) * int(replicas)
    return total


def _fetch_used(call: Call, parent: str, kind: str, identity: str) -> Fact[int]:
    """The accelerators that serve in a place, without those of this resource, whose deployment is found and not made again."""

    def ask() -> int:
        found = call.google.cached(
            "endpoints", parent, lambda: list(call.google.vertex_of(parent).list_endpoints(parent))
        )
        return accelerators_in((each for each in found if effective_labels(each).get(IDENTITY) != identity), kind)

    return fact_of(call, ask, subject=f"the endpoints of {parent}", needs="aiplatform.endpoints.list")
