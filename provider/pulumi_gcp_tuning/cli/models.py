"""``gcp-tuning models``: list tuned models, and show one with what an application needs to ask it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated

import typer

from pulumi_gcp_tuning.cli import listing
from pulumi_gcp_tuning.grammar import counted

if TYPE_CHECKING:
    from pulumi_gcp_tuning.commands.models import FoundModel, ModelReport

app = typer.Typer(no_args_is_help=True, help="Tuned models at Google: list, get.")


@app.command("list")
def list_all(
    *,
    base_model: Annotated[str | None, typer.Option(help="Only models that were tuned from this base model.")] = None,
    kept: Annotated[bool, typer.Option("--kept", help="Only superseded models that are kept, and releases.")] = False,
    project: listing.Project = None,
    region: listing.Region = None,
    all_regions: listing.AllRegions = False,
    limit: Annotated[int, typer.Option(min=1, help="How many models of each location are read.")] = 200,
    stack: listing.Stack = None,
    cwd: listing.Cwd = None,
    pulumi: listing.Cli = "pulumi",
    as_json: listing.AsJson = False,
) -> None:
    """List the tuned models of a project, the newest first, whoever tuned them.

    Exits 2 if a location could not be listed, else 0.
    """
    from pulumi_gcp_tuning.commands.models import list_models

    connection, states = listing.connection_of_list(project, region, stack, cwd, pulumi)
    found = list_models(
        regions=listing.regions_of(region, connection.settings.location, all_regions=all_regions),
        base_model=base_model,
        kept=kept,
        limit=limit,
        gemini_api=region is None,
        states=states,
        connection=connection,
    )
    if as_json:
        typer.echo(json.dumps({**asdict(found), "complete": not found.problems}, indent=2))
    else:
        _print_models(found.models)
        typer.echo(f"{counted(len(found.models), 'model')} in {listing.places_in_words(found.places, 'location')}.")
        listing.print_shortened(found.shortened, limit)
    listing.finish(found.problems)


@app.command("get")
def get(
    model: Annotated[
        str,
        typer.Argument(
            help="A model, projects/P/locations/L/models/M, also with @VERSION; or an endpoint that serves only one."
        ),
    ],
    *,
    stack: listing.Stack = None,
    cwd: listing.Cwd = None,
    pulumi: listing.Cli = "pulumi",
    as_json: listing.AsJson = False,
) -> None:
    """Show one tuned model: version, endpoints, cost, and how an application asks it with Python and curl."""
    from pulumi_gcp_tuning.commands.models import find_model

    connection, states = listing.connection_and_states(None, None, stack, cwd, pulumi)
    report = find_model(model, states=states, connection=connection)
    if as_json:
        typer.echo(json.dumps(asdict(report), indent=2))
        return
    listing.print_facts(_facts_of(report))
    if report.snippets:
        text = f"\nPython (pip install {report.snippets.packages}):\n\n{report.snippets.python}\nShell:\n\n{report.snippets.curl}"
        typer.echo(text, nl=False)


def _print_models(models: tuple[FoundModel, ...]) -> None:
    from pulumi_gcp_tuning.audit.costs import shown_age
    from pulumi_gcp_tuning.cli.tables import print_columns

    if not models:
        return
    lines = [
        (
            each.display_name or "",
            each.version or "",
            each.base_model or "",
            shown_age(each.age_seconds),
            each.cost,
            each.kept or each.owner or "",
        )
        for each in models
    ]
    names = ["\n".join([each.name, *each.endpoints]) for each in models]
    print_columns(("display name", "version", "base model", "age", "costs", "kept as, or owner"), lines, names)


def _facts_of(report: ModelReport) -> Iterator[tuple[str, str | None]]:
    from pulumi_gcp_tuning.audit.costs import shown_age

    model = report.model
    yield "model", model.name
    yield "version", ", ".join(filter(None, [model.version, *model.aliases]))
    yield "display name", model.display_name
    yield "base model", model.base_model
    yield "job", model.job_id
    yield "owner", listing.owner_in_words(model.owner)
    yield "age", None if model.age_seconds is None else f"{shown_age(model.age_seconds)} (created {model.created})"
    yield "kept", model.kept
    yield "default checkpoint", model.default_checkpoint
    for each in model.endpoints:
        yield "endpoint", each
    yield "default endpoint", report.endpoint
    yield "costs", model.cost
