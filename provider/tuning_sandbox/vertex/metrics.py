"""The metrics of a job as an object in a bucket of the service, never in the user's bucket."""

from __future__ import annotations

import json
from typing import Any

from tuning_sandbox.kernel import Sandbox
from tuning_sandbox.spelling import split_uri
from tuning_sandbox.vertex.service import api

_OWNER = "100000000001"

api.behaviour("gcsMetricsUri names a JSONL object in a bucket of the service, one line per step", source="assumed")


def write_metrics(sandbox: Sandbox, uri: str, lines: list[dict[str, Any]]) -> None:
    """Write the lines so far."""
    data = "".join(json.dumps(line) + "\n" for line in lines).encode()
    storage = sandbox.services.storage
    storage.make_service_bucket(split_uri(uri)[0], _OWNER)
    storage.write_object(uri, data, "application/jsonl")
