"""Local files, line by line."""

from __future__ import annotations

from pathlib import Path

import pytest

from pulumi_gcp_tuning.preflight.datasets import check_jsonl


def report(tmp_path: Path, content: bytes) -> list[str]:
    file = tmp_path / "t.jsonl"
    file.write_bytes(content)
    return [str(finding) for finding in check_jsonl(file, shown_as="t.jsonl").findings]


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "holds no example"),
        (b"\n \n", "holds no example"),
        (b"{}\n", "line 1: the object is empty"),
        (b'{"a": 1}\n\n[1]\n', "line 3: it is a list, not an object"),
        (b'{"a": 1}\nnull\n', "line 2: it is null"),
        (b'{"a": 1\n', "line 1: it is not JSON (column 8"),
        (b'{"a": "\xff"}\n', "line 1: it is not UTF-8 (byte 8)"),
    ],
)
def test_each_wrong_line_is_named(tmp_path: Path, content: bytes, said: str) -> None:
    assert [said in line for line in report(tmp_path, content)] == [True]


def test_the_first_twenty_are_shown_and_the_rest_counted(tmp_path: Path) -> None:
    found = report(tmp_path, b"[]\n" * 50)
    assert len(found) == 21
    assert "30 more lines" in found[-1]


def test_a_byte_order_mark_and_blank_lines_pass(tmp_path: Path) -> None:
    file = tmp_path / "t.jsonl"
    file.write_bytes(b'\xef\xbb\xbf{"a": 1}\n\n{"a": 2}')
    found = check_jsonl(file, shown_as="t.jsonl")
    assert (found.examples, found.findings) == (2, ())


def test_a_folder_is_not_a_file(tmp_path: Path) -> None:
    assert "cannot be read" in str(check_jsonl(tmp_path, shown_as="data").findings[0])
