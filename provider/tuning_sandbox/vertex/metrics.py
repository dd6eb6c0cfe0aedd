"""The metrics of a job as an object in a bucket of the service; never in a bucket of the user's."""

from __future__ import annotations

import json
from typing import Any

from ..kernel import Sandbox
from .service import api

_BUCKETS = "storage.buckets"
_OWNER = "100000000001"

api.behaviour("gcsMetricsUri names a JSONL object in a bucket of the service, one line per step", source="assumed")


def write_metrics(sandbox: Sandbox, uri: str, lines: list[dict[str, Any]]) -> bool:
    """Writes the lines so far; False where the sandbox has no storage."""
    data = "".join(json.dumps(line) + "\n" for line in lines).encode()
    if sandbox.ask("write_object", uri, data, "application/jsonl") is not None:
        return True
    _make_bucket(sandbox, uri.removeprefix("gs://").partition("/")[0])
    return sandbox.ask("write_object", uri, data, "application/jsonl") is not None


def _make_bucket(sandbox: Sandbox, name: str) -> None:
    now = sandbox.clock.stamp()
    bucket = {
        "kind": "storage#bucket",
        "selfLink": f"https://www.googleapis.com/storage/v1/b/{name}",
        "id": name,
        "name": name,
        "projectNumber": _OWNER,
        "generation": "1",
        "metageneration": "1",
        "location": "US",
        "locationType": "multi-region",
        "storageClass": "STANDARD",
        "etag": "CAE=",
        "timeCreated": now,
        "updated": now,
        "iamConfiguration": {
            "bucketPolicyOnly": {"enabled": True},
            "uniformBucketLevelAccess": {"enabled": True},
            "publicAccessPrevention": "inherited",
        },
    }
    sandbox.store.collection(_BUCKETS).put(name, bucket)
