"""The same rules through the real CLI: fifty lives of at most eight commands, each kind of job in its turn.

In ten more the provider process dies again and again, and the CLI lives on.
"""

from __future__ import annotations

from random import Random
from typing import TYPE_CHECKING, Final

import pytest

from lives.drawing import draw_life, draw_life_of_dying_providers
from lives.program import SHAPES
from lives.real import MOST_COMMANDS, real_life
from lives.world import Violation

if TYPE_CHECKING:
    from pathlib import Path

    from lives.life import Step

LIVES: Final = 50
OF_DYING_PROVIDERS: Final = 10
LONG: Final = 12


@pytest.mark.full
@pytest.mark.usefixtures("real_start")
@pytest.mark.parametrize("number", range(LIVES))
def test_a_life_through_the_cli_loses_nothing_and_pays_once(
    number: int, tmp_path: Path, pulumi_cli: Path, request: pytest.FixtureRequest
) -> None:
    random = Random(f"{request.config.getoption('--seed')}:{number}")  # noqa: S311  # no secret
    live(draw_life(random), number, tmp_path, pulumi_cli)


@pytest.mark.full
@pytest.mark.usefixtures("real_start")
@pytest.mark.parametrize("number", range(OF_DYING_PROVIDERS))
def test_a_life_whose_providers_die_loses_nothing_and_pays_once(
    number: int, tmp_path: Path, pulumi_cli: Path, request: pytest.FixtureRequest
) -> None:
    random = Random(f"{request.config.getoption('--seed')}:provider:{number}")  # noqa: S311  # no secret
    steps = draw_life_of_dying_providers(random, SHAPES[number % len(SHAPES)])
    assert live(steps, number, tmp_path, pulumi_cli, most=LONG), "no provider died"


def live(steps: list[Step], number: int, folder: Path, cli: Path, most: int = MOST_COMMANDS) -> int:
    """How many commands failed because their provider died."""
    with real_life(folder, cli, most, shape=SHAPES[number % len(SHAPES)]) as life:
        try:
            for step in steps:
                life.step(*step)
        except Violation as found:
            pytest.fail(f"{found}\n{life.steps}")
        return life.deaths
