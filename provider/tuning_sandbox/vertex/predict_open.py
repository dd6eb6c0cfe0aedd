"""predict on a machine that serves an open model: prompts with their sampling in each instance, and the cold start."""

from __future__ import annotations

from typing import Any

from tuning_sandbox.kernel import Call, GoogleError, Sandbox, invalid_argument
from tuning_sandbox.vertex.ranges import read_number
from tuning_sandbox.vertex.served import Answerer
from tuning_sandbox.vertex.service import api, not_in_sandbox

_KNOWN = {"prompt", "max_tokens", "temperature", "top_p", "top_k", "raw_response"}
_USUAL_TOKENS, _MOST_TOKENS = 16, 8_192
_COLD_ANSWERS = 2
Doc = dict[str, Any]

api.switch(
    "vertex.cold_start",
    default="serve",
    values=("serve", "503", "504"),
    does="the first two answers of a new machine: slow only, or an error until it is warm",
)
api.behaviour(
    "a machine that serves an open model accepts prompt, max_tokens, temperature, top_p, top_k and raw_response in an instance",
    source="thread",
    ref="seed 004",
)
api.behaviour(
    "its answer repeats the prompt (`Prompt:`, `Output:`) unless raw_response is true; max_tokens is 16 by default",
    source="thread",
    ref="the vLLM container of vertex-ai-samples",
)
api.behaviour("it does not answer generateContent", source="assumed")


class _Asked:
    """How often each deployment was asked."""

    def __init__(self) -> None:
        self.by_deployment: dict[str, int] = {}


def answer_open(call: Call, found: Answerer) -> Doc:
    """The predictions for the instances of the request."""
    from tuning_sandbox.learner.answers import Sampling, write_answer

    instances = call.require("instances")
    if call.body.get("parameters"):
        raise not_in_sandbox("predict with parameters on a machine of an open model")
    read = [_read(instance, at) for at, instance in enumerate(instances)]
    deployed = found.deployed or {}
    _warm_up(call.sandbox, str(deployed.get("id", "")))
    predictions = []
    for given in read:
        sampling = Sampling(
            temperature=given["temperature"],
            top_p=given["top_p"],
            top_k=given["top_k"],
            max_output_tokens=given["max_tokens"],
            stop_sequences=(),
        )
        said = write_answer(found.network, given["prompt"], sampling, int(call.sandbox.ids.number(9))).text
        predictions.append(said if given["raw_response"] else f"Prompt:\n{given['prompt']}\nOutput:\n{said}")
    model, _, version = str(deployed["model"]).partition("@")
    return {
        "predictions": predictions,
        "deployedModelId": deployed["id"],
        "model": model,
        "modelVersionId": version,
        "modelDisplayName": deployed["displayName"],
    }


def _read(instance: Any, at: int) -> Doc:
    where = f"instances[{at}]"
    if not isinstance(instance, dict) or not isinstance(instance.get("prompt"), str) or not instance["prompt"].strip():
        raise invalid_argument(f"Invalid instance: {where}: it needs a prompt, a text.", where)
    if unknown := set(instance) - _KNOWN:
        raise not_in_sandbox(f"predict of an open model with {min(unknown)}")
    if not isinstance(instance.get("raw_response", False), bool):
        raise invalid_argument(f"{where}.raw_response must be a boolean.", where)
    for name in _KNOWN - {"prompt", "raw_response"}:
        value = instance.get(name, 0)
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise invalid_argument(f"{where}.{name} must be a number.", where)
    return {
        "prompt": instance["prompt"],
        "raw_response": instance.get("raw_response", False),
        "max_tokens": int(read_number(instance, "max_tokens", _USUAL_TOKENS, 1, _MOST_TOKENS, where)),
        "temperature": read_number(instance, "temperature", 1.0, 0, 2, where),
        "top_p": read_number(instance, "top_p", 1.0, 0, 1, where),
        "top_k": int(read_number(instance, "top_k", 40, 1, 1_000, where)),
    }


def _warm_up(sandbox: Sandbox, deployment: str) -> None:
    cold, asked = str(sandbox.policy["vertex.cold_start"]), sandbox.memory(_Asked).by_deployment
    asked[deployment] = asked.get(deployment, 0) + 1
    if cold == "serve" or asked[deployment] > _COLD_ANSWERS:
        return
    status = {"503": "UNAVAILABLE", "504": "DEADLINE_EXCEEDED"}[cold]
    raise GoogleError(int(cold), status, "The model server is not ready yet. Please try again.")
