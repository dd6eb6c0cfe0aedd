"""The lists of configurations: what Google refuses is reported at preview, what it accepts passes without a word."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import pytest

from preflight import (
    fifth_list_right,
    fifth_list_wrong,
    fourth_list_right,
    fourth_list_wrong,
    second_list_files,
    second_list_names,
    second_list_right,
    second_list_rows,
    sixth_list_right,
    third_list_right,
    third_list_wrong,
)
from preflight.list_answers import answer_to, is_right
from support.preflight_table import TABLE

if TYPE_CHECKING:
    from pathlib import Path

    from preflight.conftest import WorldOf
    from preflight.list_row import Row

SECOND_WRONG: Final = (*second_list_names.WRONG, *second_list_rows.WRONG, *second_list_files.WRONG)


@pytest.mark.parametrize(
    "row",
    [*SECOND_WRONG, *third_list_wrong.WRONG, *fourth_list_wrong.WRONG, *fifth_list_wrong.WRONG],
    ids=lambda row: row.id,
)
def test_a_wrong_configuration_is_reported_with_what_is_wrong(
    row: Row, world_of: WorldOf, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    said = answer_to(row, world_of, tmp_path, monkeypatch)
    assert is_right(row, said), said


@pytest.mark.parametrize(
    "row",
    [
        *(*second_list_right.RIGHT, *third_list_right.RIGHT, *fourth_list_right.RIGHT, *fifth_list_right.RIGHT),
        *sixth_list_right.RIGHT,
    ],
    ids=lambda row: row.id,
)
def test_a_right_configuration_passes_without_a_word(
    row: Row, world_of: WorldOf, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert answer_to(row, world_of, tmp_path, monkeypatch) == []


@pytest.mark.parametrize(
    ("wrong", "right", "length"),
    [
        pytest.param(SECOND_WRONG, second_list_right.RIGHT, (95, 59), id="second"),
        pytest.param(third_list_wrong.WRONG, third_list_right.RIGHT, (68, 45), id="third"),
        pytest.param(fourth_list_wrong.WRONG, fourth_list_right.RIGHT, (83, 23), id="fourth"),
        pytest.param(fifth_list_wrong.WRONG, fifth_list_right.RIGHT, (110, 41), id="fifth"),
        pytest.param((), sixth_list_right.RIGHT, (0, 29), id="sixth"),
    ],
)
def test_a_list_is_as_long_as_it_says_and_names_each_row_once(
    wrong: tuple[Row, ...], right: tuple[Row, ...], length: tuple[int, int]
) -> None:
    rows = [*wrong, *right]
    assert (len(wrong), len(right)) == length
    assert len({row.id for row in rows}) == len(rows)
    assert not {row.id for row in rows} & {case.id for case in TABLE}
