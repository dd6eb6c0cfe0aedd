"""The output of ``gcp-tuning check``: the findings of all resources, for people and as JSON."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import TYPE_CHECKING, Any, Final

from pulumi_gcp_tuning.collecting import Note
from pulumi_gcp_tuning.errors import Printed
from pulumi_gcp_tuning.grammar import counted
from pulumi_gcp_tuning.names import MalformedName, Urn

if TYPE_CHECKING:
    from rich.console import Console

_LEAST_SECRET: Final = 3  # the CLI's minimum: shorter secrets would match ordinary text
_STYLES: Final = {"error": "bold red", "warn": "yellow", "info": "cyan"}


@dataclass(frozen=True, kw_only=True)
class JudgedResource:
    """One resource: errors first, then warnings, each once, even if Pulumi called us several times.

    ``checked`` is False if an error of the whole stack prevented the check of its inputs.
    """

    urn: str
    findings: Sequence[Printed]
    told: Sequence[str]
    checked: bool = True

    @property
    def type(self) -> str:
        """The last part of its type, as a program writes it."""
        read = _read(self.urn)
        return read.kind if read else "Resource"

    @property
    def name(self) -> str:
        """Its name in the program."""
        read = _read(self.urn)
        return read.name if read else ""


@dataclass(frozen=True, kw_only=True)
class Report:
    """The findings of a stack, resources in the order of their URNs. ``shared`` applies to all of them."""

    resources: Sequence[JudgedResource] = ()
    shared: Sequence[Printed] = ()
    stack: str | None = None

    @property
    def errors(self) -> int:
        """The number of errors."""
        return sum(finding.severity == "error" for finding in self._all())

    @property
    def warnings(self) -> int:
        """The number of warnings."""
        return sum(finding.severity == "warn" for finding in self._all())

    def to_json(self, *, complete: bool) -> str:
        """The whole report; ``complete`` says whether the preview finished."""
        resources = [
            {
                "urn": each.urn,
                "type": each.type,
                "name": each.name,
                "findings": [asdict(finding) for finding in each.findings],
                "told": list(each.told),
            }
            for each in self.resources
        ]
        whole = {
            "stack": self.stack,
            "complete": complete,
            "resources": resources,
            "shared": [asdict(finding) for finding in self.shared],
            "errors": self.errors,
            "warnings": self.warnings,
        }
        return json.dumps(whole, indent=1, ensure_ascii=False)

    def _all(self) -> Iterable[Printed]:
        yield from self.shared
        for each in self.resources:
            yield from each.findings


def report_of(notes: Iterable[Note], *, stack: str | None, secrets: Iterable[str] = ()) -> Report:
    """The notes of all providers as one report without secrets."""
    hide = hiding(secrets)
    found: dict[str, list[Printed]] = {}
    told: dict[str, list[str]] = {}
    for note in notes:
        found.setdefault(note.urn, []).extend(_hidden(finding, hide) for finding in note.findings)
        told.setdefault(note.urn, []).extend(hide(line) for line in note.told)
    shared = [replace(finding, path="") for each in found.values() for finding in each if finding.shared]
    resources = [
        JudgedResource(
            urn=urn,
            findings=_distinct(finding for finding in found[urn] if not finding.shared),
            told=tuple(dict.fromkeys(told[urn])),
            checked=not any(finding.shared and finding.severity == "error" for finding in found[urn]),
        )
        for urn in sorted(found)
    ]
    stacks = (read.stack for urn in found if (read := _read(urn)))
    # Several checks may need the same unreadable fact; it is reported once.
    worded = {(finding.problem, finding.remedy): finding for finding in reversed(_distinct(shared))}
    return Report(resources=resources, shared=_distinct(reversed(worded.values())), stack=stack or next(stacks, None))


def secrets_in(config: Mapping[str, Any]) -> list[str]:
    """The secret values in the answer of ``pulumi config --show-secrets --json``."""
    from pulumi_gcp_tuning.resources.core.secrets import texts_in

    entries = [entry for entry in config.values() if isinstance(entry, Mapping) and entry.get("secret")]
    return [text for entry in entries for text in texts_in([entry.get("value"), entry.get("objectValue")])]


def show(report: Report) -> None:
    """Prints the report for people: the findings and information of each resource, then the totals."""
    console = _console()
    if report.stack:
        console.print(f"Stack {report.stack}", style="bold", markup=False, highlight=False)
    if report.shared:
        _show(console, "The whole stack", report.shared, ())
    for each in report.resources:
        verdict = "" if each.findings or each.told else ": nothing wrong" if each.checked else ": not checked"
        _show(console, f"{each.type} {each.name}".rstrip() + verdict, each.findings, each.told)
    console.print(summary_of(report), markup=False, highlight=False)


def summary_of(report: Report) -> str:
    """One line: how many resources, errors and warnings."""
    if not report.resources:
        return "The program declares no resource of pulumi_gcp_tuning."
    resources = counted(len(report.resources), "resource")
    if not report.errors and not report.warnings:
        return f"{resources}, nothing wrong."
    return f"{resources}, {counted(report.errors, 'error')}, {counted(report.warnings, 'warning')}."


def _show(console: Console, title: str, findings: Sequence[Printed], told: Sequence[str]) -> None:
    from rich.table import Table
    from rich.text import Text

    console.print(Text(title, style="bold"), highlight=False)
    lines = [(finding.severity, _in_full(finding)) for finding in findings] + [("info", line) for line in told]
    table = Table.grid(padding=(0, 1))
    table.add_column(width=7, justify="right")
    table.add_column(overflow="fold")
    for kind, line in lines:
        if console.is_terminal:
            table.add_row(Text(kind, style=_STYLES[kind]), Text(line))
        else:  # one line for each finding, for grep
            rest = line.replace("\n", "\n" + " " * 8)
            console.print(f"  {kind:<5} {rest}", markup=False, highlight=False, soft_wrap=True)
    if table.row_count:
        console.print(table, highlight=False)


def _in_full(finding: Printed) -> str:
    source = f" [{finding.check}, {finding.evidence}]" if finding.check else ""
    return f"{finding}{source}"


def _distinct(findings: Iterable[Printed]) -> tuple[Printed, ...]:
    """Each finding once, errors first; a finding that came as error and as warning is an error."""
    kept: dict[Printed, Printed] = {}
    for finding in findings:
        same = replace(finding, severity="warn")
        if same not in kept or finding.severity == "error":
            kept[same] = finding
    return tuple(sorted(kept.values(), key=lambda finding: finding.severity != "error"))


def _hidden(finding: Printed, hide: Callable[[str], str]) -> Printed:
    return replace(finding, path=hide(finding.path), problem=hide(finding.problem), remedy=hide(finding.remedy))


def hiding(secrets: Iterable[str]) -> Callable[[str], str]:
    """A function that hides secrets in our text as the CLI hides them in its own."""
    by_start: dict[str, set[str]] = {}
    for form in (form for each in secrets for form in _forms_of(each) if len(form) >= _LEAST_SECRET):
        by_start.setdefault(form[:_LEAST_SECRET], set()).add(form)

    def hide(text: str) -> str:
        if not by_start:
            return text
        # Most texts hold the beginning of no secret, so many secrets do not make many texts slow.
        starts = by_start.keys() & {text[at : at + _LEAST_SECRET] for at in range(len(text))}
        for secret in sorted(
            (form for start in starts for form in by_start[start]), key=lambda form: (-len(form), form)
        ):
            text = text.replace(secret, "[secret]")
        return text

    return hide


def _forms_of(secret: str) -> Iterator[str]:
    """The secret as our texts may write it: as it is, in one line, in JSON, and quoted by Python."""
    for text in (secret, " ".join(secret.split())):
        yield from (text, json.dumps(text)[1:-1], json.dumps(text, ensure_ascii=False)[1:-1], repr(text)[1:-1])


def _read(urn: str) -> Urn | None:
    try:
        return Urn.parse(urn)
    except MalformedName:
        return None


def _console() -> Console:
    from rich.console import Console

    terminal = Console()
    return terminal if terminal.is_terminal or "COLUMNS" in os.environ else Console(width=200)
