"""Settings of a bucket: each has an effect, or is refused by its name."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from google.api_core.exceptions import MethodNotImplemented
from google.auth.credentials import AnonymousCredentials
from google.cloud import storage

from sandbox.running import AS_OF, run_sandbox
from sandbox.vertex_support import PROJECT, make_bucket, upload
from tuning_sandbox.app import create_app
from tuning_sandbox.kernel.sandbox import Config, parse_as_of

if TYPE_CHECKING:
    from contextlib import AbstractContextManager
    from pathlib import Path

    from sandbox.running import RunningSandbox

BUCKETS = f"/storage/v1/b?project={PROJECT}"
DAY = 86_400


def rule(**condition: Any) -> dict[str, Any]:
    return {"lifecycle": {"rule": [{"action": {"type": "Delete"}, "condition": condition}]}}


def names(sandbox: RunningSandbox, query: str = "") -> list[str]:
    return [item["name"] for item in sandbox.get(f"/storage/v1/b/tuning-data/o{query}").json().get("items", [])]


@pytest.mark.parametrize(
    ("wrong", "right", "status", "told"),
    [
        ({"name": "a..b"}, {"name": "a.b"}, 400, "Invalid bucket name"),
        ({"name": f"a.{'b' * 64}"}, {"name": f"a.{'b' * 63}"}, 400, "Invalid bucket name"),
        ({"labels": {"Team": "a"}}, {"labels": {"team": "a"}}, 400, "Team"),
        ({"labels": {"team": "A b"}}, {"labels": {"팀": "결제"}}, 400, "team"),
        ({"ipFilter": {"mode": "Enabled"}}, {"ipFilter": {"mode": "Disabled"}}, 501, "ipFilter"),
        ({"autoclass": {"enabled": True}}, {"autoclass": {"enabled": False}}, 501, "autoclass"),
        (rule(numNewerVersions=2), rule(age=30), 501, "numNewerVersions"),
        ({"storageClass": "HOT"}, {"storageClass": "NEARLINE"}, 400, "storage class"),
        ({"rpo": "FAST"}, {"rpo": "DEFAULT"}, 400, "rpo"),
        (
            {"retentionPolicy": {"retentionPeriod": "-5"}},
            {"retentionPolicy": {"retentionPeriod": "5"}},
            400,
            "retention",
        ),
        (
            {"softDeletePolicy": {"retentionDurationSeconds": "5"}},
            {"softDeletePolicy": {"retentionDurationSeconds": "0"}},
            400,
            "soft delete",
        ),
        (
            {"iamConfiguration": {"publicAccessPrevention": "maybe"}},
            {"iamConfiguration": {"publicAccessPrevention": "enforced"}},
            400,
            "publicAccessPrevention",
        ),
        (rule(), rule(matchesPrefix=["tmp/"]), 501, "without a condition"),
        (
            {"lifecycle": {"rule": [{"action": {"type": "SetStorageClass", "storageClass": "ARCHIVE"}}]}},
            {"lifecycle": {"rule": [{"action": {"type": "AbortIncompleteMultipartUpload"}, "condition": {"age": 1}}]}},
            501,
            "SetStorageClass",
        ),
    ],
)
def test_a_setting_has_an_effect_or_is_refused_by_name(
    sandbox: RunningSandbox, wrong: dict[str, Any], right: dict[str, Any], status: int, told: str
) -> None:
    answer = sandbox.post(BUCKETS, json={"name": "a-bucket", **wrong})
    assert answer.status_code == status
    assert told in answer.json()["error"]["message"]
    made = sandbox.post(BUCKETS, json={"name": "a-bucket", **right})
    assert made.status_code == 200
    if "name" not in wrong:
        name = made.json()["name"]
        assert sandbox.patch(f"/storage/v1/b/{name}", json=wrong).status_code == status
        assert sandbox.put(f"/storage/v1/b/{name}", json=wrong).status_code == status
        assert sandbox.patch(f"/storage/v1/b/{name}", json={"versioning": {"enabled": True}}).status_code == 200


@pytest.mark.parametrize(
    ("role", "member", "status"),
    [
        ("roles/storage.objectViewer", "user:ann@example.com", 200),
        ("viewer", "user:ann@example.com", 400),
        ("roles/storage.objectViewer", "ann", 400),
    ],
)
def test_a_policy_of_a_bucket_has_roles_and_members(
    sandbox: RunningSandbox, role: str, member: str, status: int
) -> None:
    make_bucket(sandbox)
    policy = {"bindings": [{"role": role, "members": [member]}]}
    assert sandbox.put("/storage/v1/b/tuning-data/iam", json=policy).status_code == status


def test_who_may_not_charge_the_buckets_project_pays_with_a_project(sandbox: RunningSandbox) -> None:
    upload(sandbox, make_bucket(sandbox), "a.txt", b"first")
    sandbox.patch("/storage/v1/b/tuning-data", json={"billing": {"requesterPays": True}})
    reader = {"token": "reader", "permissions": ["storage.*"]}
    sandbox.admin("POST", "principals", reader)
    path, headers = "/storage/v1/b/tuning-data/o/a.txt", {"authorization": "Bearer reader"}
    found = sandbox.get(path, headers=headers)
    assert (found.status_code, found.json()["error"]["errors"][0]["reason"]) == (400, "required")
    assert sandbox.get(f"{path}?userProject={PROJECT}", headers=headers).status_code == 200
    assert sandbox.get(path).status_code == 200


def test_objects_are_deleted_at_the_age_of_their_buckets_rule(sandbox: RunningSandbox) -> None:
    bucket = make_bucket(sandbox)
    upload(sandbox, bucket, "old/a.txt", b"first")
    changed = sandbox.patch("/storage/v1/b/tuning-data", json=rule(age=30, matchesPrefix=["old/"]))
    assert changed.status_code == 200
    sandbox.advance(10 * DAY)
    upload(sandbox, bucket, "old/b.txt", b"second")
    upload(sandbox, bucket, "new/c.txt", b"third")
    sandbox.advance(20 * DAY + 1)
    assert names(sandbox) == ["new/c.txt", "old/b.txt"]
    assert sandbox.patch("/storage/v1/b/tuning-data/o/old%2Fb.txt", json={"temporaryHold": True}).status_code == 200
    sandbox.advance(20 * DAY)
    assert names(sandbox) == ["new/c.txt", "old/b.txt"]
    sandbox.patch("/storage/v1/b/tuning-data/o/old%2Fb.txt", json={"temporaryHold": False})
    sandbox.advance(DAY)
    assert names(sandbox) == ["new/c.txt"]


def test_what_a_rule_will_delete_is_known_after_a_restart(tmp_path: Path) -> None:
    def started() -> AbstractContextManager[RunningSandbox]:
        config = Config(mode="stepped", as_of=parse_as_of(AS_OF), seed=7, data=tmp_path / "data")
        return run_sandbox(create_app(config))

    with started() as first:
        upload(first, make_bucket(first), "a.txt", b"first")
        first.patch("/storage/v1/b/tuning-data", json=rule(age=3))
    with started() as second:
        second.advance(2 * DAY)
        assert names(second) == ["a.txt"]
        second.advance(DAY)
        assert names(second) == []


def test_a_rule_of_live_objects_leaves_earlier_versions(sandbox: RunningSandbox) -> None:
    upload(sandbox, make_bucket(sandbox), "a.txt", b"first")
    sandbox.patch("/storage/v1/b/tuning-data", json={**rule(age=2, isLive=True), "versioning": {"enabled": True}})
    sandbox.advance(2 * DAY + 1)
    assert (names(sandbox), names(sandbox, "?versions=true")) == ([], ["a.txt"])
    sandbox.patch("/storage/v1/b/tuning-data", json=rule(age=3, isLive=False))
    sandbox.advance(DAY)
    assert names(sandbox, "?versions=true") == []


def test_googles_client_sets_a_rule_and_is_told_what_is_not_served(sandbox: RunningSandbox) -> None:
    client = storage.Client(
        project=PROJECT,
        credentials=AnonymousCredentials(),  # type: ignore[no-untyped-call]
        client_options={"api_endpoint": sandbox.url},
    )
    bucket = client.bucket("a-bucket")
    bucket.add_lifecycle_delete_rule(age=1)
    bucket.labels = {"team": "shop"}
    client.create_bucket(bucket, location="us-central1")
    bucket.blob("a.txt").upload_from_string("first")
    assert bucket.test_iam_permissions(["storage.objects.get", "storage.buckets.get"])
    bucket.add_lifecycle_set_storage_class_rule("ARCHIVE", age=2)
    with pytest.raises(MethodNotImplemented, match="SetStorageClass"):
        bucket.patch()
    with pytest.raises(MethodNotImplemented, match=r"storage\.buckets\.fly"):
        bucket.test_iam_permissions(["storage.buckets.fly"])
    sandbox.advance(DAY)
    assert list(client.list_blobs("a-bucket")) == []
