"""``gcp-tuning jobs``: list, show and cancel tuning jobs of every kind."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated

import typer

from pulumi_gcp_tuning.cli import listing
from pulumi_gcp_tuning.cli.connection import A_JOB
from pulumi_gcp_tuning.errors import Refused
from pulumi_gcp_tuning.grammar import counted

if TYPE_CHECKING:
    from pulumi_gcp_tuning.commands.found_jobs import FoundJob, JobReport

app = typer.Typer(no_args_is_help=True, help="Tuning jobs at Google: list, get, cancel.")


@app.command("list")
def list_all(
    *,
    project: listing.Project = None,
    region: listing.Region = None,
    all_regions: listing.AllRegions = False,
    active: Annotated[bool, typer.Option("--active", help="Only jobs that have not ended.")] = False,
    limit: Annotated[int, typer.Option(min=1, help="How many jobs of each region and kind are read.")] = 200,
    stack: listing.Stack = None,
    cwd: listing.Cwd = None,
    pulumi: listing.Cli = "pulumi",
    as_json: listing.AsJson = False,
) -> None:
    """List the tuning jobs of a project, the newest first, whoever submitted them.

    Exits 2 if a region could not be listed, else 0.
    """
    from pulumi_gcp_tuning.commands.jobs import list_jobs

    connection, states = listing.connection_of_list(project, region, stack, cwd, pulumi)
    regions = listing.regions_of(region, connection.settings.location, all_regions=all_regions)
    found = list_jobs(
        regions=regions,
        active=active,
        limit=limit,
        states=states,
        gemini_api=region is None,
        connection=connection,
    )
    if as_json:
        typer.echo(json.dumps({**asdict(found), "complete": not found.problems}, indent=2))
    else:
        _print_jobs(found.jobs)
        where = listing.places_in_words(found.places, "region")
        typer.echo(f"{counted(len(found.jobs), 'job')} in {where}.")
        listing.print_shortened(found.shortened, limit)
    listing.finish(found.problems)


@app.command("get")
def get(
    job: Annotated[str, typer.Argument(help=A_JOB)],
    *,
    stack: listing.Stack = None,
    cwd: listing.Cwd = None,
    pulumi: listing.Cli = "pulumi",
    as_json: listing.AsJson = False,
) -> None:
    """Show one job: state, error, steps, model, endpoint, cost."""
    from pulumi_gcp_tuning.commands.jobs import find_job

    connection, states = listing.connection_and_states(None, None, stack, cwd, pulumi)
    report = find_job(job, states=states, connection=connection)
    if as_json:
        typer.echo(json.dumps(asdict(report), indent=2))
    else:
        listing.print_facts(_facts_of(report))


@app.command("cancel")
def cancel(
    job: Annotated[str, typer.Argument(help=A_JOB)],
    *,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")] = False,
) -> None:
    """Cancel a job that has not ended. Google bills what was trained until then.

    The Gemini API has no cancel: a tuned model that it still tunes is deleted.

    A job that a stack declares is not submitted again by the next `pulumi up`: it stays CANCELLED until its declaration changes.
    """
    from pulumi_gcp_tuning.commands.connection import connect
    from pulumi_gcp_tuning.commands.jobs import read_job

    live = read_job(connect(), job)
    if not yes:
        seen = live.found()
        live.check_cancellable()
        if not is_terminal():
            raise Refused("The job was not cancelled: without a terminal, --yes is needed.")
        owner = f" of {seen.owner}" if seen.owner else ""
        if not typer.confirm(f"{live.ending} {seen.noun} {seen.name}{owner}, which is {seen.state}?", err=True):
            typer.echo("Nothing was cancelled.", err=True)
            raise typer.Exit(1)
    after = live.cancel()
    typer.echo(f"A cancel was requested; the {after.noun} is {after.state}.")


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
    yield "owner", listing.owner_in_words(job.owner)
    yield "age", None if job.age_seconds is None else f"{shown_age(job.age_seconds)} (created {job.created})"
    yield "started", report.started
    yield "ended", report.ended
    yield "epochs", _count(report.epochs)
    yield "steps", _count(report.steps)
    yield "model", report.model
    yield "endpoint", report.endpoint
    yield "weights", report.weights
    for each in report.checkpoints:
        said = f"epoch {each.get('epoch', '?')}, step {each.get('step', '?')}, {each.get('endpoint', 'no endpoint')}"
        yield f"checkpoint {each.get('checkpointId', '?')}", said
    yield "experiment", report.experiment
    yield "cost", report.cost.text if report.cost else None


def _count(value: int | None) -> str | None:
    return None if value is None else f"{value:,}"
