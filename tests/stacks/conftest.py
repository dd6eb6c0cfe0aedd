"""Stacks under the real CLI."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Protocol

import pytest
from support.pulumi_stack import Stack
from support.sandbox_server import PROJECT, REGION, SandboxServer
from support.tuning_programs import rows


class NewStack(Protocol):
    def __call__(
        self,
        program: str,
        *,
        config: Mapping[str, Any] | None = None,
        env: Mapping[str, str] | None = None,
        settings: Mapping[str, Any] | None = None,
    ) -> Stack: ...


class TuningStack(Protocol):
    def __call__(
        self, program: str, *, config: Mapping[str, Any] | None = None, env: Mapping[str, str] | None = None
    ) -> Stack: ...


@pytest.fixture(scope="session")
def pulumi_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("pulumi-home")


@pytest.fixture
def new_stack(tmp_path: Path, pulumi_cli: Path, pulumi_home: Path) -> NewStack:
    made: list[Stack] = []

    def make(
        program: str,
        *,
        config: Mapping[str, Any] | None = None,
        env: Mapping[str, str] | None = None,
        settings: Mapping[str, Any] | None = None,
    ) -> Stack:
        folder = tmp_path / f"project-{len(made)}"
        stack = Stack(folder, program, cli=pulumi_cli, home=pulumi_home, config=config, env=env, settings=settings)
        made.append(stack)
        return stack

    return make


@pytest.fixture(scope="session")
def sandbox_server() -> Iterator[SandboxServer]:
    with SandboxServer() as server:
        yield server


@pytest.fixture
def sandbox(sandbox_server: SandboxServer) -> SandboxServer:
    """An empty cloud with one bucket, ``shop-data``, whose jobs take a second."""
    sandbox_server.reset()
    sandbox_server.make_bucket()
    return sandbox_server


@pytest.fixture
def tuning_stack(new_stack: NewStack, sandbox: SandboxServer) -> TuningStack:
    """Makes a stack on the sandbox with 40 rows in train.jsonl."""

    def make(program: str, *, config: Mapping[str, Any] | None = None, env: Mapping[str, str] | None = None) -> Stack:
        settings = {"gcp:project": PROJECT, "gcp:region": REGION} | dict(config or {})
        stack = new_stack(program, config=settings, env=sandbox.env | dict(env or {}))
        stack.write("train.jsonl", rows())
        return stack

    return make
