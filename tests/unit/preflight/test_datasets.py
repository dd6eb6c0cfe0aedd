"""The validator's words as findings of a resource."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import pytest

from pulumi_gcp_tuning.catalog import shipped
from pulumi_gcp_tuning.datasets import Source, validate
from pulumi_gcp_tuning.errors import Finding
from pulumi_gcp_tuning.preflight.datasets import findings_of

if TYPE_CHECKING:
    from pathlib import Path


def row(number: int, **more: Any) -> str:
    turns = [("user", f"Where is order {number}?"), ("model", f"On its way to {number}.")]
    return json.dumps({"contents": [{"role": role, "parts": [{"text": text}]} for role, text in turns], **more})


def write(path: Path, lines: list[str]) -> Source:
    path.write_text("\n".join(lines) + "\n")
    return Source.of_path(path, path.name)


def found_in(path: Path, content: bytes) -> list[Finding]:
    path.write_bytes(content)
    return [each for each in findings_of(validate(Source.of_path(path, "t.jsonl"))) if each.severity == "error"]


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "t.jsonl: the file has no examples."),
        (b"\n \n", "t.jsonl: the file has no examples."),
        (b'{"a": 1}\n', "t.jsonl:1: the row has none of the known formats; it has a."),
        (row(1).encode() + b"\n\n[1]\n", "t.jsonl:3: the line is a list, not an object."),
        (row(1).encode() + b"\nnull\n", "t.jsonl:2: the line is null, not an object."),
        (row(1).encode() + b'\n{"a": 1\n', "t.jsonl:2: the line is not JSON (column 8"),
        (b'{"a": "\xff"}\n', "t.jsonl:1: the line is not UTF-8 (byte 8)."),
        (b'{"contents": []}\n', "t.jsonl:1: contents: there are no turns."),
    ],
)
def test_each_wrong_line_is_named_with_what_to_do(tmp_path: Path, content: bytes, said: str) -> None:
    (found,) = found_in(tmp_path / "t.jsonl", content)
    assert str(found.problem).startswith(said)
    assert (found.path, found.check, bool(str(found.remedy))) == (("source",), "dataset", True)


def test_the_first_twenty_are_shown_and_the_rest_counted_by_kind(tmp_path: Path) -> None:
    strangers = [row(number).replace('"user"', f'"r{number}"') for number in range(50)]
    found = found_in(tmp_path / "t.jsonl", "\n".join([row(1), *strangers]).encode())
    assert len(found) == 21
    assert str(found[-1].problem) == "t.jsonl: 30 more of the kind unknown-role."


def test_duplicates_behind_many_other_findings_are_counted(tmp_path: Path) -> None:
    strangers = [row(number).replace('"user"', f'"r{number}"') for number in range(20)]
    found = findings_of(validate(write(tmp_path / "t.jsonl", [*strangers, *[row(1)] * 100])))
    assert "t.jsonl: 99 more of the kind duplicate." in [str(each.problem) for each in found]


def test_one_cause_in_many_lines_is_one_finding_and_nothing_is_left_to_count(tmp_path: Path) -> None:
    (found,) = found_in(tmp_path / "t.jsonl", row(1).encode() + b"\n" + b"[]\n" * 50)
    assert str(found.problem) == "t.jsonl:2: the line is a list, not an object (and so in 49 other lines)."


def test_a_byte_order_mark_and_blank_lines_pass(tmp_path: Path) -> None:
    content = b"\xef\xbb\xbf" + row(1).encode() + b"\n\n" + row(2).encode()
    assert found_in(tmp_path / "t.jsonl", content) == []


def test_a_folder_is_not_a_file(tmp_path: Path) -> None:
    (found,) = findings_of(validate(Source.of_path(tmp_path, "data")))
    assert str(found.problem) == "data: the file cannot be read: Is a directory."


def test_quality_is_a_warning(tmp_path: Path) -> None:
    source = write(tmp_path / "t.jsonl", [row(1)] * 150)
    assert {each.severity for each in findings_of(validate(source))} == {"warn"}


def test_findings_of_the_validation_file_stand_at_its_own_property(tmp_path: Path) -> None:
    training = write(tmp_path / "t.jsonl", [row(n) for n in range(200)])
    validation = write(tmp_path / "v.jsonl", [row(7)])
    (found,) = findings_of(validate(training, validation), property_path=("a",), validation_path=("b",))
    assert (found.path, str(found.problem).partition(":")[0]) == (("b",), "v.jsonl")


def test_rows_are_never_shown(tmp_path: Path) -> None:
    lines = [row(1, note="a customer's secret"), '["a customer\'s secret"]', "{\"a customer's secret"]
    assert "secret" not in repr(findings_of(validate(write(tmp_path / "t.jsonl", lines))))


def test_what_was_told_of_the_same_file_is_left_out(tmp_path: Path) -> None:
    source = write(tmp_path / "t.jsonl", [row(n) for n in range(150)] + ["[]"] * 30)
    told = validate(source)
    assert findings_of(told, told=[told]) == ()
    found = findings_of(validate(source, model=shipped().find_model("code-bison@002")), told=[told])
    assert [str(each.problem).partition(": ")[2].partition(" ")[0] for each in found] == ["code-bison@002", "there"]


def test_what_was_told_of_another_file_is_not_left_out(tmp_path: Path) -> None:
    told = validate(write(tmp_path / "other.jsonl", ["[]"]))
    report = validate(write(tmp_path / "t.jsonl", ["[]"]))
    assert findings_of(report, told=[told]) == findings_of(report) != ()


def test_where_the_use_is_not_known_nobody_is_told_what_holds_of_training_files_alone(tmp_path: Path) -> None:
    report = validate(write(tmp_path / "t.jsonl", [row(n) for n in range(50)]))
    assert findings_of(report, for_any_use=True) == ()
    (found,) = findings_of(report, told=[report])
    assert "fewer than 100" in str(found.problem)


def test_the_validator_costs_nothing_until_it_is_called() -> None:
    program = "import sys; import pulumi_gcp_tuning.preflight.datasets; print('orjson' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"


def test_the_resources_import_nothing_of_the_validator() -> None:
    program = (
        "import sys, pulumi_gcp_tuning.resources.registry\n"
        "print([m for m in sys.modules if m.startswith(('pulumi_gcp_tuning.datasets', 'orjson'))])"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
