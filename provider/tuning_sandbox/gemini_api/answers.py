"""generateContent on a tuned model: one turn of text."""

from __future__ import annotations

from typing import Any

from tuning_sandbox.gemini_api.course import COURSE
from tuning_sandbox.gemini_api.service import MOST_INPUT, api
from tuning_sandbox.gemini_api.tuned_models import find_tuned_model
from tuning_sandbox.kernel import Call, GoogleError, failed_precondition, invalid_argument
from tuning_sandbox.kernel.course import State
from tuning_sandbox.vertex.outputs import weights_key
from tuning_sandbox.vertex.ranges import read_number
from tuning_sandbox.vertex.served import network_of

_CONFIG = (
    "temperature",
    "topP",
    "topK",
    "maxOutputTokens",
    "candidateCount",
    "stopSequences",
    "seed",
    "responseMimeType",
)
_MOST_TOKENS = 8192
Doc = dict[str, Any]

api.behaviour("a question may leave out its role", source="thread", ref="seed 003")
api.behaviour(
    "a tuned model accepts 40,000 characters of text in one turn, and no JSON mode; anything else is INVALID_ARGUMENT",
    source="thread",
    ref="seed 003",
)


@api.route("POST", "/{version}/tunedModels/{model}:generateContent", id="generativelanguage.tunedModels.generateContent",
           source="discovery", does="an answer of a tuned model that is ACTIVE")  # fmt: skip
def generate_content(call: Call) -> Doc:
    from tuning_sandbox.learner.answers import Sampling, write_answer
    from tuning_sandbox.learner.text import count_tokens

    model, body = find_tuned_model(call), call.body
    if COURSE.state_of(model) is not State.SUCCEEDED:
        raise failed_precondition(f"Tuned model {model.name} is not active.")
    if not model.base.is_served(call.sandbox.clock.calendar()):
        raise failed_precondition(f"The base model of {model.name} has been withdrawn.")
    # the safety settings are accepted and change nothing; the model is in the path
    known = {"contents", "generationConfig", "safetySettings", "model"}
    for field, value in body.items():
        if field not in known and value:
            raise invalid_argument(f"{field} is not supported by tuned models.", field)
    prompt = _text_of(call.require("contents"))
    config = body.get("generationConfig", {})
    for field in config:
        if field not in _CONFIG:
            raise GoogleError(501, "UNIMPLEMENTED", f"The sandbox does not have generationConfig.{field}.")
    if config.get("responseMimeType", "text/plain") != "text/plain":
        raise invalid_argument("JSON mode is not enabled for tuned models.", "generation_config.response_mime_type")
    sampling = Sampling(
        temperature=read_number(
            config, "temperature", model.resource.get("temperature", 1.0), 0, 2, "generation_config"
        ),
        top_p=read_number(config, "topP", model.resource.get("topP", 0.95), 0, 1, "generation_config"),
        top_k=int(read_number(config, "topK", model.resource.get("topK", 64), 1, 1000, "generation_config")),
        max_output_tokens=int(
            read_number(config, "maxOutputTokens", _MOST_TOKENS, 1, _MOST_TOKENS, "generation_config")
        ),
        stop_sequences=tuple(config.get("stopSequences", [])),
    )
    if config.get("candidateCount", 1) not in (0, 1):
        raise invalid_argument("Only one candidate can be specified.", "generation_config.candidate_count")
    network = network_of(call.sandbox, weights_key(model.weights, model.checkpoints[-1]["checkpointId"]))
    seed = int(config["seed"]) % (1 << 32) if "seed" in config else int(call.sandbox.ids.number(9))
    reply = write_answer(network, prompt, sampling, seed)
    asked = count_tokens(prompt)
    counts = {"promptTokenCount": asked, "candidatesTokenCount": reply.tokens, "totalTokenCount": asked + reply.tokens}
    content = {"role": "model", "parts": [{"text": reply.text}]}
    first = {"content": content, "finishReason": reply.finish_reason, "avgLogprobs": round(reply.mean_log_chance, 6)}
    return {"candidates": [first], "usageMetadata": counts, "modelVersion": model.name}


def _text_of(contents: list[Doc]) -> str:
    if len(contents) != 1:
        raise invalid_argument("Multiturn chat is not enabled for tuned models.", "contents")
    (turn,) = contents
    if turn.get("role", "user") != "user":
        raise invalid_argument("Please use a valid role: user, model.", "contents[0].role")
    parts = turn.get("parts", [])
    if any(set(part) - {"text"} for part in parts):
        raise invalid_argument("Tuned models take text only.", "contents[0].parts")
    text = "\n".join(part["text"] for part in parts if part.get("text"))
    if not text:
        raise invalid_argument("contents must not be empty.", "contents")
    if len(text) > MOST_INPUT:
        raise invalid_argument(f"The input has {len(text)} characters, a tuned model takes {MOST_INPUT}.", "contents")
    return text
