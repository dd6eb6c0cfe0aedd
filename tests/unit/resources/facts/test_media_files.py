"""The files that rows name are looked at: a bounded number, each problem said once with the first line."""

from __future__ import annotations

import json
from io import BytesIO
from typing import TYPE_CHECKING, Any

import pytest

from pulumi_gcp_tuning.datasets import Source, validate
from pulumi_gcp_tuning.errors import ApiError, NotFound
from pulumi_gcp_tuning.preflight.media import MOST_LOOKED_UP, check_files
from pulumi_gcp_tuning.resources.facts.media_files import look_at_files
from support.hand_made_google import Desk

if TYPE_CHECKING:
    from collections.abc import Callable

    from pulumi_gcp_tuning.errors import Finding
    from pulumi_gcp_tuning.names import GcsUri

PATH = ("training",)
SMALL = {"size": "1000"}


def row(number: int, name: str, mime: str = "image/png") -> dict[str, Any]:
    shown = {"fileData": {"mimeType": mime, "fileUri": name if ":" in name else f"gs://shop/{name}"}}
    asked = {"role": "user", "parts": [shown, {"text": f"What is {number}?"}]}
    return {"contents": [asked, {"role": "model", "parts": [{"text": f"A cat, {number}."}]}]}


def found(rows: list[Any], read: Callable[[GcsUri], Any], *, coming: bool = False) -> list[Finding]:
    text = "".join(json.dumps(each) + "\n" for each in rows).encode()
    report = validate(Source("train.jsonl", lambda: BytesIO(text)))
    seen = look_at_files(Desk().call(), report.training, read)
    return [] if seen is None else check_files(seen, path=PATH, coming=coming)


def missing(uri: GcsUri) -> Any:
    raise NotFound("none", http_status=404, status="NOT_FOUND")


def forbidden(uri: GcsUri) -> Any:
    raise ApiError("no", http_status=403, status="PERMISSION_DENIED")


def test_at_most_a_number_of_files_is_looked_up_and_the_finding_says_how_many() -> None:
    asked: list[str] = []

    def read(uri: GcsUri) -> Any:
        asked.append(str(uri))
        return missing(uri)

    (refused,) = found([row(n, f"{n}.png") for n in range(300)], read)
    assert len(set(asked)) == len(asked) == MOST_LOOKED_UP
    assert f"train.jsonl:1: the row names a file that does not exist, and so do {MOST_LOOKED_UP - 1} others" in str(
        refused
    )
    assert f"{MOST_LOOKED_UP} of 300 files that rows name were looked up" in str(refused)


def test_one_file_in_many_rows_is_looked_up_once() -> None:
    asked: list[str] = []

    def read(uri: GcsUri) -> Any:
        asked.append(str(uri))
        return SMALL

    assert found([row(n, "a.png") for n in range(50)], read) == []
    assert asked == ["gs://shop/a.png"]


def test_a_file_that_this_run_may_make_is_only_a_warning() -> None:
    (warned,) = found([row(0, "a.png")], missing, coming=True)
    assert warned.severity == "warn"


@pytest.mark.parametrize("name", ["https://shop.example/a.png", "gs://cloud-samples-data/a.png"])
def test_files_elsewhere_are_not_looked_up(name: str) -> None:
    assert found([row(0, name)], missing) == []


@pytest.mark.parametrize(
    ("mime", "size", "says"),
    [
        ("image/png", 21_000_000, "an image of 21 MB; the most is 20 MB"),
        ("application/pdf", 21_000_000, "a PDF of 21 MB; the most is 20 MB"),
        ("audio/mp3", 105_000_000, "a recording of 101 MB; the most is 100 MB"),
        ("video/mp4", 105_000_000, "a video of 101 MB; the most is 100 MB"),
    ],
)
def test_a_file_over_the_limit_of_its_kind_is_refused_and_a_smaller_one_passes(mime: str, size: int, says: str) -> None:
    (refused,) = found([row(0, "a", mime)], lambda _uri: {"size": str(size)})
    assert (refused.severity, says in str(refused)) == ("error", True)
    assert found([row(0, "a", mime)], lambda _uri: {"size": "19000000"}) == []


def test_files_that_may_not_be_read_are_one_warning_that_names_the_permission() -> None:
    (warned,) = found([row(n, f"{n}.png") for n in range(30)], forbidden)
    assert warned.severity == "warn"
    assert "storage.objects.get on the bucket shop" in str(warned)


def test_a_size_that_cannot_be_learned_is_one_warning() -> None:
    (warned,) = found([row(n, f"{n}.png") for n in range(30)], lambda _uri: {})
    assert (warned.severity, "the size of the file" in str(warned)) == ("warn", True)


def test_the_finding_names_a_line_and_nothing_of_the_row() -> None:
    (refused,) = found([row(0, "patients/john-smith.png")], missing)
    assert "john-smith" not in str(refused)
