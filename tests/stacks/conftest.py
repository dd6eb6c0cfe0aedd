"""Stacks under the real CLI."""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack
from pathlib import Path
from typing import Any, Protocol

import pytest

from support.pulumi_stack import CHECKOUT, Stack
from support.sandbox_server import PROJECT, REGION, SandboxServer
from support.sharing import one_at_a_time
from support.tuning_programs import rows
from support.world_snapshots import restored, take

AfterUp = Callable[[str], tuple[Stack, SandboxServer]]


class NewStack(Protocol):
    def __call__(
        self,
        program: str,
        *,
        config: Mapping[str, Any] | None = None,
        env: Mapping[str, str] | None = None,
        name: str = "dev",
    ) -> Stack: ...


class TuningStack(Protocol):
    def __call__(
        self, program: str, *, config: Mapping[str, Any] | None = None, env: Mapping[str, str] | None = None
    ) -> Stack: ...


@pytest.fixture(scope="session")
def pulumi_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("pulumi-home")


@pytest.fixture
def new_stack(request: pytest.FixtureRequest, tmp_path: Path, pulumi_cli: Path, pulumi_home: Path) -> NewStack:
    assert request.node.get_closest_marker("cli"), "ask for the fixture by name, so that the test has the mark `cli`"
    made: list[Stack] = []

    def make(
        program: str,
        *,
        config: Mapping[str, Any] | None = None,
        env: Mapping[str, str] | None = None,
        name: str = "dev",
    ) -> Stack:
        folder = tmp_path / f"project-{len(made)}"
        stack = Stack(folder, program, cli=pulumi_cli, home=pulumi_home, config=config, env=env, name=name)
        made.append(stack)
        return stack

    return make


@pytest.fixture(scope="session")
def snapshots(shared_folder: Path) -> Path:
    """Where the workers of a run keep the stacks that have gone up."""
    return shared_folder / "snapshots"


@pytest.fixture
def after_up(tmp_path: Path, snapshots: Path, pulumi_cli: Path, pulumi_home: Path) -> Iterator[AfterUp]:
    """The stack of a program that has gone up on 40 rows, and its sandbox. The first test that asks runs the ``up``."""
    with ExitStack() as open_until_the_end:

        def begin(program: str) -> tuple[Stack, SandboxServer]:
            kept = snapshots / hashlib.sha256(program.encode()).hexdigest()[:12]
            with one_at_a_time(kept):
                if not (kept / "origin").exists():
                    take(kept, program, pulumi_cli, pulumi_home)
            return open_until_the_end.enter_context(restored(kept, tmp_path / "after-up", pulumi_cli, pulumi_home))

        yield begin


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


class MadeUp:
    """A copy of this checkout in which ``make up`` has run: what a newcomer has on the screen."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.env = {"PULUMI_GCP_TUNING_PYTHON": sys.executable, "PULUMI_GCP_TUNING_SANDBOX": ""}
        self._said: dict[str, str] = {}

    def run(self, *command: str) -> subprocess.CompletedProcess[str]:
        """One command in the copy."""
        return subprocess.run(
            command, cwd=self.folder, env=os.environ | self.env, capture_output=True, text=True, check=False
        )

    def up(self) -> str:
        """``make up`` without the making of ``.venv``; what it printed."""
        done = self.run(sys.executable, "scripts/up.py")
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    def down(self) -> str:
        """``make down``; what it printed."""
        done = self.run(sys.executable, "scripts/down.py")
        assert done.returncode == 0, done.stdout + done.stderr
        assert "The stack is gone and the sandbox has stopped." in done.stdout
        return done.stdout

    def output_of(self, command: str) -> str:
        """What a command prints; each is run once. ``make up`` is the first run, ``make up again`` the second."""
        if command not in self._said:
            if command.startswith("make up"):
                self._said[command] = self.up()
            else:
                done = self.run("bash", "-c", command)
                assert done.returncode == 0, done.stdout + done.stderr
                self._said[command] = done.stdout + done.stderr
        return self._said[command]


def copy_checkout(folder: Path) -> MadeUp:
    """A copy of what git knows of this checkout, without the tests, and with its ``.venv``."""
    listed = subprocess.run(["git", "ls-files"], cwd=CHECKOUT, capture_output=True, text=True, check=True)
    for name in listed.stdout.splitlines():
        if (CHECKOUT / name).is_file() and not name.startswith("tests/"):
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(CHECKOUT / name, folder / name)
    (folder / ".venv").symlink_to(sys.prefix)
    # Older than `.venv`, so that `make` in the copy never installs the copy into the environment of the tests.
    for name in ("requirements.lock", "pyproject.toml"):
        os.utime(folder / name, (0, 0))
    return MadeUp(folder)


@pytest.fixture
def bare_checkout(tmp_path: Path, pulumi_cli: Path) -> MadeUp:
    """A copy of this checkout in which nothing has run."""
    return copy_checkout(tmp_path / "checkout")


@pytest.fixture(scope="session")
def made_up(tmp_path_factory: pytest.TempPathFactory, pulumi_cli: Path) -> Iterator[MadeUp]:
    copy = copy_checkout(tmp_path_factory.mktemp("checkout"))
    try:
        copy.output_of("make up")
        yield copy
    finally:
        copy.down()
