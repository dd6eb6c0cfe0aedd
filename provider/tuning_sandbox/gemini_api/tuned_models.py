"""tunedModels: create, list, get, patch, delete; and the operation of a create."""

from __future__ import annotations

import re
from typing import Any
from zlib import crc32

from tuning_sandbox.gemini_api.course import COURSE, USUAL_RATE, TunedModel
from tuning_sandbox.gemini_api.service import BASES, MOST_INPUT, MOST_OUTPUT, api
from tuning_sandbox.kernel import Call, GoogleError, already_exists, invalid_argument, not_found
from tuning_sandbox.kernel.course import State
from tuning_sandbox.vertex.outputs import drop_weights
from tuning_sandbox.vertex.service import take_fault
from tuning_sandbox.vertex.training import forget_data

_MODELS = "/{version}/tunedModels"
_MODEL = _MODELS + "/{model}"
_ID = "generativelanguage.tunedModels"
_OWN_ID = re.compile(r"[a-z]([a-z0-9-]{0,38}[a-z0-9])?")
_MOST_IN_A_NAME = 40
_TYPES = "type.googleapis.com/google.ai.generativelanguage.v1beta"
_PATCHED = ("displayName", "description", "temperature", "topP", "topK")
_STATES = {State.SUCCEEDED: "ACTIVE", State.FAILED: "FAILED"}
_BETA = ("v1beta",)
Doc = dict[str, Any]

api.behaviour("a tuned model is listed as CREATING at once", source="thread", ref="seed 003")
api.behaviour(
    "without a tunedModelId the id is the display name's words and twelve random characters", source="discovery"
)
api.behaviour("a display name has at most 40 characters", source="discovery")
api.behaviour(
    "an example's input has at most 40,000 characters and its output 5,000; others are refused by create",
    source="thread",
    ref="seed 003; that create refuses them is assumed",
)
api.behaviour("without them, epochs are 5, the batch size is 4 and the learning rate is 0.001", source="assumed")
api.behaviour("the training data of a model is never in an answer", source="discovery")
api.behaviour("a model may be deleted while it is created, which ends its tuning", source="thread", ref="seed 003")


@api.route("POST", _MODELS, id=f"{_ID}.create", source="discovery", versions=_BETA,
           does="starts to tune a model on inline examples, by an operation; 409 if the chosen id is in use")  # fmt: skip
def create_tuned_model(call: Call) -> Doc:
    sandbox, body = call.sandbox, call.body
    base = BASES.get(call.require("baseModel"))
    if base is None or not base.is_served(sandbox.clock.calendar()):
        raise not_found(f"Model {body['baseModel']} is not found or does not support createTunedModel.")
    _check_display_name(body)
    for field in ("tunedModelSource", "readerProjectNumbers"):
        if body.get(field):
            raise GoogleError(501, "UNIMPLEMENTED", f"The sandbox does not have tunedModels with {field}.")
    pairs = _pairs_of(call)
    asked = body["tuningTask"].get("hyperparameters", {})
    if "learningRate" in asked and "learningRateMultiplier" in asked:
        raise invalid_argument("oneof field 'learning_rate_option' is already set. Cannot set 'learningRateMultiplier'")
    for field, value in asked.items():
        if value < 0:
            raise invalid_argument(f"{field} must be positive.", f"tuned_model.tuning_task.hyperparameters.{field}")
    name = f"tunedModels/{_id_of(call)}"
    if COURSE.find(sandbox, name) is not None:
        raise already_exists(f"Tuned model {name} already exists.")
    epochs, batch = int(asked.get("epochCount") or 5), int(asked.get("batchSize") or 4)
    rate = float(asked.get("learningRate") or USUAL_RATE * float(asked.get("learningRateMultiplier") or 1.0))
    kept = {key: body[key] for key in ("baseModel", *_PATCHED) if key in body}
    used = {"epochCount": epochs, "batchSize": batch, "learningRate": rate}
    resource: Doc = {**kept, "name": name, "hyperparameters": used, "snapshots": []}
    model = TunedModel(
        resource,
        fault=take_fault(sandbox, body.get("displayName", "")),
        seed=crc32(repr((sandbox.seed, pairs, epochs, batch, rate)).encode()),
        operation=f"{name}/operations/{sandbox.ids.token(12).lower()}",
        pairs=pairs,
        epochs=epochs,
        batch=min(batch, len(pairs)),
        rate=rate,
    )
    COURSE.begin(sandbox, model, State.PENDING)
    return _operation_of(model)


@api.route("GET", _MODELS, id=f"{_ID}.list", source="discovery", versions=_BETA,
           does="pages through the tuned models, 10 at a time unless page_size says otherwise")  # fmt: skip
def list_tuned_models(call: Call) -> Doc:
    models = [shown(model) for model in COURSE.jobs(call.sandbox, "tunedModels/")]
    return call.page(models, "tunedModels", default=10, maximum=1000)


@api.route("GET", _MODEL, id=f"{_ID}.get", source="discovery", versions=_BETA, does="a tuned model and its state")
def get_tuned_model(call: Call) -> Doc:
    return shown(find_tuned_model(call))


@api.route("PATCH", _MODEL, id=f"{_ID}.patch", source="discovery", versions=_BETA,
           does="changes names and sampling defaults of a tuned model")  # fmt: skip
def patch_tuned_model(call: Call) -> Doc:
    model = find_tuned_model(call)
    mask = call.update_mask or [key for key in call.body if key in _PATCHED]
    for field in mask:
        if field not in _PATCHED:
            raise invalid_argument(f"The field {field} of a tuned model cannot be changed.", "update_mask")
    _check_display_name(call.body)
    for field in mask:
        model.resource.pop(field, None)
        if field in call.body:
            model.resource[field] = call.body[field]
    model.resource["updateTime"] = call.now
    COURSE.keep(call.sandbox, model)
    return shown(model)


@api.route("DELETE", _MODEL, id=f"{_ID}.delete", source="discovery", versions=_BETA,
           does="deletes a tuned model at once, also one that is being created")  # fmt: skip
def delete_tuned_model(call: Call) -> Doc:
    model = find_tuned_model(call)
    forget_data(call.sandbox, model)
    drop_weights(call.sandbox, model.weights, model.checkpoints)
    COURSE.forget(call.sandbox, model)
    return {}


@api.route("GET", _MODEL + "/operations/{operation}", id=f"{_ID}.operations.get", source="thread", ref="seed 003",
           versions=("v1",), does="the operation of a create, on v1 only: completedPercent, then the model or the error")  # fmt: skip
def get_operation(call: Call) -> Doc:
    model = find_tuned_model(call)
    if model.operation != f"{model.name}/operations/{call.params['operation']}":
        raise not_found(f"Operation {call.params['operation']} not found.")
    return _operation_of(model)


def find_tuned_model(call: Call) -> TunedModel:
    """The tuned model in the path, or 404."""
    name = f"tunedModels/{call.params['model']}"
    model = COURSE.find(call.sandbox, name)
    if model is None:
        raise not_found(f"Tuned model {name} does not exist.")
    return model


def shown(model: TunedModel) -> Doc:
    """The tuned model as the API answers it."""
    held = model.resource
    task = {"hyperparameters": held["hyperparameters"], "snapshots": held["snapshots"]}
    task |= {name: held[key] for key, name in (("startTime", "startTime"), ("endTime", "completeTime")) if key in held}
    common = {key: held[key] for key in ("name", "baseModel", "createTime", "updateTime", *_PATCHED) if key in held}
    return {**common, "state": _STATES.get(COURSE.state_of(model), "CREATING"), "tuningTask": task}


def _operation_of(model: TunedModel) -> Doc:
    done, held = model.steps_done, model.resource
    metadata = {
        "@type": f"{_TYPES}.CreateTunedModelMetadata",
        "tunedModel": model.name,
        "totalSteps": model.steps,
        "completedSteps": done,
        "completedPercent": round(100 * done / model.steps, 1),
        "snapshots": held["snapshots"],
    }
    operation: Doc = {"name": model.operation, "metadata": {key: value for key, value in metadata.items() if value}}
    state = COURSE.state_of(model)
    if state is State.SUCCEEDED:
        operation |= {"done": True, "response": {"@type": f"{_TYPES}.TunedModel", **shown(model)}}
    elif state.is_over:
        operation |= {"done": True, "error": held.get("error", {"code": 13, "message": "Internal error encountered."})}
    return operation


def _pairs_of(call: Call) -> list[list[str]]:
    where = "tuned_model.tuning_task.training_data.examples.examples"
    examples = call.require("tuningTask.trainingData.examples.examples")
    for at, example in enumerate(examples):
        for key, name, most in (("textInput", "text_input", MOST_INPUT), ("output", "output", MOST_OUTPUT)):
            text = example.get(key, "")
            if not text:
                raise invalid_argument(f"The {name} of a training example is empty.", f"{where}[{at}].{name}")
            if len(text) > most:
                raise invalid_argument(
                    f"The {name} of a training example has {len(text)} characters, the most is {most}.",
                    f"{where}[{at}].{name}",
                )
    return [[example["textInput"], example["output"]] for example in examples]


def _id_of(call: Call) -> str:
    chosen: str = call.query.get("tunedModelId", "")
    if chosen:
        if not _OWN_ID.fullmatch(chosen):
            raise invalid_argument(f"Invalid tuned_model_id: {chosen}.", "tuned_model_id")
        return chosen
    words = "-".join(re.findall(r"[a-z0-9]+", call.body.get("displayName", "").lower()))
    tail = call.sandbox.ids.token(12).lower().replace("_", "a").replace("-", "b")
    return f"{words[:26].rstrip('-')}-{tail}" if words[:1].isalpha() else f"t{tail}"


def _check_display_name(body: Doc) -> None:
    if len(body.get("displayName", "")) > _MOST_IN_A_NAME:
        raise invalid_argument(f"display_name has more than {_MOST_IN_A_NAME} characters.", "tuned_model.display_name")
