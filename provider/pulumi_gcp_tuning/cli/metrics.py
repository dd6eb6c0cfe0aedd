"""``gcp-tuning metrics``: show the loss of a job."""

from __future__ import annotations

import json
from typing import Annotated

import typer

from pulumi_gcp_tuning.cli.connection import A_JOB
from pulumi_gcp_tuning.cli.curves import show_metrics


def metrics(
    job: Annotated[str, typer.Argument(help=A_JOB)],
    *,
    as_json: Annotated[bool, typer.Option("--json", help="Every step, one JSON object per line.")] = False,
) -> None:
    """Show the loss of a job: about ten of its steps, and the evaluation if there is one."""
    from pulumi_gcp_tuning.commands.training import read_steps

    steps = read_steps(job)
    if as_json:
        typer.echo("\n".join(json.dumps(step) for step in steps))
    else:
        show_metrics(steps)
