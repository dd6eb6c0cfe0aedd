"""The kill and fault matrices on the handlers: each call of each story meets each event, and the next run puts all right."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import cache
from typing import TYPE_CHECKING

import pytest

from support.cell_records import record
from support.fault_cells import Column, WrongError, columns, play, struck_by
from support.fault_stories import Stage
from support.in_process import made_simple
from support.known_holes import holes_of

if TYPE_CHECKING:
    from pathlib import Path

StageOf = Callable[[str], Stage]


@pytest.fixture(scope="module")
def stage_of(tmp_path_factory: pytest.TempPathFactory) -> Iterator[StageOf]:
    with pytest.MonkeyPatch.context() as patch:
        made_simple(patch)
        folder: Path = tmp_path_factory.mktemp("stage")
        yield cache(lambda stack: Stage(stack, folder))


@pytest.mark.matrix(10)
@pytest.mark.parametrize("column", columns(), ids=str)
def test_one_event_at_any_call_loses_nothing_and_the_next_run_puts_all_right(column: Column, stage_of: StageOf) -> None:
    stage = stage_of(column.stack)
    seen: dict[str, str] = {}
    wrong: dict[str, str] = {}
    for struck in struck_by(stage, column):
        try:
            seen[struck.name] = play(stage, column, struck)
        except WrongError as error:
            wrong[struck.name] = seen[struck.name] = f"WRONG: {error}"
    record("handlers", str(column), seen)
    holes = holes_of("handlers", str(column))
    new = {call: what for call, what in wrong.items() if not any(hole.explains(what) for hole in holes)}
    assert new == {}
    repaired = [hole for hole in holes if not any(hole.explains(what) for what in wrong.values())]
    assert repaired == [], "these go right now: delete them from tests/support/known_holes.py"
