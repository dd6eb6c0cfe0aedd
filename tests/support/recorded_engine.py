"""Pulumi's own mocks of the engine, which keep what a program registered."""

from __future__ import annotations

from typing import Any

import pulumi

PREFIX = "urn:pulumi:stack::project::"


class Recorder(pulumi.runtime.Mocks):
    """Keeps what was registered; answers with the inputs and ``outputs``."""

    def __init__(self) -> None:
        self.seen: dict[str, pulumi.runtime.MockResourceArgs] = {}
        self.outputs: dict[str, dict[str, Any]] = {}

    def new_resource(self, args: pulumi.runtime.MockResourceArgs) -> tuple[str | None, dict[str, Any]]:
        self.seen[args.name] = args
        return f"{args.name}-id", {**args.inputs, **self.outputs.get(args.name, {})}

    def call(self, args: pulumi.runtime.MockCallArgs) -> Any:
        raise AssertionError(args)

    def inputs(self, name: str) -> dict[str, Any]:
        """The declared inputs of a resource, without the two that every one has, and without where they come from."""
        hidden = ("__provider", "resourceUrn", "inputSources")
        return {k: v for k, v in self.seen[name].inputs.items() if k not in hidden}


def run(program: Any) -> None:
    pulumi.runtime.test(program)()  # type: ignore[no-untyped-call]
