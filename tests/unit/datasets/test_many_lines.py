"""What is wrong in the same way in many lines is said once; what is wrong in different ways is said one by one."""

from __future__ import annotations

from typing import Any

import pytest

from unit.datasets.test_files import gemini, judge, some


def stranger(index: int) -> dict[str, Any]:
    """A row whose only error is another one in each row: the name of its role."""
    row = gemini(index)
    return {"contents": [{**row["contents"][0], "role": f"r{index}"}, row["contents"][1]]}


def test_the_first_twenty_are_reported_and_all_are_counted() -> None:
    report = judge(some(stranger, 50) + some(gemini, 100, 900))
    assert [each.line for each in report.findings] == list(range(1, 21))
    assert report.counts["unknown-role"] == 50
    assert report.shown == {"unknown-role": 20}
    whole = judge(some(stranger, 50)).findings
    assert [each.kind for each in whole[20:]] == ["few-examples"]


def image_of(mime: str) -> dict[str, Any]:
    part = {"fileData": {"fileUri": "gs://shop/a.docx", "mimeType": mime}}
    return {"contents": [{"role": "user", "parts": [part]}, gemini(0)["contents"][1]]}


@pytest.mark.parametrize(
    ("row", "said"),
    [
        ({"contents": []}, "there are no turns"),
        ({"contents": "text"}, "it is a string, not a list"),
        (image_of("application/msword"), "the MIME type is application/msword"),
        ({"systemInstruction": "text", **gemini(1)}, 'it is a string, not an object: {"parts": [{"text": ...}]}'),
    ],
)
def test_what_is_wrong_in_the_same_way_in_many_lines_is_said_once_with_their_number(row: Any, said: str) -> None:
    report = judge([*some(gemini, 100), *[row] * 30])
    (found,) = report.findings
    assert (found.line, found.others, found.problem) == (101, 29, f"{said} (and so in 29 other lines)")
    assert report.errors == report.shown[found.kind] == 30


def test_lines_that_are_wrong_in_different_ways_are_said_one_by_one() -> None:
    report = judge([*some(gemini, 100), {"contents": []}, {"contents": "text"}, image_of("a/b"), image_of("c/d")])
    assert [(each.line, each.others) for each in report.findings] == [(101, 0), (102, 0), (103, 0), (104, 0)]


def test_an_error_behind_many_others_that_are_all_the_same_is_said_too() -> None:
    report = judge([*[{"contents": []}] * 200, *some(gemini, 100), {"contents": "text"}])
    assert [each.line for each in report.findings] == [1, 301]


def test_each_line_is_said_by_itself_where_its_row_is_shown() -> None:
    report = judge([*some(gemini, 100), *[{"contents": []}] * 30], show_rows=True)
    assert [each.line for each in report.findings] == list(range(101, 121))


def test_many_duplicates_are_one_line_and_a_count() -> None:
    report = judge(some(gemini, 500) * 2)
    assert report.counts["duplicate"] == report.training.duplicates == 500
    assert [each.problem for each in report.findings] == ["the row repeats line 1 (and so in 499 other lines)"]


@pytest.mark.parametrize(
    ("model", "kinds"),
    [
        ("gemini-3.5-flash", {"format-of-model"}),
        ("google/gemma3@gemma-3-27b-it", {"last-turn", "unknown-role"}),
        (None, {"last-turn", "unknown-role"}),
    ],
)
def test_rows_of_a_format_that_the_model_does_not_take_are_not_judged_by_that_format(
    model: str | None, kinds: set[str]
) -> None:
    asked = [{"messages": [{"role": "user", "content": f"q{index}"}]} for index in range(60)]
    strange = [{"messages": [{"role": "boss", "content": f"q{index}"}, said("a")]} for index in range(60)]
    report = judge([*asked, *strange], model=model)
    assert {each.kind for each in report.findings if each.severity == "error"} == kinds


def said(text: str) -> dict[str, str]:
    return {"role": "assistant", "content": text}
