"""Buckets, their IAM policy, and a project's storage agent."""

from __future__ import annotations

import re
from typing import Any

from tuning_sandbox.iam.permissions import refuse_unknown
from tuning_sandbox.kernel import Answer, Call, GoogleError
from tuning_sandbox.kernel.parameters import not_served
from tuning_sandbox.spelling import BUCKET_NAME
from tuning_sandbox.storage.acls import projected
from tuning_sandbox.storage.api import (
    BUCKETS,
    OBJECTS,
    POLICIES,
    Doc,
    agent_of,
    api,
    check_key,
    check_org_policies,
    check_preconditions,
    condition_not_met,
    etag_of,
    find_bucket,
    invalid,
    look_up_bucket,
    next_generation,
    stamp,
    version_of,
)
from tuning_sandbox.storage.history import earlier
from tuning_sandbox.storage.lifecycle import schedule_all
from tuning_sandbox.storage.settings import DUAL, MULTI_REGIONS, check_bucket_values, check_policy, check_settings

_OUTPUT_ONLY = {
    "id", "kind", "selfLink", "name", "projectNumber", "generation", "metageneration", "etag", "timeCreated", "updated",
    "location", "locationType", "satisfiesPZS", "satisfiesPZI",
}  # fmt: skip


@api.route(
    "POST", "/storage/v1/b", id="storage.buckets.insert", permission="storage.buckets.create", source="discovery",
    does="writes a bucket: upper-case location, project number, metageneration 1; 409 if the name is in use",
)  # fmt: skip
def create_bucket(call: Call) -> Doc:
    name = call.body.get("name")
    if not isinstance(name, str) or not re.fullmatch(BUCKET_NAME, name):
        raise invalid(f"Invalid bucket name: '{name}'")
    check_bucket_values(call.body, name)
    check_settings(call, call.body)
    buckets = call.sandbox.store.collection(BUCKETS)
    if (taken := look_up_bucket(call.sandbox, name)) is not None:
        text = "Your previous request to create the named bucket succeeded and you already own it."
        if taken["projectNumber"] != call.project.number:
            text = (
                "The requested bucket name is not available. The bucket namespace is shared by all users of the system. "
                "Please select a different name and try again."
            )
        raise GoogleError(409, "ALREADY_EXISTS", text, reason="conflict")
    location = call.body.get("location", "US").upper()
    key = (call.body.get("encryption") or {}).get("defaultKmsKeyName")
    check_org_policies(call, call.project.number, f"projects/_/buckets/{name}", location=location, key=key)
    check_bucket_key(call, call.body, location)
    now = stamp(call)
    bucket: Doc = {
        "kind": "storage#bucket",
        "selfLink": f"https://www.googleapis.com/storage/v1/b/{name}",
        "id": name,
        "name": name,
        "projectNumber": call.project.number,
        "generation": next_generation(call.sandbox),
        "metageneration": "1",
        "location": location,
        "storageClass": "STANDARD",
        "etag": etag_of(1),
        "timeCreated": now,
        "updated": now,
        "locationType": "multi-region"
        if location in MULTI_REGIONS
        else "dual-region"
        if DUAL.match(location)
        else "region",
        "softDeletePolicy": {"retentionDurationSeconds": "604800", "effectiveTime": now},
    }
    if bucket["locationType"] != "region":
        bucket["rpo"] = "DEFAULT"
    bucket.update({k: v for k, v in call.body.items() if k not in _OUTPUT_ONLY})
    bucket["iamConfiguration"] = _iam_configuration(call.body.get("iamConfiguration", {}), now)
    buckets.put(name, bucket)
    schedule_all(call.sandbox, bucket)
    return projected(call, bucket, bucket)


@api.behaviour("uniform bucket-level access and its older name bucketPolicyOnly always agree", source="recording")
def _iam_configuration(asked: Doc, now: str) -> Doc:
    uniform = asked.get("uniformBucketLevelAccess") or asked.get("bucketPolicyOnly") or {}
    enabled: Doc = {"enabled": bool(uniform.get("enabled"))}
    if enabled["enabled"]:
        enabled["lockedTime"] = uniform.get("lockedTime", now)
    return {
        "bucketPolicyOnly": enabled,
        "uniformBucketLevelAccess": dict(enabled),
        "publicAccessPrevention": asked.get("publicAccessPrevention", "inherited"),
    }


def check_bucket_key(call: Call, body: Doc, location: str) -> None:
    """Refuse a default key that Cloud Storage cannot use."""
    key = (body.get("encryption") or {}).get("defaultKmsKeyName")
    if key:
        check_key(call, key, location)


@api.route(
    "GET", "/storage/v1/b/{bucket}", id="storage.buckets.get", permission="storage.buckets.get", source="recording",
    does="reads a bucket; the 404 has no status",
)  # fmt: skip
def get_bucket(call: Call) -> Doc:
    bucket = find_bucket(call.sandbox, call.params["bucket"])
    check_preconditions(call, bucket)
    return projected(call, bucket, bucket)


@api.route(
    "GET", "/storage/v1/b/{bucket}/storageLayout", id="storage.buckets.getStorageLayout", permission="storage.objects.list",
    source="discovery", does="reads where a bucket is and that it has no folders, as gcloud asks before it removes",
)  # fmt: skip
def get_storage_layout(call: Call) -> Doc:
    bucket = find_bucket(call.sandbox, call.params["bucket"])
    # the sandbox grants no permissions by prefix, so a caller that may list may list every prefix
    call.leave("prefix")
    return {
        "kind": "storage#storageLayout",
        "bucket": bucket["name"],
        "location": bucket["location"],
        "locationType": bucket["locationType"],
        "hierarchicalNamespace": {"enabled": bool(bucket.get("hierarchicalNamespace", {}).get("enabled"))},
    }


@api.route(
    "GET", "/storage/v1/b/{bucket}/managedFolders", id="storage.managedFolders.list", permission="storage.managedFolders.list",
    source="sdk", ref="gcloud storage rm expects a 412 for a bucket without uniform bucket-level access; its text is synthetic",
    does="reads that a bucket has no managed folders; 412 without uniform bucket-level access, which they need",
)  # fmt: skip
def list_managed_folders(call: Call) -> Doc:
    bucket = find_bucket(call.sandbox, call.params["bucket"])
    if not bucket.get("iamConfiguration", {}).get("uniformBucketLevelAccess", {}).get("enabled"):
        raise GoogleError(
            412,
            "FAILED_PRECONDITION",
            "Managed folders require uniform bucket-level access to be enabled.",
            reason="conditionNotMet",
        )
    call.leave("prefix")
    call.page([], "items", default=1000, size="pageSize")
    return {"kind": "storage#managedFolders"}


@api.route(
    "GET", "/storage/v1/b", id="storage.buckets.list", permission="storage.buckets.list", source="discovery",
    does="reads a project's buckets, by prefix, in pages",
)  # fmt: skip
def list_buckets(call: Call) -> Doc:
    buckets = call.sandbox.store.collection(BUCKETS)
    found = [buckets.get(name) for name in buckets.names(call.query.get("prefix", ""))]
    mine = [bucket for bucket in found if bucket and bucket["projectNumber"] == call.project.number]
    page = call.page(mine, "items", default=1000, size="maxResults")
    items = [projected(call, bucket, bucket) for bucket in page.pop("items")]
    return {"kind": "storage#buckets", **({"items": items} if items else {}), **page}


@api.route(
    "PATCH", "/storage/v1/b/{bucket}", id="storage.buckets.patch", permission="storage.buckets.update", source="discovery",
    does="writes parts of a bucket; null removes; the metageneration goes up by one",
)  # fmt: skip
def patch_bucket(call: Call) -> Doc:
    bucket = find_bucket(call.sandbox, call.params["bucket"])
    check_preconditions(call, bucket)
    body = call.body
    check_bucket_key(call, body, bucket["location"])
    if "location" in body and body["location"].upper() != bucket["location"]:
        raise invalid("Bucket location cannot be changed.")
    raw = call.parse_json(call.raw)
    merged = merge(bucket, raw, body)
    check_settings(call, {key: merged[key] for key in raw if key in merged})
    return _rewrite(call, bucket, {k: v for k, v in merged.items() if k not in _OUTPUT_ONLY})


@api.route(
    "PUT", "/storage/v1/b/{bucket}", id="storage.buckets.update", permission="storage.buckets.update", source="discovery",
    does="overwrites a bucket; fields that are not in the body are removed",
)  # fmt: skip
def update_bucket(call: Call) -> Doc:
    bucket = find_bucket(call.sandbox, call.params["bucket"])
    check_preconditions(call, bucket)
    check_bucket_key(call, call.body, bucket["location"])
    check_settings(call, call.body)
    kept: Doc = {k: bucket[k] for k in ("storageClass", "softDeletePolicy", "rpo", "iamConfiguration") if k in bucket}
    return _rewrite(call, bucket, {**kept, **{k: v for k, v in call.body.items() if k not in _OUTPUT_ONLY}})


def _rewrite(call: Call, bucket: Doc, fields: Doc) -> Doc:
    now = stamp(call)
    new = {k: v for k, v in bucket.items() if k in _OUTPUT_ONLY} | fields
    new["iamConfiguration"] = _iam_configuration(fields.get("iamConfiguration", {}), now)
    new["metageneration"] = str(int(bucket["metageneration"]) + 1)
    new["etag"], new["updated"] = etag_of(new["metageneration"]), now
    call.sandbox.store.collection(BUCKETS).put(bucket["name"], new)
    schedule_all(call.sandbox, new)
    return projected(call, new, new)


def merge(old: Any, raw: Any, read: Any) -> Any:
    """JSON merge patch: a null in the raw body removes the field, objects are merged, other values are replaced."""
    if not isinstance(old, dict) or not isinstance(raw, dict):
        return read
    merged = dict(old)
    for key, value in raw.items():
        if value is None:
            merged.pop(key, None)
        elif isinstance(value, dict) and key in old:
            merged[key] = merge(old[key], value, read.get(key, {}) if isinstance(read, dict) else {})
        else:
            merged[key] = drop_nulls(read[key]) if isinstance(read, dict) and key in read else value
    return merged


def drop_nulls(value: Any) -> Any:
    """The value without nulls in its maps."""
    if isinstance(value, dict):
        return {k: drop_nulls(v) for k, v in value.items() if v is not None}
    return value


@api.route(
    "DELETE", "/storage/v1/b/{bucket}", id="storage.buckets.delete", permission="storage.buckets.delete", source="recording",
    does="deletes a bucket; 409 while it has objects; 204",
)  # fmt: skip
def delete_bucket(call: Call) -> Answer:
    name = call.params["bucket"]
    bucket = find_bucket(call.sandbox, name)
    check_preconditions(call, bucket)
    if call.sandbox.store.collection(OBJECTS).names(f"{name}/") or earlier(call.sandbox, name):
        raise GoogleError(409, "ALREADY_EXISTS", "The bucket you tried to delete is not empty.", reason="conflict")
    call.sandbox.store.collection(BUCKETS).delete(name)
    call.sandbox.store.collection(POLICIES).delete(name)
    return Answer(status=204)


def policy_of(call: Call, bucket: Doc) -> Doc:
    """The bucket's policy; a new bucket's has the project's legacy bindings."""
    stored = call.sandbox.store.collection(POLICIES).get(bucket["name"])
    if stored is not None:
        return stored
    project = call.sandbox.projects.resolve(bucket["projectNumber"]).id
    return {
        "kind": "storage#policy",
        "resourceId": f"projects/_/buckets/{bucket['name']}",
        "version": 1,
        "etag": "CAE=",
        "bindings": [
            {
                "role": "roles/storage.legacyBucketOwner",
                "members": [f"projectEditor:{project}", f"projectOwner:{project}"],
            },
            {"role": "roles/storage.legacyBucketReader", "members": [f"projectViewer:{project}"]},
        ],
    }


def check_requested_version(call: Call, policy: Doc) -> None:
    """400 for an invalid policy version; 501 for a policy with conditions in the form of version 1."""
    asked = call.query.get("optionsRequestedPolicyVersion") or "0"
    if asked not in ("0", "1", "3"):
        raise invalid(f"Invalid value for optionsRequestedPolicyVersion: {asked}")
    if asked == "1" and any("condition" in binding for binding in policy["bindings"]):
        raise not_served(call, "optionsRequestedPolicyVersion=1 where a policy has conditions")


@api.route(
    "GET", "/storage/v1/b/{bucket}/iam", id="storage.buckets.getIamPolicy", permission="storage.buckets.getIamPolicy",
    source="discovery", does="reads a bucket's policy with its etag",
)  # fmt: skip
def get_policy(call: Call) -> Doc:
    policy = policy_of(call, find_bucket(call.sandbox, call.params["bucket"]))
    check_requested_version(call, policy)
    return policy


@api.route(
    "PUT", "/storage/v1/b/{bucket}/iam", id="storage.buckets.setIamPolicy", permission="storage.buckets.setIamPolicy",
    source="discovery", does="writes a bucket's policy; 412 if the etag sent is not the current one",
)  # fmt: skip
def set_policy(call: Call) -> Doc:
    bucket = find_bucket(call.sandbox, call.params["bucket"])
    old = policy_of(call, bucket)
    sent = call.body.get("etag")
    if sent and sent != old["etag"]:
        raise condition_not_met()
    check_policy(call, call.body.get("bindings", []))
    changes = version_of(old["etag"]) + 1
    new: Doc = {
        "kind": "storage#policy",
        "resourceId": old["resourceId"],
        "version": call.body.get("version", 1),
        "etag": etag_of(changes),
        "bindings": call.body.get("bindings", []),
    }
    call.sandbox.store.collection(POLICIES).put(bucket["name"], new)
    return new


@api.route(
    "GET", "/storage/v1/b/{bucket}/iam/testPermissions", id="storage.buckets.testIamPermissions", source="sdk",
    does="reads which of the permissions the caller holds",
)  # fmt: skip
def test_permissions(call: Call) -> Doc:
    find_bucket(call.sandbox, call.params["bucket"])
    return tested(call)


@api.behaviour(
    "a permission of another service is refused where permissions are tested; one of Cloud Storage or Cloud KMS that the sandbox "
    "does not know is 501, and of other services the form decides",
    source="assumed",
)
def tested(call: Call) -> Doc:
    """Which of the permissions in the query the caller has; 400 for one that is not of Cloud Storage."""
    asked = call.query_all("permissions")
    for name in asked:
        if not name.startswith("storage."):
            raise invalid(f"Permission '{name}' is not valid for this resource.")
    if not call.sandbox.config.loose:
        refuse_unknown(asked)
    held = [name for name in asked if call.principal.may(name)]
    return {"kind": "storage#testIamPermissionsResponse", **({"permissions": held} if held else {})}


@api.route(
    "GET", "/storage/v1/projects/{project}/serviceAccount", id="storage.projects.serviceAccount.get", source="discovery",
    does="reads the address of the project's storage agent",
)  # fmt: skip
def get_service_account(call: Call) -> Doc:
    return {"kind": "storage#serviceAccount", "email_address": agent_of(call.project.number)}
