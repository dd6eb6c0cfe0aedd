"""What Google refuses for the key, the model, the quota and the names, and for endpoints and deployments."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from sandbox.refusal_support import AIPLATFORM, JOBS, KEYED, made, make_key, with_key
from sandbox.running import run_sandbox
from sandbox.vertex_support import (
    MODEL,
    PLACE,
    PROJECT,
    create,
    error_of,
    get,
    job_body,
    make_data,
    succeed,
)
from tuning_sandbox.app import create_app
from tuning_sandbox.kernel.sandbox import Config, parse_as_of

if TYPE_CHECKING:
    from sandbox.running import RunningSandbox


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
    sandbox.admin("POST", "policy", {"vertex.model_elsewhere": "accept"})
    assert deploy(PLACE, "here", model).status_code == 200
    assert error_of(deploy(there, "missing", model))[:2] == (404, "NOT_FOUND")
    assert error_of(deploy(there, "there", model.replace("@1", "@9")))[:2] == (404, "NOT_FOUND")
    assert deploy(there, "there", model).status_code == 200
    sandbox.admin("POST", "principals", {"token": "*", "without": ["aiplatform.endpoints.deploy"]})
    assert "aiplatform.endpoints.deploy" in error_of(deploy(there, "there", model))[2]


def test_a_model_of_another_project_is_not_deployed_unless_the_switch_says_so(sandbox: RunningSandbox) -> None:
    model = succeed(sandbox, job_body(*make_data(sandbox)))["tunedModel"]["model"]
    other = "/v1/projects/other-project/locations/us/endpoints"
    made(sandbox, f"{other}?endpointId=there", {"displayName": "e"})
    body = {"deployedModel": {"model": model}}
    status, name, text = error_of(sandbox.post(f"{other}/there:deployModel", json=body))
    assert (status, name, "same project as the Endpoint" in text) == (400, "INVALID_ARGUMENT", True)
    sandbox.admin("POST", "policy", {"vertex.model_of_other_project": "accept"})
    assert sandbox.post(f"{other}/there:deployModel", json=body).status_code == 200


def test_the_labels_and_the_name_of_a_model_are_judged_as_those_of_a_job(sandbox: RunningSandbox) -> None:
    model = succeed(sandbox, job_body(*make_data(sandbox)))["tunedModel"]["model"].partition("@")[0]
    for mask, change in (("displayName", {"displayName": "x" * 129}), ("labels", {"labels": {"Team": "a"}})):
        answer = sandbox.patch(f"/v1/{model}?updateMask={mask}", json=change)
        assert error_of(answer)[:2] == (400, "INVALID_ARGUMENT")
