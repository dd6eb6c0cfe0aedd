"""What comes over the wire from real clients: methods that are not served, bodies as people send them, checksums."""

from __future__ import annotations

import gzip
import json
from typing import TYPE_CHECKING, Any

import pytest
from google.cloud import aiplatform_v1beta1

from sandbox.vertex_support import MODEL, PLACE, create, error_of, get, job_body, make_bucket, make_data, succeed
from tuning_sandbox.kernel import wire
from tuning_sandbox.spelling import to_camel

if TYPE_CHECKING:
    from sandbox.running import RunningSandbox

KEY = f"{PLACE}/keyRings/ring/cryptoKeys/key"
# Seed 000's example, with the commas that its reader leaves in when the optional lines go.
SEED_BODY = """{
  "baseModel": "%s",
  "supervisedTuningSpec" : {
      "trainingDatasetUri": "%s",
      "hyperParameters": {
          "epochCount": 3,
          "adapterSize": "ADAPTER_SIZE_FOUR",
      },
  },
  "tunedModelDisplayName": "a, } ,] b",
}"""


@pytest.mark.parametrize(
    ("method", "path", "named"),
    [
        ("GET", "/v1beta1/projects/p/locations", "aiplatform.projects.locations.list"),
        ("GET", "/v1beta1/projects/p/locations/us-central1", "aiplatform.projects.locations.get"),
        ("GET", "/v1/publishers/google/models", "aiplatform.publishers.models.list"),
        ("GET", "/v1beta1/publishers/google/models", "aiplatform.publishers.models.list"),
        ("POST", "/batch/storage/v1", "batch requests"),
        ("POST", "/v1/tunedModels", "Gemini API"),
        ("GET", "/v1beta/corpora/abc", "Gemini API"),
        ("POST", "/v1beta/tunedModels/abc:streamGenerateContent", "Gemini API"),
        ("GET", "/v1beta/tunedModels/abc/operations/1", "Gemini API"),
        ("POST", "/v1beta/models/gemini-3.5-flash:generateContent", "Gemini API"),
        ("POST", f"{PLACE}/batchPredictionJobs", "aiplatform.projects.locations.batchPredictionJobs.create"),
        ("GET", f"{PLACE}/evaluationRuns", "aiplatform.projects.locations.evaluationRuns.list"),
        ("GET", "/v3/projects/p/timeSeries", "Cloud Monitoring"),
    ],
)
def test_what_google_has_and_the_sandbox_has_not_is_a_501_by_name(
    sandbox: RunningSandbox, method: str, path: str, named: str
) -> None:
    status, name, message = error_of(sandbox.request(method, path))
    assert (status, name) == (501, "UNIMPLEMENTED")
    assert named in message


def test_a_tuning_job_has_no_delete_and_no_patch(sandbox: RunningSandbox) -> None:
    name = create(sandbox, job_body(make_data(sandbox)[0]))["name"]
    for method in ("DELETE", "PATCH"):
        assert error_of(sandbox.request(method, f"/v1/{name}")) == (404, "NOT_FOUND", "Method not found.")
    assert get(sandbox, name)["state"] == "JOB_STATE_PENDING"


def test_two_specs_in_one_job_are_refused_as_protobuf_says_it(sandbox: RunningSandbox) -> None:
    body = job_body("gs://tuning-data/train.jsonl", preferenceOptimizationSpec={"trainingDatasetUri": "gs://a/b"})
    status, name, message = error_of(sandbox.post(f"{PLACE}/tuningJobs".replace("/v1/", "/v1beta1/"), json=body))
    assert (status, name) == (400, "INVALID_ARGUMENT")
    assert "oneof field 'tuning_spec' is already set" in message


@pytest.mark.parametrize(("message", "kind"), [("TuningJob", "TuningJob"), ("Part", "Part")])
def test_what_excludes_each_other_is_what_googles_own_classes_say(message: str, kind: str) -> None:
    descriptor = getattr(aiplatform_v1beta1, kind).pb().DESCRIPTOR
    for oneof in descriptor.oneofs:
        if len(oneof.fields) > 1:
            assert {to_camel(field.name) for field in oneof.fields} <= wire.ONE_OF[message][oneof.name]


def test_a_tuned_model_of_gemini_3_answers_in_its_multi_region_only(sandbox: RunningSandbox) -> None:
    endpoint = succeed(sandbox, job_body(*make_data(sandbox)))["tunedModel"]["endpoint"]
    asked = {"contents": [{"role": "user", "parts": [{"text": "a"}]}]}
    assert "/locations/us/" in endpoint
    assert sandbox.post(f"/v1/{endpoint}:generateContent", json=asked).status_code == 200
    for elsewhere in ("us-central1", "global"):
        path = endpoint.replace("/locations/us/", f"/locations/{elsewhere}/")
        assert error_of(sandbox.post(f"/v1/{path}:generateContent", json=asked))[0] == 404


def test_a_finished_job_is_read_at_its_models_multi_region_too_as_the_switch_says(sandbox: RunningSandbox) -> None:
    body = job_body(*make_data(sandbox))
    job = succeed(sandbox, body)
    at_result = job["name"].replace("/us-central1/", "/us/")
    assert get(sandbox, at_result) == job
    assert sandbox.get(f"/v1/{job['name'].replace('/us-central1/', '/eu/')}").status_code == 404
    live = create(sandbox, body)["name"].replace("/us-central1/", "/us/")
    assert sandbox.get(f"/v1/{live}").status_code == 404
    sandbox.admin("POST", "policy", {"vertex.job_at_result": "refuse"})
    assert error_of(sandbox.get(f"/v1/{at_result}"))[0] == 404


def test_a_body_with_commas_at_the_ends_is_read_as_the_switch_says(sandbox: RunningSandbox) -> None:
    text = SEED_BODY % (MODEL, make_data(sandbox)[0])
    headers = {"content-type": "application/json; charset=utf-8"}
    answer = sandbox.post(f"{PLACE}/tuningJobs", data=text, headers=headers)
    assert answer.status_code == 200, answer.text
    assert answer.json()["tunedModelDisplayName"] == "a, } ,] b"
    sandbox.admin("POST", "policy", {"wire.trailing_commas": "refuse"})
    assert error_of(sandbox.post(f"{PLACE}/tuningJobs", data=text, headers=headers))[0] == 400


@pytest.mark.parametrize("text", ['{"displayName": "a",,}', "[1,]", '{,"a": 1}', '{"displayName": "a"} ,', "{"])
def test_other_json_that_is_none_is_still_refused(sandbox: RunningSandbox, text: str) -> None:
    assert error_of(sandbox.post(f"{PLACE}/endpoints", data=text))[:2] == (400, "INVALID_ARGUMENT")


def test_cloud_storage_reads_no_trailing_commas(sandbox: RunningSandbox) -> None:
    answer = sandbox.post("/storage/v1/b?project=my-project", data='{"name": "some-bucket",}')
    assert answer.status_code == 400


def test_a_body_that_is_no_utf_8_is_refused_in_googles_words(sandbox: RunningSandbox) -> None:
    found = error_of(sandbox.post(f"{PLACE}/endpoints", data=b'{"displayName": "\xff"}'))
    assert found[:2] == (400, "INVALID_ARGUMENT")
    assert found[2] == "Invalid JSON payload received. Encountered non UTF-8 code points."


def test_a_body_in_gzip_is_read(sandbox: RunningSandbox) -> None:
    body = gzip.compress(json.dumps({"displayName": "small"}).encode())
    headers = {"content-encoding": "gzip", "content-type": "application/json"}
    answer = sandbox.post(f"{PLACE}/endpoints", data=body, headers=headers)
    assert answer.status_code == 200, answer.text
    assert sandbox.get(f"{PLACE}/endpoints").json()["endpoints"][0]["displayName"] == "small"


@pytest.mark.parametrize(
    "body", [b"no gzip", gzip.compress(b'{"displayName": "small"}', mtime=0)[:-9]], ids=["no gzip", "cut off"]
)
def test_a_body_that_is_not_the_gzip_it_says_is_refused(sandbox: RunningSandbox, body: bytes) -> None:
    headers = {"content-encoding": "gzip"}
    assert error_of(sandbox.post(f"{PLACE}/endpoints", data=body, headers=headers))[:2] == (400, "INVALID_ARGUMENT")


@pytest.fixture
def key(sandbox: RunningSandbox) -> str:
    sandbox.post(f"{PLACE}/keyRings?keyRingId=ring", json={})
    sandbox.post(f"{PLACE}/keyRings/ring/cryptoKeys?cryptoKeyId=key", json={"purpose": "ENCRYPT_DECRYPT"})
    return KEY.removeprefix("/v1/")


def kms(sandbox: RunningSandbox) -> Any:
    from google.api_core.client_options import ClientOptions
    from google.auth.credentials import AnonymousCredentials
    from google.cloud import kms_v1

    credentials = AnonymousCredentials()  # type: ignore[no-untyped-call]
    options = ClientOptions(api_endpoint=sandbox.url)
    return kms_v1.KeyManagementServiceClient(transport="rest", credentials=credentials, client_options=options)


def test_encrypt_verifies_both_checksums_and_says_so_as_gcloud_checks_it(sandbox: RunningSandbox, key: str) -> None:
    import google_crc32c

    client, plain, context = kms(sandbox), b"secret", b"context"
    answer = client.encrypt(
        request={
            "name": key,
            "plaintext": plain,
            "plaintext_crc32c": google_crc32c.value(plain),
            "additional_authenticated_data": context,
            "additional_authenticated_data_crc32c": google_crc32c.value(context),
        }
    )
    assert answer.verified_plaintext_crc32c
    assert answer.verified_additional_authenticated_data_crc32c
    decrypted = client.decrypt(
        request={
            "name": key,
            "ciphertext": answer.ciphertext,
            "ciphertext_crc32c": google_crc32c.value(answer.ciphertext),
            "additional_authenticated_data": context,
            "additional_authenticated_data_crc32c": google_crc32c.value(context),
        }
    )
    assert (decrypted.plaintext, decrypted.used_primary) == (plain, True)


def test_encrypt_verifies_nothing_that_was_not_sent(sandbox: RunningSandbox, key: str) -> None:
    client = kms(sandbox)
    answer = client.encrypt(name=key, plaintext=b"secret")
    assert not answer.verified_plaintext_crc32c
    assert not answer.verified_additional_authenticated_data_crc32c
    sandbox.post(f"/v1/{key}/cryptoKeyVersions", json={})
    sandbox.post(f"/v1/{key}:updatePrimaryVersion", json={"cryptoKeyVersionId": "2"})
    assert not client.decrypt(name=key, ciphertext=answer.ciphertext).used_primary


@pytest.mark.parametrize(
    ("verb", "body"),
    [
        ("encrypt", {"plaintext": "YQ==", "plaintextCrc32c": "1"}),
        ("encrypt", {"plaintext": "YQ==", "additionalAuthenticatedDataCrc32c": "1"}),
        ("decrypt", {"ciphertext": "YQ==", "ciphertextCrc32c": "1"}),
        ("decrypt", {"ciphertext": "YQ==", "additionalAuthenticatedDataCrc32c": "1"}),
    ],
)
def test_a_wrong_checksum_is_an_error_that_names_the_field(
    sandbox: RunningSandbox, key: str, verb: str, body: dict[str, str]
) -> None:
    found = error_of(sandbox.post(f"/v1/{key}:{verb}", json=body))
    assert found[:2] == (400, "INVALID_ARGUMENT")
    assert "checksum in field" in found[2]


def test_the_layout_of_a_bucket_is_read_before_gcloud_removes_it(sandbox: RunningSandbox) -> None:
    bucket = make_bucket(sandbox)
    answer = sandbox.get(f"/storage/v1/b/{bucket}/storageLayout?prefix=a/&alt=json").json()
    assert (answer["location"], answer["hierarchicalNamespace"]) == ("US-CENTRAL1", {"enabled": False})
    assert sandbox.get("/storage/v1/b/no-such-bucket/storageLayout").status_code == 404


@pytest.mark.parametrize(
    ("chunks", "status"),
    [
        ([("bytes 0-*/*", b"whole")], 200),
        ([("bytes 0-*/5", b"whole")], 200),
        ([("bytes 0-262143/*", b"a" * 262_144), ("bytes 262144-*/*", b"whole")], 200),
        ([("bytes 0-*/6", b"whole")], 400),
        ([("bytes 7-*/*", b"whole")], 503),
        ([("bytes *-*/*", b"whole")], 400),
    ],
)
def test_the_default_upload_of_googles_client_for_node_is_accepted(
    sandbox: RunningSandbox, chunks: list[tuple[str, bytes]], status: int
) -> None:
    bucket = make_bucket(sandbox)
    begun = sandbox.post(f"/upload/storage/v1/b/{bucket}/o?uploadType=resumable&name=a.txt", json={})
    for content_range, data in chunks:
        answer = sandbox.session.put(begun.headers["location"], data=data, headers={"content-range": content_range})
    assert answer.status_code == status
    read = sandbox.get(f"/storage/v1/b/{bucket}/o/a.txt?alt=media")
    assert (read.content == b"".join(data for _, data in chunks)) == (status == 200)
