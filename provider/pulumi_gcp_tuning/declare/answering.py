"""How an application asks what a resource serves: text that is made in the program, only if it asks for it. Written by hand.

It is no output of the engine, because each of these costs time in every preview, and it follows from outputs that are there.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

import pulumi
from pulumi import Output

from pulumi_gcp_tuning.declare.local_examples import LocalExamples
from pulumi_gcp_tuning.declare.resource import TuningResource
from pulumi_gcp_tuning.label_keys import BASE_MODEL_LABEL

Snippets = Output[Mapping[str, str] | None]


class Answering(TuningResource):
    """Base of a resource with an output ``endpoint``."""

    @property
    def snippets(self) -> Snippets:
        """How an application asks it: `python`, `curl`, and the `packages` that `python` needs. None if nothing serves it."""
        outputs: Any = self
        seen = {"endpoint": outputs.endpoint, "origin": outputs.api_origin, "base": self.base_label()}
        return Output.all(**seen, on_machine=self._on_machine()).apply(_snippets_of)

    def base_label(self) -> Output[str | None]:
        """The base model in the form of Google's label; None if the program does not know that of a deployed model."""
        outputs: Any = self
        if "effective_labels" in self._wires:
            return Output.from_input(outputs.effective_labels).apply(
                lambda labels: (labels or {}).get(BASE_MODEL_LABEL)
            )
        model = Output.from_input(self._declared.props.get("model"))

        async def found() -> Any:
            tuned = [each for each in await model.resources() if isinstance(each, Answering)]
            return tuned[0].base_label() if len(tuned) == 1 else None

        return Output.from_input(found())

    def _on_machine(self) -> Output[bool]:
        outputs: Any = self
        if "machine_type" not in self._wires:
            return Output.from_input(False)
        return Output.from_input(outputs.machine_type).apply(lambda machine: machine is not None)


class TunedByGeminiApi(LocalExamples):
    """Base of a tuned model of the Gemini API, which has a name and no endpoint."""

    @property
    def snippets(self) -> Snippets:
        """How an application asks it: `python`, `curl`, and the `packages` that `python` needs. None if nothing serves it."""
        outputs: Any = self
        return Output.all(name=outputs.name, origin=outputs.gemini_origin).apply(_gemini_snippets_of)


def _snippets_of(seen: Mapping[str, Any]) -> Mapping[str, str] | None:
    from pulumi_gcp_tuning.commands.snippets import snippets_of
    from pulumi_gcp_tuning.config import Settings
    from pulumi_gcp_tuning.names import EndpointName, MalformedName

    try:
        EndpointName.parse(seen["endpoint"] or "")
    except MalformedName:  # nothing serves it, or the program runs under mocks
        return None
    base = str(seen["base"] or "")
    origin, universe = str(seen["origin"] or ""), pulumi.Config("gcp").get("universeDomain") or "googleapis.com"
    is_google = not origin or origin == f"https://{universe}"
    settings = Settings(universe_domain=universe) if is_google else Settings(base_url=origin)
    bison = base if "bison" in base else None
    return asdict(snippets_of(seen["endpoint"], settings, bison=bison, on_machine=seen["on_machine"]))


def _gemini_snippets_of(seen: Mapping[str, Any]) -> Mapping[str, str] | None:
    from pulumi_gcp_tuning.commands.snippets import gemini_snippets_of
    from pulumi_gcp_tuning.config import Settings
    from pulumi_gcp_tuning.gemini_names import is_gemini_tuned_model

    if not is_gemini_tuned_model(seen["name"] or ""):
        return None
    origin = str(seen["origin"] or "")
    is_google = not origin or origin.endswith("//generativelanguage.googleapis.com")
    return asdict(gemini_snippets_of(seen["name"], Settings(gemini_base_url=None if is_google else origin)))
