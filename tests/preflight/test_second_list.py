"""The second list: what Google refuses is refused at preview, what it takes passes without a word."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import pytest

from preflight import second_list_files, second_list_names, second_list_rows
from preflight.second_list_answers import Said, answer_to
from preflight.second_list_right import RIGHT
from support.preflight_table import TABLE

if TYPE_CHECKING:
    from pathlib import Path

    from preflight.conftest import WorldOf
    from preflight.second_list import Row

WRONG: Final = (*second_list_names.WRONG, *second_list_rows.WRONG, *second_list_files.WRONG)
SEVERITIES: Final = {"error": "error", "warning": "warn"}


def is_right(row: Row, said: list[Said]) -> bool:
    wanted = [each for each in said if each.severity == SEVERITIES[row.answer]]
    refused = row.answer == "warning" and any(each.severity == "error" for each in said)
    return any(each.names(*row.names) for each in wanted) and not refused


@pytest.mark.parametrize("row", WRONG, ids=lambda row: row.id)
def test_a_wrong_configuration_is_told_with_what_is_wrong(
    row: Row, world_of: WorldOf, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    said = answer_to(row, world_of, tmp_path, monkeypatch)
    assert is_right(row, said), said


@pytest.mark.parametrize("row", RIGHT, ids=lambda row: row.id)
def test_a_right_configuration_passes_without_a_word(
    row: Row, world_of: WorldOf, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert answer_to(row, world_of, tmp_path, monkeypatch) == []


def test_the_list_is_as_long_as_it_says_and_names_each_row_once() -> None:
    rows = [*WRONG, *RIGHT]
    assert (len(WRONG), len(RIGHT)) == (95, 59)
    assert len({row.id for row in rows}) == len(rows)
    assert not {row.id for row in rows} & {case.id for case in TABLE}
