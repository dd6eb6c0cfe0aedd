"""The model registry: get, list, patch, delete, versions, checkpoints, aliases."""

from __future__ import annotations

import re
from typing import Any

from tuning_sandbox.kernel import Call, failed_precondition, invalid_argument, not_found
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
from tuning_sandbox.vertex.operations import finished, running
from tuning_sandbox.vertex.outputs import MODELS_KEPT, base_uri_of, drop_weights
from tuning_sandbox.vertex.service import api, not_in_sandbox
from tuning_sandbox.vertex.tuning_course import COURSE

_PARENT = "/{version}/projects/{project}/locations/{location}/models"
_ID = "aiplatform.projects.locations.models"
_NAME = re.compile(
    r"projects/(?P<project>[^/]+)/locations/(?P<location>[^/]+)/models/(?P<model>[^/@]+)(?:@(?P<version>.+))?"
)
_ALIAS = re.compile(r"[a-z][a-zA-Z0-9-]{0,126}[a-z0-9]")
_PATCHABLE = ("displayName", "description", "labels", "versionDescription", "defaultCheckpointId")
Doc = dict[str, Any]

api.behaviour("a model that is deployed anywhere, in any version, cannot be deleted", source="sdk")
api.behaviour("the only version of a model cannot be deleted by itself", source="sdk")
api.behaviour("labels belong to one version of a model", source="discovery")
api.behaviour("a list of versions names each with its number", source="sdk")
api.behaviour("if the default version is deleted, the newest version that is left becomes the default", source="thread")
api.behaviour("tunedModel.endpoint of the job follows the model's defaultCheckpointId", source="thread")
api.behaviour("a deleted model stays named in its job", source="assumed")


@api.route("GET", _PARENT + "/{model}", id=f"{_ID}.get", permission="aiplatform.models.get", source="discovery",
           does="a model, by `M`, `M@version` or `M@alias`")  # fmt: skip
def get_model(call: Call) -> Doc:
    return version_to_wire(*find_version(call))


@api.route("GET", _PARENT, id=f"{_ID}.list", permission="aiplatform.models.list", source="discovery",
           does="the default versions of this location, filtered by model, displayName, labels, baseModelName")  # fmt: skip
def list_models(call: Call) -> Doc:
    check_location(call)
    kept = call.sandbox.store.collection(MODELS_KEPT).all(prefix=f"{call.resource}/")
    heads = [version_to_wire(doc, doc["aliases"]["default"]) for doc in kept]
    return keep_masked(call, call.page(_chosen(call, heads), "models"), "models")


@api.route("PATCH", _PARENT + "/{model}", id=f"{_ID}.patch", permission="aiplatform.models.update",
           source="discovery", does="changes displayName, description, labels, versionDescription, defaultCheckpointId")  # fmt: skip
def patch_model(call: Call) -> Doc:
    doc, version = find_version(call)
    body = call.body
    # google-genai sends no mask: then the fields in the body change
    mask = call.update_mask or [key for key in body if key in _PATCHABLE]
    check_mask(call, mask, _PATCHABLE)
    check_labels(body)
    check_display_name(body.get("displayName", ""), "model.display_name")
    check_kept_name(body, mask)
    held = doc["versions"][version]
    check_etag(body, held)
    for path in mask:
        if "." in path:
            raise invalid_argument(f"The field {path} cannot be updated by itself.", "update_mask")
        if path == "defaultCheckpointId":
            _set_default_checkpoint(call, doc, version, body.get(path, ""))
        elif path in body:
            held[path] = body[path]
        else:
            held.pop(path, None)
    held.update(updateTime=call.now, versionUpdateTime=call.now, etag=call.sandbox.ids.etag())
    call.sandbox.store.collection(MODELS_KEPT).put(doc["name"], doc)
    return version_to_wire(doc, version)


@api.route("DELETE", _PARENT + "/{model}", id=f"{_ID}.delete", permission="aiplatform.models.delete",
           source="discovery", does="deletes a model with all its versions; refused while it is deployed")  # fmt: skip
def delete_model(call: Call) -> Doc:
    doc, _ = find_version(call)
    _refuse_deployed(call, doc, list(doc["versions"]))
    for version in list(doc["versions"]):
        _drop_weights(call, doc, version)
    call.sandbox.store.collection(MODELS_KEPT).delete(doc["name"])
    return finished(call, doc["name"], "DeleteOperationMetadata")


@api.route("DELETE", _PARENT + "/{model}:deleteVersion", id=f"{_ID}.deleteVersion",
           permission="aiplatform.models.delete", source="discovery", does="deletes one of several versions")  # fmt: skip
def delete_version(call: Call) -> Doc:
    doc, version = find_version(call)
    if "@" not in call.params["model"]:
        raise invalid_argument("The model version is not specified.", "name")
    if len(doc["versions"]) == 1:
        raise failed_precondition(f"Cannot delete the only version of Model {doc['name']}: delete the model instead.")
    _refuse_deployed(call, doc, [version])
    _drop_weights(call, doc, version)
    del doc["versions"][version]
    moved = {"default": max(doc["versions"], key=int)} if doc["aliases"]["default"] == version else {}
    doc["aliases"] = {alias: of for alias, of in doc["aliases"].items() if of != version} | moved
    call.sandbox.store.collection(MODELS_KEPT).put(doc["name"], doc)
    return finished(call, doc["name"], "DeleteOperationMetadata")


@api.route("GET", _PARENT + "/{model}:listVersions", id=f"{_ID}.listVersions", permission="aiplatform.models.get",
           source="discovery", does="every version of a model")  # fmt: skip
def list_versions(call: Call) -> Doc:
    doc, _ = find_version(call)
    found = [{**version_to_wire(doc, version), "name": f"{doc['name']}@{version}"} for version in doc["versions"]]
    chosen = _chosen(call, found)
    return keep_masked(call, call.page(chosen, "models"), "models")


@api.route("GET", _PARENT + "/{model}:listCheckpoints", id=f"{_ID}.listCheckpoints",
           permission="aiplatform.models.get", source="discovery", does="the checkpoints of a version")  # fmt: skip
def list_checkpoints(call: Call) -> Doc:
    doc, version = find_version(call)
    return call.page(doc["versions"][version].get("checkpoints", []), "checkpoints")


@api.route("POST", _PARENT + "/{model}:mergeVersionAliases", id=f"{_ID}.mergeVersionAliases",
           permission="aiplatform.models.update", source="discovery", does="adds aliases; removes those that begin with `-`")  # fmt: skip
def merge_version_aliases(call: Call) -> Doc:
    doc, version = find_version(call)
    for alias in call.require("versionAliases"):
        name = alias.removeprefix("-")
        if not _ALIAS.fullmatch(name):
            raise invalid_argument(f"Invalid version alias: {alias}.", "version_aliases")
        if not alias.startswith("-"):
            doc["aliases"][name] = version
        elif name == "default":
            raise invalid_argument("The alias default can be moved, not removed.", "version_aliases")
        elif doc["aliases"].get(name) == version:
            del doc["aliases"][name]
    call.sandbox.store.collection(MODELS_KEPT).put(doc["name"], doc)
    return version_to_wire(doc, version)


def not_served(call: Call) -> Doc:
    """501 that names the method: in the sandbox only tuning jobs create models."""
    raise not_in_sandbox(f"models:{call.route.id.rpartition('.')[2] if call.route.id else 'this'}")


for _verb in ("upload", "copy"):
    api.route("POST", f"{_PARENT}:{_verb}", id=f"{_ID}.{_verb}", permission="aiplatform.models.upload",
              source="assumed", does="501: in the sandbox, only tuning jobs create models")(not_served)  # fmt: skip


def find_version(call: Call) -> tuple[Doc, str]:
    """The model in the path and the version that it names; 404 if either is missing."""
    check_location(call)
    name, _, wanted = call.resource.partition("@")
    return find_model(call, name, wanted)


def match_model(name: str, field: str) -> re.Match[str]:
    """The parts of a model's name in a request: project, location, model, and version (None without one); 400 if it is no such name."""
    match = _NAME.fullmatch(name)
    if match is None:
        raise invalid_argument(f"Invalid Model resource name: {name}.", field)
    return match


def find_model(call: Call, name: str, wanted: str) -> tuple[Doc, str]:
    """A model by name, and a version by number or alias (by default the default version)."""
    doc = call.sandbox.store.collection(MODELS_KEPT).get(name)
    version = str(doc["aliases"].get(wanted or "default", wanted)) if doc else ""
    if doc is None or version not in doc["versions"]:
        raise not_found(f"The Model does not exist: {name}{'@' if wanted else ''}{wanted}")
    return doc, version


def version_to_wire(doc: Doc, version: str) -> Doc:
    """A version as Google shows it, with its aliases."""
    aliases = sorted(alias for alias, of in doc["aliases"].items() if of == version)
    return {**doc["versions"][version], "versionAliases": aliases}


def _chosen(call: Call, models: list[Doc]) -> list[Doc]:
    fields = {
        "model": lambda found: str(found["name"].rpartition("/")[2]),
        "displayName": lambda found: str(found.get("displayName", "")),
        "baseModelName": lambda found: base_uri_of(found).rpartition("/")[2],
    }
    fits = compile_filter(call.query.get("filter", ""), fields)
    return ordered([model for model in models if fits(model)], call.query.get("orderBy"))


def _set_default_checkpoint(call: Call, doc: Doc, version: str, wanted: str) -> None:
    held = doc["versions"][version]
    if wanted not in [found["checkpointId"] for found in held.get("checkpoints", [])]:
        raise invalid_argument(
            f"Checkpoint {wanted} does not exist in {doc['name']}@{version}.", "default_checkpoint_id"
        )
    held["defaultCheckpointId"] = wanted
    job = COURSE.find(call.sandbox, doc["weights"].get(version, ""))
    if job is None:
        return
    tuned = job.resource["tunedModel"]
    for checkpoint in tuned.get("checkpoints", []):
        if checkpoint["checkpointId"] == wanted and "endpoint" in checkpoint:
            tuned["endpoint"] = checkpoint["endpoint"]
    COURSE.keep(call.sandbox, job)


def _refuse_deployed(call: Call, doc: Doc, versions: list[str]) -> None:
    names = {f"{doc['name']}@{version}" for version in versions}
    coming = [found["endpoint"] for found in running(call.sandbox, "deploy") if found["model"] in names]
    at = [found["endpoint"] for version in versions for found in doc["versions"][version]["deployedModels"]]
    if at or coming:
        raise failed_precondition(
            f"The Model {doc['name']} is deployed or being deployed at the following Endpoint(s): {', '.join([*at, *coming])}."
        )


def _drop_weights(call: Call, doc: Doc, version: str) -> None:
    held = doc["versions"][version]
    drop_weights(call.sandbox, doc["weights"][version], held.get("checkpoints", [{"checkpointId": "1"}]))
