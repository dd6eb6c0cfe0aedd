"""The machines on which open models are deployed: their accelerators, and the quota of accelerators that serve."""

from __future__ import annotations

from typing import Any

from tuning_sandbox.kernel import Call, invalid_argument, quota_exceeded
from tuning_sandbox.vertex.operations import running
from tuning_sandbox.vertex.outputs import ENDPOINTS
from tuning_sandbox.vertex.service import api, not_in_sandbox

Doc = dict[str, Any]
L4 = "NVIDIA_L4"
METRIC = "aiplatform.googleapis.com/custom_model_serving_nvidia_l4_gpus"
# the most accelerators of each machine: GoogleCloudPlatform/cluster-toolkit, modules/internal/gpu-definition/main.tf at
# commit 147e356daa102ed18352faf7ef9f1075fa01e379
_G2 = {"4": 1, "8": 1, "12": 1, "16": 1, "24": 2, "32": 1, "48": 4, "96": 8}
MACHINES = {f"g2-standard-{size}": count for size, count in _G2.items()}
_USUAL: dict[str, Any] = {"machineType": "g2-standard-12", "acceleratorType": L4, "acceleratorCount": 1}
_FIELDS = {"machineSpec", "minReplicaCount", "maxReplicaCount"}
_MOST_REPLICAS = 8


api.behaviour("an open model is deployed on g2 machines", source="assumed")
api.behaviour(
    "a deployment takes from one to all of the accelerators of a machine, and counts those it takes",
    source="discovery",
    ref="MachineSpec.acceleratorCount",
)
api.behaviour("a deployment without a machine gets a g2-standard-12 with one NVIDIA_L4", source="assumed")
api.behaviour(
    "accelerators of deployments, with their largest number of replicas, count against the serving quota of the region; "
    "more are 429 at once",
    source="assumed",
)


def read_machine(call: Call, given: Doc | None, where: str) -> Doc:
    """The dedicated resources of a deployment in full; refused if there is no such machine or no quota for it."""
    resources = given or {}
    for field in resources:
        if field not in _FIELDS:
            raise not_in_sandbox(f"deployments with dedicatedResources.{field}")
    spec: Doc = resources.get("machineSpec") or _USUAL
    for field in spec:
        if field not in _USUAL:
            raise not_in_sandbox(f"machines with {field}")
    kind = spec.get("machineType", "")
    if not kind:
        raise invalid_argument("The machine type is required.", f"{where}.machine_spec.machine_type")
    if kind not in MACHINES:
        raise not_in_sandbox(f"the machine type {kind}: it has {', '.join(MACHINES)}")
    accelerator, count = spec.get("acceleratorType"), int(spec.get("acceleratorCount", 0))
    if accelerator != L4 or not 1 <= count <= MACHINES[kind]:
        raise invalid_argument(
            f"Accelerator {accelerator} with count {count} is not supported for machine type {kind}.",
            f"{where}.machine_spec",
        )
    least = int(resources.get("minReplicaCount", 1))
    most = int(resources.get("maxReplicaCount", 0)) or max(least, 1)
    if least < 1 or most < least or most > _MOST_REPLICAS:
        raise invalid_argument("The replica counts are not valid.", where)
    machine = {
        "machineSpec": {"machineType": kind, "acceleratorType": L4, "acceleratorCount": count},
        "minReplicaCount": least,
        "maxReplicaCount": most,
    }
    _check_quota(call, machine)
    return machine


def _check_quota(call: Call, machine: Doc) -> None:
    limit = call.sandbox.services.quotas.limit_of(call.project.id, METRIC, call.location)
    place = f"projects/{call.project.number}/locations/{call.location}/"
    endpoints = call.sandbox.store.collection(ENDPOINTS).all(prefix=f"{place}endpoints/")
    held = [each.get("dedicatedResources") for endpoint in endpoints for each in endpoint["deployedModels"]]
    coming = [each.get("machine") for each in running(call.sandbox, "deploy") if each["endpoint"].startswith(place)]
    used = sum(_accelerators(each) for each in [*held, *coming] if each)
    if limit is not None and used + _accelerators(machine) > limit:
        raise quota_exceeded(METRIC)


def _accelerators(machine: Doc) -> int:
    return int(machine["machineSpec"]["acceleratorCount"]) * int(machine["maxReplicaCount"])
