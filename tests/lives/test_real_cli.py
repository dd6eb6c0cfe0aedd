"""The same rules through the real CLI: fifty lives of at most eight commands, ten of each kind of job."""

from __future__ import annotations

from random import Random
from typing import TYPE_CHECKING, Final

import pytest

from lives.drawing import draw_life
from lives.program import SHAPES
from lives.real import real_life
from lives.world import Violation

if TYPE_CHECKING:
    from pathlib import Path

LIVES: Final = 50


@pytest.mark.full
@pytest.mark.usefixtures("real_start")
@pytest.mark.parametrize("number", range(LIVES))
def test_a_life_through_the_cli_loses_nothing_and_pays_once(
    number: int, tmp_path: Path, pulumi_cli: Path, request: pytest.FixtureRequest
) -> None:
    steps = draw_life(Random(f"{request.config.getoption('--seed')}:{number}"))  # noqa: S311  # no secret
    with real_life(tmp_path, pulumi_cli, shape=SHAPES[number % len(SHAPES)]) as life:
        try:
            for step in steps:
                life.step(*step)
        except Violation as found:
            pytest.fail(f"{found}\n{life.steps}")
