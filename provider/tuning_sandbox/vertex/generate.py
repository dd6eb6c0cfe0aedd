"""generateContent on tuned endpoints and base models, its stream, countTokens; publisher models."""

from __future__ import annotations

import json
from typing import Any

from tuning_sandbox.kernel import Answer, Call, Sandbox, failed_precondition, invalid_argument, not_found
from tuning_sandbox.vertex.catalogue import MODELS, BaseModel
from tuning_sandbox.vertex.checks import check_location
from tuning_sandbox.vertex.endpoints import find_endpoint
from tuning_sandbox.vertex.models import find_model
from tuning_sandbox.vertex.outputs import encryption_works, weights_key
from tuning_sandbox.vertex.service import api, not_in_sandbox

_PLACE = "/{version}/projects/{project}/locations/{location}"
_ENDPOINT = _PLACE + "/endpoints/{endpoint}"
_PUBLISHED = _PLACE + "/publishers/{publisher}/models/{model}"
_ID = "aiplatform.projects.locations"
_KNOWN = {
    "temperature",
    "topP",
    "topK",
    "maxOutputTokens",
    "candidateCount",
    "seed",
    "stopSequences",
    "responseMimeType",
    "mediaResolution",
    "thinkingConfig",
    "responseModalities",
    "audioTimestamp",
}
_IGNORED = {"contents", "systemInstruction", "generationConfig", "safetySettings", "labels"}
MOST_OUTPUT_TOKENS = 65_536
Doc = dict[str, Any]

api.behaviour("a token is four characters, rounded up, in every count", source="assumed")
api.behaviour(
    "temperature 0 and topK 1 are greedy; without a seed each answer is drawn anew", source="sdk", ref="seed 000"
)
api.behaviour("an answer cut at maxOutputTokens ends with MAX_TOKENS", source="discovery")
api.behaviour(
    "a turn whose role is neither user nor model (in any case of letters) is refused",
    source="thread",
    ref="langchain-google#1059, litellm#32731, seed 000",
)
api.behaviour("predict is refused for Gemini models", source="thread")
api.behaviour("safety settings and thinking budgets are accepted and change nothing", source="assumed")


@api.route("POST", _ENDPOINT + ":generateContent", id=f"{_ID}.endpoints.generateContent",
           permission="aiplatform.endpoints.predict", source="sdk", does="an answer of the tuned model that is deployed")  # fmt: skip
def generate_on_endpoint(call: Call) -> Doc:
    return _answer(call, *_tuned(call))


@api.route("POST", _ENDPOINT + ":streamGenerateContent", id=f"{_ID}.endpoints.streamGenerateContent",
           permission="aiplatform.endpoints.predict", source="sdk", does="the answer in parts, as events or as an array")  # fmt: skip
def stream_on_endpoint(call: Call) -> Answer:
    return _stream(call, _answer(call, *_tuned(call)))


@api.route("POST", _PUBLISHED + ":generateContent", id=f"{_ID}.publishers.models.generateContent",
           permission="aiplatform.endpoints.predict", source="sdk", does="an answer of the base model, which knows no task")  # fmt: skip
def generate_on_base(call: Call) -> Doc:
    return _answer(call, *_base(call))


@api.route("POST", _PUBLISHED + ":streamGenerateContent", id=f"{_ID}.publishers.models.streamGenerateContent",
           permission="aiplatform.endpoints.predict", source="sdk", does="the base model's answer in parts")  # fmt: skip
def stream_on_base(call: Call) -> Answer:
    return _stream(call, _answer(call, *_base(call)))


def _count(call: Call) -> Doc:
    from tuning_sandbox.learner.dataset import prompt_of
    from tuning_sandbox.learner.text import count_tokens

    if "instances" in call.body or "tools" in call.body:
        raise not_in_sandbox("countTokens of instances or tools")
    text = prompt_of(call.body.get("systemInstruction"), call.body.get("contents"))
    tokens = count_tokens(text)
    details = [{"modality": "TEXT", "tokenCount": tokens}]
    return {
        "totalTokens": tokens,
        "totalBillableCharacters": len("".join(text.split())),
        "promptTokensDetails": details,
    }


@api.route("POST", _ENDPOINT + ":countTokens", id=f"{_ID}.endpoints.countTokens",
           permission="aiplatform.endpoints.predict", source="assumed", does="tokens of a request: four characters each")  # fmt: skip
def count_on_endpoint(call: Call) -> Doc:
    _tuned(call)
    return _count(call)


@api.route("POST", _PUBLISHED + ":countTokens", id=f"{_ID}.publishers.models.countTokens",
           permission="aiplatform.endpoints.predict", source="assumed", does="tokens of a request: four characters each")  # fmt: skip
def count_on_base(call: Call) -> Doc:
    _base(call)
    return _count(call)


@api.route("POST", _ENDPOINT + ":predict", id=f"{_ID}.endpoints.predict", permission="aiplatform.endpoints.predict",
           source="thread", does="refused for Gemini models, which answer generateContent only")  # fmt: skip
def predict(call: Call) -> Doc:
    _tuned(call)
    raise failed_precondition("Gemini cannot be accessed through Vertex Predict/RawPredict API. Use generateContent.")


@api.route("GET", "/{version}/publishers/{publisher}/models/{model}", id="aiplatform.publishers.models.get",
           source="discovery", does="a publisher model that is served on the sandbox's date")  # fmt: skip
def get_publisher_model(call: Call) -> Doc:
    model = MODELS.get(call.params["model"].partition("@")[0])
    if call.params["publisher"] != "google" or model is None or not _is_served(call.sandbox, model):
        raise not_found(
            f"Publisher Model `publishers/{call.params['publisher']}/models/{call.params['model']}` is not found."
        )
    return {
        "name": f"publishers/google/models/{model.name}",
        "versionId": "default",
        "openSourceCategory": "PROPRIETARY",
        "launchStage": "GA",
        "versionState": "VERSION_STATE_STABLE",
        "publisherModelTemplate": f"projects/{{user-project}}/locations/{{location}}/publishers/google/models/{model.name}",
    }


def _tuned(call: Call) -> tuple[Any, str]:
    """The checkpoint behind an endpoint, and the name of what answers."""
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
    base = MODELS[doc["versions"][version]["baseModelSource"]["genieSource"]["baseModelUri"].rpartition("/")[2]]
    if not _is_served(sandbox, base):
        raise not_found(f"The base model {base.name} of `{endpoint['name']}` has been retired.")
    return _weights(sandbox, weights_key(doc["jobs"][version], deployed.get("checkpointId", "1"))), deployed["model"]


def _base(call: Call) -> tuple[Any, str]:
    check_location(call)
    model = MODELS.get(call.params["model"].partition("@")[0])
    if call.params["publisher"] != "google" or model is None or not _is_served(call.sandbox, model):
        raise not_found(
            f"Publisher Model `{call.resource_by_id}` was not found or your project does not have access to it. "
            "Please ensure you are using a valid model version."
        )
    from tuning_sandbox.learner.base import base_model

    return base_model(model.name, model.width), model.name


def _is_served(sandbox: Sandbox, model: BaseModel) -> bool:
    return model.is_served(sandbox.clock.calendar())


class _Weights:
    """The checkpoints that answered last, read from their bytes."""

    def __init__(self) -> None:
        self.by_key: dict[str, Any] = {}


def _weights(sandbox: Sandbox, key: str) -> Any:
    from tuning_sandbox.learner.keeping import checkpoint_from_bytes

    cache = sandbox.memory(_Weights).by_key
    if key not in cache:
        data = sandbox.store.blobs.get(key)
        if data is None:
            raise not_found("The parameters of the tuned model are gone.")
        if len(cache) >= 16:
            cache.pop(next(iter(cache)))
        cache[key] = checkpoint_from_bytes(data)
    return cache[key]


def _answer(call: Call, model: Any, served_by: str) -> Doc:
    from tuning_sandbox.learner.answers import write_answer
    from tuning_sandbox.learner.dataset import prompt_of
    from tuning_sandbox.learner.text import count_tokens

    body = call.body
    call.require("contents")
    for field in body:
        if field not in _IGNORED:
            raise not_in_sandbox(f"generateContent with {field}")
    config = body.get("generationConfig", {})
    sampling = _sampling_of(config)
    if any(str(turn.get("role", "")).lower() not in ("user", "model") for turn in body["contents"]):
        raise invalid_argument("Please use a valid role: user, model.")
    prompt = prompt_of(body.get("systemInstruction"), body["contents"])
    if not prompt.strip():
        raise invalid_argument("Unable to submit request because it must have a text parameter.", "contents")
    seed = int(config["seed"]) % (1 << 32) if "seed" in config else int(call.sandbox.ids.number(9))
    count = _number(config, "candidateCount", 1, 1, 8)
    replies = [write_answer(model, prompt, sampling, seed + at) for at in range(int(count))]
    said, asked = sum(reply.tokens for reply in replies), count_tokens(prompt)
    return {
        "candidates": [
            {
                "index": at,
                "content": {"role": "model", "parts": [{"text": reply.text}]},
                "finishReason": reply.finish_reason,
                "avgLogprobs": round(reply.mean_log_chance, 6),
            }
            for at, reply in enumerate(replies)
        ],
        "usageMetadata": {
            "promptTokenCount": asked,
            "candidatesTokenCount": said,
            "totalTokenCount": asked + said,
            "trafficType": "ON_DEMAND",
            "promptTokensDetails": [{"modality": "TEXT", "tokenCount": asked}],
            "candidatesTokensDetails": [{"modality": "TEXT", "tokenCount": said}],
        },
        "modelVersion": served_by,
        "createTime": call.now,
        "responseId": call.sandbox.ids.token(22),
    }


def _sampling_of(config: Doc) -> Any:
    from tuning_sandbox.learner.answers import Sampling

    for field in config:
        if field not in _KNOWN:
            raise not_in_sandbox(f"generationConfig.{field}")
    if config.get("responseMimeType", "text/plain") != "text/plain":
        raise not_in_sandbox("constrained decoding (responseMimeType)")
    if set(config.get("responseModalities", [])) - {"TEXT"}:
        raise not_in_sandbox("answers other than text")
    return Sampling(
        temperature=_number(config, "temperature", 1.0, 0, 2),
        top_p=_number(config, "topP", 0.95, 0, 1),
        top_k=int(_number(config, "topK", 64, 1, 1000)),
        max_output_tokens=int(_number(config, "maxOutputTokens", 8192, 1, MOST_OUTPUT_TOKENS)),
        stop_sequences=tuple(config.get("stopSequences", [])),
    )


def _number(config: Doc, field: str, default: float, low: float, high: float) -> float:
    value = float(config.get(field, default))
    if not low <= value <= high:
        raise invalid_argument(
            f"Unable to submit request because it has a {field} value of {value:g} but the supported range is from "
            f"{low:g} (inclusive) to {high:g} (inclusive). Update the value and try again.",
            f"generation_config.{field}",
        )
    return value


def _stream(call: Call, whole: Doc) -> Answer:
    parts = _parts_of(whole)
    if call.query.get("alt", call.query.get("$alt")) == "sse":
        data = "".join(f"data: {json.dumps(part)}\r\n\r\n" for part in parts)
        return Answer(data.encode(), media_type="text/event-stream")
    return Answer(json.dumps(parts).encode(), media_type="application/json; charset=UTF-8")


def _parts_of(whole: Doc, size: int = 24) -> list[Doc]:
    first = whole["candidates"][0]
    text = first["content"]["parts"][0]["text"]
    cuts: list[str] = [text[at : at + size] for at in range(0, len(text), size)] or [""]
    common = {key: whole[key] for key in ("modelVersion", "createTime", "responseId")}
    parts = [{**common, "candidates": [{"content": {"role": "model", "parts": [{"text": cut}]}}]} for cut in cuts]
    last = parts[-1]
    last["candidates"][0].update(finishReason=first["finishReason"], avgLogprobs=first["avgLogprobs"])
    last["usageMetadata"] = whole["usageMetadata"]
    return parts
