"""What a FineTunedModel declares, as the checks of its resources get it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import pulumi

import pulumi_gcp_tuning as tuning
from support.preflight_case import DATA
from support.recorded_engine import run
from support.sandbox_server import REGION

if TYPE_CHECKING:
    from collections.abc import Mapping

KINDS: Final = {"TuningDataset": "tuning_dataset", "TuningJob": "tuning_job", "Endpoint": "endpoint"}
"""The resources whose inputs come from the component's arguments; the others refer to these."""


class _Engine(pulumi.runtime.Mocks):
    def __init__(self) -> None:
        self.seen: list[tuple[str, dict[str, Any]]] = []

    def new_resource(self, args: pulumi.runtime.MockResourceArgs) -> tuple[str | None, dict[str, Any]]:
        kind = KINDS.get(args.typ.rpartition(":")[2])
        if kind is not None:
            hidden = ("__provider", "resourceUrn", "projectRoot")
            self.seen.append((kind, {key: value for key, value in args.inputs.items() if key not in hidden}))
        return f"{args.name}-id", {**args.inputs, "uri": DATA}

    def call(self, args: pulumi.runtime.MockCallArgs) -> Any:
        return {}


def children_of(arguments: Mapping[str, Any]) -> list[tuple[str, dict[str, Any]]]:
    """The kind and the inputs of each resource. Raises WrongArgumentError for what the component refuses itself."""
    engine = _Engine()
    pulumi.runtime.set_mocks(engine, preview=False)
    given: Any = {"location": REGION, **arguments}

    def declare() -> None:
        tuning.FineTunedModel("bot", **given)

    run(declare)
    return engine.seen
