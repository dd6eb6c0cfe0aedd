"""``gcp-tuning check``: a preview of a stack that goes on past the first finding and lists those of all resources."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Final

import typer

from pulumi_gcp_tuning.check_report import Report, report_of, secrets_in, show
from pulumi_gcp_tuning.collecting import VARIABLE, Collection, new_collection
from pulumi_gcp_tuning.errors import Refused
from pulumi_gcp_tuning.validate_command import CLEAN, FOUND, UNUSABLE

PULUMI: Final = "GCP_TUNING_PULUMI"
_OURS: Final = "gcptuning:"


def check(
    *,
    stack: Annotated[str | None, typer.Option(help="The stack; Pulumi's current one if not given.")] = None,
    cwd: Annotated[Path | None, typer.Option(help="The folder of the program, or one inside of it.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print the findings as JSON.")] = False,
    strict: Annotated[bool, typer.Option("--strict", help="Exit 1 for warnings too.")] = False,
    pulumi: Annotated[
        str, typer.Option(envvar=PULUMI, show_envvar=False, help=f"The Pulumi CLI; {PULUMI} sets it too.")
    ] = "pulumi",
) -> None:
    """List what is wrong with all resources of a stack at once; nothing is changed.

    Exits 0 without errors, 1 with errors, 2 where the preview could not be run to its end.
    """
    try:
        command = find_pulumi(pulumi)
        place = [*(["--cwd", str(cwd)] if cwd else []), *(["--stack", stack] if stack else [])]
        with new_collection() as collection, _waiting(stack):
            preview = run([*command, "preview", *place], env={**os.environ, VARIABLE: str(collection.path)})
            report = _report(command, place, collection, stack)
    except Refused as error:
        typer.echo(f"gcp-tuning: {error}", err=True)
        raise typer.Exit(UNUSABLE) from None
    problem = _problem(preview, report)
    if as_json:
        typer.echo(report.to_json(complete=problem is None))
    elif report.resources or problem is None:
        show(report)
    if problem is not None:
        typer.echo(problem, err=True)
        raise typer.Exit(UNUSABLE)
    raise typer.Exit(FOUND if report.errors or (strict and report.warnings) else CLEAN)


@dataclass(frozen=True)
class Done:
    """What a command of the Pulumi CLI did."""

    code: int
    stdout: str
    stderr: str


def find_pulumi(name: str) -> list[str]:
    """The command that ``name`` is: a file, or something on PATH."""
    found = shutil.which(str(Path(name).expanduser()) if "/" in name else name)
    if found is None:
        raise Refused(f"There is no Pulumi CLI {name!r}. Put pulumi on PATH, or name it with --pulumi or {PULUMI}.")
    return [found]


def run(command: Sequence[str], env: Mapping[str, str]) -> Done:
    """Runs a command of the Pulumi CLI to its end, also after ^C, which the terminal sends to it as well."""
    started = subprocess.Popen(  # noqa: S603
        [*command, "--non-interactive", "--color", "never"],
        env=dict(env),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        encoding="utf-8",
        errors="replace",
    )
    with started:
        try:
            stdout, stderr = started.communicate()
        except KeyboardInterrupt:
            started.communicate()
            raise Refused("Interrupted; nothing was changed.") from None
    return Done(started.returncode, stdout, stderr)


def _report(command: Sequence[str], place: Sequence[str], collection: Collection, stack: str | None) -> Report:
    """What was collected. The CLI hides secrets in what goes through it; the findings do not, so they are hidden here."""
    notes = collection.read()
    said = any(note.findings or note.told for note in notes)
    return report_of(notes, stack=stack, secrets=_secrets(command, place) if said else ())


def _secrets(command: Sequence[str], place: Sequence[str]) -> list[str]:
    asked = run([*command, "config", "--show-secrets", "--json", *place], env=os.environ)
    try:
        config: Any = json.loads(asked.stdout) if asked.code == 0 else None
    except ValueError:
        config = None
    if not isinstance(config, Mapping):
        raise Refused(
            "The findings are not shown, because the stack's configuration cannot be read, so it is not known which of "
            f"its values are secret.\n{_tail(asked)}"
        )
    return secrets_in(config)


def _problem(preview: Done, report: Report) -> str | None:
    """Why the findings are not all that there are, None where they are."""
    if preview.code != 0:
        return f"gcp-tuning: The preview did not come to its end, so there may be more. Pulumi said:\n{_tail(preview)}"
    if not report.resources and _OURS in preview.stdout:
        return (
            "gcp-tuning: The program declares resources of pulumi_gcp_tuning, and none was checked: it runs with another "
            "release of the package. Run the gcp-tuning of the program's own environment."
        )
    return None


def _tail(done: Done) -> str:
    """What the CLI said, without its table of resources where it has more to say."""
    before, found, after = done.stdout.partition("Diagnostics:\n")
    text = f"{found}{after}" if found else before
    return "\n".join(part.strip("\n") for part in (text, done.stderr) if part.strip())


@contextmanager
def _waiting(stack: str | None) -> Iterator[None]:
    """A sign of life on a terminal's stderr."""
    from rich.console import Console

    console = Console(stderr=True)
    if not console.is_terminal:
        yield
        return
    with console.status(f"Previewing {stack or 'the current stack'}"):
        yield
