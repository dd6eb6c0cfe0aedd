"""predict: the answers of bison models, tuned ones on their endpoints and base models, and of open models; refused for Gemini."""

from __future__ import annotations

from typing import Any

from tuning_sandbox.kernel import Call, GoogleError, failed_precondition, invalid_argument
from tuning_sandbox.vertex.open_models import OpenModel
from tuning_sandbox.vertex.pipelines.bison import BisonModel
from tuning_sandbox.vertex.predict_open import answer_open
from tuning_sandbox.vertex.ranges import read_number
from tuning_sandbox.vertex.served import Answerer, find_base, find_tuned
from tuning_sandbox.vertex.service import api, not_in_sandbox

_PLACE = "/{version}/projects/{project}/locations/{location}"
_ID = "aiplatform.projects.locations"
_PARAMETERS = frozenset(
    {"temperature", "maxOutputTokens", "maxDecodeSteps", "topP", "topK", "candidateCount", "stopSequences", "seed"}
)
# the name of the prompt in an instance of each kind of model; input_text as in the data set
_PROMPTS = {"code_generation": ("prefix", "input_text"), "text_generation": ("content", "prompt", "input_text")}
_CHAT_KEYS = frozenset({"messages", "context", "examples"})
_SAFE = {"categories": [], "scores": [], "blocked": False}
Doc = dict[str, Any]

api.behaviour("predict is refused for Gemini models", source="thread")
api.behaviour(
    "code models are asked with prefix and suffix, text models with content, chat models with messages, context, examples",
    source="sdk",
    ref="vertexai.language_models",
)
api.behaviour("an instance may name its prompt input_text, as the data set does", source="assumed")
api.behaviour("a suffix is read behind its prefix", source="assumed")
api.behaviour("without a temperature predict is greedy", source="sdk")
api.behaviour(
    "candidates of text and code models are separate predictions, those of chat models are in one prediction",
    source="sdk",
)
api.behaviour("safety attributes are empty", source="assumed")


@api.route("POST", _PLACE + "/endpoints/{endpoint}:predict", id=f"{_ID}.endpoints.predict",
           permission="aiplatform.endpoints.predict", source="sdk",
           does="answers of a tuned bison model, or of an open model on a machine; refused for Gemini")  # fmt: skip
def predict_on_endpoint(call: Call) -> Doc:
    found = find_tuned(call)
    return answer_open(call, found) if isinstance(found.base, OpenModel) else _predict(call, found)


@api.route("POST", _PLACE + "/publishers/{publisher}/models/{model}:predict", id=f"{_ID}.publishers.models.predict",
           permission="aiplatform.endpoints.predict", source="sdk", does="answers of a base bison model; refused for Gemini")  # fmt: skip
def predict_on_base(call: Call) -> Doc:
    return _predict(call, find_base(call))


def _predict(call: Call, found: Answerer) -> Doc:
    base = found.base
    if not isinstance(base, BisonModel):
        raise failed_precondition(
            "Gemini cannot be accessed through Vertex Predict/RawPredict API. Use generateContent."
        )
    from tuning_sandbox.learner.answers import Reply, write_answer
    from tuning_sandbox.learner.text import count_tokens

    prompts = [_prompt_of(instance, base, at) for at, instance in enumerate(call.require("instances"))]
    given = _parameters_of(call)
    sampling, count = _sampling_of(given), int(read_number(given, "candidateCount", 1, 1, 4, "parameters"))
    seed = int(given["seed"]) % (1 << 32) if "seed" in given else int(call.sandbox.ids.number(9))
    predictions: list[Doc] = []
    said: list[Reply] = []
    for prompt in prompts:
        replies = [write_answer(found.network, prompt, sampling, seed + at) for at in range(count)]
        said += replies
        predictions += _chat_prediction(replies) if base.chat else _text_predictions(replies)
    answer: Doc = {
        "predictions": predictions,
        "metadata": {
            "tokenMetadata": {
                "inputTokenCount": _counted(prompts, sum(map(count_tokens, prompts))),
                "outputTokenCount": _counted([reply.text for reply in said], sum(reply.tokens for reply in said)),
            }
        },
    }
    if found.deployed is not None:
        model, _, version = found.deployed["model"].partition("@")
        answer |= {
            "deployedModelId": found.deployed["id"],
            "model": model,
            "modelVersionId": version,
            "modelDisplayName": found.deployed["displayName"],
        }
    return answer


def _prompt_of(instance: Any, base: BisonModel, at: int) -> str:
    if not isinstance(instance, dict):
        raise _bad(at, "an instance is an object")
    if base.chat:
        return _prompt_of_chat(instance, at)
    keys = _PROMPTS[base.schema]
    key = next((key for key in keys if key in instance), keys[0])
    text, suffix = instance.get(key), instance.get("suffix", "")
    if not isinstance(text, str) or not text.strip() or not isinstance(suffix, str):
        raise _bad(at, f"it needs {' or '.join(keys)}, a text")
    unknown = set(instance) - {key, *(("suffix",) if base.schema == "code_generation" else ())}
    if unknown:
        raise _bad(at, f"{base.name} does not know {min(unknown)}")
    return f"{text}\n{suffix}" if suffix else text


def _prompt_of_chat(instance: Doc, at: int) -> str:
    from tuning_sandbox.learner.pairs import prompt_of_chat

    messages = instance.get("messages")
    if not isinstance(messages, list) or not messages:
        raise _bad(at, "it needs messages, a list")
    if unknown := set(instance) - _CHAT_KEYS:
        raise _bad(at, f"a chat does not know {min(unknown)}")
    for message in messages:
        if not isinstance(message, dict) or not all(isinstance(message.get(key), str) for key in ("author", "content")):
            raise _bad(at, "each of its messages has an author and a content, both texts")
    examples = instance.get("examples", [])
    if not isinstance(examples, list) or not all(_is_example(example) for example in examples):
        raise _bad(at, "each of its examples has an input and an output with a content")
    if not isinstance(instance.get("context", ""), str):
        raise _bad(at, "its context is a text")
    return prompt_of_chat(instance)


def _is_example(example: Any) -> bool:
    return isinstance(example, dict) and all(isinstance(example.get(side), dict) for side in ("input", "output"))


def _bad(at: int, problem: str) -> GoogleError:
    return invalid_argument(f"Invalid instance: instances[{at}]: {problem}.", f"instances[{at}]")


def _parameters_of(call: Call) -> Doc:
    given = call.body.get("parameters") or {}
    if not isinstance(given, dict):
        raise invalid_argument("parameters must be an object.", "parameters")
    for name in given:
        if name not in _PARAMETERS:
            raise not_in_sandbox(f"predict with the parameter {name}")
    stops = given.get("stopSequences", [])
    if not isinstance(stops, list) or not all(isinstance(stop, str) for stop in stops):
        raise invalid_argument("stopSequences must be a list of texts.", "parameters.stopSequences")
    for name, value in given.items():
        if name != "stopSequences" and (isinstance(value, bool) or not isinstance(value, int | float)):
            raise invalid_argument(f"{name} must be a number.", f"parameters.{name}")
    return given


def _sampling_of(given: Doc) -> Any:
    from tuning_sandbox.learner.answers import Sampling

    longest = "maxOutputTokens" if "maxOutputTokens" in given else "maxDecodeSteps"
    return Sampling(
        temperature=read_number(given, "temperature", 0.0, 0, 1, "parameters"),
        top_p=read_number(given, "topP", 0.95, 0, 1, "parameters"),
        top_k=int(read_number(given, "topK", 40, 1, 40, "parameters")),
        max_output_tokens=int(read_number(given, longest, 1024, 1, 8192, "parameters")),
        stop_sequences=tuple(given.get("stopSequences", [])),
    )


def _text_predictions(replies: list[Any]) -> list[Doc]:
    return [
        {
            "content": reply.text,
            "score": round(reply.mean_log_chance, 6),
            "safetyAttributes": dict(_SAFE),
            "citationMetadata": {"citations": []},
        }
        for reply in replies
    ]


def _chat_prediction(replies: list[Any]) -> list[Doc]:
    return [
        {
            "candidates": [{"author": "1", "content": reply.text} for reply in replies],
            "safetyAttributes": [dict(_SAFE) for _ in replies],
            "citationMetadata": [{"citations": []} for _ in replies],
        }
    ]


def _counted(texts: list[str], tokens: int) -> Doc:
    return {"totalTokens": tokens, "totalBillableCharacters": sum(len("".join(text.split())) for text in texts)}
