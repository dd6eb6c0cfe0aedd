"""google-cloud-storage, unmodified, judges the sandbox's Cloud Storage."""

from __future__ import annotations

import base64
import io
from pathlib import Path
from typing import Any

import google_crc32c
import pytest
from google.api_core.exceptions import (
    BadRequest,
    Conflict,
    Forbidden,
    NotFound,
    PreconditionFailed,
    RequestRangeNotSatisfiable,
)
from google.auth.credentials import AnonymousCredentials
from google.cloud.storage import Client  # type: ignore[import-untyped]

from sandbox.running import RunningSandbox

PROJECT = "my-project"


@pytest.fixture
def client(sandbox: RunningSandbox) -> Any:
    credentials = AnonymousCredentials()  # type: ignore[no-untyped-call]
    return Client(project=PROJECT, credentials=credentials, client_options={"api_endpoint": sandbox.url})


@pytest.fixture
def bucket(client: Any) -> Any:
    return client.create_bucket("my-bucket", location="us-central1")


def crc32c(data: bytes) -> str:
    return base64.b64encode(google_crc32c.value(data).to_bytes(4, "big")).decode()


def test_a_new_bucket_has_an_upper_case_location_and_the_number_of_its_project(
    bucket: Any, sandbox: RunningSandbox
) -> None:
    assert bucket.location == "US-CENTRAL1"
    assert str(bucket.project_number) == sandbox.state.projects.resolve(PROJECT).number
    assert bucket.metageneration == 1


def test_a_bucket_name_that_is_taken_is_a_conflict(client: Any, bucket: Any) -> None:
    with pytest.raises(Conflict):
        client.create_bucket("my-bucket")


def test_a_bucket_that_does_not_exist_is_not_found(client: Any) -> None:
    with pytest.raises(NotFound, match="The specified bucket does not exist"):
        client.get_bucket("no-such-bucket")


def test_labels_of_a_bucket_are_set_and_removed_by_patch(client: Any, bucket: Any) -> None:
    bucket.labels = {"a": "1", "b": "2"}
    bucket.patch()
    bucket.labels = {"b": "3"}
    bucket.patch()
    again = client.get_bucket("my-bucket")
    assert again.labels == {"b": "3"}
    assert again.metageneration == 3


def test_what_is_uploaded_comes_back_with_the_right_checksums(bucket: Any, tmp_path: Path) -> None:
    data = "안녕 world\n".encode() * 10
    path = tmp_path / "train.jsonl"
    path.write_bytes(data)
    blob = bucket.blob("data/train 1.jsonl")
    blob.upload_from_filename(str(path), content_type="application/jsonl", checksum="crc32c")
    got = bucket.get_blob("data/train 1.jsonl")
    assert got.download_as_bytes(checksum="crc32c") == data
    assert got.download_as_bytes(checksum="md5") == data
    assert (got.crc32c, got.size, got.content_type) == (crc32c(data), len(data), "application/jsonl")


def test_a_resumable_upload_in_chunks_stores_every_byte(bucket: Any, sandbox: RunningSandbox) -> None:
    data = bytes(range(256)) * 3000
    blob = bucket.blob("big", chunk_size=256 * 1024)
    blob.upload_from_file(io.BytesIO(data), checksum="crc32c")
    assert bucket.blob("big").download_as_bytes() == data
    puts = [r for r in sandbox.admin("GET", "requests")["requests"] if r["method"] == "PUT"]
    assert [r["status"] for r in puts] == [308, 308, 200]


def test_a_resumable_upload_of_unknown_length_ends_with_the_last_chunk(bucket: Any) -> None:
    data = b"x" * (256 * 1024 + 17)
    with bucket.blob("stream").open("wb", chunk_size=256 * 1024) as file:
        file.write(data)
    assert bucket.blob("stream").download_as_bytes() == data


def test_an_upload_that_must_not_overwrite_fails_where_the_object_exists(bucket: Any) -> None:
    blob = bucket.blob("once")
    blob.upload_from_string(b"first", if_generation_match=0)
    with pytest.raises(PreconditionFailed):
        blob.upload_from_string(b"second", if_generation_match=0)
    assert bucket.blob("once").download_as_bytes() == b"first"


def test_every_upload_gives_a_new_generation(bucket: Any) -> None:
    blob = bucket.blob("many")
    blob.upload_from_string(b"1")
    first = blob.generation
    blob.upload_from_string(b"2")
    assert blob.generation > first
    blob.delete(if_generation_match=blob.generation)
    assert not blob.exists()


def test_deleting_an_older_generation_than_the_live_one_fails(bucket: Any) -> None:
    blob = bucket.blob("many")
    blob.upload_from_string(b"1")
    with pytest.raises(PreconditionFailed):
        blob.delete(if_generation_match=blob.generation - 1)


def test_a_range_of_an_object_is_downloaded_and_one_past_its_end_refused(bucket: Any) -> None:
    blob = bucket.blob("digits")
    blob.upload_from_string(b"0123456789")
    assert blob.download_as_bytes(start=2, end=4) == b"234"
    with pytest.raises(RequestRangeNotSatisfiable):
        blob.download_as_bytes(start=20)


def test_objects_are_listed_by_prefix_delimiter_and_page(client: Any, bucket: Any) -> None:
    for name in ("a/1", "a/2", "b/1", "c"):
        bucket.blob(name).upload_from_string(b"x")
    assert [b.name for b in client.list_blobs("my-bucket", prefix="a/")] == ["a/1", "a/2"]
    found = client.list_blobs("my-bucket", delimiter="/")
    assert [b.name for b in found] == ["c"]
    assert found.prefixes == {"a/", "b/"}
    assert [b.name for b in client.list_blobs("my-bucket", page_size=1)] == ["a/1", "a/2", "b/1", "c"]


def test_metadata_of_an_object_is_patched_without_a_new_generation(bucket: Any) -> None:
    blob = bucket.blob("meta")
    blob.upload_from_string(b"x")
    generation = blob.generation
    blob.metadata = {"sha": "1"}
    blob.patch()
    blob.reload()
    assert (blob.metadata, blob.generation, blob.metageneration) == ({"sha": "1"}, generation, 2)


def test_objects_are_copied_rewritten_and_composed(bucket: Any) -> None:
    one, two = bucket.blob("one"), bucket.blob("two")
    one.upload_from_string(b"1", content_type="text/plain")
    two.upload_from_string(b"2")
    assert bucket.copy_blob(one, bucket, "copy").download_as_bytes() == b"1"
    token, done, total = bucket.blob("again").rewrite(one)
    assert (token, done, total) == (None, 1, 1)
    both = bucket.blob("both")
    both.compose([one, two])
    assert both.download_as_bytes() == b"12"
    both.reload()
    assert both.md5_hash is None


def test_a_bucket_with_objects_is_not_deleted(bucket: Any) -> None:
    bucket.blob("a").upload_from_string(b"x")
    with pytest.raises(Conflict, match="not empty"):
        bucket.delete()
    bucket.blob("a").delete()
    bucket.delete()
    assert not bucket.exists()


def test_an_object_that_does_not_exist_is_not_found_by_name(bucket: Any) -> None:
    with pytest.raises(NotFound, match="No such object: my-bucket/none"):
        bucket.blob("none").download_as_bytes()
    assert bucket.get_blob("none") is None


def test_permissions_are_those_of_the_caller(bucket: Any, sandbox: RunningSandbox) -> None:
    asked = ["storage.objects.get", "storage.objects.create"]
    assert bucket.test_iam_permissions(asked) == asked
    sandbox.admin("POST", "principals", {"token": "t", "email": "a@b.c", "permissions": ["storage.objects.get"]})
    answer = sandbox.get(
        "/storage/v1/b/my-bucket/iam/testPermissions",
        params={"permissions": asked},
        headers={"authorization": "Bearer t"},
    )
    assert answer.json()["permissions"] == ["storage.objects.get"]


def test_a_policy_that_was_changed_meanwhile_is_not_overwritten(bucket: Any) -> None:
    policy = bucket.get_iam_policy(requested_policy_version=3)
    policy.bindings.append({"role": "roles/storage.objectViewer", "members": {"user:a@example.com"}})
    bucket.set_iam_policy(policy)
    assert any(
        b["role"] == "roles/storage.objectViewer" for b in bucket.get_iam_policy(requested_policy_version=3).bindings
    )
    with pytest.raises(PreconditionFailed):
        bucket.set_iam_policy(policy)


def test_a_project_has_a_storage_agent(client: Any, sandbox: RunningSandbox) -> None:
    number = sandbox.state.projects.resolve(PROJECT).number
    assert client.get_service_account_email() == f"service-{number}@gs-project-accounts.iam.gserviceaccount.com"


KEY = f"projects/{PROJECT}/locations/us-central1/keyRings/r/cryptoKeys/k"
AGENT_ROLE = "roles/cloudkms.cryptoKeyEncrypterDecrypter"


@pytest.fixture
def key(sandbox: RunningSandbox) -> str:
    base = f"/v1/projects/{PROJECT}/locations/us-central1/keyRings"
    assert sandbox.post(f"{base}?keyRingId=r", json={}).status_code == 200
    made = sandbox.post(f"{base}/r/cryptoKeys?cryptoKeyId=k", json={"purpose": "ENCRYPT_DECRYPT"})
    assert made.status_code == 200, made.text
    return KEY


def grant(sandbox: RunningSandbox, key: str) -> None:
    number = sandbox.state.projects.resolve(PROJECT).number
    agent = f"serviceAccount:service-{number}@gs-project-accounts.iam.gserviceaccount.com"
    policy = {"policy": {"bindings": [{"role": AGENT_ROLE, "members": [agent]}]}}
    assert sandbox.post(f"/v1/{key}:setIamPolicy", json=policy).status_code == 200


def test_an_object_inherits_the_key_of_its_bucket_and_names_the_version(
    client: Any, sandbox: RunningSandbox, key: str
) -> None:
    grant(sandbox, key)
    bucket = client.bucket("secret-bucket")
    bucket.default_kms_key_name = key
    client.create_bucket(bucket, location="us-central1")
    blob = bucket.blob("a")
    blob.upload_from_string(b"x")
    assert client.get_bucket("secret-bucket").default_kms_key_name == key
    assert blob.kms_key_name == f"{key}/cryptoKeyVersions/1"


def test_a_key_that_the_storage_agent_may_not_use_is_refused(client: Any, key: str) -> None:
    bucket = client.bucket("secret-bucket")
    bucket.default_kms_key_name = key
    with pytest.raises(Forbidden, match="Permission denied on Cloud KMS key"):
        client.create_bucket(bucket, location="us-central1")


def test_a_key_of_another_location_than_the_buckets_is_refused(client: Any, sandbox: RunningSandbox, key: str) -> None:
    grant(sandbox, key)
    bucket = client.bucket("secret-bucket")
    bucket.default_kms_key_name = key
    with pytest.raises(BadRequest, match="does not match the bucket's location"):
        client.create_bucket(bucket, location="europe-west4")


def test_bytes_that_are_not_those_of_the_sent_checksum_are_refused(bucket: Any, sandbox: RunningSandbox) -> None:
    answer = sandbox.post(
        "/upload/storage/v1/b/my-bucket/o?uploadType=media&name=a",
        data=b"x",
        headers={"x-goog-hash": f"crc32c={crc32c(b'y')}"},
    )
    assert answer.status_code == 400
    assert answer.json()["error"]["errors"][0]["reason"] == "invalid"
    assert not bucket.blob("a").exists()
