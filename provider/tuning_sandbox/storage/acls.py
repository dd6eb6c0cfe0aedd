"""The two projections of a bucket or object: with its access control lists (`full`), or without (`noAcl`)."""

from __future__ import annotations

from tuning_sandbox.kernel import Call
from tuning_sandbox.storage.api import Doc, api

_LISTS = ("acl", "defaultObjectAcl", "owner")
_TEAMS = (("owners", "OWNER"), ("editors", "OWNER"), ("viewers", "READER"))


@api.behaviour(
    "projection=full shows the lists of the predefined ACL projectPrivate, and none under uniform bucket-level access",
    source="assumed",
)
def projected(call: Call, doc: Doc, bucket: Doc) -> Doc:
    """The bucket or object as the query's projection shows it."""
    shown = {key: value for key, value in doc.items() if key not in _LISTS}
    uniform = bucket.get("iamConfiguration", {}).get("uniformBucketLevelAccess", {}).get("enabled")
    if call.query.get("projection") != "full" or uniform:
        return shown
    is_bucket = doc.get("kind") == "storage#bucket"
    shown["acl"] = doc.get("acl") or _private(bucket, "bucketAccessControl" if is_bucket else "objectAccessControl")
    if is_bucket:
        shown["defaultObjectAcl"] = doc.get("defaultObjectAcl") or _private(bucket, "objectAccessControl")
    shown["owner"] = {"entity": f"project-owners-{bucket['projectNumber']}"}
    return shown


def _private(bucket: Doc, kind: str) -> list[Doc]:
    return [
        {
            "kind": f"storage#{kind}",
            "entity": f"project-{team}-{bucket['projectNumber']}",
            "role": role,
            "projectTeam": {"projectNumber": bucket["projectNumber"], "team": team},
        }
        for team, role in _TEAMS
    ]
