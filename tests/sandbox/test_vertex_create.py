"""The create of a tuning job, check by check in Google's order, and the requests of the public guide as they stand there."""

from __future__ import annotations

import shutil
import subprocess
from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING, Any

import pytest

from sandbox.data.tickets import tickets, to_jsonl
from sandbox.running import run_sandbox
from sandbox.test_vertex_resources import make_key
from sandbox.vertex_support import MODEL, PLACE, PROJECT, create, error_of, get, job_body, make_data, succeed
from tuning_sandbox.app import create_app
from tuning_sandbox.kernel.sandbox import Config, parse_as_of
from tuning_sandbox.vertex.catalogue import MODELS
from tuning_sandbox.vertex.work import prepare

if TYPE_CHECKING:
    from sandbox.running import RunningSandbox

KEY = f"projects/{PROJECT}/locations/europe-west4/keyRings/r/cryptoKeys/k"


def test_create_is_judged_permission_first_then_place_model_body_key_and_quota(sandbox: RunningSandbox) -> None:
    training, _ = make_data(sandbox)
    sandbox.admin("POST", "principals", {"token": "weak", "permissions": []})
    sandbox.admin("POST", "vertex", {"concurrentJobs": 1})
    create(sandbox, job_body(training))
    body = job_body("s3://wrong", baseModel="gemini-9", encryptionSpec={"kmsKeyName": KEY})
    place, headers, seen = "mars-north1", {"authorization": "Bearer weak"}, []

    def refused() -> tuple[int, str]:
        path = f"/v1/projects/{PROJECT}/locations/{place}/tuningJobs"
        status, name, text = error_of(sandbox.post(path, json=body, headers=headers))
        seen.append(text)
        return status, name

    assert refused() == (403, "PERMISSION_DENIED")
    headers = {}
    assert refused() == (400, "INVALID_ARGUMENT")
    place = "us-central1"
    assert refused() == (404, "NOT_FOUND")
    body["baseModel"] = MODEL
    assert refused() == (400, "INVALID_ARGUMENT")
    body["supervisedTuningSpec"]["trainingDatasetUri"] = training
    assert refused() == (400, "INVALID_ARGUMENT")
    del body["encryptionSpec"]
    assert refused() == (429, "RESOURCE_EXHAUSTED")
    for text, word in zip(
        seen, ("Permission", "location ID", "Publisher Model", "Storage URI", "CryptoKey", "quota"), strict=True
    ):
        assert word in text
    sandbox.admin("POST", "vertex", {"concurrentJobs": 2})
    create(sandbox, body)


def test_the_number_of_jobs_at_a_time_is_what_the_quota_api_says(sandbox: RunningSandbox) -> None:
    infos = sandbox.get(f"/v1/projects/{PROJECT}/locations/global/services/aiplatform.googleapis.com/quotaInfos").json()
    told = next(info for info in infos["quotaInfos"] if info["metric"].endswith("/global_concurrent_tuning_jobs"))
    limit = int(told["dimensionsInfos"][0]["details"]["value"])
    body = job_body(*make_data(sandbox))
    name, *_ = [create(sandbox, body)["name"] for _ in range(limit)]
    assert error_of(sandbox.post(f"{PLACE}/tuningJobs", json=body))[0] == 429
    sandbox.post(f"/v1/{name}:cancel")
    sandbox.advance(2)
    create(sandbox, body)


@pytest.mark.parametrize("field", ["tuningMode", "outputUri", "customBaseModel", "distillationSpec", "hyper"])
def test_v1_does_not_know_what_only_the_beta_has(sandbox: RunningSandbox, field: str) -> None:
    body = job_body(*make_data(sandbox))
    spec = body["supervisedTuningSpec"]
    if field == "hyper":
        spec["hyperParameters"]["learning_rate"] = 0.1
    elif field == "tuningMode":
        spec[field] = "TUNING_MODE_PEFT_ADAPTER"
    else:
        body[field] = {} if field.endswith("Spec") else "gs://b/o"
    answer = sandbox.post(f"{PLACE}/tuningJobs", json=body)
    name, at = {"hyper": ("learning_rate", "tuning_job.supervised_tuning_spec.hyper_parameters"),
                "tuningMode": ("tuningMode", "tuning_job.supervised_tuning_spec")}.get(field, (field, "tuning_job"))  # fmt: skip
    text = f"Invalid JSON payload received. Unknown name \"{name}\" at '{at}': Cannot find field."
    assert answer.json()["error"] == {
        "code": 400,
        "message": text,
        "status": "INVALID_ARGUMENT",
        "details": [
            {
                "@type": "type.googleapis.com/google.rpc.BadRequest",
                "fieldViolations": [{"field": at, "description": text}],
            }
        ],
    }
    beta = sandbox.post(f"{PLACE.replace('/v1/', '/v1beta1/')}/tuningJobs", json=body)
    assert "Unknown name" not in beta.text


@pytest.mark.parametrize("value", ["NaN", "Infinity", "-Infinity", 0, -1])
def test_a_multiplier_that_is_no_positive_number_is_refused(sandbox: RunningSandbox, value: Any) -> None:
    body = job_body(*make_data(sandbox))
    body["supervisedTuningSpec"]["hyperParameters"]["learningRateMultiplier"] = value
    assert "must be greater than 0" in error_of(sandbox.post(f"{PLACE}/tuningJobs", json=body))[2]


def test_under_the_policy_that_asks_for_keys_a_job_and_an_endpoint_without_one_are_refused(
    sandbox: RunningSandbox,
) -> None:
    sandbox.admin("POST", "policy", {"vertex.require_cmek": True})
    for answer in (
        sandbox.post(f"{PLACE}/tuningJobs", json=job_body(*make_data(sandbox))),
        sandbox.post(f"{PLACE}/endpoints", json={"displayName": "e"}),
    ):
        assert error_of(answer)[:2] == (400, "FAILED_PRECONDITION")
        (detail,) = answer.json()["error"]["details"]
        assert detail["violations"][0]["type"] == "constraints/gcp.restrictNonCmekServices"


def curl(url: str, *arguments: str) -> str:
    command = [
        "curl",
        "-sS",
        "-X",
        "POST",
        "-H",
        "Authorization: Bearer x",
        "-H",
        "Content-Type: application/json; charset=utf-8",
    ]
    return subprocess.run([*command, *arguments, url], capture_output=True, text=True, check=True, timeout=30).stdout


@pytest.mark.skipif(shutil.which("curl") is None, reason="these are curl's own requests")
def test_the_curl_lines_of_the_public_guide_work_as_they_stand_there(sandbox: RunningSandbox) -> None:
    training, validation = make_data(sandbox)
    data = (
        '{\n"baseModel": "' + MODEL + '",\n"supervisedTuningSpec" : {\n"training_dataset_uri": "' + training
        + '",\n"validation_dataset_uri": "' + validation + '"\n},\n"tunedModelDisplayName": "tuned_gemini_pro"\n}'
    )  # fmt: skip
    url = f"{sandbox.url}{PLACE}/tuningJobs"
    assert '"state": "JOB_STATE_PENDING"' in curl(url, "-d", data)
    job = sandbox.get(f"{PLACE}/tuningJobs").json()["tuningJobs"][0]
    assert job["supervisedTuningSpec"] == {"trainingDatasetUri": training, "validationDatasetUri": validation}
    by_id = f"{sandbox.url}{PLACE}/tuningJobs/{job['name'].rpartition('/')[2]}"
    assert curl(f"{by_id}:cancel", "-d", "") == "{}\n"
    sandbox.advance(3)
    assert get(sandbox, job["name"])["state"] == "JOB_STATE_CANCELLED"
    endpoint = succeed(sandbox, job_body(training))["tunedModel"]["endpoint"]
    ask = (
        '{ "contents": [ { "role": "USER", "parts": { "text" : "Why is sky blue?" } } ], "generation_config": '
        '{ "temperature":1.0, "topP": 0.8, "topK": 10, "maxOutputTokens": 100 } }'
    )
    assert '"candidates"' in curl(f"{sandbox.url}/v1/{endpoint}:generateContent", "-d", ask)


@pytest.mark.parametrize("role", ["assistant", "system", "", None])
def test_a_turn_of_neither_user_nor_model_is_refused(sandbox: RunningSandbox, role: str | None) -> None:
    turn = {"parts": [{"text": "hi"}], **({} if role is None else {"role": role})}
    answer = sandbox.post(f"{PLACE}/publishers/google/models/{MODEL}:generateContent", json={"contents": [turn]})
    assert error_of(answer) == (400, "INVALID_ARGUMENT", "Please use a valid role: user, model.")


def test_answers_carry_the_headers_of_googles_front_end(sandbox: RunningSandbox) -> None:
    for answer in (sandbox.get(f"{PLACE}/tuningJobs"), sandbox.get(f"{PLACE}/tuningJobs/1")):
        told = {name: answer.headers[name] for name in ("content-type", "server", "vary", "x-content-type-options")}
        assert told == {
            "content-type": "application/json; charset=UTF-8",
            "server": "ESF",
            "vary": "Origin, X-Origin, Referer",
            "x-content-type-options": "nosniff",
        }
    deleted = sandbox.delete(f"{PLACE}/tuningJobs/1")
    assert (deleted.status_code, deleted.headers["content-type"]) == (404, "text/html; charset=UTF-8")


def test_an_operation_that_was_cancelled_ends_with_an_error_over_http_200(sandbox: RunningSandbox) -> None:
    operation = sandbox.post(f"{PLACE}/endpoints", json={"displayName": "e"}).json()["name"]
    assert sandbox.post(f"/v1/{operation}:cancel").json() == {}
    answer = sandbox.get(f"/ui/{operation}")
    assert (answer.status_code, answer.json()["done"]) == (200, True)
    assert answer.json()["error"] == {"code": 1, "message": "CANCELLED"}
    assert "response" not in answer.json()


@pytest.mark.parametrize(
    ("model", "days"),
    [
        ("translation-llm-002", {"2027-11-30": (200, 200), "2027-12-01": (404, 200), "2027-12-31": (404, 404)}),
        ("gemini-2.5-flash", {"2026-11-28": (404, 200), "2027-03-30": (404, 200), "2027-03-31": (404, 404)}),
        (MODEL, {"2027-04-20": (200, 200), "2027-05-19": (200, 200)}),
    ],
    ids=["a month before it retires", "closed to new projects", "never on an open-ended day"],
)
def test_new_tuning_ends_before_a_models_answers_do(
    sandbox: RunningSandbox, model: str, days: dict[str, tuple[int, int]]
) -> None:
    body = job_body(*make_data(sandbox), baseModel=model)
    ask = {"contents": [{"role": "user", "parts": [{"text": "hi"}]}]}

    def at(day: str) -> tuple[int, int]:
        clock = datetime.fromisoformat(sandbox.admin("GET", "clock")["now"])
        sandbox.advance((datetime.fromisoformat(f"{day}T00:00:00Z") - clock).total_seconds())
        path = f"{PLACE}/publishers/google/models/{model}:generateContent"
        return sandbox.post(f"{PLACE}/tuningJobs", json=body).status_code, sandbox.post(path, json=ask).status_code

    assert {day: at(day) for day in days} == days


def test_a_second_cancel_does_not_put_off_the_first(sandbox: RunningSandbox) -> None:
    name = create(sandbox, job_body(*make_data(sandbox)))["name"]
    sandbox.post(f"/v1/{name}:cancel")
    sandbox.advance(1.5)
    assert sandbox.post(f"/v1/{name}:cancel").json() == {}
    sandbox.advance(0.5)
    assert get(sandbox, name)["state"] == "JOB_STATE_CANCELLED"


def test_an_endpoint_that_holds_a_model_and_the_only_version_are_not_deleted(sandbox: RunningSandbox) -> None:
    tuned = succeed(sandbox, job_body(*make_data(sandbox)))["tunedModel"]
    held = get(sandbox, tuned["endpoint"])["deployedModels"][0]["id"]
    text = f"Endpoint {tuned['endpoint']} has deployed or being-deployed DeployedModel(s): {held}"
    assert error_of(sandbox.delete(f"/v1/{tuned['endpoint']}")) == (400, "FAILED_PRECONDITION", text)
    assert "only version" in error_of(sandbox.delete(f"/v1/{tuned['model']}:deleteVersion"))[2]


def test_an_open_model_takes_no_key_in_global(sandbox: RunningSandbox) -> None:
    body = {
        **job_body(*make_data(sandbox)),
        "baseModel": "qwen/qwen3@qwen3-8b",
        "outputUri": "gs://b/o",
        "encryptionSpec": {"kmsKeyName": KEY},
    }
    path = f"/v1beta1/projects/{PROJECT}/locations/global/tuningJobs"
    status, name, text = error_of(sandbox.post(path, json=body))
    assert (status, name) == (400, "FAILED_PRECONDITION")
    assert "CMEK is not supported" in text


def test_a_key_that_is_disabled_while_a_job_tunes_fails_the_job() -> None:
    with run_sandbox(create_app(Config(mode="stepped", as_of=parse_as_of("2026-03-01"), seed=7))) as sandbox:
        key = make_key(sandbox)
        body = job_body(*make_data(sandbox), encryptionSpec={"kmsKeyName": key}, baseModel="gemini-2.5-flash")
        name = create(sandbox, body)["name"]
        sandbox.advance(450)
        disabled = sandbox.patch(f"/v1/{key}/cryptoKeyVersions/1?updateMask=state", json={"state": "DISABLED"})
        assert disabled.status_code == 200
        sandbox.advance(3600)
        job = get(sandbox, name)
        assert (job["state"], job["error"]["code"]) == ("JOB_STATE_FAILED", 9)
        assert key in job["error"]["message"]


@pytest.mark.parametrize(
    ("rows", "most", "count", "text"),
    [(3001, 5000, 1001, "more than 30 %"), (1001, 5000, 1000, ""), (10, 5, 6, "more than the 5"), (10, 5, 5, "")],
)
def test_a_validation_set_has_at_most_its_limit_and_thirty_percent(rows: int, most: int, count: int, text: str) -> None:
    files = [(f"gs://b/{at}", to_jsonl(tickets(size, at))) for at, size in ((1, rows), (2, count))]
    got = prepare(files[0], files[1], replace(MODELS[MODEL], most_validation=most), 1)
    told = "" if got.error is None else str(got.error.message)
    assert text in told
    assert bool(text) == bool(told)
