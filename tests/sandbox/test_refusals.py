"""What Google refuses for the project, the caller, its organization and its data: code, status, words, in each world."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from sandbox.data.tickets import tickets, to_jsonl
from sandbox.refusal_support import AIPLATFORM, JOBS, KEYED, made, make_key, set_policy, with_key
from sandbox.vertex_support import (
    PLACE,
    PROJECT,
    create,
    error_of,
    get,
    job_body,
    make_bucket,
    make_data,
    upload,
)

if TYPE_CHECKING:
    from sandbox.running import RunningSandbox

EMAIL = f"trainer@{PROJECT}.iam.gserviceaccount.com"


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


def test_a_validation_set_of_more_than_a_thousand_rows_and_over_thirty_percent_fails_the_job(
    sandbox: RunningSandbox,
) -> None:
    state, text = outcome(sandbox, to_jsonl(tickets(3001, 1)), to_jsonl(tickets(1001, 2)))
    assert state == "JOB_STATE_FAILED"
    assert "1001 examples are more than 30 % of the 3001" in text


@pytest.mark.parametrize(
    ("location", "more", "words"),
    [
        ("us-central1", {}, ""),
        ("europe-west4", {}, "does not match the bucket's location"),
        ("us-central1", {"purpose": "ASYMMETRIC_SIGN"}, "must be ENCRYPT_DECRYPT"),
        ("us-central1", {"without_version": True}, "is not enabled"),
        ("us-central1", {"granted": False}, "Permission denied on Cloud KMS key"),
    ],
)
def test_an_object_is_written_under_a_key_that_encrypts_here_and_under_no_other(
    sandbox: RunningSandbox, location: str, more: dict[str, Any], words: str
) -> None:
    make_bucket(sandbox)
    key = make_key(sandbox, location=location, agent="gs-project-accounts", **more)
    path = f"/upload/storage/v1/b/tuning-data/o?uploadType=media&name=x&kmsKeyName={key}"
    answer = sandbox.post(path, data=b"x")
    assert (answer.status_code == 200) is not bool(words), answer.text
    assert words in answer.text


@pytest.mark.parametrize("how", ["disabled", "destroyed", "api disabled", "missing"])
def test_no_object_is_written_under_a_key_that_was_taken_away(sandbox: RunningSandbox, how: str) -> None:
    make_bucket(sandbox)
    key = make_key(sandbox, agent="gs-project-accounts")
    version = f"/v1/{key}/cryptoKeyVersions/1"
    if how == "disabled":
        assert sandbox.patch(f"{version}?updateMask=state", json={"state": "DISABLED"}).status_code == 200
    elif how == "destroyed":
        made(sandbox, f"{version}:destroy", {})
    elif how == "api disabled":
        made(sandbox, f"/v1/projects/{PROJECT}/services/cloudkms.googleapis.com:disable", {})
    else:
        key = key.replace("/cryptoKeys/k", "/cryptoKeys/other")
    answer = sandbox.post(f"/upload/storage/v1/b/tuning-data/o?uploadType=media&name=x&kmsKeyName={key}", data=b"x")
    reason = answer.json()["error"]["errors"][0]["reason"]
    expected = (400, "keyDisabled") if how in ("disabled", "destroyed") else (403, "forbidden")
    assert (answer.status_code, reason) == expected
