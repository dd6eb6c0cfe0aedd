"""Lives that have failed once are lived again."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from lives.case import Case
from lives.cases import CASES
from lives.life import Life
from lives.program import write_files
from lives.rules import KNOWN
from lives.world import Violation

if TYPE_CHECKING:
    from pathlib import Path


def live(life: Life, case: Case) -> None:
    for step in case.steps:
        life.step(*step)


@pytest.mark.parametrize("case", [each for each in CASES if each.breaks is None], ids=lambda case: case.name)
def test_a_life_that_failed_once_does_not_fail_again(case: Case, tmp_path: Path) -> None:
    write_files(tmp_path)
    live(Life(tmp_path, shape=case.shape, known=[each for each in KNOWN if not each.ends]), case)


@pytest.mark.parametrize("case", [each for each in CASES if each.breaks is not None], ids=lambda case: case.name)
def test_a_hole_that_is_listed_is_still_there(case: Case, tmp_path: Path) -> None:
    """Where this fails the row is done: take ``breaks`` out of the case, and the row out of KNOWN."""
    write_files(tmp_path)
    life = Life(tmp_path, shape=case.shape, known=[each for each in KNOWN if each.rule != case.breaks])
    with pytest.raises(Violation, match=f"^{case.breaks}"):
        live(life, case)


def test_every_listed_hole_has_a_life_that_shows_it() -> None:
    shown = {(case.row, case.breaks) for case in CASES}
    assert [each for each in KNOWN if (each.row, each.rule) not in shown] == []
