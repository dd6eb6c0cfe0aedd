"""The checks of a create of a tuning job, in Google's order: location and model, body, key, quota."""

from __future__ import annotations

import math
import re
from typing import Any

from tuning_sandbox.kernel import Call, GoogleError, failed_precondition, invalid_argument, not_found, quota_exceeded
from tuning_sandbox.spelling import to_camel
from tuning_sandbox.vertex.catalogue import LOCATIONS, MODELS, BaseModel, bare_name, is_open_model
from tuning_sandbox.vertex.evaluation import check_evaluation
from tuning_sandbox.vertex.open_checks import check_open_model
from tuning_sandbox.vertex.open_models import OpenModel, find_open
from tuning_sandbox.vertex.service import api, not_in_sandbox
from tuning_sandbox.vertex.surroundings import check_account, check_dataset
from tuning_sandbox.vertex.tuning_course import MARKS, active_jobs, limit_of, metric_of

_NEVER_CHANGED = ("name", "encryptionSpec", "artifactUri", "metadata", "metadataSchemaUri")
_LABEL_KEY = re.compile(r"[^\W\d_][\w\-]{0,63}")
_LABEL_VALUE = re.compile(r"[\w\-]{0,64}")
_SIZES = {"ONE": 1, "TWO": 2, "FOUR": 4, "EIGHT": 8, "SIXTEEN": 16, "THIRTY_TWO": 32}
_OTHER_METHODS = (
    "preferenceOptimizationSpec",
    "distillationSpec",
    "reinforcementTuningSpec",
    "partnerModelTuningSpec",
    "fullFineTuningSpec",
    "veoTuningSpec",
    "veoLoraTuningSpec",
)
MOST_EPOCHS = 500
MOST_IN_A_NAME = 128

api.behaviour("an adapter size that the model lacks is refused", source="thread", ref="python-genai#908")
api.behaviour("more than 500 epochs are refused; Google's own limit is not known", source="assumed")
api.behaviour("an open model without outputUri is refused", source="thread")
api.behaviour("Gemini at `global` is FAILED_PRECONDITION", source="thread")
api.behaviour("a region that does not offer the model is INVALID_ARGUMENT", source="assumed")
api.behaviour("a model takes no new tuning once it retires within a month: 404", source="thread")
api.behaviour("on the day one month before it retires a model still takes tuning", source="assumed")
api.behaviour("labels: at most 64 of at most 64 characters, lower case, digits, - and _", source="discovery")
api.behaviour("the labels that Google gives to a tuned model do not count", source="assumed")
api.behaviour("a label's key starts with a letter", source="assumed")
api.behaviour(
    "a patch with a stale etag of a model or an endpoint is 409 ABORTED; without one it overwrites", source="assumed"
)
api.behaviour("at the limit of concurrent jobs a create is 429", source="thread")


def check_location(call: Call) -> None:
    """400 if the location in the path is not one of Google's."""
    if call.location not in LOCATIONS:
        raise invalid_argument(f"Invalid location ID: {call.location}.")


def check_model(call: Call, body: dict[str, Any], of_parent: str | None = None) -> BaseModel:
    """The base model, if it can be tuned in this location today. A continued job has the base model of its parent."""
    base = of_parent or str(call.require("baseModel"))
    if is_open_model(base) or find_open(base):
        return check_open_model(call, body, base)
    if "/" in bare_name(base):
        raise invalid_argument("Invalid open source publisher model resource name")
    model = MODELS.get(bare_name(base))
    today = call.sandbox.clock.calendar()
    if model is None or not model.is_tunable(today):
        where = f"projects/{call.project.id}/locations/{call.location}/publishers/google/models/{bare_name(base)}"
        raise not_found(
            f"Publisher Model `{where}` was not found or your project does not have access to it. "
            "Please ensure you are using a valid model version."
        )
    if call.location == "global":
        raise failed_precondition(f"{model.name} model does not support global endpoint tuning")
    if call.location not in model.regions:
        raise invalid_argument(f"Tuning of {model.name} is not supported in region {call.location}.", "base_model")
    return model


def check_body(call: Call, body: dict[str, Any], model: BaseModel) -> None:
    """The rest of the job: method, data sets, hyperparameters, names, labels."""
    for other in _OTHER_METHODS:
        if other in body:
            raise not_in_sandbox(f"the method of {other}")
    is_open = isinstance(model, OpenModel)
    if not is_open and ("customBaseModel" in body or "outputUri" in body):
        raise invalid_argument("custom_base_model and output_uri are only supported for open source models.")
    call.require("supervisedTuningSpec")
    call.require("supervisedTuningSpec.trainingDatasetUri")
    spec = body["supervisedTuningSpec"]
    if is_open and spec.get("evaluationConfig"):
        raise not_in_sandbox("evaluation within a tuning job of an open model (evaluationConfig)")
    check_evaluation(call, spec)
    if not is_open:
        _check_hyper_parameters(spec, model)
    _check_epochs(spec)
    check_display_name(body.get("tunedModelDisplayName", ""), "tuned_model_display_name")
    check_labels(body)
    for field in ("trainingDatasetUri", "validationDatasetUri"):
        if spec.get(field):
            check_dataset(call, spec[field])
    check_account(call, body)


def _check_hyper_parameters(spec: dict[str, Any], model: BaseModel) -> None:
    hyper = spec.get("hyperParameters", {})
    if "learningRate" in hyper or "batchSize" in hyper:
        raise invalid_argument("learning_rate and batch_size are only supported for open source models.")
    if spec.get("tuningMode") not in (None, "TUNING_MODE_UNSPECIFIED", "TUNING_MODE_PEFT_ADAPTER"):
        raise invalid_argument("The tuning mode is not supported for this base model.")
    if adapter_of(hyper) not in (None, *model.adapters):
        raise invalid_argument("The adapter size is not supported for this base model.")
    multiplier = float(hyper.get("learningRateMultiplier", 1.0))
    if not 0 < multiplier < math.inf:
        field = "supervised_tuning_spec.hyper_parameters.learning_rate_multiplier"
        raise invalid_argument("learning_rate_multiplier must be greater than 0.", field)


def _check_epochs(spec: dict[str, Any]) -> None:
    epochs = int(spec.get("hyperParameters", {}).get("epochCount", 1))
    if not 0 < epochs <= MOST_EPOCHS:
        asked = "greater than 0" if epochs < 1 else f"at most {MOST_EPOCHS}"
        raise invalid_argument(f"epoch_count must be {asked}.", "supervised_tuning_spec.hyper_parameters.epoch_count")


def check_display_name(name: str, field: str) -> None:
    """At most 128 characters."""
    if len(name) > MOST_IN_A_NAME:
        raise invalid_argument(f"The display name must be at most {MOST_IN_A_NAME} characters.", field)


def check_mask(call: Call, mask: list[str], patchable: tuple[str, ...]) -> None:
    """400 for a field that never changes or does not exist; 501 for one that only Google changes."""
    schema = call.document.schemas.get(call.method.request or "", {}) if call.document and call.method else {}
    for path in mask:
        field = to_camel(path.partition(".")[0])
        if field in patchable:
            continue
        known = schema.get("properties", {}).get(field)
        if path == "*" or (known is not None and not known.get("readOnly") and field not in _NEVER_CHANGED):
            raise not_in_sandbox(f"an update of {path}")
        raise invalid_argument(f"The field {path} cannot be updated.", "update_mask")


def check_kept_name(body: dict[str, Any], mask: list[str]) -> None:
    """400 for a patch that removes the display name, which is a required field."""
    if "displayName" in mask and not body.get("displayName"):
        raise invalid_argument("Required field is not set: display_name.", "display_name")


def check_labels(body: dict[str, Any]) -> None:
    """At most 64 labels with valid keys and values."""
    labels = body.get("labels", {})
    if len(labels.keys() - MARKS) > 64:
        raise invalid_argument("At most 64 labels are allowed.", "labels")
    for key, value in labels.items():
        if not _LABEL_KEY.fullmatch(key) or key != key.lower():
            raise invalid_argument(f"Label key {key!r} is not valid.", "labels")
        if not _LABEL_VALUE.fullmatch(value) or value != value.lower():
            raise invalid_argument(f"Label value {value!r} is not valid.", "labels")


def check_etag(body: dict[str, Any], held: dict[str, Any]) -> None:
    """409 if the etag of a write is stale; a write without an etag overwrites."""
    if body.get("etag") and body["etag"] != held.get("etag"):
        raise GoogleError(409, "ABORTED", f"The etag of {held['name']} is not the present one: read it and try again.")


def check_quota(call: Call, model: BaseModel) -> None:
    """429 at the limit of concurrent jobs, unless the switch lets jobs queue. Open models have a quota of their own."""
    if call.sandbox.policy["vertex.at_quota"] == "queue":
        return
    metric = metric_of(model)
    limit = limit_of(call.sandbox, call.project.id, metric)
    if limit <= active_jobs(call.sandbox, call.project.number, metric):
        raise quota_exceeded(metric)


def adapter_of(hyper: dict[str, Any]) -> int | None:
    """The adapter size as a number, None if none was given."""
    name = hyper.get("adapterSize")
    return _SIZES.get(str(name).removeprefix("ADAPTER_SIZE_")) if name else None
