"""Endpoints: create, get, list, patch, delete, deploy and undeploy, with the rules of the traffic split."""

from __future__ import annotations

import re
from typing import Any

from tuning_sandbox.kernel import (
    Call,
    GoogleError,
    Sandbox,
    already_exists,
    failed_precondition,
    invalid_argument,
    not_found,
)
from tuning_sandbox.kernel.parameters import is_default
from tuning_sandbox.kernel.partial import keep_masked
from tuning_sandbox.vertex.checks import (
    check_display_name,
    check_etag,
    check_kept_name,
    check_labels,
    check_location,
    check_mask,
)
from tuning_sandbox.vertex.filters import compile_filter, ordered
from tuning_sandbox.vertex.machines import read_machine
from tuning_sandbox.vertex.models import find_model, match_model
from tuning_sandbox.vertex.operations import effect, finished, running, start
from tuning_sandbox.vertex.outputs import ENDPOINTS, MODELS_KEPT, attach, detach, put_endpoint
from tuning_sandbox.vertex.service import api, not_in_sandbox
from tuning_sandbox.vertex.surroundings import check_encryption, check_place

_PARENT = "/{version}/projects/{project}/locations/{location}/endpoints"
_ID = "aiplatform.projects.locations.endpoints"
ENDPOINT_ID = re.compile(r"[a-z][a-z0-9-]{0,61}[a-z0-9]|[a-z]|[1-9][0-9]{0,9}")
_DEPLOYED_ID = re.compile(r"[0-9]{1,10}")
_PATCHABLE = ("displayName", "description", "labels", "trafficSplit")
_PLAIN = {"displayName", "description", "labels", "encryptionSpec", "trafficSplit", "name", "etag"}
_DEPLOYABLE = {"id", "model", "displayName", "checkpointId", "dedicatedResources"}
CREATE_SECONDS, DEPLOY_SECONDS, UNDEPLOY_SECONDS = 5.0, 120.0, 20.0
Doc = dict[str, Any]

api.behaviour("an endpoint with deployed or being-deployed models cannot be deleted", source="thread")
api.behaviour("the first deployed model gets all traffic, later ones none unless a split says so", source="sdk")
api.behaviour(
    "a model with traffic is not undeployed while others remain, unless the request has a new split", source="sdk"
)
api.behaviour("a split must sum to 100 and name deployed models only; `0` is the one being deployed", source="sdk")
api.behaviour("a tuned Gemini model is deployed with model, display name and checkpoint only", source="thread")
api.behaviour("a model of another project than the endpoint is not deployed", source="assumed")
api.behaviour("an endpoint is there as soon as its create was accepted", source="assumed")


@api.route("POST", _PARENT, id=f"{_ID}.create", permission="aiplatform.endpoints.create", source="recording",
           does="creates an empty endpoint; the client may choose the id; 409 if it is in use")  # fmt: skip
def create_endpoint(call: Call) -> Doc:
    check_location(call)
    body = call.body
    call.require("displayName")
    check_display_name(body["displayName"], "endpoint.display_name")
    for field in body:
        if field not in _PLAIN and not is_default(body[field]):
            raise not_in_sandbox(f"endpoints with {field}")
    check_labels(body)
    if body.get("trafficSplit"):
        raise invalid_argument(
            "The traffic split of an endpoint without models must be empty.", "endpoint.traffic_split"
        )
    wanted = call.query.get("endpointId", "")
    if wanted and not ENDPOINT_ID.fullmatch(wanted):
        raise invalid_argument(f"Invalid endpoint ID: {wanted}.", "endpoint_id")
    name = f"{call.resource}/{wanted or call.sandbox.ids.number(19)}"
    if name in call.sandbox.store.collection(ENDPOINTS):
        raise already_exists(f"Endpoint {name} already exists.")
    check_place(call)
    check_encryption(call, body, None)
    kept = {key: value for key, value in body.items() if key not in ("name", "etag", "trafficSplit")}
    put_endpoint(call.sandbox, name, body["displayName"], kept)
    return start(call, name, "CreateEndpointOperationMetadata", "create", {"endpoint": name}, CREATE_SECONDS)


@api.route("GET", _PARENT + "/{endpoint}", id=f"{_ID}.get", permission="aiplatform.endpoints.get",
           source="discovery", does="an endpoint of this location")  # fmt: skip
def get_endpoint(call: Call) -> Doc:
    return find_endpoint(call)


@api.route("GET", _PARENT, id=f"{_ID}.list", permission="aiplatform.endpoints.list", source="discovery",
           does="the endpoints of this location, filtered by endpoint, displayName and labels")  # fmt: skip
def list_endpoints(call: Call) -> Doc:
    check_location(call)
    fields = {
        "endpoint": lambda found: str(found["name"].rpartition("/")[2]),
        "displayName": lambda found: str(found.get("displayName", "")),
    }
    fits = compile_filter(call.query.get("filter", ""), fields)
    kept = call.sandbox.store.collection(ENDPOINTS).all(prefix=f"{call.resource}/")
    page = call.page(ordered([found for found in kept if fits(found)], call.query.get("orderBy")), "endpoints")
    return keep_masked(call, page, "endpoints")


@api.route("PATCH", _PARENT + "/{endpoint}", id=f"{_ID}.patch", permission="aiplatform.endpoints.update",
           source="discovery", does="changes displayName, description, labels and trafficSplit at once")  # fmt: skip
def patch_endpoint(call: Call) -> Doc:
    endpoint = find_endpoint(call)
    body = call.body
    mask = call.update_mask
    if not mask:
        raise invalid_argument("Required field is not set: update_mask.", "update_mask")
    check_mask(call, mask, _PATCHABLE)
    check_labels(body)
    check_display_name(body.get("displayName", ""), "endpoint.display_name")
    check_kept_name(body, mask)
    check_etag(body, endpoint)
    for path in mask:
        if path == "trafficSplit":
            split = _check_split(body.get(path, {}), {found["id"] for found in endpoint["deployedModels"]})
            endpoint[path] = {key: share for key, share in split.items() if share}
        elif path in body:
            endpoint[path] = body[path]
        else:
            endpoint.pop(path, None)
    endpoint.update(updateTime=call.now, etag=call.sandbox.ids.etag())
    call.sandbox.store.collection(ENDPOINTS).put(endpoint["name"], endpoint)
    return endpoint


@api.route("DELETE", _PARENT + "/{endpoint}", id=f"{_ID}.delete", permission="aiplatform.endpoints.delete",
           source="recording", does="deletes an endpoint without deployed models")  # fmt: skip
def delete_endpoint(call: Call) -> Doc:
    endpoint = find_endpoint(call)
    coming = [found["id"] for found in running(call.sandbox, "deploy") if found["endpoint"] == endpoint["name"]]
    held = [found["id"] for found in endpoint["deployedModels"]]
    if held or coming:
        named = ", ".join([*held, *coming])
        raise failed_precondition(
            f"Endpoint {endpoint['name']} has deployed or being-deployed DeployedModel(s): {named}"
        )
    call.sandbox.store.collection(ENDPOINTS).delete(endpoint["name"])
    return finished(call, endpoint["name"].rpartition("/endpoints/")[0], "DeleteOperationMetadata")


@api.route("POST", _PARENT + "/{endpoint}:deployModel", id=f"{_ID}.deployModel",
           permission="aiplatform.endpoints.deploy", source="discovery", does="deploys a model version or checkpoint")  # fmt: skip
def deploy_model(call: Call) -> Doc:
    endpoint = find_endpoint(call)
    wanted = call.require("deployedModel")
    for field in wanted:
        if field not in _DEPLOYABLE:
            raise invalid_argument(f"The field {field} is not supported for this model.", f"deployed_model.{field}")
    match = match_model(str(call.require("deployedModel.model")), "deployed_model.model")
    if match["location"] != call.location and call.sandbox.policy["vertex.model_elsewhere"] == "refuse":
        raise invalid_argument(
            f"The Model must be in the same location as the Endpoint: {call.location}.", "deployed_model.model"
        )
    number = call.sandbox.projects.resolve(match["project"]).number
    own = call.project.number
    if number != own and call.sandbox.policy["vertex.model_of_other_project"] == "refuse":
        raise invalid_argument(f"The Model must be in the same project as the Endpoint: {own}.", "deployed_model.model")
    name = f"projects/{number}/locations/{match['location']}/models/{match['model']}"
    model, version = find_model(call, name, match["version"] or "")
    held = model["versions"][version]
    machine = _machine_of(call, wanted, held)
    checkpoints = [found["checkpointId"] for found in held.get("checkpoints", [])]
    checkpoint = wanted.get("checkpointId") or held.get("defaultCheckpointId")
    if checkpoint and checkpoint not in checkpoints:
        raise invalid_argument(
            f"Checkpoint {checkpoint} does not exist in {name}@{version}.", "deployed_model.checkpoint_id"
        )
    chosen = wanted.get("id", "")
    present = {found["id"] for found in endpoint["deployedModels"]}
    if chosen and not _DEPLOYED_ID.fullmatch(chosen):
        raise invalid_argument(f"Invalid DeployedModel ID: {chosen}.", "deployed_model.id")
    if chosen in present:
        raise already_exists(f"DeployedModel {chosen} already exists in Endpoint {endpoint['name']}.")
    split = call.body.get("trafficSplit")
    if split:
        _check_split(split, {*present, "0"})
    arguments = {
        "endpoint": endpoint["name"],
        "model": f"{name}@{version}",
        "checkpoint": checkpoint,
        "id": chosen or call.sandbox.ids.number(19),
        "displayName": wanted.get("displayName") or held.get("displayName", ""),
        "split": {key: int(share) for key, share in split.items()} if split else None,
        "machine": machine,
    }
    return start(call, endpoint["name"], "DeployModelOperationMetadata", "deploy", arguments, DEPLOY_SECONDS)


@api.route("POST", _PARENT + "/{endpoint}:undeployModel", id=f"{_ID}.undeployModel",
           permission="aiplatform.endpoints.undeploy", source="discovery", does="undeploys a model from an endpoint")  # fmt: skip
def undeploy_model(call: Call) -> Doc:
    endpoint = find_endpoint(call)
    wanted = call.require("deployedModelId")
    present = {found["id"] for found in endpoint["deployedModels"]}
    if wanted not in present:
        raise not_found(f"DeployedModel {wanted} is not found in Endpoint {endpoint['name']}.")
    split = call.body.get("trafficSplit")
    if split:
        _check_split(split, present)
        if int(split.get(wanted, 0)):
            raise invalid_argument("The DeployedModel to undeploy must not have traffic.", "traffic_split")
    elif len(present) > 1 and endpoint["trafficSplit"].get(wanted):
        raise failed_precondition(
            f"DeployedModel {wanted} has traffic in Endpoint {endpoint['name']}: give a traffic_split over those that remain."
        )
    arguments = {"endpoint": endpoint["name"], "id": wanted, "split": split}
    return start(call, endpoint["name"], "UndeployModelOperationMetadata", "undeploy", arguments, UNDEPLOY_SECONDS)


def _machine_of(call: Call, wanted: Doc, model: Doc) -> Doc | None:
    given = wanted.get("dedicatedResources")
    if "artifactUri" in model:
        return read_machine(call, given, "deployed_model.dedicated_resources")
    if given is not None:
        raise invalid_argument(
            "The field dedicatedResources is not supported for this model.", "deployed_model.dedicated_resources"
        )
    return None


def find_endpoint(call: Call) -> Doc:
    """The endpoint in the path, or 404."""
    check_location(call)
    endpoint = call.sandbox.store.collection(ENDPOINTS).get(call.resource)
    if endpoint is None:
        raise not_found(f"Endpoint `{call.resource}` not found.")
    return endpoint


@effect("create")
def _created(sandbox: Sandbox, arguments: Doc, package: str) -> Doc:
    endpoint = sandbox.store.collection(ENDPOINTS).get(arguments["endpoint"])
    if endpoint is None:
        raise not_found(f"Endpoint `{arguments['endpoint']}` not found.")
    return {"@type": f"type.googleapis.com/{package}.Endpoint", "name": endpoint["name"]}


@effect("deploy")
def _deployed(sandbox: Sandbox, arguments: Doc, package: str) -> Doc:
    name, _, version = arguments["model"].partition("@")
    if arguments["endpoint"] not in sandbox.store.collection(ENDPOINTS) or name not in sandbox.store.collection(
        MODELS_KEPT
    ):
        raise GoogleError(404, "NOT_FOUND", "The Endpoint or the Model does not exist any more.")
    deployed = attach(
        sandbox,
        arguments["endpoint"],
        name,
        version,
        arguments["checkpoint"],
        arguments["id"],
        arguments["displayName"],
        arguments["split"],
        machine=arguments.get("machine"),
    )
    if arguments.get("whole"):
        made = {"endpoint": arguments["endpoint"], "model": name}
        return {"@type": f"type.googleapis.com/{package}.DeployResponse", **made}
    return {"@type": f"type.googleapis.com/{package}.DeployModelResponse", "deployedModel": deployed}


@effect("undeploy")
def _undeployed(sandbox: Sandbox, arguments: Doc, package: str) -> Doc:
    detach(sandbox, arguments["endpoint"], arguments["id"])
    endpoints = sandbox.store.collection(ENDPOINTS)
    endpoint = endpoints.get(arguments["endpoint"])
    if endpoint is not None and arguments["split"]:
        endpoint["trafficSplit"] = {key: int(share) for key, share in arguments["split"].items() if int(share)}
        endpoints.put(endpoint["name"], endpoint)
    return {"@type": f"type.googleapis.com/{package}.UndeployModelResponse"}


def _check_split(split: Doc, known: set[str]) -> dict[str, int]:
    shares = {key: int(share) for key, share in split.items()}
    if any(share < 0 or share > 100 for share in shares.values()) or (shares and sum(shares.values()) != 100):
        raise invalid_argument("The values of traffic_split must sum to 100.", "traffic_split")
    for key in shares:
        if key not in known:
            raise invalid_argument(f"DeployedModel {key} of traffic_split is not deployed.", "traffic_split")
    return shares
