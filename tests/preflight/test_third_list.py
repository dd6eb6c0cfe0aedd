"""The third list, which breaks the checks: what Google refuses is told at preview, what it takes passes without a word."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import pytest

from preflight.second_list_answers import Said, answer_to
from preflight.third_list_right import RIGHT
from preflight.third_list_wrong import WRONG
from pulumi_gcp_tuning.errors import ApiError
from pulumi_gcp_tuning.google.storage import Storage
from support.preflight_table import TABLE

if TYPE_CHECKING:
    from pathlib import Path

    from preflight.conftest import WorldOf
    from preflight.third_list import Row

SEVERITIES: Final = {"error": "error", "warning": "warn"}


def told_of(row: Row, world_of: WorldOf, folder: Path, patch: pytest.MonkeyPatch) -> list[Said]:
    """What preview says of the row; objects have the fields that the sandbox cannot give them."""
    fields = row.situation["world"].get("fields", {})
    get_object, open_object = Storage.get_object, Storage.open_object

    def an_object(storage: Storage, bucket: str, name: str, **more: Any) -> Any:
        return {**get_object(storage, bucket, name, **more), **fields.get(name, {})}

    def opened(storage: Storage, bucket: str, name: str, **more: Any) -> Any:
        if "customerEncryption" in fields.get(name, {}):
            said = "The target object is encrypted by a customer-supplied encryption key."
            raise ApiError(said, http_status=400, status="INVALID_ARGUMENT")
        return open_object(storage, bucket, name, **more)

    patch.setattr(Storage, "get_object", an_object)
    patch.setattr(Storage, "open_object", opened)
    return answer_to(row, world_of, folder, patch)  # type: ignore[arg-type]  # it reads the same fields of a row


def is_right(row: Row, said: list[Said]) -> bool:
    wanted = [each for each in said if each.severity == SEVERITIES[row.answer]]
    refused = row.answer == "warning" and any(each.severity == "error" for each in said)
    return any(each.names(*row.names) for each in wanted) and not refused


@pytest.mark.parametrize("row", WRONG, ids=lambda row: row.id)
def test_a_wrong_configuration_is_told_with_what_is_wrong(
    row: Row, world_of: WorldOf, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    said = told_of(row, world_of, tmp_path, monkeypatch)
    assert is_right(row, said), said


@pytest.mark.parametrize("row", RIGHT, ids=lambda row: row.id)
def test_a_right_configuration_passes_without_a_word(
    row: Row, world_of: WorldOf, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert told_of(row, world_of, tmp_path, monkeypatch) == []


def test_the_list_is_as_long_as_it_says_and_names_each_row_once() -> None:
    rows = [*WRONG, *RIGHT]
    assert (len(WRONG), len(RIGHT)) == (68, 45)
    assert len({row.id for row in rows}) == len(rows)
    assert not {row.id for row in rows} & {case.id for case in TABLE}
