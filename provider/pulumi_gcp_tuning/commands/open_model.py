"""``gcp-tuning ask`` for open models on machines: they support predict, and the prompt holds the instruction."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pulumi_gcp_tuning.google import Google

_NAMES = {"temperature": "temperature", "maxOutputTokens": "max_tokens"}
_MOST_TOKENS = 256


def is_on_a_machine(deployed: Sequence[Mapping[str, Any]]) -> bool:
    """Whether one of the models that an endpoint serves is on a machine."""
    return any(each.get("dedicatedResources") for each in deployed)


def ask_open_model(
    google: Google, target: str, question: str, system: str | None, parameters: Mapping[str, float]
) -> str:
    """The answer of an open model. A new machine may refuse its first requests (503, 504); they are sent again."""
    prompt = question if system is None else f"{system}\n{question}"
    given = {_NAMES[key]: value for key, value in parameters.items()}
    predictions = google.vertex_of(target).predict_texts(target, {**open_instance_for(prompt), **given})
    return str(predictions[0]) if predictions else "(no text)"


def open_instance_for(prompt: str) -> dict[str, Any]:
    """A prompt in the form of an open model that is asked for the text of its answer alone."""
    return {"prompt": prompt, "raw_response": True, "max_tokens": _MOST_TOKENS}
