"""A dataset goes up once, unchanged, and never over anything."""

from __future__ import annotations

import base64
import hashlib
import logging
from typing import TYPE_CHECKING

import google_crc32c
import pytest

from pulumi_gcp_tuning.errors import ApiError, NotFound, Refused
from pulumi_gcp_tuning.google import Google
from support.discovery import check_request
from support.fake_google import FakeGoogle, Reply, google_error

if TYPE_CHECKING:
    from pathlib import Path

TEXT = b'{"contents": []}\n'
SHA = hashlib.sha256(TEXT).hexdigest()
CRC = base64.b64encode(google_crc32c.value(TEXT).to_bytes(4, "big")).decode()
OBJECT = {
    "name": f"d/{SHA}.jsonl",
    "bucket": "bucket",
    "generation": "17",
    "metageneration": "1",
    "crc32c": CRC,
    "size": str(len(TEXT)),
}
KEY = "projects/p/locations/us-central1/keyRings/r/cryptoKeys/k"


@pytest.fixture
def dataset(tmp_path: Path) -> Path:
    path = tmp_path / "train.jsonl"
    path.write_bytes(TEXT)
    return path


def test_an_upload_asks_google_to_refuse_an_existing_object(google: Google, server: FakeGoogle, dataset: Path) -> None:
    server.answer = lambda _request: Reply(OBJECT)
    done = google.storage.upload_object("bucket", OBJECT["name"], dataset, sha256=SHA, kms_key_name=KEY)
    sent = server.requests[0]
    assert (done.created, done.same_content, done.object) == (True, True, OBJECT)
    assert sent.query["ifGenerationMatch"] == ["0"]
    assert sent.query["kmsKeyName"] == [KEY]
    assert CRC.encode() in sent.body
    assert SHA.encode() in sent.body


def test_an_object_that_is_there_already_is_handed_back_for_comparison(
    google: Google, server: FakeGoogle, dataset: Path
) -> None:
    exists = google_error(412, "FAILED_PRECONDITION", "At least one of the pre-conditions you specified did not hold.")
    server.replies = [exists, Reply(OBJECT)]
    done = google.storage.upload_object("bucket", OBJECT["name"], dataset)
    assert (done.created, done.same_content) == (False, True)
    server.replies = [exists, Reply({**OBJECT, "crc32c": "AAAAAA=="})]
    assert not google.storage.upload_object("bucket", OBJECT["name"], dataset).same_content


def test_the_calls_of_the_storage_library_are_logged_too(
    google: Google, server: FakeGoogle, dataset: Path, caplog: pytest.LogCaptureFixture
) -> None:
    server.answer = lambda _request: Reply(OBJECT, headers={"x-guploader-uploadid": "up-5"})
    with caplog.at_level(logging.DEBUG, "pulumi_gcp_tuning.google"):
        google.storage.upload_object("bucket", "x", dataset)
    lines = [each.getMessage() for each in caplog.records if each.name == "pulumi_gcp_tuning.google"]
    assert lines[0].startswith("POST ")
    assert "up-5" in lines[0]


def test_a_file_that_changed_since_preview_is_not_uploaded(google: Google, server: FakeGoogle, dataset: Path) -> None:
    with pytest.raises(Refused, match="changed since the preview"):
        google.storage.upload_object("bucket", "x", dataset, sha256="0" * 64)
    assert server.requests == []


def test_a_refused_upload_shows_googles_text(google: Google, server: FakeGoogle, dataset: Path) -> None:
    text = "tuner does not have storage.objects.create access to the Google Cloud Storage object."
    server.replies = [google_error(403, "PERMISSION_DENIED", text)]
    with pytest.raises(ApiError, match=r"storage\.objects\.create") as caught:
        google.storage.upload_object("bucket", "x", dataset)
    assert caught.value.http_status == 403


def test_an_upload_to_a_bucket_that_is_not_there_is_not_found(
    google: Google, server: FakeGoogle, dataset: Path
) -> None:
    missing = {"error": {"code": 404, "message": "The specified bucket does not exist.", "errors": []}}
    server.replies = [Reply(missing, status=404)]
    with pytest.raises(NotFound, match="bucket does not exist"):
        google.storage.upload_object("bucket", "x", dataset)


def test_each_look_up_is_one_that_google_describes(google: Google, server: FakeGoogle) -> None:
    google.storage.get_bucket("bucket")
    google.storage.get_object("bucket", "folder/my file.jsonl")
    google.storage.delete_object("bucket", "folder/my file.jsonl", "17")
    methods = []
    for sent in server.requests:
        path = sent.path.replace("folder/my file.jsonl", "folder%2Fmy file.jsonl")
        methods.append(check_request("storage.v1", sent.verb, path, sent.query, sent.body))
    assert methods == ["storage.buckets.get", "storage.objects.get", "storage.objects.delete"]
    assert server.requests[2].query["generation"] == ["17"]


def test_objects_are_listed_page_after_page(google: Google, server: FakeGoogle) -> None:
    server.replies = [Reply({"items": [OBJECT], "nextPageToken": "2"}), Reply({"items": [{**OBJECT, "name": "d/b"}]})]
    assert [each["name"] for each in google.storage.list_objects("bucket", "d")] == [OBJECT["name"], "d/b"]
    assert [sent.query.get("pageToken") for sent in server.requests] == [None, ["2"]]
    for sent in server.requests:
        assert sent.query["prefix"] == ["d"]
        assert check_request("storage.v1", sent.verb, sent.path, sent.query, sent.body) == "storage.objects.list"


def test_an_empty_folder_has_no_objects(google: Google, server: FakeGoogle) -> None:
    server.answer = lambda _request: Reply({"kind": "storage#objects"})
    assert list(google.storage.list_objects("bucket", "d")) == []


def test_an_object_is_read_as_a_stream(google: Google, server: FakeGoogle) -> None:
    content = Reply(TEXT, headers={"x-goog-hash": f"crc32c={CRC}", "content-range": f"bytes 0-16/{len(TEXT)}"})
    server.answer = lambda request: content if request.path.startswith("/download") else Reply(OBJECT)
    with google.storage.open_object("bucket", "x") as file:
        assert file.read() == TEXT


def test_opening_an_object_that_is_not_there_is_not_found(google: Google, server: FakeGoogle) -> None:
    server.replies = [google_error(404, "NOT_FOUND", "No such object: bucket/x")]
    with pytest.raises(NotFound, match="No such object"):
        google.storage.open_object("bucket", "x")
