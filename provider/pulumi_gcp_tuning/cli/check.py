"""``gcp-tuning check``: a preview of a stack that lists the findings of all resources."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Any, Final

import typer

from pulumi_gcp_tuning.cli.check_report import Report, report_of, secrets_in, show
from pulumi_gcp_tuning.cli.pulumi_cli import Cli, find_pulumi
from pulumi_gcp_tuning.cli.validate import CLEAN, FOUND, UNUSABLE
from pulumi_gcp_tuning.collecting import VARIABLE, Note, new_collection
from pulumi_gcp_tuning.errors import Refused
from pulumi_gcp_tuning.redaction import redact
from pulumi_gcp_tuning.review.report import REMEDIATION

_RUNS: Final = 10  # previews; each but the first leaves out one failed resource of another provider
_STREAMING: Final = "PULUMI_ENABLE_STREAMING_JSON_PREVIEW"  # would print events, but we read one answer
_HIDDEN_OPTIONS: Final = "PULUMI_DEBUG_COMMANDS"  # the CLI knows --event-log only with it
_POLICIES: Final = ("policyEvent", REMEDIATION)
_NO_REASON: Final = ("preview failed", "error: preview failed")
_CHECKED: Final = frozenset({"same", "create", "update", "replace", "create-replacement"})
UNFINISHED: Final = "The preview did not finish, so there may be more findings. Pulumi said:\n"
"""The beginning of such a problem."""
_PROGRAM: Final = "::pulumi:pulumi:Stack::"  # its errors are those of the program


def check(
    *,
    stack: Annotated[str | None, typer.Option(help="The stack; Pulumi's current one if not given.")] = None,
    cwd: Annotated[Path | None, typer.Option(help="The folder of the program, or a folder inside it.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print the findings as JSON.")] = False,
    strict: Annotated[bool, typer.Option("--strict", help="Exit 1 for warnings too.")] = False,
    pulumi: Cli = "pulumi",
) -> None:
    """List the findings of all resources of a stack at once; nothing is changed.

    Exits 0 without errors, 1 with errors, 2 if the preview did not complete.
    """
    try:
        command = [find_pulumi(pulumi)]
        place = [*(["--cwd", str(cwd)] if cwd else []), *(["--stack", stack] if stack else [])]
        with waiting(stack):
            previewed = preview(command, place)
            notes, problem = previewed.notes, previewed.problem
            # The CLI hides secrets in its own output, but the findings do not pass through it.
            secrets = secrets_of(command, place) if any(note.findings or note.told for note in notes) else ()
        report = report_of(notes, stack=stack, secrets=secrets)
    except Refused as error:
        typer.echo(f"gcp-tuning: {redact(str(error))}", err=True)
        raise typer.Exit(UNUSABLE) from None
    if as_json:
        typer.echo(report.to_json(complete=problem is None))
    elif report.resources or problem is None:
        show(report)
    if problem is not None:
        typer.echo(f"gcp-tuning: {redact(problem)}", err=True)
    raise typer.Exit(UNUSABLE if problem is not None else _verdict(report, strict=strict))


@dataclass(frozen=True)
class Previewed:
    """The notes of the providers, why they are incomplete (None if they are complete), and the CLI's last answer.

    ``policies`` are the engine's events of policies; none if they were not asked for.
    """

    notes: list[Note]
    problem: str | None
    answer: dict[str, Any]
    policies: list[dict[str, Any]] = field(default_factory=list)


def preview(
    command: Sequence[str], place: Sequence[str], options: Sequence[str] = (), *, with_policies: bool = False
) -> Previewed:
    """Previews a stack. ``options`` are further options of `pulumi preview`.

    The engine stops at a failed resource of another provider. The preview is then run again without that resource and
    its dependents, so that our resources that do not depend on it are checked too.
    """
    found: dict[str, list[Note]] = {}
    failed: list[str] = []
    said: list[str] = []
    env = {name: value for name, value in os.environ.items() if name != _STREAMING}
    env |= {_HIDDEN_OPTIONS: "true"} if with_policies else {}
    answer: dict[str, Any] = {}
    policies: list[dict[str, Any]] = []
    for _ in range(_RUNS):
        without = [option for urn in failed for option in ("--exclude", urn)]
        asked = ["preview", "--json", *place, *options, *without, *(["--exclude-dependents"] if failed else [])]
        with new_collection() as collection:
            events = collection.path.with_suffix(".events")
            logged = [f"--event-log={events}"] if with_policies else []
            done = run([*command, *asked, *logged], env | {VARIABLE: str(collection.path)})
            notes = collection.read()
            policies += [each for each in _policy_events(events) if each not in policies] if with_policies else []
        of_run: dict[str, list[Note]] = {}
        for note in notes:
            of_run.setdefault(note.urn, []).append(note)
        found |= of_run
        answer = _answer(done)
        if (done.code == 0 and answer) or _is_stopped_by(policies, answer):
            break
        said += [text for text in _said(done, answer) if text not in said]
        culprits = [urn for urn in _failed(answer) if urn not in failed]
        if not culprits:
            break
        failed += culprits
    if said:
        problem = UNFINISHED + "\n".join(said)
    elif not found and any(_is_ours(step) for step in answer.get("steps") or []):
        problem = (
            "The program declares resources of pulumi_gcp_tuning, but none was checked, because it runs with "
            "another release of the package. Run the gcp-tuning of the program's own environment."
        )
    else:
        problem = None
    return Previewed([note for notes in found.values() for note in notes], problem, answer, policies)


@dataclass(frozen=True)
class Done:
    """The result of a command of the Pulumi CLI."""

    code: int
    stdout: str
    stderr: str


def run(command: Sequence[str], env: Mapping[str, str]) -> Done:
    """Runs a command of the Pulumi CLI and waits for its end, also after ^C, which the terminal sends to the CLI too."""
    try:
        with subprocess.Popen(  # noqa: S603
            [*command, "--non-interactive", "--color", "never"],
            env=dict(env),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            encoding="utf-8",
            errors="replace",
        ) as started:
            try:
                stdout, stderr = started.communicate()
            except KeyboardInterrupt:
                started.communicate()
                raise
    except KeyboardInterrupt:
        raise Refused("Interrupted; nothing was changed.") from None
    return Done(started.returncode, stdout, stderr)


@contextmanager
def waiting(stack: str | None) -> Iterator[None]:
    """Shows progress on stderr if it is a terminal."""
    from rich.console import Console

    console = Console(stderr=True)
    if not console.is_terminal:
        yield
        return
    with console.status(f"Previewing {stack or 'the current stack'}"):
        yield


def _verdict(report: Report, *, strict: bool) -> int:
    return FOUND if report.errors or (strict and report.warnings) else CLEAN


def secrets_of(command: Sequence[str], place: Sequence[str]) -> list[str]:
    """The secret values of the stack's configuration. Raises Refused if they cannot be read."""
    done = run([*command, "config", "--show-secrets", "--json", *place], os.environ)
    if done.code != 0:
        raise Refused(
            "The findings are not shown, because the stack's configuration cannot be read and any of its values "
            f"may be secret. Pulumi said:\n{done.stderr.strip() or done.stdout.strip()}"
        )
    return secrets_in(_answer(done))


def _answer(done: Done) -> dict[str, Any]:
    """The JSON that a command printed; empty if it printed none."""
    try:
        read = json.loads(done.stdout)
    except ValueError:
        return {}
    return read if isinstance(read, dict) else {}


def _policy_events(log: Path) -> list[dict[str, Any]]:
    """What the policies said; the CLI's JSON leaves it out. A line that was cut off is skipped."""
    found = []
    try:
        with log.open(encoding="utf-8", errors="replace") as file:
            for line in file:
                if any(name in line for name in _POLICIES):
                    with suppress(ValueError):
                        event = json.loads(line)
                        found += [{**event[name], "event": name} for name in _POLICIES if name in event]
    except OSError:
        return []
    return found


def _is_stopped_by(policies: Sequence[Mapping[str, Any]], answer: Mapping[str, Any]) -> bool:
    """Whether a preview that failed is complete, because only a policy made it fail."""
    mandatory = (
        each for each in policies if each.get("enforcementLevel") == "mandatory" and not each.get("exceptions")
    )
    said = (str(each.get("message", "")).strip() for each in _errors(answer))
    return any(mandatory) and all(message in _NO_REASON for message in said)


def _errors(answer: Mapping[str, Any]) -> list[dict[str, Any]]:
    return [each for each in answer.get("diagnostics") or [] if each.get("severity") == "error"]


def _failed(answer: Mapping[str, Any]) -> list[str]:
    urns = (str(each.get("urn") or _PROGRAM) for each in _errors(answer))
    return [urn for urn in dict.fromkeys(urns) if _PROGRAM not in urn]


def _said(done: Done, answer: Mapping[str, Any]) -> list[str]:
    """The CLI's errors, each with the resource that it is about."""
    told = [f"{each['urn']}\n" if each.get("urn") else "" for each in _errors(answer)]
    texts = [f"{about}{each.get('message', '')}".strip() for about, each in zip(told, _errors(answer), strict=True)]
    plain = [] if answer else [done.stdout.strip()]
    return [text for text in (*texts, *plain, done.stderr.strip()) if text] or [
        f"nothing, and exited with code {done.code}."
    ]


def _is_ours(step: Mapping[str, Any]) -> bool:
    from pulumi_gcp_tuning.review.previews import is_ours

    return is_ours(str(step.get("urn"))) and step.get("op") in _CHECKED
