"""What was ignored or taken without a word: headers, settings of buckets, ranges of numbers, fields that a patch empties."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from google.api_core.exceptions import Forbidden, PreconditionFailed
from google.auth.credentials import AnonymousCredentials
from google.cloud import storage

from sandbox.vertex_support import MODEL, PLACE, PROJECT, error_of, job_body, make_bucket, make_data, succeed

if TYPE_CHECKING:
    from sandbox.running import RunningSandbox

OBJECT = "/storage/v1/b/tuning-data/o/a.txt"
CALL = {"functionCall": {"name": "find", "args": {}}}
RESPONSE = {"functionResponse": {"name": "find", "response": {}}}
ASKED = {"role": "user", "parts": [{"text": "Where are my orders?"}]}


@pytest.fixture
def bucket(sandbox: RunningSandbox) -> storage.Bucket:
    """A bucket of Google's own client, with one object."""
    client = storage.Client(
        project=PROJECT,
        credentials=AnonymousCredentials(),  # type: ignore[no-untyped-call]
        client_options={"api_endpoint": sandbox.url},
    )
    bucket = client.bucket(make_bucket(sandbox))
    bucket.blob("a.txt").upload_from_string("first")
    return bucket


def test_googles_client_reads_and_writes_only_what_has_the_etag_that_it_gives(bucket: storage.Bucket) -> None:
    blob = bucket.get_blob("a.txt")
    assert blob is not None
    assert blob.download_as_bytes(if_etag_match=blob.etag) == b"first"
    with pytest.raises(PreconditionFailed):
        blob.reload(if_etag_match="other")
    with pytest.raises(Exception, match="304"):
        blob.reload(if_etag_not_match=blob.etag)
    blob.reload(if_etag_not_match="other")


@pytest.mark.parametrize(
    ("kept", "told"),
    [({"temporary_hold": True}, "Temporary hold"), ({"event_based_hold": True}, "Event-Based hold")],
)
def test_an_object_under_a_hold_is_neither_deleted_nor_overwritten_until_it_ends(
    bucket: storage.Bucket, kept: dict[str, bool], told: str
) -> None:
    blob = bucket.blob("a.txt")
    ((name, _),) = kept.items()
    setattr(blob, name, True)
    blob.patch()
    with pytest.raises(Forbidden, match=told):
        blob.delete()
    with pytest.raises(Forbidden, match=told):
        bucket.blob("a.txt").upload_from_string("second")
    setattr(blob, name, False)
    blob.patch()
    blob.delete()


def test_a_bucket_with_a_retention_policy_keeps_its_objects_for_that_time(
    sandbox: RunningSandbox, bucket: storage.Bucket
) -> None:
    bucket.retention_period = 3600
    bucket.patch()
    with pytest.raises(Forbidden, match="retention policy"):
        bucket.blob("a.txt").delete()
    with pytest.raises(Forbidden, match="retention policy"):
        bucket.blob("a.txt").upload_from_string("second")
    sandbox.advance(3601)
    bucket.blob("a.txt").delete()


def test_a_bucket_can_put_a_hold_on_each_new_object(bucket: storage.Bucket) -> None:
    bucket.default_event_based_hold = True
    bucket.patch()
    blob = bucket.blob("held.txt")
    blob.upload_from_string("first")
    assert blob.event_based_hold
    with pytest.raises(Forbidden):
        blob.delete()


def test_a_customer_supplied_key_is_refused_by_the_name_of_its_header(bucket: storage.Bucket) -> None:
    locked = bucket.blob("locked.txt", encryption_key=b"k" * 32)
    for use in (lambda: locked.upload_from_string("first"), locked.create_resumable_upload_session):
        with pytest.raises(Exception, match="x-goog-encryption-algorithm"):
            use()
    with pytest.raises(Exception, match="x-goog-encryption-algorithm"):
        bucket.blob("a.txt", encryption_key=b"k" * 32).download_as_bytes()
    assert not bucket.blob("locked.txt").exists()


@pytest.mark.parametrize(
    ("wrong", "right", "told"),
    [
        ({"name": "goog-data"}, {"name": "goods-data"}, "Invalid bucket name"),
        ({"name": "my-google-data"}, {"name": "my-goods-data"}, "Invalid bucket name"),
        ({"name": "192.168.1.1"}, {"name": "192.168.1.1-data"}, "Invalid bucket name"),
        ({"name": "a-bucket", "location": "mars"}, {"name": "a-bucket", "location": "nam4"}, "location constraint"),
        ({"name": "a-bucket", "storageClass": "HOT"}, {"name": "a-bucket", "storageClass": "ARCHIVE"}, "storage class"),
    ],
)
def test_a_bucket_that_there_cannot_be_is_refused(
    sandbox: RunningSandbox, wrong: dict[str, str], right: dict[str, str], told: str
) -> None:
    found = sandbox.post(f"/storage/v1/b?project={PROJECT}", json=wrong)
    assert found.status_code == 400
    assert told in found.json()["error"]["message"]
    assert sandbox.post(f"/storage/v1/b?project={PROJECT}", json=right).status_code == 200


@pytest.mark.parametrize(
    ("path", "parameter", "most", "kind"),
    [
        (f"{PLACE}/tuningJobs", "pageSize", (1 << 31) - 1, "TYPE_INT32"),
        (f"{PLACE}/keyRings", "pageSize", (1 << 31) - 1, "TYPE_INT32"),
        (f"/storage/v1/b?project={PROJECT}", "maxResults", (1 << 32) - 1, "TYPE_UINT32"),
    ],
)
def test_a_number_that_its_type_does_not_hold_is_refused(
    sandbox: RunningSandbox, path: str, parameter: str, most: int, kind: str
) -> None:
    assert sandbox.get(path, params={parameter: most}).status_code == 200
    found = sandbox.get(path, params={parameter: most + 1})
    assert found.status_code == 400
    assert kind in found.json()["error"]["message"]


def test_a_patch_does_not_take_a_display_name_away(sandbox: RunningSandbox) -> None:
    tuned = succeed(sandbox, job_body(make_data(sandbox)[0]))["tunedModel"]
    for name in (tuned["model"].partition("@")[0], tuned["endpoint"]):
        for body in ({}, {"displayName": ""}):
            answer = sandbox.patch(f"/v1/{name}?updateMask=displayName", json=body)
            assert error_of(answer) == (400, "INVALID_ARGUMENT", "Required field is not set: display_name.")
        assert sandbox.patch(f"/v1/{name}?updateMask=description", json={}).json()["displayName"] == "tickets"


@pytest.mark.parametrize(("answers", "status"), [(1, 400), (2, 200), (3, 400)])
def test_each_function_call_has_one_answer_in_the_next_turn(sandbox: RunningSandbox, answers: int, status: int) -> None:
    contents = [ASKED, {"role": "model", "parts": [CALL, CALL]}, {"role": "user", "parts": [RESPONSE] * answers}]
    answer = sandbox.post(f"{PLACE}/publishers/google/models/{MODEL}:generateContent", json={"contents": contents})
    assert answer.status_code == status
    assert status == 200 or "number of function response parts" in error_of(answer)[2]


def test_labels_of_a_request_have_the_form_of_labels(sandbox: RunningSandbox) -> None:
    path = f"{PLACE}/publishers/google/models/{MODEL}:generateContent"
    assert sandbox.post(path, json={"contents": [ASKED], "labels": {"team": "a"}}).status_code == 200
    found = error_of(sandbox.post(path, json={"contents": [ASKED], "labels": {"Team": "a"}}))
    assert found == (400, "INVALID_ARGUMENT", "Label key 'Team' is not valid.")


def test_a_policy_is_not_set_by_a_mask_of_fields_that_it_has_not(sandbox: RunningSandbox) -> None:
    policy = {"bindings": [{"role": "roles/viewer", "members": ["user:a@example.com"]}]}
    path = f"/v3/projects/{PROJECT}:setIamPolicy"
    found = error_of(sandbox.post(path, json={"policy": policy, "updateMask": "members"}))
    assert found[0] == 400
    assert "members" in found[2]
    assert sandbox.post(path, json={"policy": policy, "updateMask": "bindings,etag"}).status_code == 200


def schema_of(labels: list[str]) -> dict[str, Any]:
    team = {"type": "STRING", "enum": labels}
    schema = {"type": "OBJECT", "properties": {"team": team}}
    return {"responseMimeType": "application/json", "responseSchema": schema}


def test_an_optional_property_that_cannot_hold_the_answer_is_an_error_and_no_empty_object(
    sandbox: RunningSandbox,
) -> None:
    endpoint = succeed(sandbox, job_body(make_data(sandbox, 200)[0]))["tunedModel"]["endpoint"]
    ask = {"contents": [{"role": "user", "parts": [{"text": "my invoice - refund - what now?"}]}]}
    path = f"/v1beta1/{endpoint}:generateContent"
    filled = sandbox.post(path, json={**ask, "generationConfig": schema_of(["billing", "shipping"])}).json()
    assert filled["candidates"][0]["content"]["parts"] == [{"text": '{"team": "billing"}'}]
    found = error_of(sandbox.post(path, json={**ask, "generationConfig": schema_of(["tea", "coffee"])}))
    assert found[0] == 501
    assert "none of its properties" in found[2]
