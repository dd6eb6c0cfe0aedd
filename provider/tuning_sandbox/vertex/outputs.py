"""What a successful job makes: a model with a version, and one endpoint per checkpoint, one after another."""

from __future__ import annotations

from typing import Any

from ..kernel import Sandbox, not_found
from .catalogue import MODELS, bare_name
from .service import api

MODELS_KEPT = "vertex.models"
ENDPOINTS = "vertex.endpoints"
Doc = dict[str, Any]

api.behaviour("a model of a 3.x job and its endpoints lie in `us` or `eu`", source="thread", ref="vertex-api 7")
api.behaviour("labels of the job and its key are copied to the model and to the endpoints", source="discovery")
api.behaviour("each checkpoint gets its own endpoint, made one after another; the default is the last", source="thread")
api.behaviour("deployedModel ids have 19 digits", source="assumed")


def register_model(sandbox: Sandbox, doc: Doc) -> None:
    """Puts the job's result into the model registry of the result location, as version 1."""
    job = doc["job"]
    parts = job["name"].split("/")
    place = f"projects/{parts[1]}/locations/{MODELS[bare_name(job['baseModel'])].result_location(parts[3])}"
    name = f"{place}/models/{sandbox.ids.number(19)}"
    now = sandbox.clock.stamp()
    checkpoints = list(doc["told"]["learned"])
    version: Doc = {
        "name": name,
        "versionId": "1",
        "displayName": job.get("tunedModelDisplayName", ""),
        "createTime": now,
        "updateTime": now,
        "versionCreateTime": now,
        "versionUpdateTime": now,
        "etag": sandbox.ids.etag(),
        "modelSourceInfo": {"sourceType": "GENIE"},
        "baseModelSource": {"genieSource": {"baseModelUri": _base_uri(job["baseModel"])}},
        "deployedModels": [],
        **{key: job[key] for key in ("description", "labels", "encryptionSpec") if key in job},
    }
    if not doc["last_only"]:
        version["checkpoints"] = [dict(found) for found in checkpoints]
        version["defaultCheckpointId"] = checkpoints[-1]["checkpointId"]
    kept = {"name": name, "aliases": {"default": "1"}, "versions": {"1": version}, "jobs": {"1": job["name"]}}
    sandbox.store.collection(MODELS_KEPT).put(name, kept)
    job["tunedModel"] = {"model": f"{name}@1"}
    doc["made"] = 0


def add_endpoint(sandbox: Sandbox, doc: Doc) -> bool:
    """Makes the endpoint of the next checkpoint; False where all have theirs."""
    job, checkpoints = doc["job"], list(doc["told"]["learned"])
    if doc["made"] >= len(checkpoints):
        return False
    checkpoint = checkpoints[doc["made"]]
    model_name = job["tunedModel"]["model"].rpartition("@")[0]
    place = model_name.rpartition("/models/")[0]
    now = sandbox.clock.stamp()
    name = f"{place}/endpoints/{sandbox.ids.number(19)}"
    endpoint: Doc = {
        "name": name,
        "displayName": job.get("tunedModelDisplayName", ""),
        "createTime": now,
        "updateTime": now,
        "etag": sandbox.ids.etag(),
        "deployedModels": [],
        "trafficSplit": {},
        **{key: job[key] for key in ("labels", "encryptionSpec") if key in job},
    }
    sandbox.store.collection(ENDPOINTS).put(name, endpoint)
    models = sandbox.store.collection(MODELS_KEPT)
    if model_name in models:
        checkpoint_id = None if doc["last_only"] else checkpoint["checkpointId"]
        display = job.get("tunedModelDisplayName", "")
        attach(sandbox, name, model_name, "1", checkpoint_id, sandbox.ids.number(19), display, None)
    doc["made"] += 1
    tuned = job["tunedModel"]
    if not doc["last_only"]:
        tuned["checkpoints"] = [*tuned.get("checkpoints", []), {**checkpoint, "endpoint": name}]
    tuned["endpoint"] = name
    return True


def attach(
    sandbox: Sandbox,
    endpoint_name: str,
    model_name: str,
    version: str,
    checkpoint_id: str | None,
    deployed_id: str,
    display_name: str,
    traffic: dict[str, int] | None,
) -> Doc:
    """Deploys a model version on an endpoint, on both sides; the first one gets all traffic."""
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
    """Takes a deployed model off an endpoint, on both sides."""
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
    """Whether the key of a resource can be used now; True without one."""
    name = (resource.get("encryptionSpec") or {}).get("kmsKeyName")
    if not name:
        return True
    if not sandbox.offers("crypto_key"):
        return True
    key = sandbox.ask("crypto_key", name)
    return key is not None and key.get("primary", {}).get("state") == "ENABLED"


def _base_uri(base_model: str) -> str:
    return f"publishers/google/models/{bare_name(base_model)}"
