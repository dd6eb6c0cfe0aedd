"""A local JSONL file, read line by line: is each line an object? Rows never appear in a finding, line numbers do."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO, TYPE_CHECKING, Final

from pulumi_gcp_tuning.errors import Evidence, Finding

if TYPE_CHECKING:
    from pulumi_gcp_tuning.catalog import ModelRow
    from pulumi_gcp_tuning.datasets import Report, RowFinding, Source

MOST_FINDINGS: Final = 20
MOST_BYTES: Final = 1 << 30


@dataclass(frozen=True, kw_only=True)
class DatasetReport:
    """How many examples the file holds, and what is wrong with it."""

    examples: int
    findings: tuple[Finding, ...]


def check_jsonl(path: Path, *, shown_as: str, property_path: str = "source") -> DatasetReport:
    """Reads the file once, one line in memory at a time. The first 20 findings are kept, the rest counted."""

    def finding(problem: str, remedy: str) -> Finding:
        return Finding(path=property_path, problem=problem, remedy=remedy, check="dataset", evidence="discovery")

    found: list[Finding] = []
    more = examples = 0
    try:
        if path.stat().st_size > MOST_BYTES:
            found.append(
                finding(f"{shown_as} is larger than 1 GB.", "Google takes files up to 1 GB; use fewer examples.")
            )
        with path.open("rb") as file:
            for number, problem in _lines(file):
                examples += 1
                if problem is None:
                    continue
                if len(found) >= MOST_FINDINGS:
                    more += 1
                    continue
                found.append(finding(f"{shown_as} line {number}: {problem}.", "Mend or remove the line."))
    except OSError as error:
        reason = error.strerror or type(error).__name__
        remedy = "Give the path of a readable file, relative to the folder of Pulumi.yaml."
        return DatasetReport(examples=0, findings=(finding(f"{shown_as} cannot be read: {reason}.", remedy),))
    if not examples:
        found.append(finding(f"{shown_as} holds no example.", "Give one JSON object a line."))
    if more:
        found.append(finding(f"{shown_as}: {more} more lines are not JSON objects.", "Mend or remove them."))
    return DatasetReport(examples=examples, findings=tuple(found))


def check_dataset(
    training: Source,
    validation: Source | None = None,
    *,
    model: ModelRow | None = None,
    property_path: str = "source",
    validation_path: str = "validation",
) -> tuple[Report, tuple[Finding, ...]]:
    """What the whole validator says of a dataset, as findings of a resource: the first 20, and how many more of a kind.

    The validator is imported on the first call.
    """
    from pulumi_gcp_tuning.datasets import RULES, validate

    report = validate(training, validation, model=model)

    def path_of(found: RowFinding) -> str:
        second = validation is not None and found.file == validation.name
        return validation_path if second else property_path

    found = [
        Finding(
            path=path_of(each),
            problem=f"{str(each).removesuffix(each.remedy).rstrip()}",
            remedy=each.remedy,
            check="dataset",
            severity=each.severity,
            evidence=_evidence(each.source),
        )
        for each in report.findings
    ]
    shown = [each.kind for each in report.findings]
    for kind, count in report.counts.items():
        if more := count - shown.count(kind):
            rule = RULES[kind]
            found.append(
                Finding(
                    path=property_path,
                    problem=f"{training.name}: {more} more of the kind {kind}.",
                    remedy="Run `gcp-tuning validate` on the file for the counts of every kind.",
                    check="dataset",
                    severity=rule.severity,
                    evidence=_evidence(rule.source),
                )
            )
    return report, tuple(found)


def _evidence(source: str) -> Evidence:
    # the catalogue's word for public documentation is "thread" too
    return "seed" if source.startswith("seed") else "thread" if source == "docs" else "policy"


def _lines(file: IO[bytes]) -> Iterator[tuple[int, str | None]]:
    for number, line in enumerate(file, start=1):
        row = line.removeprefix(b"\xef\xbb\xbf").rstrip() if number == 1 else line.rstrip()
        if row:
            yield number, _problem_of(row)


def _problem_of(line: bytes) -> str | None:
    try:
        row = json.loads(line)
    except UnicodeDecodeError as error:
        return f"it is not UTF-8 (byte {error.start + 1})"
    except json.JSONDecodeError as error:
        return f"it is not JSON (column {error.colno}: {error.msg})"
    except RecursionError:
        return "it is nested too deeply"
    if not isinstance(row, dict):
        return f"it is {_kind(row)}, not an object"
    return None if row else "the object is empty"


def _kind(row: object) -> str:
    names = {list: "a list", str: "a string", bool: "a boolean", int: "a number", float: "a number"}
    return names.get(type(row), "null")
