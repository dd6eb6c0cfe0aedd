"""The training steps of a job, for curves."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pulumi_gcp_tuning.commands.connection import Connection, connect
from pulumi_gcp_tuning.errors import Refused
from pulumi_gcp_tuning.resources.jobs.metrics import read_metrics
from pulumi_gcp_tuning.resources.registry import declared_kind_of

if TYPE_CHECKING:
    from pulumi_gcp_tuning.resources.jobs.kind import JobKind


def read_steps(name: str, *, connection: Connection | None = None) -> list[dict[str, Any]]:
    """Each training step of a job in order, with Google's metric names (``/train_total_loss`` ...).

    Raises Refused if Google does not report the loss of that kind of job, or not yet; NotFound if there is no such job.
    """
    connection, kind = connection or connect(), kind_with_loss(name)
    return read_metrics(connection.google, kind.calls(connection.google.vertex_of(name)).get(name))


def kind_with_loss(name: str) -> JobKind:
    """The kind of a job by its name. Raises MalformedName, and Refused if Google does not report the loss of that kind."""
    frame, kind = declared_kind_of(name)
    kind.parse_name(name)
    if "gcs_metrics_uri" not in frame.resource.State.model_fields:
        raise Refused(
            f"Google does not report the loss of a {kind.noun}, so there is no curve to show.\nIts output files are "
            f"in its gcs_output_directory.\n  {name}"
        )
    return kind
