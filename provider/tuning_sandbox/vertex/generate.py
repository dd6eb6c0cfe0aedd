"""generateContent on tuned endpoints and base models, its stream, countTokens."""

from __future__ import annotations

import json
from dataclasses import replace
from itertools import pairwise
from typing import Any

from tuning_sandbox.kernel import Answer, Call, failed_precondition, invalid_argument
from tuning_sandbox.kernel.parameters import is_default
from tuning_sandbox.vertex.checks import check_labels
from tuning_sandbox.vertex.files import check_files, check_parts
from tuning_sandbox.vertex.open_models import OpenModel
from tuning_sandbox.vertex.pipelines.bison import BisonModel
from tuning_sandbox.vertex.ranges import MOST_STOPS, read_number
from tuning_sandbox.vertex.served import Answerer, find_base, find_tuned
from tuning_sandbox.vertex.service import api, not_in_sandbox
from tuning_sandbox.vertex.structured import PLAIN, Form, form_of
from tuning_sandbox.vertex.thinking import check_thinking

_PLACE = "/{version}/projects/{project}/locations/{location}"
_ENDPOINT = _PLACE + "/endpoints/{endpoint}"
_PUBLISHED = _PLACE + "/publishers/{publisher}/models/{model}"
_ID = "aiplatform.projects.locations"
_CONFIG = "generation_config"
_KNOWN = {
    "temperature",
    "topP",
    "topK",
    "maxOutputTokens",
    "candidateCount",
    "seed",
    "stopSequences",
    "responseMimeType",
    "responseSchema",
    "responseJsonSchema",
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
    "temperature 0 and topK 1 are greedy; without a seed each answer is sampled again", source="sdk", ref="seed 000"
)
api.behaviour("an answer cut at maxOutputTokens ends with MAX_TOKENS", source="discovery")
api.behaviour(
    "a turn whose role is neither user nor model (in any case of letters) is refused",
    source="thread",
    ref="langchain-google#1059, litellm#32731, seed 000",
)
api.behaviour("a request has at most five stop sequences", source="assumed", ref="Google's pages on content generation")
api.behaviour("generateContent is refused for bison models", source="assumed")
api.behaviour("safety settings are accepted and change nothing", source="assumed")


@api.route("POST", _ENDPOINT + ":generateContent", id=f"{_ID}.endpoints.generateContent",
           permission="aiplatform.endpoints.predict", source="sdk", does="an answer of the tuned model that is deployed")  # fmt: skip
def generate_on_endpoint(call: Call) -> Doc:
    return _answer(call, find_tuned(call))


@api.route("POST", _ENDPOINT + ":streamGenerateContent", id=f"{_ID}.endpoints.streamGenerateContent",
           alts=("sse",), permission="aiplatform.endpoints.predict", source="sdk",
           does="the answer in parts, as events or as an array")  # fmt: skip
def stream_on_endpoint(call: Call) -> Answer:
    return _stream(call, _answer(call, find_tuned(call)))


@api.route("POST", _PUBLISHED + ":generateContent", id=f"{_ID}.publishers.models.generateContent",
           permission="aiplatform.endpoints.predict", source="sdk", does="an answer of the base model, not trained for a task")  # fmt: skip
def generate_on_base(call: Call) -> Doc:
    return _answer(call, find_base(call))


@api.route("POST", _PUBLISHED + ":streamGenerateContent", id=f"{_ID}.publishers.models.streamGenerateContent",
           alts=("sse",), permission="aiplatform.endpoints.predict", source="sdk", does="the base model's answer in parts")  # fmt: skip
def stream_on_base(call: Call) -> Answer:
    return _stream(call, _answer(call, find_base(call)))


def _count(call: Call) -> Doc:
    from tuning_sandbox.learner.dataset import prompt_of
    from tuning_sandbox.learner.text import count_tokens

    if "instances" in call.body or "tools" in call.body:
        raise not_in_sandbox("countTokens of instances or tools")
    check_files(call, call.body)
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
    find_tuned(call)
    return _count(call)


@api.route("POST", _PUBLISHED + ":countTokens", id=f"{_ID}.publishers.models.countTokens",
           permission="aiplatform.endpoints.predict", source="assumed", does="tokens of a request: four characters each")  # fmt: skip
def count_on_base(call: Call) -> Doc:
    find_base(call)
    return _count(call)


def _answer(call: Call, found: Answerer) -> Doc:
    if isinstance(found.base, BisonModel | OpenModel):
        raise failed_precondition(f"{found.base.name} does not answer generateContent. Use predict.")
    from tuning_sandbox.learner.contents import show_files
    from tuning_sandbox.learner.dataset import prompt_of
    from tuning_sandbox.learner.text import count_tokens

    body = call.body
    call.require("contents")
    for field in body:
        if field not in _IGNORED and not is_default(body[field]):
            raise not_in_sandbox(f"generateContent with {field}")
    config = body.get("generationConfig", {})
    sampling = _sampling_of(config)
    form = form_of(config)
    check_thinking(config, found.base.name)
    if any(str(turn.get("role", "")).lower() not in ("user", "model") for turn in body["contents"]):
        raise invalid_argument("Please use a valid role: user, model.")
    check_labels(body)
    check_parts(body)
    _check_calls(body["contents"])
    check_files(call, body)
    asked = prompt_of(body.get("systemInstruction"), body["contents"])
    prompt = show_files(asked, call.sandbox.services.storage.read_object)
    if not any(turn.get("parts") for turn in body["contents"]):
        raise invalid_argument("Unable to submit request because it must have a text parameter.", "contents")
    seed = int(config["seed"]) % (1 << 32) if "seed" in config else int(call.sandbox.ids.number(9))
    # 0 is the default of a proto number, so it counts as absent
    count = int(read_number(config, "candidateCount", 1, 0, 8, _CONFIG)) or 1
    replies = [_shaped(found, form, prompt, sampling, seed + at) for at in range(count)]
    said, asked_tokens = sum(reply.tokens for reply in replies), count_tokens(asked)
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
            "promptTokenCount": asked_tokens,
            "candidatesTokenCount": said,
            "totalTokenCount": asked_tokens + said,
            "trafficType": "ON_DEMAND",
            "promptTokensDetails": [{"modality": "TEXT", "tokenCount": asked_tokens}],
            "candidatesTokensDetails": [{"modality": "TEXT", "tokenCount": said}],
        },
        "modelVersion": found.name,
        "createTime": call.now,
        "responseId": call.sandbox.ids.token(22),
    }


def _shaped(found: Answerer, form: Form, prompt: str, sampling: Any, seed: int) -> Any:
    """One answer of the model in the requested format; its length is limited afterwards."""
    from tuning_sandbox.learner.answers import write_answer
    from tuning_sandbox.learner.text import CHARACTERS_PER_TOKEN, count_tokens

    if form.mime_type == PLAIN:
        return write_answer(found.network, prompt, sampling, seed)
    whole = replace(sampling, max_output_tokens=MOST_OUTPUT_TOKENS)
    reply = write_answer(found.network, prompt, whole, seed)
    text = form.write(reply.text, prompt, knows=found.deployed is not None)
    most = sampling.max_output_tokens * CHARACTERS_PER_TOKEN
    reason = reply.finish_reason if len(text) <= most else "MAX_TOKENS"
    return replace(reply, text=text[:most], finish_reason=reason, tokens=count_tokens(text[:most]))


@api.behaviour(
    "a turn that answers function calls has as many functionResponse parts as the turn before has functionCall parts: 400",
    source="thread",
    ref="google-gemini/gemini-cli#4217",
)
def _check_calls(contents: list[Doc]) -> None:
    for before, turn in pairwise(contents):
        calls = sum("functionCall" in part for part in before.get("parts", ()))
        answers = sum("functionResponse" in part for part in turn.get("parts", ()))
        if answers and calls != answers:
            raise invalid_argument(
                "Please ensure that the number of function response parts is equal to the number of function call parts of "
                "the function call turn."
            )


def _sampling_of(config: Doc) -> Any:
    from tuning_sandbox.learner.answers import Sampling

    if "logprobs" in config and not config.get("responseLogprobs"):
        raise invalid_argument("logprobs requires setting response_logprobs to be true.", f"{_CONFIG}.logprobs")
    for field, value in config.items():
        # a zero is the same as the absent field in a proto message
        if field not in _KNOWN and not is_default(value):
            raise not_in_sandbox(f"generationConfig.{field}")
    if len(config.get("stopSequences", [])) > MOST_STOPS:
        raise invalid_argument(f"At most {MOST_STOPS} stop_sequences are allowed.", f"{_CONFIG}.stop_sequences")
    if set(config.get("responseModalities", [])) - {"TEXT"}:
        raise not_in_sandbox("answers other than text")
    return Sampling(
        temperature=read_number(config, "temperature", 1.0, 0, 2, _CONFIG),
        top_p=read_number(config, "topP", 0.95, 0, 1, _CONFIG),
        top_k=int(read_number(config, "topK", 64, 1, 1000, _CONFIG)),
        max_output_tokens=int(read_number(config, "maxOutputTokens", 8192, 1, MOST_OUTPUT_TOKENS, _CONFIG)),
        stop_sequences=tuple(config.get("stopSequences", [])),
    )


def _stream(call: Call, whole: Doc) -> Answer:
    parts = _parts_of(whole)
    if call.alt == "sse":
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
