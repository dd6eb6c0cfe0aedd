"""``gcp-tuning metrics``: show the loss of a job."""

from __future__ import annotations

import json
from typing import Annotated

import typer

from pulumi_gcp_tuning.cli.connection import A_JOB, google_of, settings_of
from pulumi_gcp_tuning.cli.curves import show_metrics
from pulumi_gcp_tuning.errors import Refused


def metrics(
    job: Annotated[str, typer.Argument(help=A_JOB)],
    *,
    as_json: Annotated[bool, typer.Option("--json", help="Every step, one JSON object per line.")] = False,
) -> None:
    """Show the loss of a job: about ten of its steps, and the evaluation if there is one."""
    from pulumi_gcp_tuning.resources.jobs.metrics import read_metrics
    from pulumi_gcp_tuning.resources.registry import declared_kind_of

    frame, kind = declared_kind_of(job)
    kind.parse_name(job)
    if "gcs_metrics_uri" not in frame.resource.State.model_fields:
        raise Refused(
            f"Google does not report the loss of a {kind.noun}, so there is no curve to show.\nIts output files are "
            f"in its gcs_output_directory.\n  {job}"
        )
    google = google_of(settings_of(None, None))
    steps = read_metrics(google, kind.calls(google.vertex_of(job)).get(job))
    if as_json:
        typer.echo("\n".join(json.dumps(step) for step in steps))
    else:
        show_metrics(steps)
