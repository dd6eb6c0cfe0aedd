"""``gcp-tuning metrics``: show the loss of a job."""

from __future__ import annotations

import json
from typing import Annotated

import typer

from pulumi_gcp_tuning.cli.connection import A_JOB, google_of, settings_of
from pulumi_gcp_tuning.cli.curves import kind_with_loss, show_metrics


def metrics(
    job: Annotated[str, typer.Argument(help=A_JOB)],
    *,
    as_json: Annotated[bool, typer.Option("--json", help="Every step, one JSON object per line.")] = False,
) -> None:
    """Show the loss of a job: about ten of its steps, and the evaluation if there is one."""
    from pulumi_gcp_tuning.resources.jobs.metrics import read_metrics

    kind = kind_with_loss(job)
    google = google_of(settings_of(None, None))
    steps = read_metrics(google, kind.calls(google.vertex_of(job)).get(job))
    if as_json:
        typer.echo("\n".join(json.dumps(step) for step in steps))
    else:
        show_metrics(steps)
