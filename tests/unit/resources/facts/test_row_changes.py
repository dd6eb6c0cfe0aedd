"""How many rows a change of a dataset adds and removes, as a preview notes it for a review."""

from __future__ import annotations

import io
from dataclasses import replace
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import pytest

from pulumi_gcp_tuning.names import GcsUri
from pulumi_gcp_tuning.resources.facts import row_changes
from pulumi_gcp_tuning.resources.facts.row_changes import compare_rows
from support.hand_made_google import Desk

if TYPE_CHECKING:
    from pathlib import Path

OLD = GcsUri(bucket="shop-data", object="old.jsonl")


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(root=tmp_path)


def compared(desk: Desk, folder: Path, before: bytes, after: bytes) -> dict[str, Any]:
    class Storage:
        def get_object(self, *_: Any, **__: Any) -> dict[str, Any]:
            return {"size": str(len(before))}

        def open_object(self, *_: Any, **__: Any) -> io.BytesIO:
            return io.BytesIO(before)

    (folder / "new.jsonl").write_bytes(after)
    google: Any = SimpleNamespace(storage=Storage())
    return compare_rows(replace(desk.call(), google=google), OLD, folder / "new.jsonl")


@pytest.mark.parametrize(
    ("before", "after", "added", "removed"),
    [
        (b"a\nb\n", b"b\na\n", 0, 0),
        (b"a\nb\n", b"a\nb\nc\n", 1, 0),
        (b"a\nb\n", b"a\nx\n", 1, 1),
        (b"a\na\n", b"a\n", 0, 1),
        (b"a\n\nb", b"a\r\nb\r\n", 0, 0),
        (b"a\n", b"", 0, 1),
    ],
)
def test_rows_are_compared_by_content(
    desk: Desk, tmp_path: Path, before: bytes, after: bytes, added: int, removed: int
) -> None:
    found = compared(desk, tmp_path, before, after)
    assert (found["added"], found["removed"]) == (added, removed)
    assert found["after"] - found["before"] == added - removed


def test_a_large_object_is_not_read(desk: Desk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(row_changes, "MOST_BYTES", 3)
    assert compared(desk, tmp_path, b"a\nb\n", b"a\n") == {"why_not": "the old object is larger than 0 MiB"}


def test_an_object_that_is_gone_says_so_in_one_line(desk: Desk, tmp_path: Path) -> None:
    [why] = compare_rows(desk.call(), OLD, tmp_path / "new.jsonl").values()
    assert why.startswith("the old object could not be read: ")
    assert "\n" not in why


def test_no_fact_has_the_content_of_a_row(desk: Desk, tmp_path: Path) -> None:
    found = compared(desk, tmp_path, b'{"text": "hunter"}\n', b'{"text": "other"}\n')
    assert all(isinstance(value, int) for value in found.values())
