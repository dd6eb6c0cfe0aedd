"""The training steps of a job, for curves."""

from __future__ import annotations

from typing import Any

from pulumi_gcp_tuning.commands.connection import Connection, connect
from pulumi_gcp_tuning.commands.jobs import read_job


def read_steps(name: str, *, connection: Connection | None = None) -> list[dict[str, Any]]:
    """Each training step of a job in order, with Google's metric names (``/train_total_loss`` ...).

    Those of a tuning pipeline are in its TensorBoard once it has succeeded. Those of a tuned model of the Gemini API are
    its snapshots, whose mean loss is under the name of the training loss. Raises MalformedName for another text,
    Refused if there are no steps, or not yet; NotFound if there is no such job.
    """
    return read_job(connection or connect(), name).read_steps()
