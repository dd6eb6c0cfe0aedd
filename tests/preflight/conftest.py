"""Sandboxes of the days that the cases play on, each started once."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from support.preflight_stack import PreviewedStack
from support.preflight_world import World
from support.sandbox_server import SandboxServer

WorldOf = Callable[[str], World]


@pytest.fixture(scope="session")
def world_of() -> Iterator[WorldOf]:
    """The world of a day; ask it to ``make`` what a situation has."""
    with ExitStack() as stack:
        worlds: dict[str, World] = {}

        def world(day: str) -> World:
            if day not in worlds:
                server = stack.enter_context(SandboxServer("--as-of", day))
                worlds[day] = World(server)
                stack.callback(worlds[day].close)
            return worlds[day]

        yield world


@pytest.fixture(scope="session")
def stack(tmp_path_factory: pytest.TempPathFactory, pulumi_cli: Path) -> PreviewedStack:
    """One stack for all previews of a session."""
    return PreviewedStack(tmp_path_factory.mktemp("previewed"), pulumi_cli, tmp_path_factory.mktemp("home"))
