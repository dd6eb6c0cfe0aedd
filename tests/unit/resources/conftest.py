"""A running sandbox, and a program of its own in it for each test."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from support.sandbox_program import Program
from support.sandbox_server import SandboxServer


@pytest.fixture(scope="module")
def server() -> Iterator[SandboxServer]:
    with SandboxServer() as running:
        yield running


@pytest.fixture
def program(server: SandboxServer, tmp_path: Path) -> Iterator[Program]:
    server.reset(speed=100_000)
    server.make_bucket("shop-data")
    made = Program(server, tmp_path)
    yield made
    made.google.close()
