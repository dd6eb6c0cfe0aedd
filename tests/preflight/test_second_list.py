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
MISSED: Final[dict[str, str]] = {
    "a project id that ends with a hyphen": "nothing says it",
    "a project id of 31 characters": "nothing says it",
    "an object's name of more than 1,024 bytes": "nothing says it",
    "an object's name below .well-known/acme-challenge": "nothing says it",
    "an organization that denies Vertex AI": "nothing says it",
    "an organization that allows Vertex AI without Cloud Storage": "nothing says it",
    "the last checkpoint only: yes": "nothing says it",
    "a dataset's key in another region than its bucket": "nothing says it",
    "a dataset's key in a region, its bucket in a multi-region": "nothing says it",
    "a dataset's key that Cloud Storage may not use": "nothing says it",
    "a caller who may not deploy": "nothing says it",
    "five PDF files in one row": "nothing says it",
    "a web page as a document": "nothing says it",
    "a Matroska video": "nothing says it",
    "a recording in AMR": "nothing says it",
    "one clip of twelve minutes": "nothing says it",
    "clips of twelve minutes in every row": "nothing says it",
    "an offset without its unit": "nothing says it",
    "a video of 150 MB": "nothing says it",
    "a PDF of 30 MB": "nothing says it",
    "a resolution in small letters": "nothing says it",
    "a function call of the user": "nothing says it",
    "arguments as text": "nothing says it",
    "a response as text": "nothing says it",
    "a call without a name": "nothing says it",
    "a function's name with a blank": "nothing says it",
    "a declaration without a name": "nothing says it",
    "a tool as OpenAI writes it": "nothing says it",
    "a bucket's name in capitals": "it is found, but not named",
    "a bucket's name of 64 characters": "it is found, but not named",
    "a bucket's name that ends with a hyphen": "it is found, but not named",
    "an object's name with a line feed": "it is found, but not named",
    "a pattern as the training data": "it is found, but not named",
    "a service account whose id has three characters": "it is found, but not named",
    "a zone for a region": "it is found, but not named",
    "an endpoint in a zone": "it is found, but not named",
    "a preview that only answers": "it is found, but not named",
    "an embedding model": "it is found, but not named",
    "a video model": "it is found, but not named",
    "a live model": "it is found, but not named",
    "an alias of the newest model": "it is found, but not named",
    "a partner's model": "it is found, but not named",
    "a preview of Gemini 2.5 Flash": "it is found, but not named",
    "a version that the model does not have": "it is found, but not named",
    "a drawing in SVG": "it is found, but not named",
    "a file without its type": "it is found, but not named",
    "a function's answer that nobody asked for": "it is found, but not named",
    "900 validation examples beside 1,200 of training": "it is refused",
}
"""Rows that are not answered rightly yet, with the reason."""


def listed(row: Row) -> object:
    reason = MISSED.get(row.id)
    return pytest.param(row, id=row.id, marks=[pytest.mark.xfail(reason=reason, strict=True)] if reason else [])


def is_right(row: Row, said: list[Said]) -> bool:
    wanted = [each for each in said if each.severity == SEVERITIES[row.answer]]
    refused = row.answer == "warning" and any(each.severity == "error" for each in said)
    return any(each.names(*row.names) for each in wanted) and not refused


@pytest.mark.parametrize("row", [listed(row) for row in WRONG])
def test_a_wrong_configuration_is_told_with_what_is_wrong(
    row: Row, world_of: WorldOf, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    said = answer_to(row, world_of, tmp_path, monkeypatch)
    assert is_right(row, said), said


@pytest.mark.parametrize("row", [listed(row) for row in RIGHT])
def test_a_right_configuration_passes_without_a_word(
    row: Row, world_of: WorldOf, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert answer_to(row, world_of, tmp_path, monkeypatch) == []


def test_the_list_is_as_long_as_it_says_and_names_each_row_once() -> None:
    rows = [*WRONG, *RIGHT]
    assert (len(WRONG), len(RIGHT)) == (95, 59)
    assert len({row.id for row in rows}) == len(rows)
    assert not {row.id for row in rows} & {case.id for case in TABLE}
    assert MISSED.keys() <= {row.id for row in rows}
