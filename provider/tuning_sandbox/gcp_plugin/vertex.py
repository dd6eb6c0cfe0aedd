"""Vertex AI endpoints."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from typing_extensions import override

from tuning_sandbox.gcp_plugin.resource import Context, Failure, Naming, Prop, Resource

if TYPE_CHECKING:
    from collections.abc import Iterable

    from tuning_sandbox.gcp_plugin.api import Json
    from tuning_sandbox.gcp_plugin.values import Properties


class AiEndpoint(Resource):
    """gcp.vertex.AiEndpoint."""

    type_name = "gcp:vertex/aiEndpoint:AiEndpoint"
    labelled = True
    secret_outputs = ("effectiveLabels", "pulumiLabels")
    computed = (
        "createTime",
        "dedicatedEndpointDns",
        "deployedModels",
        "effectiveLabels",
        "etag",
        "modelDeploymentMonitoringJob",
        "pulumiLabels",
        "updateTime",
    )
    inputs = (
        Prop("displayName", required=True),
        Prop("location", required=True, forces_new=True),
        Prop("name", forces_new=True),
        Prop("project", forces_new=True),
        Prop("description"),
        Prop("labels", dict),
        Prop("encryptionSpec", dict, forces_new=True),
        Prop("trafficSplit"),
        Prop("region", forces_new=True),
        Prop("deletionPolicy", default="DELETE", choices=("DELETE", "ABANDON", "PREVENT")),
        Prop("dedicatedEndpointEnabled", bool, forces_new=True, inert=True),
        Prop("network", forces_new=True, inert=True),
        Prop("predictRequestResponseLoggingConfig", dict, inert=True),
        Prop("privateServiceConnectConfig", dict, forces_new=True, inert=True),
    )

    @override
    def make_name(self, naming: Naming) -> Any:
        if naming.disabled or naming.enforced:
            return naming.name()
        # The API takes at most ten digits and no leading zero.
        return str(10**9 + int(naming.suffix(), 16))

    @override
    def check_more(self, inputs: Properties) -> Iterable[Failure]:
        name, split = inputs.get("name"), inputs.get("trafficSplit")
        if isinstance(name, str) and not (name.isdigit() and len(name) <= 10 and name[0] != "0"):
            yield Failure("name", f"{name!r} must be numeric with no leading zeros and at most 10 digits")
        if isinstance(split, str):
            try:
                json.loads(split)
            except ValueError:
                yield Failure("trafficSplit", "must be a JSON map of deployed model id to percentage")

    @override
    def create(self, inputs: Properties, context: Context) -> tuple[str, Properties]:
        project = context.settings.require_project(inputs)
        parent = f"projects/{project}/locations/{inputs['location']}"
        labels = self.label_outputs(inputs, context.settings, {})
        body = {name: inputs[name] for name in ("displayName", "description", "encryptionSpec") if inputs.get(name)}
        body |= {"labels": labels["effectiveLabels"]}
        operation = context.api.post(f"/v1/{parent}/endpoints", body, endpointId=inputs["name"])
        context.api.wait(operation)
        resource_id = f"{parent}/endpoints/{inputs['name']}"
        state = {**inputs, **labels, "project": project}
        return resource_id, self._outputs(context.api.get(f"/v1/{resource_id}"), state, resource_id)

    @override
    def read(self, resource_id: str, state: Properties, context: Context) -> tuple[str, Properties] | None:
        wire = context.api.find(f"/v1/{resource_id}")
        return None if wire is None else (resource_id, self._outputs(wire, state, resource_id))

    @override
    def update(self, resource_id: str, state: Properties, inputs: Properties, context: Context) -> Properties:
        labels = self.label_outputs(inputs, context.settings, state)
        body: Json = {
            "displayName": inputs["displayName"],
            "description": inputs.get("description", ""),
            "labels": labels["effectiveLabels"],
        }
        mask = ["displayName", "description", "labels"]
        if inputs.get("trafficSplit") != state.get("trafficSplit"):
            body["trafficSplit"] = json.loads(inputs.get("trafficSplit") or "{}")
            mask.append("trafficSplit")
        context.api.patch(f"/v1/{resource_id}", body, updateMask=",".join(mask))
        merged = {**inputs, **labels, "project": state.get("project")}
        return self._outputs(context.api.get(f"/v1/{resource_id}"), merged, resource_id)

    @override
    def delete(self, resource_id: str, state: Properties, context: Context) -> str | None:
        operation = context.api.delete(f"/v1/{resource_id}")
        if operation:
            context.api.wait(operation)
        return None

    def _outputs(self, wire: Json, state: Properties, resource_id: str) -> Properties:
        _, project, _, location, _, name = resource_id.split("/")
        outputs: Properties = {
            "name": name,
            "project": state.get("project") or project,
            "location": location,
            "displayName": wire.get("displayName", ""),
            "description": wire.get("description", ""),
            "createTime": wire.get("createTime", ""),
            "updateTime": wire.get("updateTime", ""),
            "etag": wire.get("etag", ""),
            "deployedModels": [_deployed(item) for item in wire.get("deployedModels", [])],
            "modelDeploymentMonitoringJob": wire.get("modelDeploymentMonitoringJob", ""),
            "dedicatedEndpointDns": wire.get("dedicatedEndpointDns", ""),
            "deletionPolicy": state.get("deletionPolicy", "DELETE"),
            **self.labels_from_wire(wire, state),
        }
        if "encryptionSpec" in wire:
            outputs["encryptionSpec"] = {"kmsKeyName": wire["encryptionSpec"]["kmsKeyName"]}
        # The deployments manage the traffic split unless this resource sets one.
        if "trafficSplit" in state:
            live = wire.get("trafficSplit", {})
            same = live == json.loads(state["trafficSplit"] or "{}")
            outputs["trafficSplit"] = state["trafficSplit"] if same else json.dumps(live, sort_keys=True)
        kept = {prop.name for prop in self.inputs if prop.inert} | {"region"}
        return outputs | {key: state[key] for key in kept if key in state}


def _deployed(wire: Json) -> Properties:
    names = ("id", "model", "displayName", "createTime", "modelVersionId", "serviceAccount")
    return {name: wire[name] for name in names if name in wire}
