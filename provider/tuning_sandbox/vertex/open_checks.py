"""The checks of a create that are for open models: mode, hyperparameters, output folder, checkpoint to start from."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from typing import Any

from tuning_sandbox.kernel import Call, failed_precondition, invalid_argument, not_found
from tuning_sandbox.spelling import BUCKET_NAME
from tuning_sandbox.vertex.artifacts import find_shards, read_checkpoint
from tuning_sandbox.vertex.open_models import FULL, PEFT, OpenModel, find_open
from tuning_sandbox.vertex.service import api
from tuning_sandbox.vertex.surroundings import find_bucket_of

_FOLDER = re.compile(rf"gs://{BUCKET_NAME}(/.*)?")
_HYPER = "supervised_tuning_spec.hyper_parameters"
_NO_MODE = (None, "TUNING_MODE_UNSPECIFIED")
# the learning rates to which the sandbox's own rate is equivalent; that of PEFT is Google's typical start
_USUAL_RATE = {PEFT: 2e-4, FULL: 2e-5}
_FULL_ADAPTER = 32
Doc = dict[str, Any]

api.behaviour("an open model accepts only the modes of its row in Google's table", source="thread", ref="seed 004")
api.behaviour(
    "a job of an open model without a mode is a PEFT job where the model accepts one, else a full one", source="assumed"
)
api.behaviour(
    "an adapter size belongs to PEFT jobs; a learning rate multiplier to Google's own models", source="discovery"
)
api.behaviour("output_uri and custom_base_model name folders of buckets that exist", source="assumed")
api.behaviour(
    "custom_base_model needs safetensors files; one that a job of another base model wrote is refused", source="assumed"
)
api.behaviour(
    "weights in custom_base_model that no job of the sandbox wrote count as the base model's", source="assumed"
)
api.behaviour("a tuning job at `global` accepts data of any location", source="assumed")


@dataclass(frozen=True)
class OpenSettings:
    """What a create of an open model asks for: the learner's adapter size, factor of the rate, batch; its start."""

    adapter: int
    multiplier: float
    batch: int
    start: bytes | None


def check_open_model(call: Call, body: Doc, base: str) -> OpenModel:
    """The open model, if it can be tuned in this location today."""
    if call.location == "global" and "encryptionSpec" in body:
        raise failed_precondition("CMEK is not supported for the global location.")
    if "outputUri" not in body:
        raise invalid_argument("The output_uri field is required for this model.", "output_uri")
    model = find_open(base)
    if model is None:
        raise invalid_argument("Invalid open source publisher model resource name")
    if not model.is_tunable(call.sandbox.clock.calendar()):
        raise not_found(
            f"Publisher Model `{base}` was not found or your project does not have access to it. "
            "Please ensure you are using a valid model version."
        )
    if call.location not in model.regions:
        raise invalid_argument(f"Tuning of {model.name} is not supported in region {call.location}.", "base_model")
    return model


def check_open_settings(call: Call, body: Doc, model: OpenModel, adapter: int | None) -> OpenSettings:
    """The mode, the hyperparameters and the folders of a create."""
    spec = body["supervisedTuningSpec"]
    hyper = spec.get("hyperParameters", {})
    mode = spec.get("tuningMode")
    mode = model.modes[0] if mode in _NO_MODE else mode
    if mode not in model.modes:
        raise invalid_argument(
            "The tuning mode is not supported for this base model.", "supervised_tuning_spec.tuning_mode"
        )
    if adapter is not None and (mode != PEFT or adapter not in model.adapters):
        raise invalid_argument("The adapter size is not supported for this base model.", f"{_HYPER}.adapter_size")
    if "learningRateMultiplier" in hyper:
        raise invalid_argument("learning_rate_multiplier is not supported for open source models.", _HYPER)
    rate = float(hyper.get("learningRate") or _USUAL_RATE[mode])
    if not 0 < rate < math.inf:
        raise invalid_argument("learning_rate must be greater than 0.", f"{_HYPER}.learning_rate")
    batch = int(hyper.get("batchSize", 0))
    if "batchSize" in hyper and batch < 1:
        raise invalid_argument("batch_size must be greater than 0.", f"{_HYPER}.batch_size")
    check_folder(call, body["outputUri"], "output_uri")
    size = (adapter or model.default_adapter) if mode == PEFT else _FULL_ADAPTER
    return OpenSettings(size, rate / _USUAL_RATE[mode], batch, _start_of(call, body, model))


def check_folder(call: Call, uri: str, field: str) -> None:
    """400 or 404 if it is not a folder of a bucket that exists."""
    if not _FOLDER.fullmatch(uri):
        raise invalid_argument(f"Invalid Google Cloud Storage URI: {uri}.", field)
    find_bucket_of(call, uri)


def _start_of(call: Call, body: Doc, model: OpenModel) -> bytes | None:
    folder = body.get("customBaseModel")
    if not folder:
        return None
    check_folder(call, folder, "custom_base_model")
    if not find_shards(call.sandbox, folder):
        raise invalid_argument(f"{folder} has no safetensors files.", "custom_base_model")
    found = read_checkpoint(call.sandbox, folder)
    if found is None:
        return None
    blob, base = found
    if base != model.name:
        raise invalid_argument(
            f"The checkpoint in {folder} does not have the architecture of {model.name}.", "custom_base_model"
        )
    return blob
