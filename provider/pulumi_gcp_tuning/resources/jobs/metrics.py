"""The metrics of a tuning job, step by step."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from pulumi_gcp_tuning.errors import Refused
from pulumi_gcp_tuning.names import GcsUri

if TYPE_CHECKING:
    from pulumi_gcp_tuning.google.protocols import GoogleApi


def read_metrics(google: GoogleApi, job: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Each training step of ``job`` in order, with Google's metric names (``/train_total_loss`` ...).

    Read from the object that ``gcsMetricsUri`` names. It is assumed that it holds one JSON object per line: Google
    documents the field and not the content. Raises Refused if the job has no metrics yet or they have another form.
    """
    uri = job.get("gcsMetricsUri")
    if not uri:
        state = str(job.get("state", "")).removeprefix("JOB_STATE_")
        raise Refused(f"The job names no metrics ({state}); they appear once it runs.\n  {job['name']}")
    place = GcsUri.parse(str(uri))
    with google.storage.open_object(place.bucket, place.object) as file:
        try:
            steps = [json.loads(line) for line in file if line.strip()]
        except ValueError as error:
            raise Refused(f"The metrics are not JSON lines; look at them yourself.\n  {uri}") from error
    if not steps or not all(isinstance(step, dict) and "/train_total_loss" in step for step in steps):
        raise Refused(f"The metrics have no /train_total_loss; look at them yourself.\n  {uri}")
    return steps
