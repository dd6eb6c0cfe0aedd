"""The report: findings with their place and remedy, and counts. It has no content of rows."""

from __future__ import annotations

import re
from collections import Counter
from typing import Any, Final, Literal

from pydantic import BaseModel, ConfigDict, Field

from pulumi_gcp_tuning.datasets.facts import NamedFile
from pulumi_gcp_tuning.datasets.rules import ONCE, RULES
from pulumi_gcp_tuning.errors import Severity

MOST_SHOWN: Final = 20
_NAME: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_./-]{0,30}\Z")


class RowFinding(BaseModel):
    """One error or warning. ``line`` is None for the file as a whole; ``row`` is set only on request.

    ``others`` is the number of further lines that have the same finding.
    """

    model_config = ConfigDict(defer_build=True, frozen=True, extra="forbid")

    kind: str
    severity: Severity
    file: str
    line: int | None
    field: str
    problem: str
    remedy: str
    source: str
    others: int = 0
    row: str | None = Field(default=None, exclude=True, repr=False)

    def __str__(self) -> str:
        place = self.file if self.line is None else f"{self.file}:{self.line}"
        field = f" {self.field}:" if self.field else ""
        return f"{place}:{field} {self.problem}. {self.remedy}"


class Tokens(BaseModel):
    """The number of text tokens in one pass over the file, with its source and range.

    ``exact`` is the user's own number, including files; ``text`` is Google's count, without files.
    """

    model_config = ConfigDict(defer_build=True, frozen=True, extra="forbid")

    count: int
    source: Literal["exact", "text", "estimate"]
    least: int | None = None
    most: int | None = None


class FileReport(BaseModel):
    """The counts of one file; rows with errors count as examples, but not in the counts of the rows' content.

    ``pdfs`` are part of the documents; ``resolution`` is the ``mediaResolution`` of the rows, None if they give none.

    ``answer_counts`` has the sizes of the classes if answers look like labels. ``named_files`` are different files
    that rows name, up to a maximum, each with its first line.
    """

    model_config = ConfigDict(defer_build=True, frozen=True, extra="forbid")

    file: str
    role: Literal["training", "validation"]
    format: str | None
    evidence: str
    bytes: int
    lines: int
    blank_lines: int
    examples: int
    rows_with_errors: int
    sha256: str
    characters: int
    answer_characters: int
    tokens: Tokens
    longest_row_characters: int
    turns: int
    images: int
    audio_files: int
    videos: int
    documents: int
    pdfs: int
    resolution: str | None
    rows_with_files: int
    rows_with_instruction: int
    instructions: int | None
    duplicates: int
    answer_counts: tuple[int, ...] | None
    labels: tuple[tuple[str, int], ...] | None = Field(default=None, exclude=True, repr=False)
    named_files: tuple[tuple[NamedFile, int], ...] = Field(default=(), exclude=True, repr=False)

    @property
    def files(self) -> int:
        """The images, recordings, videos and documents that the rows name; no estimate includes their tokens."""
        return self.images + self.audio_files + self.videos + self.documents


class Report(BaseModel):
    """Everything about a dataset.

    ``counts`` has every finding by kind; ``findings`` has the first 20 different findings about lines, and
    every finding about a file as a whole.
    """

    model_config = ConfigDict(defer_build=True, frozen=True, extra="forbid")

    training: FileReport
    validation: FileReport | None = None
    leaked: int = 0
    errors: int
    warnings: int
    counts: dict[str, int]
    findings: tuple[RowFinding, ...]

    @property
    def shown(self) -> Counter[str]:
        """How many lines and files the findings stand for, by kind; ``counts`` may have more."""
        return sum((Counter({each.kind: 1 + each.others}) for each in self.findings), Counter())

    def to_json(self) -> str:
        """The report as JSON: counts, places and advice, no content of a row."""
        return self.model_dump_json(indent=2)


class Findings:
    """Collects findings: the first different ones in full, and the count of each kind.

    A finding that many lines have is kept once. Only if rows are to be shown, each line has its own.
    """

    def __init__(self, *, show_rows: bool = False) -> None:
        self.shown: list[RowFinding] = []
        self.counts: Counter[str] = Counter()
        self.show_rows = show_rows
        self._others: dict[tuple[str, ...], int] = {}  # by what makes two findings about lines the same
        self._keys: list[tuple[str, ...]] = []  # of the findings in ``shown``

    def is_full(self) -> bool:
        """Whether no further line is shown in full; a finding about a file as a whole always is."""
        return len(self._others) >= MOST_SHOWN

    def add(
        self, kind: str, file: str, line: int | None, field: str, names: dict[str, Any], row: bytes | None = None
    ) -> None:
        """Counts a finding, and keeps it if it is among the first."""
        self.counts[kind] += 1
        key = (kind,) if kind in ONCE else (kind, file, field, *map(str, names.values()))
        if self.show_rows and kind not in ONCE:
            key = (*key, str(line))
        if line is not None or kind in ONCE:
            if key in self._others:
                self._others[key] += 1
                return
            if self.is_full():
                return
            self._others[key] = 0
        self._keys.append(key)
        rule = RULES[kind]
        self.shown.append(
            RowFinding(
                kind=kind,
                severity=rule.severity,
                file=file,
                line=line,
                field=field,
                problem=rule.problem.format(**names),
                remedy=rule.remedy.format(**names),
                source=rule.source,
                row=row.decode("utf-8", "replace")[:2000] if row is not None and self.show_rows else None,
            )
        )

    def all(self) -> tuple[RowFinding, ...]:
        """The findings to show, each with the number of its other lines."""
        found = zip(self.shown, self._keys, strict=True)
        return tuple(_with_others(each, self._others_of(each.kind, key)) for each, key in found)

    def _others_of(self, kind: str, key: tuple[str, ...]) -> int:
        return self.counts[kind] - 1 if kind in ONCE else self._others.get(key, 0)

    def of(self, severity: Severity) -> int:
        """The number of findings of that severity."""
        return sum(count for kind, count in self.counts.items() if RULES[kind].severity == severity)


def _with_others(found: RowFinding, others: int) -> RowFinding:
    if others < 1:
        return found
    lines = "1 other line" if others == 1 else f"{others:,} other lines"
    return found.model_copy(update={"problem": f"{found.problem} (and so in {lines})", "others": others})


def named(value: object, *, otherwise: str = "something else") -> str:
    """A name as in the file, unless it could be content rather than a name."""
    if value is None:
        return "missing"
    return value if isinstance(value, str) and _NAME.match(value) else otherwise


def type_of(value: object) -> str:
    """The type of a JSON value, in words."""
    names = {dict: "an object", list: "a list", str: "a string", bool: "a boolean", int: "a number", float: "a number"}
    return names.get(type(value), "null")
