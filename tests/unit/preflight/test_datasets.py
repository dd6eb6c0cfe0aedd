"""Local files, line by line."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from pulumi_gcp_tuning.datasets import Source
from pulumi_gcp_tuning.preflight.datasets import check_dataset, check_jsonl


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


def test_the_validator_speaks_as_a_check_of_a_resource(tmp_path: Path) -> None:
    file = tmp_path / "t.jsonl"
    file.write_bytes(b'{"contents": []}\n' * 30)
    report, found = check_dataset(Source.of_path(file, "t.jsonl"))
    assert report.training.examples == 30
    assert (found[0].path, found[0].severity, found[0].check) == ("source", "error", "dataset")
    assert found[0].problem == "t.jsonl:1: contents: there are no turns."
    assert "more of the kind no-turns" in next(each.problem for each in found if "more" in each.problem)


def test_the_validator_costs_nothing_until_it_is_called() -> None:
    program = "import sys; import pulumi_gcp_tuning.preflight.datasets; print('orjson' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"
