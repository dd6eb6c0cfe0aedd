"""The metrics of a job as an object in a bucket of the service; never in a bucket of the user's."""

from __future__ import annotations

import json
from typing import Any

from ..kernel import Sandbox
from .service import api

_OWNER = "100000000001"

api.behaviour("gcsMetricsUri names a JSONL object in a bucket of the service, one line per step", source="assumed")


def write_metrics(sandbox: Sandbox, uri: str, lines: list[dict[str, Any]]) -> bool:
    """Writes the lines so far; False where the sandbox has no storage."""
    data = "".join(json.dumps(line) + "\n" for line in lines).encode()
    if sandbox.ask("write_object", uri, data, "application/jsonl") is not None:
        return True
    sandbox.ask("make_service_bucket", uri.removeprefix("gs://").partition("/")[0], _OWNER)
    return sandbox.ask("write_object", uri, data, "application/jsonl") is not None
