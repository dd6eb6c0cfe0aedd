"""The small model of Pulumi's engine does what the real CLI does."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from lives.life import Life
from lives.program import write_files
from lives.real import real_life
from lives.rules import KNOWN

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from lives.real import RealLife

REVERTED = (
    ("up", "refresh"),
    ("change", "epochs", 3),
    ("change", "label", "y"),
    ("up", "bad"),
    ("change", "epochs", 2),
    ("up", "bad"),
    ("destroy", "target", "endpoint"),
    ("destroy", "denied", "delete_model"),
)
RENAMED = (
    ("change", "drop", "tuned_model"),
    ("up", "stuck"),
    ("change", "content", "b"),
    ("change", "rename"),
    ("change", "move"),
    ("up", "refresh"),
    ("change", "protect", "tuning_job"),
    ("change", "add", "tuned_model"),
    ("up", "target", "tuned_model"),
    ("change", "drop", "endpoint"),
    ("up", "refresh"),
    ("change", "retry"),
    ("up", "refresh"),
)


@pytest.fixture
def real(tmp_path: Path, pulumi_cli: Path) -> Iterator[RealLife]:
    with real_life(tmp_path, pulumi_cli, most=100) as life:
        yield life


def seen(life: Life) -> Any:
    """What a command did, and what state holds after it."""
    state = sorted(
        (e.urn, e.delete, e.replacing, e.init_errors, e.protect, sorted(e.inputs.keys() - {"__provider"}))
        for e in life.state
    )
    return life.last.changes, bool(life.last.errors), state


@pytest.mark.full  # it compares the lives' own model of the engine, which changes with the engine only
@pytest.mark.parametrize("script", [REVERTED, RENAMED], ids=["reverted", "renamed"])
def test_state_and_steps_are_those_of_the_real_engine(
    script: tuple[tuple[Any, ...], ...], tmp_path: Path, real: RealLife
) -> None:
    write_files(tmp_path)
    life = Life(tmp_path, known=KNOWN)
    for step in script:
        life.step(*step)
        real.step(*step)
        assert seen(real) == seen(life), (step, real.said[-1])
