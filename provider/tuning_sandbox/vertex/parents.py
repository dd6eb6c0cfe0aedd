"""The model from which a continued job starts: found, and checked as a create checks it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from tuning_sandbox.kernel import Call, invalid_argument
from tuning_sandbox.vertex.catalogue import MODELS
from tuning_sandbox.vertex.checks import adapter_of
from tuning_sandbox.vertex.models import find_model, match_model
from tuning_sandbox.vertex.outputs import base_uri_of, weights_key
from tuning_sandbox.vertex.service import api, not_in_sandbox
from tuning_sandbox.vertex.tuning_course import COURSE

_FIRST_DAY = "2025-07-11"
Doc = dict[str, Any]

api.behaviour(
    "a continued job trains on from the weights of its parent's checkpoint, by default of the default checkpoint",
    source="thread",
)
api.behaviour(
    "it adds a version to the parent model unless it has another display name; the default version stays the default",
    source="discovery",
)
api.behaviour("a parent from before 2025-07-11 is refused, and a key other than the parent's", source="thread")
api.behaviour("a parent is in the location of the job's results, and in its project", source="assumed")
api.behaviour("a continued job without an adapter size has the parent's", source="assumed")


@dataclass(frozen=True)
class Parent:
    """A version of a tuned model: its base model, the key of its weights, the adapter size and the seed of its job."""

    name: str
    display_name: str
    base: str
    weights: str
    adapter: int
    seed: int


def find_parent(call: Call, body: Doc) -> Parent | None:
    """The parent that the job names, None for a job that starts from a base model."""
    if "preTunedModel" not in body:
        return None
    match = match_model(str(call.require("preTunedModel.tunedModelName")), "pre_tuned_model.tuned_model_name")
    project = call.sandbox.projects.resolve(match["project"])
    if project.number != call.project.number:
        raise invalid_argument("The pre-tuned model must be in the project of the tuning job.", "pre_tuned_model")
    name = f"projects/{project.number}/locations/{match['location']}/models/{match['model']}"
    doc, version = find_model(call, name, match["version"] or "")
    held = doc["versions"][version]
    base = MODELS.get(base_uri_of(held).rpartition("/")[2])
    job = COURSE.find(call.sandbox, doc["weights"][version])
    if base is None or job is None:
        raise invalid_argument(f"The Model {name}@{version} does not support continuous tuning.", "pre_tuned_model")
    if call.location in base.regions and base.result_location(call.location) != match["location"]:
        raise invalid_argument(
            f"The pre-tuned model {name} is not in the location of the results: {base.result_location(call.location)}.",
            "pre_tuned_model",
        )
    if str(held["versionCreateTime"])[:10] < _FIRST_DAY:
        raise invalid_argument(f"The Model {name}@{version} was tuned before {_FIRST_DAY}.", "pre_tuned_model")
    if _key_of(held) != _key_of(body):
        raise invalid_argument("The tuning job must use the CMEK key of the pre-tuned model.", "encryption_spec")
    asked = adapter_of(body.get("supervisedTuningSpec", {}).get("hyperParameters", {}))
    if asked not in (None, job.adapter):
        raise not_in_sandbox("continuous tuning with another adapter size than the parent's")
    weights = weights_key(doc["weights"][version], _checkpoint(body, held, f"{name}@{version}"))
    return Parent(f"{name}@{version}", str(held.get("displayName", "")), base.name, weights, job.adapter, job.seed)


def _checkpoint(body: Doc, held: Doc, name: str) -> str:
    offered = [str(found["checkpointId"]) for found in held.get("checkpoints", [])] or ["1"]
    wanted = str(body["preTunedModel"].get("checkpointId") or held.get("defaultCheckpointId") or "1")
    if wanted not in offered:
        raise invalid_argument(f"Checkpoint {wanted} does not exist in {name}.", "pre_tuned_model.checkpoint_id")
    return wanted


def _key_of(resource: Doc) -> str:
    return str((resource.get("encryptionSpec") or {}).get("kmsKeyName", ""))
