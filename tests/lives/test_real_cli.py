"""The same rules through the real CLI: fifty lives of at most eight commands."""

from __future__ import annotations

from random import Random
from typing import TYPE_CHECKING, Final

import pytest

from lives.drawing import draw_life
from lives.real import RealLife
from lives.world import Violation
from support.pulumi_stack import Stack
from support.sandbox_server import PROJECT, REGION, SandboxServer

if TYPE_CHECKING:
    from pathlib import Path

LIVES: Final = 50


@pytest.mark.full
@pytest.mark.parametrize("number", range(LIVES))
def test_a_life_through_the_cli_loses_nothing_and_pays_once(
    number: int, tmp_path: Path, pulumi_cli: Path, request: pytest.FixtureRequest
) -> None:
    steps = draw_life(Random(f"{request.config.getoption('--seed')}:{number}"))  # noqa: S311  # no secret
    with SandboxServer() as server:
        server.reset()
        server.make_bucket()
        config = {"gcp:project": PROJECT, "gcp:region": REGION}
        home = tmp_path / "home"
        stack = Stack(tmp_path / "shop", "", cli=pulumi_cli, home=home, config=config, env=server.env, project="shop")
        life = RealLife(stack, server)
        try:
            for step in steps:
                life.step(*step)
        except Violation as found:
            pytest.fail(f"{found}\n{life.steps}")
