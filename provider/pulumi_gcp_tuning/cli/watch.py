"""``gcp-tuning watch``: follow running jobs, one line each."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

import typer

from pulumi_gcp_tuning.cli.pulumi_cli import Cli
from pulumi_gcp_tuning.errors import Refused
from pulumi_gcp_tuning.grammar import counted
from pulumi_gcp_tuning.redaction import redact

if TYPE_CHECKING:
    from rich.console import Console
    from rich.table import Table

    from pulumi_gcp_tuning.commands.connection import Connection
    from pulumi_gcp_tuning.commands.watching import Sight

FAILED: Final = 1
INTERRUPTED: Final = 130
_BARS: Final = (20, 10, 5)
"""The widths of a bar: the widest one that leaves room for the words."""


def watch(
    targets: Annotated[
        list[str] | None,
        typer.Argument(metavar="[STACK | JOB...]", help="A stack, or names of jobs; default: Pulumi's current stack."),
    ] = None,
    *,
    interval: Annotated[
        float | None, typer.Option(min=0.1, help="Seconds between two reads; default: GCP_TUNING_POLL_INTERVAL, or 20.")
    ] = None,
    cwd: Annotated[Path | None, typer.Option(help="The folder of the program, or a folder inside it.")] = None,
    pulumi: Cli = "pulumi",
) -> None:
    """Follow running jobs until all have ended: state, epoch, loss, and the time left once two steps were seen.

    ^C ends only the command; the jobs go on. Exits 1 if a job ended without a model, else 0.
    """
    from pulumi_gcp_tuning.commands.watching import watch_jobs

    names, connection = jobs_meant(targets or [], cwd, pulumi)
    if not names:
        typer.echo("No job of the stack is running.")
        return
    follow(watch_jobs(names, interval=interval, connection=connection))


def follow(rounds: Iterable[tuple[Sight, ...]]) -> None:
    """Shows each round. Exits 130 after ^C, and 1 if a job ended without a model."""
    from rich.console import Console

    console = Console(highlight=False)
    last: tuple[Sight, ...] = ()
    try:
        for sights in _shown(rounds, console):
            last = sights
    except KeyboardInterrupt:
        running = sum(not each.has_ended for each in last)
        rest = f"{counted(running, 'job')} {'goes' if running == 1 else 'go'} on" if last else "The jobs go on"
        typer.echo(f"Stopped watching. {rest}; `gcp-tuning jobs cancel JOB` cancels one.", err=True)
        raise typer.Exit(INTERRUPTED) from None
    failed = sum(each.has_failed for each in last)
    if failed:
        typer.echo(f"gcp-tuning: {counted(failed, 'job')} ended without a model.", err=True)
        raise typer.Exit(FAILED)


def jobs_meant(targets: Sequence[str], cwd: Path | None, pulumi: str) -> tuple[list[str], Connection]:
    """The jobs to follow, and the connection: those that are named, or the jobs of a stack that have not ended."""
    from pulumi_gcp_tuning.commands.connection import connect, connect_with

    if targets and all(each.startswith(("projects/", "tunedModels/")) for each in targets):
        return list(targets), connect()
    if len(targets) > 1:
        raise Refused(
            "Name either one stack, or jobs by their full names (projects/P/locations/L/tuningJobs/N, tunedModels/ID)."
        )
    from pulumi_gcp_tuning.cli.stack_state import read_stack_and_settings
    from pulumi_gcp_tuning.resources.jobs.kinds import JOB_KINDS

    state, settings = read_stack_and_settings(targets[0] if targets else None, cwd, pulumi, {})
    kinds = {kind.resource: kind for kind in JOB_KINDS}
    held = [each for each in state.entries if each.kind in kinds and not each.is_pending and each.id]
    active = [each.id for each in held if kinds[each.kind].state_of({"state": each.text("state")}).is_active]
    tuned = [
        each.text("operation") or each.id  # the operation tells the percents
        for each in state.entries
        if each.kind == "GeminiApiTunedModel" and each.text("state") == "CREATING"
    ]
    return [*active, *tuned], connect_with(settings)


def line_of(sight: Sight) -> str:
    """One line of a job: what is known of it, in words."""
    job = sight.job
    parts = [job.state if job else "not read yet"]
    if sight.epoch is not None:
        parts.append(f"epoch {_of(sight.epoch, sight.epochs)}")
    if sight.step is not None:
        parts.append(f"step {_of(sight.step, sight.steps)}")
    if sight.tasks_done is not None:
        parts.append(f"task {_of(sight.tasks_done, sight.tasks)}")
    if job and (sight.told is not None or (sight.step is None and sight.epoch is None)):
        parts += job.progress
    if sight.loss is not None:
        parts.append(f"loss {sight.loss:.4g}")
    if sight.seconds_left is not None:
        parts.append(f"{span(sight.seconds_left)} left")
    if sight.problem:
        parts.append(redact(sight.problem))
    return ", ".join(parts)


def table_of(sights: Sequence[Sight], width: int) -> Table:
    """One line for each job, with a bar if it fits beside the words."""
    from rich.table import Table
    from rich.text import Text

    from pulumi_gcp_tuning.cli.tables import printable

    titles = [title_of(each) for each in sights]
    known = [
        f"{title} …{each.name[-6:]}" if titles.count(title) > 1 else title
        for each, title in zip(sights, titles, strict=True)
    ]
    longest = min(max(map(len, known), default=0), max(12, width // 4))
    words = max((len(line_of(replace(each, problem=None))) for each in sights), default=0)
    size = next((each for each in _BARS if longest + each + words + 2 * 2 <= width), 0)
    table = Table.grid(padding=(0, 2, 0, 0))
    table.add_column(no_wrap=True, overflow="ellipsis", width=longest)
    if size:
        table.add_column(no_wrap=True, width=size)
    table.add_column(no_wrap=True, overflow="ellipsis")
    for each, title in zip(sights, known, strict=True):
        done = each.share
        bar = " " * size if done is None else "█" * round(size * done) + "░" * (size - round(size * done))
        table.add_row(Text(printable(title)), *([Text(bar)] if size else []), Text(printable(line_of(each))))
    return table


def title_of(sight: Sight) -> str:
    """What a person calls the job: its display name, else its id."""
    shown = sight.job.display_name if sight.job else None
    return shown or (sight.job.name if sight.job else sight.name).rpartition("/")[2]


def span(seconds: float) -> str:
    """``40 s``, ``12 min``, ``3 h 05 min``."""
    whole = round(seconds)
    if whole < 60:
        return f"{whole} s"
    minutes = round(whole / 60)
    return f"{minutes} min" if minutes < 60 else f"{minutes // 60} h {minutes % 60:02} min"


def _shown(rounds: Iterable[tuple[Sight, ...]], console: Console) -> Iterator[tuple[Sight, ...]]:
    """Each round, after it was shown: live on a terminal, else a line for each change."""
    if not console.is_terminal:
        before: dict[str, str] = {}
        for sights in rounds:
            for each in sights:
                # without a terminal the time that is left is no change: it differs at every read
                line = f"{title_of(each)} ({each.job.name if each.job else each.name}): {line_of(_without_time(each))}"
                if before.get(each.name) != line:
                    print(line)
                    sys.stdout.flush()
                before[each.name] = line
            yield sights
        return
    from rich.live import Live

    with Live(console=console, auto_refresh=False, redirect_stdout=False, redirect_stderr=False) as live:
        for sights in rounds:
            live.update(table_of(sights, console.width), refresh=True)
            yield sights


def _without_time(sight: Sight) -> Sight:
    return replace(sight, seconds_left=None)


def _of(done: int, whole: int | None) -> str:
    return f"{done}/{whole}" if whole else str(done)
