"""The results of a successful job: a model with a version, and one endpoint per checkpoint, one after another."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from tuning_sandbox.kernel import Sandbox, not_found
from tuning_sandbox.vertex.service import api

BASE_LABEL = "google-vertex-llm-tuning-base-model-id"
"""The label in which a tuned model names its base model, for every kind of job."""
MODELS_KEPT = "vertex.models"
ENDPOINTS = "vertex.endpoints"
Doc = dict[str, Any]

api.behaviour("a model of a 3.x job and its endpoints are in `us` or `eu`", source="thread", ref="vertex-api 7")
api.behaviour("labels of the job and its key are copied to the model and to the endpoints", source="discovery")
api.behaviour("each checkpoint gets its own endpoint, made one after another; the default is the last", source="thread")
api.behaviour("deployedModel ids have 19 digits", source="assumed")


@dataclass(frozen=True)
class Made:
    """The values that a job's model and endpoints copy from it; `weights` names its checkpoints in the store."""

    weights: str
    place: str
    display_name: str
    base_uri: str
    checkpoints: list[Doc]
    shows_checkpoints: bool
    common: Doc
    description: str | None = None
    marks: dict[str, str] = field(default_factory=dict)


def weights_key(weights: str, checkpoint_id: str) -> str:
    """The store's key for the parameters of a checkpoint."""
    return f"vertex/{weights}/checkpoints/{checkpoint_id}"


def put_weights(sandbox: Sandbox, weights: str, checkpoints: list[Doc], blobs: list[bytes]) -> None:
    """Store the parameters of a job's checkpoints."""
    for told, blob in zip(checkpoints, blobs, strict=True):
        sandbox.store.blobs.put(weights_key(weights, told["checkpointId"]), blob)


def drop_weights(sandbox: Sandbox, weights: str, checkpoints: list[Doc]) -> None:
    """Remove the parameters of a job's checkpoints."""
    for told in checkpoints:
        sandbox.store.blobs.delete(weights_key(weights, told["checkpointId"]))


def register_model(sandbox: Sandbox, made: Made, adds_to: str = "") -> str:
    """Store a job's result in the model registry: as version 1, or as the next version of the model `adds_to`.

    Returns its name with the version.
    """
    kept = sandbox.store.collection(MODELS_KEPT).get(adds_to) if adds_to else None
    number = str(1 + int(kept.get("last") or max(kept["versions"], key=int))) if kept else "1"
    name = adds_to or f"{made.place}/models/{sandbox.ids.number(19)}"
    now = sandbox.clock.stamp()
    version: Doc = {
        "name": name,
        "versionId": number,
        "displayName": made.display_name,
        "createTime": next(iter(kept["versions"].values()))["createTime"] if kept else now,
        "updateTime": now,
        "versionCreateTime": now,
        "versionUpdateTime": now,
        "etag": sandbox.ids.etag(),
        "modelSourceInfo": {"sourceType": "GENIE"},
        "baseModelSource": {"genieSource": {"baseModelUri": made.base_uri}},
        "deployedModels": [],
        **made.common,
    }
    if made.marks:
        version["labels"] = {**version.get("labels", {}), **made.marks}
    if made.description is not None:
        version["description"] = made.description
    if made.shows_checkpoints:
        version["checkpoints"] = [dict(found) for found in made.checkpoints]
        version["defaultCheckpointId"] = made.checkpoints[-1]["checkpointId"]
    kept = kept or {"name": name, "aliases": {"default": number}, "versions": {}, "weights": {}}
    kept["versions"][number], kept["weights"][number] = version, made.weights
    sandbox.store.collection(MODELS_KEPT).put(name, kept | {"last": number})
    return f"{name}@{number}"


def base_uri_of(version: Doc) -> str:
    """The publisher's name of the base model of a model's version."""
    source = version["baseModelSource"]
    return str((source.get("genieSource") or {}).get("baseModelUri") or source["modelGardenSource"]["publicModelName"])


def put_endpoint(sandbox: Sandbox, name: str, display_name: str, more: Doc) -> None:
    """Store a new endpoint without deployments; `more` are its other fields."""
    now = sandbox.clock.stamp()
    endpoint: Doc = {
        "name": name,
        "displayName": display_name,
        "createTime": now,
        "updateTime": now,
        "etag": sandbox.ids.etag(),
        "deployedModels": [],
        "trafficSplit": {},
        **more,
    }
    sandbox.store.collection(ENDPOINTS).put(name, endpoint)


def add_endpoint(sandbox: Sandbox, made: Made, model: str, checkpoint_id: str | None) -> str:
    """Create an endpoint for a job's model, deploy the model on it if it still exists, and return its name."""
    name = f"{made.place}/endpoints/{sandbox.ids.number(19)}"
    put_endpoint(sandbox, name, made.display_name, made.common)
    model_name, _, version = model.rpartition("@")
    kept = sandbox.store.collection(MODELS_KEPT).get(model_name)
    if kept and version in kept["versions"]:
        number = sandbox.ids.number(19)
        attach(sandbox, name, model_name, version, checkpoint_id, number, made.display_name, None)
    return name


def attach(
    sandbox: Sandbox,
    endpoint_name: str,
    model_name: str,
    version: str,
    checkpoint_id: str | None,
    deployed_id: str,
    display_name: str,
    traffic: dict[str, int] | None,
    *,
    machine: Doc | None = None,
) -> Doc:
    """Deploys a model version on an endpoint and records it in both; the first deployment gets all traffic."""
    endpoints, models = sandbox.store.collection(ENDPOINTS), sandbox.store.collection(MODELS_KEPT)
    endpoint, model = endpoints.get(endpoint_name), models.get(model_name)
    if endpoint is None or model is None:
        raise not_found("The Endpoint or the Model does not exist.")
    deployed: Doc = {
        "id": deployed_id,
        "model": f"{model_name}@{version}",
        "modelVersionId": version,
        "displayName": display_name,
        "createTime": sandbox.clock.stamp(),
    }
    if checkpoint_id:
        deployed["checkpointId"] = checkpoint_id
    if machine:
        deployed["dedicatedResources"] = machine
    first = not endpoint["deployedModels"]
    endpoint["deployedModels"].append(deployed)
    if traffic:
        endpoint["trafficSplit"] = {
            deployed_id if key == "0" else key: share for key, share in traffic.items() if share
        }
    elif first:
        endpoint["trafficSplit"] = {deployed_id: 100}
    endpoint["updateTime"] = sandbox.clock.stamp()
    endpoints.put(endpoint_name, endpoint)
    reference = {"endpoint": endpoint_name, "deployedModelId": deployed_id}
    if checkpoint_id:
        reference["checkpointId"] = checkpoint_id
    model["versions"][version]["deployedModels"].append(reference)
    models.put(model_name, model)
    return deployed


def detach(sandbox: Sandbox, endpoint_name: str, deployed_id: str) -> None:
    """Undeploys a model from an endpoint and records it in both."""
    endpoints, models = sandbox.store.collection(ENDPOINTS), sandbox.store.collection(MODELS_KEPT)
    endpoint = endpoints.get(endpoint_name)
    if endpoint is None:
        return
    gone = [found for found in endpoint["deployedModels"] if found["id"] == deployed_id]
    endpoint["deployedModels"] = [found for found in endpoint["deployedModels"] if found["id"] != deployed_id]
    endpoint["trafficSplit"].pop(deployed_id, None)
    endpoint["updateTime"] = sandbox.clock.stamp()
    endpoints.put(endpoint_name, endpoint)
    for deployed in gone:
        name, _, version = deployed["model"].partition("@")
        model = models.get(name)
        if model is None or version not in model["versions"]:
            continue
        references = model["versions"][version]["deployedModels"]
        model["versions"][version]["deployedModels"] = [
            found
            for found in references
            if (found["endpoint"], found["deployedModelId"]) != (endpoint_name, deployed_id)
        ]
        models.put(name, model)


def encryption_works(sandbox: Sandbox, resource: Doc) -> bool:
    """Whether the key of a resource can be used now; True without a key."""
    name = (resource.get("encryptionSpec") or {}).get("kmsKeyName")
    if not name:
        return True
    key = sandbox.services.keys.find_key(name)
    return key is not None and key.get("primary", {}).get("state") == "ENABLED"
