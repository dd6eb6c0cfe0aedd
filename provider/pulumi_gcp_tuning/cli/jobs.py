"""``gcp-tuning jobs``: list, show and cancel tuning jobs of every kind."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

import typer

from pulumi_gcp_tuning.cli.connection import A_JOB
from pulumi_gcp_tuning.cli.pulumi_cli import VARIABLE as PULUMI
from pulumi_gcp_tuning.errors import Refused
from pulumi_gcp_tuning.grammar import counted
from pulumi_gcp_tuning.redaction import redact

if TYPE_CHECKING:
    from pulumi_gcp_tuning.audit.state import StackState
    from pulumi_gcp_tuning.commands.connection import Connection
    from pulumi_gcp_tuning.commands.jobs import FoundJob, JobReport

UNREAD: Final = 2
PROJECT: Final = "The project; default: that of the environment."
REGION: Final = "The region; default: that of the environment, else all regions that the catalogue has for tuning."
STACK: Final = "A stack, so that the owners of its objects have names."
CWD: Final = "The folder of the program, or a folder inside it; for --stack."
CLI: Final = f"The Pulumi CLI, for --stack; {PULUMI} sets it too."
JSON: Final = "Print JSON, and nothing else on stdout."

app = typer.Typer(no_args_is_help=True, help="Tuning jobs at Google: list, get, cancel.")


@app.command("list")
def list_all(
    *,
    project: Annotated[str | None, typer.Option(help=PROJECT)] = None,
    region: Annotated[str | None, typer.Option(help=REGION)] = None,
    all_regions: Annotated[bool, typer.Option("--all-regions", help="All regions, whatever the environment says.")] = (
        False
    ),
    active: Annotated[bool, typer.Option("--active", help="Only jobs that have not ended.")] = False,
    limit: Annotated[int, typer.Option(min=1, help="How many jobs of each region and kind are read.")] = 200,
    stack: Annotated[str | None, typer.Option(help=STACK)] = None,
    cwd: Annotated[Path | None, typer.Option(help=CWD)] = None,
    pulumi: Annotated[str, typer.Option(envvar=PULUMI, show_envvar=False, help=CLI)] = "pulumi",
    as_json: Annotated[bool, typer.Option("--json", help=JSON)] = False,
) -> None:
    """List the tuning jobs of a project, the newest first, whoever submitted them.

    Exits 2 if a region could not be listed, else 0.
    """
    from pulumi_gcp_tuning.commands.jobs import list_jobs

    connection, states = connection_and_states(project, region, stack, cwd, pulumi)
    regions = regions_of(region, connection.settings.location, all_regions=all_regions)
    found = list_jobs(regions=regions, active=active, limit=limit, states=states, connection=connection)
    if as_json:
        typer.echo(json.dumps({**asdict(found), "complete": not found.problems}, indent=2))
    else:
        _print_jobs(found.jobs)
        where = found.places[0] if len(found.places) == 1 else counted(len(found.places), "region")
        typer.echo(f"{counted(len(found.jobs), 'job')} in {where}.")
        for each in found.shortened:
            typer.echo(f"Only {limit:,} of the {each} were read; --limit reads more.")
    finish(found.problems)


@app.command("get")
def get(
    job: Annotated[str, typer.Argument(help=A_JOB)],
    *,
    stack: Annotated[str | None, typer.Option(help=STACK)] = None,
    cwd: Annotated[Path | None, typer.Option(help=CWD)] = None,
    pulumi: Annotated[str, typer.Option(envvar=PULUMI, show_envvar=False, help=CLI)] = "pulumi",
    as_json: Annotated[bool, typer.Option("--json", help=JSON)] = False,
) -> None:
    """Show one job: state, error, steps, model, endpoint, cost."""
    from pulumi_gcp_tuning.commands.jobs import find_job

    connection, states = connection_and_states(None, None, stack, cwd, pulumi)
    report = find_job(job, states=states, connection=connection)
    if as_json:
        typer.echo(json.dumps(asdict(report), indent=2))
    else:
        print_facts(_facts_of(report))


@app.command("cancel")
def cancel(
    job: Annotated[str, typer.Argument(help=A_JOB)],
    *,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")] = False,
) -> None:
    """Cancel a job that has not ended. Google bills what was trained until then.

    A job that a stack declares is not submitted again by the next `pulumi up`: it stays CANCELLED until its declaration changes.
    """
    from pulumi_gcp_tuning.commands.connection import connect
    from pulumi_gcp_tuning.commands.jobs import cancel_job, check_cancellable, found_job, read_job

    connection = connect()
    if not yes:
        kind, live = read_job(connection, job)
        check_cancellable(kind, live)
        seen = found_job(connection, kind, live)
        if not is_terminal():
            raise Refused("The job was not cancelled: without a terminal, --yes is needed.")
        owner = f" of {seen.owner}" if seen.owner else ""
        if not typer.confirm(f"Cancel the {seen.noun} {seen.name}{owner}, which is {seen.state}?", err=True):
            typer.echo("Nothing was cancelled.", err=True)
            raise typer.Exit(1)
    after = cancel_job(job, connection=connection)
    typer.echo(f"A cancel was requested; the {after.noun} is {after.state}.")


def regions_of(given: str | None, known: str | None, *, all_regions: bool) -> Sequence[str]:
    """The regions to list; none means all. Raises Refused for a region together with ``--all-regions``."""
    if all_regions and given:
        raise Refused("--region and --all-regions exclude each other. Remove one of them.")
    return () if all_regions or not known else (known,)


def connection_and_states(
    project: str | None, region: str | None, stack: str | None, cwd: Path | None, pulumi: str
) -> tuple[Connection, list[StackState]]:
    """The connection, and the state of the stack. With a stack its plain configuration counts before the environment."""
    from pulumi_gcp_tuning.commands.connection import connect, connect_with

    if stack is None:
        return connect(project, region), []
    from pulumi_gcp_tuning.cli.stack_state import read_stack_and_settings

    state, settings = read_stack_and_settings(stack, cwd, pulumi, {"gcp:project": project, "gcp:region": region})
    return connect_with(settings), [state]


def print_facts(facts: Iterator[tuple[str, str | None]]) -> None:
    """Prints lines of a name and a value; a value that is not known is left out."""
    from pulumi_gcp_tuning.cli.tables import printable

    known = [(name, value) for name, value in facts if value]
    width = max(len(name) for name, _ in known)
    for name, value in known:
        typer.echo(f"{name:<{width}}  {printable(value)}")


def finish(problems: Sequence[str]) -> None:
    """Prints what could not be listed on stderr, and exits 2 then."""
    for problem in problems:
        typer.echo(f"gcp-tuning: {redact(problem)}", err=True)
    if problems:
        raise typer.Exit(UNREAD)


def is_terminal() -> bool:
    """Whether somebody can answer a question."""
    return sys.stdin.isatty()


def _print_jobs(jobs: Sequence[FoundJob]) -> None:
    from pulumi_gcp_tuning.audit.costs import shown_age
    from pulumi_gcp_tuning.cli.tables import print_columns

    if not jobs:
        return
    lines = [
        (each.state, each.base_model or "", each.display_name or "", shown_age(each.age_seconds), each.owner or "")
        for each in jobs
    ]
    print_columns(("state", "base model", "display name", "age", "owner"), lines, [each.name for each in jobs])


def _facts_of(report: JobReport) -> Iterator[tuple[str, str | None]]:
    from pulumi_gcp_tuning.audit.costs import shown_age

    job = report.job
    yield job.noun, job.name
    yield "state", ", ".join([job.state, *job.progress])
    yield "error", report.error
    yield "base model", job.base_model
    yield "display name", job.display_name
    yield "owner", job.owner
    yield "age", None if job.age_seconds is None else f"{shown_age(job.age_seconds)} (created {job.created})"
    yield "started", report.started
    yield "ended", report.ended
    yield "epochs", _count(report.epochs)
    yield "steps", _count(report.steps)
    yield "model", report.model
    yield "endpoint", report.endpoint
    for each in report.checkpoints:
        said = f"epoch {each.get('epoch', '?')}, step {each.get('step', '?')}, {each.get('endpoint', 'no endpoint')}"
        yield f"checkpoint {each.get('checkpointId', '?')}", said
    yield "experiment", report.experiment
    yield "cost", report.cost.text if report.cost else None


def _count(value: int | None) -> str | None:
    return None if value is None else f"{value:,}"
