"""``gcp-tuning metrics``: show how the loss of a job fell."""

from __future__ import annotations

import json
from typing import Annotated

import typer

from pulumi_gcp_tuning.cli.connection import JOB_EXAMPLE, google_of, settings_of
from pulumi_gcp_tuning.cli.curves import read_metrics, show_metrics
from pulumi_gcp_tuning.names import TuningJobName


def metrics(
    job: Annotated[str, typer.Argument(help=f"The name of a tuning job: {JOB_EXAMPLE}")],
    *,
    as_json: Annotated[bool, typer.Option("--json", help="Every step, one JSON object per line.")] = False,
) -> None:
    """Show the loss of a job: about ten of its steps, and the evaluation if there is one."""
    name = TuningJobName.parse(job)
    google = google_of(settings_of(None, None))
    found = google.vertex_of(str(name)).tuning_jobs.get(str(name))
    steps = read_metrics(google, found)
    if as_json:
        typer.echo("\n".join(json.dumps(step) for step in steps))
    else:
        show_metrics(steps)
