"""What the matrices and their page may be relied on for."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import pytest

from pulumi_gcp_tuning.resources.jobs.sending import Sending
from support.cell_records import record, recorded
from support.cli_cells import CALLS, FAULTS, fault_cells, kill_cells
from support.fault_cells import Column, WrongError, columns, play, struck_by
from support.fault_stories import Stage
from support.in_process import made_simple
from support.known_holes import HOLES
from support.reliability_page import NOT_RUN, cell_text, cli_section, code, how_many, story_table

if TYPE_CHECKING:
    from pathlib import Path

CELLS = [str(cell) for cell in (*kill_cells(), *fault_cells())]


@pytest.fixture
def stage(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Stage:
    made_simple(monkeypatch)
    return Stage("full", tmp_path)


def test_a_submit_that_is_sent_again_blindly_is_caught(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    def see_nothing(_self: Sending, _seconds: float = 0.0) -> Any:
        return None

    monkeypatch.setattr(Sending, "look", see_nothing)
    column = Column("full", "up", "503 after the effect")
    (submit,) = [struck for struck in struck_by(stage, column) if struck.name.startswith("TuningJob create: POST")]
    with pytest.raises(WrongError, match="2 jobs"):
        play(stage, column, submit)


def test_no_two_cells_have_one_name_and_there_are_enough_of_them() -> None:
    assert len(set(CELLS)) == len(CELLS)
    assert len(kill_cells()) >= 60
    assert len(fault_cells()) >= 100
    assert {cell.call for cell in fault_cells()} == set(CALLS)
    assert {cell.event for cell in fault_cells()} == set(FAULTS)


def test_every_known_hole_is_in_a_matrix() -> None:
    names = {"handlers": list(map(str, columns())), "cli": CELLS}
    unused = [hole for hole in HOLES if not any(re.fullmatch(hole.where, name) for name in names[hole.matrix])]
    assert unused == []


def test_a_hole_of_the_cli_is_one_of_the_handlers_too() -> None:
    rows = {matrix: {hole.row for hole in HOLES if hole.matrix == matrix} for matrix in ("cli", "handlers")}
    assert rows["cli"] <= rows["handlers"]


def test_the_last_run_of_a_cell_counts(tmp_path: Path) -> None:
    for seen in ("WRONG: two jobs", "went on"):
        record("cli", "a", seen, folder=tmp_path)
    record("cli", "b", "killed", folder=tmp_path)
    assert {cell: line["seen"] for cell, line in recorded("cli", folder=tmp_path).items()} == {
        "a": "went on",
        "b": "killed",
    }


def test_the_page_says_which_cells_did_not_run(stage: Stage) -> None:
    ran, *others = CELLS
    told = "\n".join(cli_section({ran: {"seen": "the same run went on"}}))
    assert "the same run went on" in told
    assert f"These {len(others)} cells did not run" in told
    table = list(story_table(stage, "full", "refresh", {}))
    assert all(row.count(f" {NOT_RUN} ") >= 10 for row in table if row.startswith("| Tuning"))
    assert f"0 of {len(CELLS)} cells" in how_many({}, {})


def test_no_path_of_the_machine_is_shown() -> None:
    (cell, *_) = fault_cells()
    assert cell_text(cell, "WRONG: /tmp/a/pulumi up failed") == "**wrong**: PATH up failed"


@pytest.mark.parametrize(
    ("seen", "shown"),
    [
        ("went on", "on"),
        ("killed", "again"),
        ("told: no", "again"),
        ("WRONG: 2 jobs in place of 1", "**wrong**"),
        ("WRONG: left without a word: models/N", "A6"),
    ],
)
def test_what_was_seen_is_a_word_in_the_table(seen: str, shown: str) -> None:
    assert code(Column("full", "up, then destroy", "kill before"), seen, set()) == shown
