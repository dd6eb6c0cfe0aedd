"""The deployment of a checkpoint in Cloud Storage, as Model Garden does it: a model, an endpoint, and a machine."""

from __future__ import annotations

import re
from typing import Any

from tuning_sandbox.kernel import Call, already_exists, invalid_argument
from tuning_sandbox.vertex.artifacts import find_shards, read_checkpoint
from tuning_sandbox.vertex.checks import check_display_name, check_labels, check_location
from tuning_sandbox.vertex.endpoints import ENDPOINT_ID
from tuning_sandbox.vertex.machines import read_machine
from tuning_sandbox.vertex.open_checks import check_folder
from tuning_sandbox.vertex.operations import start
from tuning_sandbox.vertex.outputs import ENDPOINTS, MODELS_KEPT, put_endpoint, weights_key
from tuning_sandbox.vertex.service import api, not_in_sandbox
from tuning_sandbox.vertex.surroundings import check_place

DEPLOY_SECONDS = 900.0
_MODEL_ID = re.compile(r"[a-z0-9_-]{1,63}")
_KNOWN = {
    "modelConfig": {"modelDisplayName", "modelUserId", "acceptEula"},
    "endpointConfig": {"endpointDisplayName", "endpointUserId", "dedicatedEndpointDisabled", "labels"},
    "deployConfig": {"dedicatedResources", "systemLabels"},
    "customModel": {"gcsUri"},
}
Doc = dict[str, Any]

api.behaviour(
    "a folder of safetensors is deployed by one call, which makes a model and an endpoint beside the deployment",
    source="sdk",
    ref="vertexai.model_garden.CustomModel.deploy",
)
api.behaviour("ids of that model and that endpoint may be the client's, 409 if one is in use", source="discovery")
api.behaviour("the model and the endpoint of such a call are there as soon as it was accepted", source="assumed")
api.behaviour("system labels are accepted and change nothing", source="assumed")


@api.route("POST", "/{version}/projects/{project}/locations/{location}:deploy", id="aiplatform.projects.locations.deploy",
           permission="aiplatform.models.upload", source="sdk",
           does="deploys the checkpoint in a folder (customModel.gcsUri, v1beta1 only) on a machine")  # fmt: skip
def deploy_custom_model(call: Call) -> Doc:
    check_location(call)
    body = call.body
    for field, value in body.items():
        if field not in _KNOWN:
            raise not_in_sandbox(f"deployments with {field}")
        for inner in value:
            if inner not in _KNOWN[field]:
                raise not_in_sandbox(f"deployments with {field}.{inner}")
    folder = str(call.require("customModel.gcsUri"))
    model, endpoint = body.get("modelConfig", {}), body.get("endpointConfig", {})
    check_display_name(model.get("modelDisplayName", ""), "model_config.model_display_name")
    check_display_name(endpoint.get("endpointDisplayName", ""), "endpoint_config.endpoint_display_name")
    check_labels(endpoint)
    check_place(call)
    blob, base = _read_folder(call, folder)
    machine = read_machine(
        call, body.get("deployConfig", {}).get("dedicatedResources"), "deploy_config.dedicated_resources"
    )
    place = call.resource
    model_name = f"{place}/models/{_id_of(call, model.get('modelUserId'), _MODEL_ID)}"
    endpoint_name = f"{place}/endpoints/{_id_of(call, endpoint.get('endpointUserId'), ENDPOINT_ID)}"
    for name, kind in ((model_name, MODELS_KEPT), (endpoint_name, ENDPOINTS)):
        if name in call.sandbox.store.collection(kind):
            raise already_exists(f"{name} already exists.")
    shown = model.get("modelDisplayName") or base.rpartition("@")[2]
    _put_model(call, model_name, shown, folder, base)
    call.sandbox.store.blobs.put(weights_key(model_name, "1"), blob)
    labels = {"labels": endpoint["labels"]} if endpoint.get("labels") else {}
    put_endpoint(call.sandbox, endpoint_name, endpoint.get("endpointDisplayName") or shown, labels)
    arguments = {
        "endpoint": endpoint_name,
        "model": f"{model_name}@1",
        "checkpoint": None,
        "id": call.sandbox.ids.number(19),
        "displayName": shown,
        "split": None,
        "machine": machine,
        "whole": True,
    }
    return start(call, place, "DeployOperationMetadata", "deploy", arguments, DEPLOY_SECONDS)


def _id_of(call: Call, wanted: str | None, form: re.Pattern[str]) -> str:
    if wanted and not form.fullmatch(wanted):
        raise invalid_argument(f"Invalid resource ID: {wanted}.")
    return wanted or call.sandbox.ids.number(19)


def _read_folder(call: Call, folder: str) -> tuple[bytes, str]:
    check_folder(call, folder, "custom_model.gcs_uri")
    if not find_shards(call.sandbox, folder):
        raise invalid_argument(f"{folder} has no safetensors files.", "custom_model.gcs_uri")
    found = read_checkpoint(call.sandbox, folder)
    if found is None:
        raise not_in_sandbox("deployments of weights that no tuning job of it wrote")
    return found


def _put_model(call: Call, name: str, shown: str, folder: str, base: str) -> None:
    publisher, _, model = base.partition("/")
    version: Doc = {
        "name": name,
        "versionId": "1",
        "displayName": shown,
        **dict.fromkeys(("createTime", "updateTime", "versionCreateTime", "versionUpdateTime"), call.now),
        "etag": call.sandbox.ids.etag(),
        "artifactUri": folder,
        "modelSourceInfo": {"sourceType": "MODEL_GARDEN"},
        "baseModelSource": {"modelGardenSource": {"publicModelName": f"publishers/{publisher}/models/{model}"}},
        "supportedDeploymentResourcesTypes": ["DEDICATED_RESOURCES"],
        "deployedModels": [],
    }
    kept = {"name": name, "aliases": {"default": "1"}, "versions": {"1": version}, "weights": {"1": name}, "last": "1"}
    call.sandbox.store.collection(MODELS_KEPT).put(name, kept)
