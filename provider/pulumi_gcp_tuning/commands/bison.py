"""Questions to bison models, tuned and base ones: they support predict and not generateContent."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from pulumi_gcp_tuning.errors import Refused
from pulumi_gcp_tuning.resources.core.labels import BASE_MODEL

if TYPE_CHECKING:
    from pulumi_gcp_tuning.google import Google


def bison_behind(google: Google, target: str, deployed: Sequence[Mapping[str, Any]]) -> str | None:
    """The bison model of an endpoint, which serves ``deployed``, or of a publisher's model name; None for another model."""
    name = target.rpartition("/")[2]
    if "/endpoints/" in target:
        models = [str(each["model"]) for each in deployed if each.get("model")]
        labels = google.vertex_of(target).get_model(models[0]).get("labels") or {} if models else {}
        name = str(labels.get(BASE_MODEL, ""))
    return name if "bison" in name else None


def ask_bison(
    google: Google, target: str, base: str, question: str, system: str | None, parameters: Mapping[str, float]
) -> str:
    """The answer of a bison model; only the chat models accept a system instruction."""
    if system is not None and "chat" not in base:
        raise Refused(f"{base} does not accept a system instruction. Remove --system.")
    instance = {**instance_for(base, question), **({} if system is None else {"context": system})}
    answer = google.vertex_of(target).predict(target, instance, dict(parameters))
    return _text_of(answer)


def instance_for(base: str, question: str) -> dict[str, Any]:
    """A question in the form of that bison model."""
    if "chat" in base:
        return {"messages": [{"author": "user", "content": question}]}
    return {"prefix" if base.startswith("code") else "content": question}


def _text_of(answer: Mapping[str, Any]) -> str:
    predictions = answer.get("predictions") or [{}]
    candidates = predictions[0].get("candidates") or [predictions[0]]
    return str(candidates[0].get("content") or "(no text)")
