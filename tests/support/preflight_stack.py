"""Puts a situation before the real Pulumi CLI: one stack, whose program declares whatever resource a file names."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import yaml  # type: ignore[import-untyped]

from pulumi_gcp_tuning import grammar
from support.preflight_case import Tree
from support.preflight_world import TYPES, World, write_files
from support.pulumi_stack import Result, Stack
from support.sandbox_server import PROJECT, REGION

PROGRAM: Final = """
import json, pathlib
import pulumi_gcp_tuning as tuning

case = json.loads(pathlib.Path("situation.json").read_text())
for number in range(case["count"]):
    made = getattr(tuning, case["type"])(f"bot-{number}", **case["inputs"])
if case["waits"]:
    tuning.TunedModel("bot", tuning_job=made)
"""
FREE_FORM: Final = ("labels", "checks")


class PreviewedStack:
    """One stack for many situations: nothing is installed or initialised anew."""

    def __init__(self, folder: Path, cli: Path, home: Path) -> None:
        self._stack = Stack(folder, PROGRAM, cli=cli, home=home)
        self._files: set[str] = set()
        self._empty = self._stack.state_file.read_bytes()

    def preview(self, world: World, kind: str, situation: Mapping[str, Any], *, count: int = 1) -> Result:
        """What ``pulumi preview`` says of the situation, of ``count`` resources with the same inputs."""
        self._declare(kind, situation, count=count)
        return self._stack.preview(env=self._env(world, situation))

    def up(self, world: World, kind: str, situation: Mapping[str, Any], *, waits: bool) -> Result:
        """What ``pulumi up`` says of it; ``waits``: for the job's model too. What it left in state is forgotten."""
        self._declare(kind, situation, waits=waits)
        try:
            return self._stack.up(env=self._env(world, situation))
        finally:
            self._stack.state_file.write_bytes(self._empty)

    def _declare(self, kind: str, situation: Mapping[str, Any], *, count: int = 1, waits: bool = False) -> None:
        for name in self._files - situation["files"].keys():
            (self._stack.folder / name).unlink(missing_ok=True)
        write_files(self._stack.folder, situation)
        self._files = set(situation["files"])
        declared = {"type": TYPES[kind], "inputs": snake(situation["inputs"]), "count": count, "waits": waits}
        (self._stack.folder / "situation.json").write_text(json.dumps(declared), encoding="utf-8")
        config = {"gcp:project": PROJECT, "gcp:region": REGION, **situation["config"]}
        file = self._stack.folder / f"Pulumi.{self._stack.name}.yaml"
        kept = (yaml.safe_load(file.read_text(encoding="utf-8")) if file.exists() else None) or {}
        file.write_text(yaml.safe_dump({**kept, "config": config}), encoding="utf-8")

    def _env(self, world: World, situation: Mapping[str, Any]) -> Tree:
        return world.server.env | {"GCP_TUNING_AS_OF": situation["world"]["today"]}


def snake(value: Any) -> Any:
    """Inputs as a program spells them."""
    if not isinstance(value, Mapping):
        return value
    return {grammar.snake(key): inner if key in FREE_FORM else snake(inner) for key, inner in value.items()}
