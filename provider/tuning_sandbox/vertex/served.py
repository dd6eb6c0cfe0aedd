"""The model that answers: an endpoint's tuned checkpoint, or a base model; and a base model's Model Garden entry."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from tuning_sandbox.kernel import Call, Sandbox, failed_precondition, not_found
from tuning_sandbox.vertex.catalogue import MODELS, ServedModel
from tuning_sandbox.vertex.checks import check_location
from tuning_sandbox.vertex.endpoints import find_endpoint
from tuning_sandbox.vertex.models import find_model
from tuning_sandbox.vertex.open_models import find_open
from tuning_sandbox.vertex.outputs import base_uri_of, encryption_works, weights_key
from tuning_sandbox.vertex.pipelines.bison import BisonModel, find_bison
from tuning_sandbox.vertex.service import api, not_in_sandbox

_MOST_CHECKPOINTS = 16
Doc = dict[str, Any]

api.behaviour("a model that was tuned on labels answers with one of them and nothing else", source="assumed")
api.behaviour(
    "a base model answers with a label that its prompt names, by the words that they share, or with general text",
    source="assumed",
)


@dataclass(frozen=True)
class Answerer:
    """The model that answers a request: its learner's checkpoint, its base model, and its deployment if it is tuned."""

    network: Any
    base: ServedModel
    deployed: Doc | None = None

    @property
    def name(self) -> str:
        """Its name in an answer."""
        return self.base.name if self.deployed is None else str(self.deployed["model"])


def find_tuned(call: Call) -> Answerer:
    """The checkpoint that serves the endpoint in the path, chosen by the traffic split."""
    sandbox, endpoint = call.sandbox, find_endpoint(call)
    if not encryption_works(sandbox, endpoint):
        raise failed_precondition(f"The CryptoKey of {endpoint['name']} can no longer be used.")
    shares = endpoint["trafficSplit"]
    choices = [found for found in endpoint["deployedModels"] if shares.get(found["id"])]
    if not choices:
        raise failed_precondition(f"Endpoint `{endpoint['name']}` has no deployed model that takes traffic.")
    at, draw = 0, int(sandbox.ids.number(6)) % 100 if len(choices) > 1 else 0
    while draw >= shares[choices[at]["id"]]:
        draw -= shares[choices[at]["id"]]
        at += 1
    deployed = choices[at]
    name, _, version = deployed["model"].partition("@")
    doc, version = find_model(call, name, version)
    uri = base_uri_of(doc["versions"][version])
    base = find_open(uri) or find_served(uri.rpartition("/")[2])
    if base is None or not is_served(sandbox, base):
        raise not_found(f"The base model {base.name if base else name} of `{endpoint['name']}` has been retired.")
    key = weights_key(doc["weights"][version], deployed.get("checkpointId", "1"))
    return Answerer(network_of(sandbox, key), base, deployed)


def find_base(call: Call) -> Answerer:
    """The base model in the path, which is not trained on a task."""
    check_location(call)
    model = find_served(call.params["model"])
    if call.params["publisher"] != "google" or model is None or not is_served(call.sandbox, model):
        raise not_found(
            f"Publisher Model `{call.resource_by_id}` was not found or your project does not have access to it. "
            "Please ensure you are using a valid model version."
        )
    from tuning_sandbox.learner.base import base_model

    return Answerer(base_model(model.name, model.width), model)


def find_served(name: str) -> ServedModel | None:
    """The base model with that name, with or without a version; None if it never existed."""
    return MODELS.get(name.partition("@")[0]) or find_bison(name)


def is_served(sandbox: Sandbox, model: ServedModel) -> bool:
    """Whether the model answers on the sandbox's day."""
    return model.is_served(sandbox.clock.calendar())


@api.route("GET", "/{version}/publishers/{publisher}/models/{model}", id="aiplatform.publishers.models.get",
           source="discovery", does="a publisher model that is served on the sandbox's date")  # fmt: skip
def get_publisher_model(call: Call) -> Doc:
    model = find_served(call.params["model"])
    if call.query.get("view") == "PUBLISHER_MODEL_VERSION_VIEW_BASIC":
        raise not_in_sandbox("the view PUBLISHER_MODEL_VERSION_VIEW_BASIC of publisher models")
    if call.params["publisher"] != "google" or model is None or not is_served(call.sandbox, model):
        raise not_found(
            f"Publisher Model `publishers/{call.params['publisher']}/models/{call.params['model']}` is not found."
        )
    name, _, version = model.name.partition("@")
    found: Doc = {
        "name": f"publishers/google/models/{name}",
        "versionId": version or "default",
        "openSourceCategory": "PROPRIETARY",
        "launchStage": "GA",
        "versionState": "VERSION_STATE_STABLE",
        "publisherModelTemplate": f"projects/{{user-project}}/locations/{{location}}/publishers/google/models/{model.name}",
    }
    if isinstance(model, BisonModel):
        found["predictSchemata"] = {"instanceSchemaUri": model.instance_schema}
    return found


class _Networks:
    """A cache of the checkpoints that answered last, read from their bytes."""

    def __init__(self) -> None:
        self.by_key: dict[str, Any] = {}


def network_of(sandbox: Sandbox, key: str) -> Any:
    """The checkpoint under that key of the store, or 404."""
    from tuning_sandbox.learner.keeping import checkpoint_from_bytes

    cache = sandbox.memory(_Networks).by_key
    if key not in cache:
        data = sandbox.store.blobs.get(key)
        if data is None:
            raise not_found("The parameters of the tuned model are gone.")
        if len(cache) >= _MOST_CHECKPOINTS:
            cache.pop(next(iter(cache)))
        cache[key] = checkpoint_from_bytes(data)
    return cache[key]
