"""What Google refuses when a job, an endpoint, a deployment or an object is made: code, status, words, in each world."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from sandbox.data.tickets import tickets, to_jsonl
from sandbox.running import run_sandbox
from sandbox.vertex_support import (
    MODEL,
    PLACE,
    PROJECT,
    create,
    error_of,
    get,
    job_body,
    make_bucket,
    make_data,
    succeed,
    upload,
)
from tuning_sandbox.app import create_app
from tuning_sandbox.kernel.sandbox import Config, parse_as_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sandbox.running import RunningSandbox

JOBS = f"{PLACE}/tuningJobs"
EMAIL = f"trainer@{PROJECT}.iam.gserviceaccount.com"
AIPLATFORM = "aiplatform.googleapis.com"
KEYED = "gemini-2.5-flash"


@pytest.fixture(scope="module")
def running_in_march() -> Iterator[RunningSandbox]:
    with run_sandbox(create_app(Config(mode="stepped", as_of=parse_as_of("2026-03-01"), seed=7))) as running:
        yield running


@pytest.fixture
def march(running_in_march: RunningSandbox) -> RunningSandbox:
    """A sandbox of a day on which a model takes keys."""
    running_in_march.admin("POST", "reset")
    return running_in_march


def number_of(sandbox: RunningSandbox, project: str = PROJECT) -> str:
    return str(sandbox.get(f"/v1/projects/{project}").json()["projectNumber"])


def made(sandbox: RunningSandbox, path: str, body: Any) -> dict[str, Any]:
    answer = sandbox.post(path, json=body)
    assert answer.status_code == 200, answer.text
    got: dict[str, Any] = answer.json()
    return got


def set_policy(sandbox: RunningSandbox, constraint: str, **values: Any) -> None:
    name = f"projects/{PROJECT}/policies/{constraint}"
    made(sandbox, f"/v2/projects/{PROJECT}/policies", {"name": name, "spec": {"rules": [{"values": values}]}})


def make_key(
    sandbox: RunningSandbox, *, location: str = "us-central1", project: str = PROJECT, granted: bool = True, **more: Any
) -> str:
    ring = f"projects/{project}/locations/{location}/keyRings"
    made(sandbox, f"/v1/{ring}?keyRingId=r", {})
    skip = "&skipInitialVersionCreation=true" if more.pop("without_version", False) else ""
    made(sandbox, f"/v1/{ring}/r/cryptoKeys?cryptoKeyId=k{skip}", {"purpose": "ENCRYPT_DECRYPT", **more})
    key = f"{ring}/r/cryptoKeys/k"
    if granted:
        agent = f"serviceAccount:service-{number_of(sandbox)}@gcp-sa-aiplatform.iam.gserviceaccount.com"
        binding = {"role": "roles/cloudkms.cryptoKeyEncrypterDecrypter", "members": [agent]}
        made(sandbox, f"/v1/{key}:setIamPolicy", {"policy": {"bindings": [binding]}})
    return key


def with_key(key: str) -> dict[str, Any]:
    return {"encryptionSpec": {"kmsKeyName": key}}


# project and caller


def test_a_job_and_an_endpoint_are_refused_where_the_api_is_disabled(sandbox: RunningSandbox) -> None:
    body = job_body(*make_data(sandbox))
    made(sandbox, f"/v1/projects/{PROJECT}/services/{AIPLATFORM}:disable", {})
    for path, what in ((JOBS, body), (f"{PLACE}/endpoints", {"displayName": "e"})):
        answer = sandbox.post(path, json=what)
        status, name, text = error_of(answer)
        assert (status, name) == (403, "PERMISSION_DENIED")
        assert "Vertex AI API has not been used in project" in text
        assert "SERVICE_DISABLED" in answer.text


def test_a_job_is_refused_where_storage_is_disabled_and_nothing_is_uploaded(sandbox: RunningSandbox) -> None:
    body = job_body(*make_data(sandbox))
    made(sandbox, f"/v1/projects/{PROJECT}/services/storage.googleapis.com:disable", {})
    answer = sandbox.post(JOBS, json=body)
    assert error_of(answer)[:2] == (403, "PERMISSION_DENIED")
    assert "Cloud Storage JSON API has not been used" in answer.text
    answer = sandbox.post("/upload/storage/v1/b/tuning-data/o?uploadType=media&name=x", data=b"x")
    assert answer.status_code == 403
    assert answer.json()["error"]["errors"][0]["reason"] == "accessNotConfigured"


def test_a_job_is_refused_where_billing_is_off_and_accepted_once_it_is_on(sandbox: RunningSandbox) -> None:
    body = job_body(*make_data(sandbox))
    info = f"/v1/projects/{PROJECT}/billingInfo"
    assert sandbox.put(info, json={"billingAccountName": ""}).status_code == 200
    answer = sandbox.post(JOBS, json=body)
    assert error_of(answer)[:2] == (403, "PERMISSION_DENIED")
    assert "BILLING_DISABLED" in answer.text
    assert "requires billing to be enabled" in error_of(answer)[2]
    assert sandbox.put(info, json={"billingAccountName": "billingAccounts/012345-567890-ABCDEF"}).status_code == 200
    create(sandbox, body)


@pytest.mark.parametrize(
    ("permission", "path"),
    [
        ("aiplatform.tuningJobs.create", JOBS),
        ("aiplatform.endpoints.create", f"{PLACE}/endpoints"),
    ],
)
def test_a_caller_without_the_permission_is_told_which(sandbox: RunningSandbox, permission: str, path: str) -> None:
    body = job_body(*make_data(sandbox)) if path == JOBS else {"displayName": "e"}
    sandbox.admin("POST", "principals", {"token": "*", "without": [permission]})
    answer = sandbox.post(path, json=body)
    where = f"projects/{PROJECT}/locations/us-central1"
    assert error_of(answer) == (
        403,
        "PERMISSION_DENIED",
        f"Permission '{permission}' denied on resource '//{AIPLATFORM}/{where}' (or it may not exist).",
    )
    (info,) = answer.json()["error"]["details"]
    assert info["reason"] == "IAM_PERMISSION_DENIED"
    assert info["metadata"] == {"permission": permission, "resource": where}


def test_a_caller_without_the_right_to_write_objects_uploads_nothing(sandbox: RunningSandbox) -> None:
    make_bucket(sandbox)
    sandbox.admin("POST", "principals", {"token": "*", "without": ["storage.objects.create"]})
    answer = sandbox.post("/upload/storage/v1/b/tuning-data/o?uploadType=media&name=x", data=b"x")
    assert answer.status_code == 403
    assert "does not have storage.objects.create access" in answer.json()["error"]["message"]


def test_a_service_account_must_exist_be_enabled_and_be_one_that_the_caller_may_act_as(sandbox: RunningSandbox) -> None:
    body = job_body(*make_data(sandbox), serviceAccount=EMAIL)
    unusable = f"You do not have permission to act as service_account: {EMAIL}. (or it may not exist)."
    assert error_of(sandbox.post(JOBS, json=body)) == (400, "INVALID_ARGUMENT", unusable)
    made(sandbox, f"/v1/projects/{PROJECT}/serviceAccounts", {"accountId": "trainer", "serviceAccount": {}})
    create(sandbox, body)
    sandbox.admin("POST", "principals", {"token": "*", "without": ["iam.serviceAccounts.actAs"]})
    assert error_of(sandbox.post(JOBS, json=body)) == (400, "INVALID_ARGUMENT", unusable)
    asked = {"permissions": ["iam.serviceAccounts.actAs"]}
    assert sandbox.post(f"/v1/projects/-/serviceAccounts/{EMAIL}:testIamPermissions", json=asked).json() == {}
    sandbox.delete("/_sandbox/principals")
    made(sandbox, f"/v1/projects/{PROJECT}/serviceAccounts/{EMAIL}:disable", {})
    assert sandbox.get(f"/v1/projects/-/serviceAccounts/{EMAIL}").json()["disabled"] is True
    status, name, text = error_of(sandbox.post(JOBS, json=body))
    assert (status, name) == (400, "FAILED_PRECONDITION")
    assert f"{EMAIL} is disabled" in text


# organization policies


@pytest.mark.parametrize(
    ("allowed", "denied", "passes"),
    [
        (["in:us-locations"], [], True),
        (["in:us-central1-locations"], [], True),
        (["us-central1"], [], True),
        (["in:northamerica-locations"], [], True),
        (["in:eu-locations"], [], False),
        (["europe-west4"], [], False),
        ([], ["in:us-locations"], False),
        ([], ["in:asia-locations"], True),
        (["in:us-locations"], ["us-central1"], False),
    ],
)
def test_a_location_that_the_organization_does_not_allow_is_refused(
    sandbox: RunningSandbox, allowed: list[str], denied: list[str], *, passes: bool
) -> None:
    body = job_body(*make_data(sandbox))
    set_policy(sandbox, "gcp.resourceLocations", allowedValues=allowed, deniedValues=denied)
    for path, what in ((JOBS, body), (f"{PLACE}/endpoints", {"displayName": "e"})):
        answer = sandbox.post(path, json=what)
        if passes:
            assert answer.status_code == 200, answer.text
            continue
        status, name, text = error_of(answer)
        assert (status, name) == (400, "FAILED_PRECONDITION")
        assert "violated one or more Org Policies" in text
        assert "constraints/gcp.resourceLocations" in text
        (detail,) = answer.json()["error"]["details"]
        assert detail["violations"][0]["type"] == "constraints/gcp.resourceLocations"


def test_london_is_in_europe_and_not_in_the_eu(sandbox: RunningSandbox) -> None:
    place = PLACE.replace("us-central1", "europe-west2")
    set_policy(sandbox, "gcp.resourceLocations", allowedValues=["in:europe-locations"])
    assert sandbox.post(f"{place}/endpoints", json={"displayName": "e"}).status_code == 200
    name = f"/v2/projects/{PROJECT}/policies/gcp.resourceLocations"
    assert sandbox.delete(name).status_code == 200
    set_policy(sandbox, "gcp.resourceLocations", allowedValues=["in:eu-locations"])
    assert error_of(sandbox.post(f"{place}/endpoints", json={"displayName": "e"}))[:2] == (400, "FAILED_PRECONDITION")


def test_a_policy_for_keys_set_as_google_sets_it_refuses_a_job_without_one(march: RunningSandbox) -> None:
    body = job_body(*make_data(march), baseModel=KEYED)
    set_policy(march, "gcp.restrictNonCmekServices", deniedValues=[AIPLATFORM])
    for path, what in ((JOBS, body), (f"{PLACE}/endpoints", {"displayName": "e"})):
        answer = march.post(path, json=what)
        assert error_of(answer)[:2] == (400, "FAILED_PRECONDITION")
        assert "constraints/gcp.restrictNonCmekServices" in error_of(answer)[2]
    create(march, {**body, **with_key(make_key(march))})


def test_policies_hold_for_buckets_and_objects_too(sandbox: RunningSandbox) -> None:
    make_bucket(sandbox)
    set_policy(sandbox, "gcp.resourceLocations", allowedValues=["in:eu-locations"])
    set_policy(sandbox, "gcp.restrictNonCmekServices", deniedValues=["storage.googleapis.com"])
    answer = sandbox.post(f"/storage/v1/b?project={PROJECT}", json={"name": "other-data", "location": "US-CENTRAL1"})
    assert answer.status_code == 412
    assert "constraints/gcp.resourceLocations" in answer.json()["error"]["message"]
    answer = sandbox.post("/upload/storage/v1/b/tuning-data/o?uploadType=media&name=x", data=b"x")
    assert (answer.status_code, answer.json()["error"]["errors"][0]["reason"]) == (412, "conditionNotMet")
    assert "constraints/gcp.restrictNonCmekServices" in answer.json()["error"]["message"]


# data


def test_a_bucket_that_is_missing_or_elsewhere_is_refused(sandbox: RunningSandbox) -> None:
    status, name, text = error_of(sandbox.post(JOBS, json=job_body("gs://nobody-has-this/train.jsonl")))
    assert (status, name) == (404, "NOT_FOUND")
    assert "bucket" in text
    make_bucket(sandbox, "far-data", "EUROPE-WEST4")
    far = upload(sandbox, "far-data", "train.jsonl", to_jsonl(tickets(20, 1)))
    status, name, text = error_of(sandbox.post(JOBS, json=job_body(far)))
    assert (status, name) == (400, "INVALID_ARGUMENT")
    assert "must be in the same regional location" in text
    make_bucket(sandbox, "wide-data", "US")
    create(sandbox, job_body(upload(sandbox, "wide-data", "train.jsonl", to_jsonl(tickets(20, 1)))))


def outcome(
    sandbox: RunningSandbox, training: bytes | None, validation: bytes | None = None, **more: Any
) -> tuple[str, str]:
    bucket = make_bucket(sandbox)
    uris = [f"gs://{bucket}/train.jsonl" if training is None else upload(sandbox, bucket, "train.jsonl", training)]
    if validation is not None:
        uris.append(upload(sandbox, bucket, "validation.jsonl", validation))
    name = create(sandbox, job_body(*uris, **more))["name"]
    sandbox.advance(600)
    job = get(sandbox, name)
    return job["state"], str(job.get("error", {}).get("message", ""))


def test_a_missing_object_fails_the_job_or_is_refused_where_the_switch_says_so(sandbox: RunningSandbox) -> None:
    state, text = outcome(sandbox, None)
    assert state == "JOB_STATE_FAILED"
    assert "does not exist" in text
    sandbox.admin("POST", "policy", {"vertex.dataset_at_create": "object"})
    status, name, text = error_of(sandbox.post(JOBS, json=job_body("gs://tuning-data/train.jsonl")))
    assert (status, name, "object" in text) == (404, "NOT_FOUND", True)


GOOD = {"contents": [{"role": "user", "parts": [{"text": "hi"}]}, {"role": "model", "parts": [{"text": "yo"}]}]}


@pytest.mark.parametrize(
    ("row", "words"),
    [
        ("{not json", "line 2 is not valid JSON"),
        ({"contents": GOOD["contents"][:1]}, "line 2 does not end with a turn of the role model"),
        ({"contents": []}, "line 2 has no turns"),
        ({"contents": [{"role": "bot", "parts": [{"text": "x"}]}]}, "unknown role"),
        ({"contents": [GOOD["contents"][0], {"role": "model", "parts": [{"text": ""}]}]}, "empty answer"),
        ({"messages": [{"role": "user", "content": "a"}, {"role": "model", "content": "b"}]}, "does not take"),
    ],
)
def test_a_row_that_is_not_of_the_format_fails_the_job_and_names_the_line(
    sandbox: RunningSandbox, row: Any, words: str
) -> None:
    bad = row if isinstance(row, str) else json.dumps(row)
    state, text = outcome(sandbox, f"{json.dumps(GOOD)}\n{bad}\n".encode())
    assert state == "JOB_STATE_FAILED"
    assert "Failed to process the training dataset gs://tuning-data/train.jsonl" in text
    assert words in text


def test_limits_of_rows_and_bytes_fail_the_job(sandbox: RunningSandbox) -> None:
    sandbox.admin("POST", "vertex", {"mostRows": 10})
    state, text = outcome(sandbox, to_jsonl(tickets(11, 1)))
    assert (state, "11 examples are more than the 10" in text) == ("JOB_STATE_FAILED", True)
    sandbox.admin("POST", "reset")
    sandbox.admin("POST", "vertex", {"mostFileBytes": 1000})
    state, text = outcome(sandbox, to_jsonl(tickets(20, 1)))
    assert (state, "larger than 1,000 bytes" in text) == ("JOB_STATE_FAILED", True)


def test_a_validation_set_over_thirty_percent_of_more_than_a_thousand_rows_fails_the_job(
    sandbox: RunningSandbox,
) -> None:
    state, text = outcome(sandbox, to_jsonl(tickets(1001, 1)), to_jsonl(tickets(301, 2)))
    assert state == "JOB_STATE_FAILED"
    assert "301 examples are more than 30 % of the 1001" in text


# keys: what is wrong with the key -> code, status, words


KEYS: dict[str, tuple[int, str, str]] = {
    "unparsable": (400, "INVALID_ARGUMENT", "Invalid CryptoKey name"),
    "version": (400, "INVALID_ARGUMENT", "Invalid CryptoKey name"),
    "elsewhere": (400, "INVALID_ARGUMENT", "same location"),
    "multi-region": (400, "INVALID_ARGUMENT", "same location"),
    "missing": (404, "NOT_FOUND", "not found"),
    "disabled": (400, "INVALID_ARGUMENT", "cannot be used in Vertex AI service"),
    "destroyed": (400, "INVALID_ARGUMENT", "cannot be used in Vertex AI service"),
    "purpose": (400, "INVALID_ARGUMENT", "cannot be used in Vertex AI service"),
    "without version": (400, "INVALID_ARGUMENT", "cannot be used in Vertex AI service"),
    "not granted": (400, "INVALID_ARGUMENT", "cannot be used in Vertex AI service"),
    "api disabled": (400, "INVALID_ARGUMENT", "cannot be used in Vertex AI service"),
}


def bad_key(sandbox: RunningSandbox, fault: str) -> str:
    if fault in ("unparsable", "missing"):
        return (
            "my-key" if fault == "unparsable" else f"projects/{PROJECT}/locations/us-central1/keyRings/r/cryptoKeys/k"
        )
    of_birth: dict[str, dict[str, Any]] = {
        "elsewhere": {"location": "europe-west4"},
        "multi-region": {"location": "us"},
        "purpose": {"purpose": "ASYMMETRIC_SIGN"},
        "without version": {"without_version": True},
        "not granted": {"granted": False},
    }
    key = make_key(sandbox, **of_birth.get(fault, {}))
    version = f"{key}/cryptoKeyVersions/1"
    if fault == "disabled":
        assert sandbox.patch(f"/v1/{version}?updateMask=state", json={"state": "DISABLED"}).status_code == 200
    elif fault == "destroyed":
        assert made(sandbox, f"/v1/{version}:destroy", {})["state"] == "DESTROY_SCHEDULED"
    elif fault == "api disabled":
        made(sandbox, f"/v1/projects/{PROJECT}/services/cloudkms.googleapis.com:disable", {})
    return version if fault == "version" else key


@pytest.mark.parametrize("fault", KEYS)
def test_a_key_that_cannot_encrypt_is_refused_for_a_job_and_for_an_endpoint(march: RunningSandbox, fault: str) -> None:
    body = job_body(*make_data(march), baseModel=KEYED)
    key = with_key(bad_key(march, fault))
    for path, what in ((JOBS, {**body, **key}), (f"{PLACE}/endpoints", {"displayName": "e", **key})):
        status, name, text = error_of(march.post(path, json=what))
        assert (status, name) == KEYS[fault][:2]
        assert KEYS[fault][2] in text


def test_a_good_key_is_taken_by_both(march: RunningSandbox) -> None:
    key = with_key(make_key(march))
    create(march, {**job_body(*make_data(march), baseModel=KEYED), **key})
    made(march, f"{PLACE}/endpoints", {"displayName": "e", **key})


def test_no_key_fits_a_model_of_today_or_a_multi_region(sandbox: RunningSandbox) -> None:
    key = with_key(make_key(sandbox))
    status, name, text = error_of(sandbox.post(JOBS, json={**job_body(*make_data(sandbox)), **key}))
    assert (status, name) == (400, "FAILED_PRECONDITION")
    assert f"CMEK is not supported for tuning of {MODEL}" in text
    wide = with_key(make_key(sandbox, location="us"))
    place = PLACE.replace("us-central1", "us")
    status, name, text = error_of(sandbox.post(f"{place}/endpoints", json={"displayName": "e", **wide}))
    assert (status, name, "CMEK is not supported" in text) == (400, "FAILED_PRECONDITION", True)


# model, hyperparameters, quota, names


@pytest.mark.parametrize(
    ("changes", "place", "expected"),
    [
        ({"baseModel": "gemini-1.5-pro-002"}, "us-central1", (404, "NOT_FOUND", "Publisher Model")),
        ({"baseModel": "gemini-9-flash"}, "us-central1", (404, "NOT_FOUND", "Publisher Model")),
        ({}, "global", (400, "FAILED_PRECONDITION", "does not support global endpoint tuning")),
        ({}, "us-east1", (400, "INVALID_ARGUMENT", "is not supported in region us-east1")),
        ({}, "us-centra1", (400, "INVALID_ARGUMENT", "Invalid location ID")),
        ({"tunedModelDisplayName": "x" * 129}, "us-central1", (400, "INVALID_ARGUMENT", "at most 128")),
        ({"labels": {"Team": "a"}}, "us-central1", (400, "INVALID_ARGUMENT", "Label key")),
        ({"labels": {"team": "A b"}}, "us-central1", (400, "INVALID_ARGUMENT", "Label value")),
        ({"labels": {"k" * 65: "a"}}, "us-central1", (400, "INVALID_ARGUMENT", "Label key")),
        ({"labels": {f"k{at}": "a" for at in range(65)}}, "us-central1", (400, "INVALID_ARGUMENT", "64 labels")),
        (
            {"hyper": {"adapterSize": "ADAPTER_SIZE_THIRTY_TWO"}},
            "us-central1",
            (400, "INVALID_ARGUMENT", "adapter size"),
        ),
        (
            {"hyper": {"epochCount": "0"}},
            "us-central1",
            (400, "INVALID_ARGUMENT", "epoch_count must be greater than 0"),
        ),
        ({"hyper": {"learningRateMultiplier": -1}}, "us-central1", (400, "INVALID_ARGUMENT", "must be greater than 0")),
    ],
)
def test_what_a_model_does_not_offer_and_names_that_google_does_not_take_are_refused(
    sandbox: RunningSandbox, changes: dict[str, Any], place: str, expected: tuple[int, str, str]
) -> None:
    body = job_body(*make_data(sandbox))
    changes = dict(changes)
    body["supervisedTuningSpec"]["hyperParameters"].update(changes.pop("hyper", {}))
    answer = sandbox.post(f"/v1/projects/{PROJECT}/locations/{place}/tuningJobs", json={**body, **changes})
    status, name, text = error_of(answer)
    assert (status, name) == expected[:2]
    assert expected[2] in text


def test_a_label_of_sixty_four_characters_is_taken(sandbox: RunningSandbox) -> None:
    create(sandbox, job_body(*make_data(sandbox), labels={"k" * 64: "v" * 64, "한국": "서울"}))


@pytest.mark.parametrize("day", ["2026-04-30", "2026-07-20"])
def test_a_model_of_a_later_day_is_not_there_yet(day: str) -> None:
    with run_sandbox(create_app(Config(mode="stepped", as_of=parse_as_of(day)))) as sandbox:
        model = "gemini-3.1-flash-lite" if day < "2026-05-07" else "gemini-3.5-flash-lite"
        answer = sandbox.post(JOBS, json=job_body(*make_data(sandbox), baseModel=model))
        assert error_of(answer)[:2] == (404, "NOT_FOUND")


@pytest.mark.parametrize("limit", [0, 1])
def test_a_quota_of_none_or_a_full_one_is_429_with_the_metric(sandbox: RunningSandbox, limit: int) -> None:
    body = job_body(*make_data(sandbox))
    sandbox.admin("POST", "quotas", {"metric": f"{AIPLATFORM}/global_concurrent_tuning_jobs", "limit": limit})
    if limit:
        create(sandbox, body)
    assert error_of(sandbox.post(JOBS, json=body)) == (
        429,
        "RESOURCE_EXHAUSTED",
        f"The following quota metrics exceed quota limits: {AIPLATFORM}/global_concurrent_tuning_jobs",
    )


def test_where_jobs_queue_a_second_one_waits_for_the_quota(sandbox: RunningSandbox) -> None:
    body = job_body(*make_data(sandbox))
    sandbox.admin("POST", "quotas", {"metric": f"{AIPLATFORM}/global_concurrent_tuning_jobs", "limit": 1})
    sandbox.admin("POST", "policy", {"vertex.at_quota": "queue"})
    create(sandbox, body)
    sandbox.advance(60)
    second = create(sandbox, body)["name"]
    sandbox.advance(60)
    assert get(sandbox, second)["state"] == "JOB_STATE_PENDING"
    assert get(sandbox, second, "v1beta1")["tuningJobState"] == "TUNING_JOB_STATE_WAITING_FOR_QUOTA"


# models, endpoints, deployments


def test_an_endpoint_in_no_location_or_with_a_name_that_is_too_long_is_refused(sandbox: RunningSandbox) -> None:
    nowhere = sandbox.post(PLACE.replace("us-central1", "mars-north1") + "/endpoints", json={"displayName": "e"})
    assert error_of(nowhere) == (400, "INVALID_ARGUMENT", "Invalid location ID: mars-north1.")
    long = sandbox.post(f"{PLACE}/endpoints", json={"displayName": "x" * 129})
    assert error_of(long)[:2] == (400, "INVALID_ARGUMENT")
    labelled = sandbox.post(f"{PLACE}/endpoints", json={"displayName": "e", "labels": {"Team": "a"}})
    assert "Label key" in error_of(labelled)[2]
    made(sandbox, f"{PLACE}/endpoints?endpointId=mine", {"displayName": "e"})
    renamed = sandbox.patch(f"{PLACE}/endpoints/mine?updateMask=displayName", json={"displayName": "x" * 129})
    assert error_of(renamed)[:2] == (400, "INVALID_ARGUMENT")


def test_a_model_that_is_missing_or_elsewhere_is_not_deployed(sandbox: RunningSandbox) -> None:
    model = succeed(sandbox, job_body(*make_data(sandbox)))["tunedModel"]["model"]
    made(sandbox, f"{PLACE}/endpoints?endpointId=here", {"displayName": "e"})
    there = PLACE.replace("us-central1", "us")
    made(sandbox, f"{there}/endpoints?endpointId=there", {"displayName": "e"})

    def deploy(place: str, endpoint: str, named: str) -> Any:
        return sandbox.post(f"{place}/endpoints/{endpoint}:deployModel", json={"deployedModel": {"model": named}})

    status, name, text = error_of(deploy(PLACE, "here", f"projects/{PROJECT}/locations/us-central1/models/1"))
    assert (status, name, "Model does not exist" in text) == (404, "NOT_FOUND", True)
    assert error_of(deploy(PLACE, "here", "my-model"))[:2] == (400, "INVALID_ARGUMENT")
    status, name, text = error_of(deploy(PLACE, "here", model))
    assert (status, name, "same location" in text) == (400, "INVALID_ARGUMENT", True)
    assert error_of(deploy(there, "missing", model))[:2] == (404, "NOT_FOUND")
    assert error_of(deploy(there, "there", model.replace("@1", "@9")))[:2] == (404, "NOT_FOUND")
    assert deploy(there, "there", model).status_code == 200
    sandbox.admin("POST", "principals", {"token": "*", "without": ["aiplatform.endpoints.deploy"]})
    assert "aiplatform.endpoints.deploy" in error_of(deploy(there, "there", model))[2]


def test_the_labels_and_the_name_of_a_model_are_judged_as_those_of_a_job(sandbox: RunningSandbox) -> None:
    model = succeed(sandbox, job_body(*make_data(sandbox)))["tunedModel"]["model"].partition("@")[0]
    for mask, change in (("displayName", {"displayName": "x" * 129}), ("labels", {"labels": {"Team": "a"}})):
        answer = sandbox.patch(f"/v1/{model}?updateMask={mask}", json=change)
        assert error_of(answer)[:2] == (400, "INVALID_ARGUMENT")
