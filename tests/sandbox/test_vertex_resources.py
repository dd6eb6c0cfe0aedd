"""Models, endpoints, operations, keys, answers: the rules of the sandbox's Vertex AI in plain HTTP."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

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
)

if TYPE_CHECKING:
    from pathlib import Path

    from sandbox.running import RunningSandbox

ASK = {"contents": [{"role": "user", "parts": [{"text": "app crashes with an error message"}]}]}


def ask(sandbox: RunningSandbox, target: str, **config: Any) -> dict[str, Any]:
    answer = sandbox.post(f"/v1/{target}:generateContent", json={**ASK, "generationConfig": config})
    assert answer.status_code == 200, answer.text
    got: dict[str, Any] = answer.json()
    return got


def text_of(answer: dict[str, Any]) -> str:
    return str(answer["candidates"][0]["content"]["parts"][0].get("text", ""))


def test_an_operation_has_no_done_while_it_runs_and_is_answered_on_every_prefix(sandbox: RunningSandbox) -> None:
    operation = sandbox.post(f"{PLACE}/endpoints", json={"displayName": "e"}).json()
    assert "done" not in operation
    assert "/endpoints/" in operation["name"]
    assert operation["metadata"]["@type"].endswith("aiplatform.v1.CreateEndpointOperationMetadata")
    sandbox.advance(10)
    for prefix in ("v1", "v1beta1", "ui"):
        done = sandbox.get(f"/{prefix}/{operation['name']}").json()
        assert done["done"] is True
        assert done["response"]["name"] == operation["name"].partition("/operations/")[0]
    assert sandbox.get(f"/ui/{operation['name']}0").status_code == 404
    assert sandbox.delete(f"/v1/{operation['name']}").json() == {}
    assert sandbox.get(f"/v1/{operation['name']}").status_code == 404


def test_an_endpoint_id_of_the_client_is_taken_once(sandbox: RunningSandbox) -> None:
    path = f"{PLACE}/endpoints?endpointId=mine"
    assert sandbox.post(path, json={"displayName": "e"}).status_code == 200
    assert error_of(sandbox.post(path, json={"displayName": "e"}))[:2] == (409, "ALREADY_EXISTS")
    assert sandbox.post(f"{PLACE}/endpoints?endpointId=No!", json={"displayName": "e"}).status_code == 400
    assert sandbox.post(f"{PLACE}/endpoints", json={}).status_code == 400
    deleted = sandbox.delete(f"{PLACE}/endpoints/mine").json()
    assert deleted["done"] is True
    assert "/endpoints/" not in deleted["name"]
    assert sandbox.get(f"{PLACE}/endpoints/mine").status_code == 404


def test_a_split_must_sum_to_one_hundred_over_deployed_models(sandbox: RunningSandbox) -> None:
    tuned = succeed(sandbox, job_body(*make_data(sandbox)))["tunedModel"]
    path = f"/v1/{tuned['endpoint']}?updateMask=trafficSplit"
    held = get(sandbox, tuned["endpoint"])["deployedModels"][0]["id"]
    assert sandbox.patch(path, json={"trafficSplit": {held: 90}}).status_code == 400
    assert sandbox.patch(path, json={"trafficSplit": {"77": 100}}).status_code == 400
    assert sandbox.patch(path, json={"trafficSplit": {held: 100}}).status_code == 200


def test_filters_choose_and_unknown_ones_are_refused(sandbox: RunningSandbox) -> None:
    for name, labels in (("a", {"k": "1"}), ("b", {"k": "2"}), ("c", {})):
        sandbox.post(f"{PLACE}/endpoints?endpointId=e-{name}", json={"displayName": name, "labels": labels})

    def found(text: str) -> str:
        answer = sandbox.get(f"{PLACE}/endpoints", params={"filter": text, "orderBy": "display_name"})
        return "".join(endpoint["displayName"] for endpoint in answer.json().get("endpoints", []))

    assert found("labels.k=1") == "a"
    assert found('labels.k="1" AND displayName="a"') == "a"
    assert found("labels.k:*") == "ab"
    assert found('display_name!="a"') == "bc"
    assert found("endpoint=e-c") == "c"
    assert sandbox.get(f"{PLACE}/endpoints", params={"filter": "colour=red"}).status_code == 400


def test_the_default_checkpoint_must_exist_and_decides_what_a_deployment_takes(sandbox: RunningSandbox) -> None:
    tuned = succeed(sandbox, job_body(*make_data(sandbox)))["tunedModel"]
    path = f"/v1/{tuned['model']}?updateMask=defaultCheckpointId"
    assert sandbox.patch(path, json={"defaultCheckpointId": "9"}).status_code == 400
    assert sandbox.patch(path, json={"defaultCheckpointId": "1"}).json()["defaultCheckpointId"] == "1"
    place = tuned["model"].partition("/models/")[0]
    endpoint = (
        sandbox.post(f"/v1/{place}/endpoints?endpointId=mine", json={"displayName": "e"})
        .json()["name"]
        .partition("/op")[0]
    )
    sandbox.post(f"/v1/{endpoint}:deployModel", json={"deployedModel": {"model": tuned["model"]}})
    assert "deployedModels" not in get(sandbox, endpoint)
    sandbox.advance(200)
    assert get(sandbox, endpoint)["deployedModels"][0]["checkpointId"] == "1"
    assert any(found["endpoint"] == endpoint for found in get(sandbox, tuned["model"])["deployedModels"])
    wrong = {"deployedModel": {"model": tuned["model"], "dedicatedResources": {"minReplicaCount": 1}}}
    assert sandbox.post(f"/v1/{endpoint}:deployModel", json=wrong).status_code == 400


def test_the_only_version_of_a_model_is_not_deleted_by_itself(sandbox: RunningSandbox) -> None:
    tuned = succeed(sandbox, job_body(*make_data(sandbox)))["tunedModel"]
    assert error_of(sandbox.delete(f"/v1/{tuned['model']}:deleteVersion"))[1] == "FAILED_PRECONDITION"
    assert sandbox.get(f"/v1/{tuned['model'].replace('@1', '@2')}").status_code == 404
    assert sandbox.patch(f"/v1/{tuned['model']}?updateMask=encryptionSpec", json={}).status_code == 400


def test_the_job_keeps_naming_what_was_deleted(sandbox: RunningSandbox) -> None:
    job = succeed(sandbox, job_body(*make_data(sandbox)))
    for checkpoint in job["tunedModel"]["checkpoints"]:
        endpoint = checkpoint["endpoint"]
        body = {"deployedModelId": get(sandbox, endpoint)["deployedModels"][0]["id"]}
        assert sandbox.post(f"/v1/{endpoint}:undeployModel", json=body).status_code == 200
        sandbox.advance(60)
        assert error_of(sandbox.post(f"/v1/{endpoint}:generateContent", json=ASK))[1] == "FAILED_PRECONDITION"
        assert sandbox.delete(f"/v1/{endpoint}").json()["done"] is True
    assert sandbox.delete(f"/v1/{job['tunedModel']['model'].partition('@')[0]}").json()["done"] is True
    assert sandbox.get(f"/v1/{job['tunedModel']['model']}").status_code == 404
    assert get(sandbox, job["name"]) == job


def test_checkpoints_answer_differently_and_the_tuned_model_better_than_the_base(sandbox: RunningSandbox) -> None:
    checkpoints = succeed(sandbox, job_body(*make_data(sandbox, 200)))["tunedModel"]["checkpoints"]
    chances = [ask(sandbox, found["endpoint"], temperature=0)["candidates"][0]["avgLogprobs"] for found in checkpoints]
    assert chances[0] < chances[-1]
    assert text_of(ask(sandbox, checkpoints[-1]["endpoint"], temperature=0)) == "technical"
    base = ask(sandbox, f"projects/{PROJECT}/locations/us-central1/publishers/google/models/{MODEL}", temperature=0)
    assert text_of(base) != "technical"


def test_a_seed_fixes_the_answer_and_without_one_answers_vary(sandbox: RunningSandbox) -> None:
    target = f"projects/{PROJECT}/locations/us-central1/publishers/google/models/{MODEL}"
    same = {text_of(ask(sandbox, target, temperature=2, topP=1, topK=500, seed=3)) for _ in range(4)}
    assert len(same) == 1
    assert len({text_of(ask(sandbox, target, temperature=2, topP=1, topK=500)) for _ in range(8)}) > 1
    two = ask(sandbox, target, candidateCount=2, maxOutputTokens=1)
    assert [found["finishReason"] for found in two["candidates"]] == ["MAX_TOKENS"] * 2
    assert two["usageMetadata"]["candidatesTokenCount"] == 2


@pytest.mark.parametrize(
    ("config", "status"),
    [
        ({"temperature": 3}, 400),
        ({"topP": 2}, 400),
        ({"responseSchema": {"type": "STRING"}}, 400),
        ({"routingConfig": {"autoMode": {"modelRoutingPreference": "BALANCED"}}}, 501),
        ({"nope": 1}, 400),
    ],
)
def test_a_generation_setting_out_of_range_or_not_served_is_refused(
    sandbox: RunningSandbox, config: dict[str, Any], status: int
) -> None:
    path = f"{PLACE}/publishers/google/models/{MODEL}:generateContent"
    assert sandbox.post(path, json={**ASK, "generationConfig": config}).status_code == status


def test_predict_is_refused_for_gemini(sandbox: RunningSandbox) -> None:
    endpoint = succeed(sandbox, job_body(*make_data(sandbox)))["tunedModel"]["endpoint"]
    status, _, text = error_of(sandbox.post(f"/v1/{endpoint}:predict", json={"instances": [{"prompt": "x"}]}))
    assert status == 400
    assert "generateContent" in text


def test_a_tuned_model_dies_with_its_base(march: RunningSandbox) -> None:
    base = "gemini-2.0-flash-001"  # it retires on 2026-06-01
    tuned = succeed(march, job_body(*make_data(march), baseModel=base))["tunedModel"]
    assert march.get(f"/v1/publishers/google/models/{base}").status_code == 200
    march.advance(200 * 24 * 3600)
    assert march.get(f"/v1/publishers/google/models/{base}").status_code == 404
    assert march.post(f"/v1/{tuned['endpoint']}:generateContent", json=ASK).status_code == 404
    late = job_body("gs://tuning-data/train.jsonl", baseModel=base)
    assert march.post(f"{PLACE}/tuningJobs", json=late).status_code == 404


def make_key(sandbox: RunningSandbox, location: str = "us-central1", *, grant: bool = True) -> str:
    ring = f"projects/{PROJECT}/locations/{location}/keyRings"
    assert sandbox.post(f"/v1/{ring}?keyRingId=r", json={}).status_code == 200
    answer = sandbox.post(f"/v1/{ring}/r/cryptoKeys?cryptoKeyId=k", json={"purpose": "ENCRYPT_DECRYPT"})
    assert answer.status_code == 200, answer.text
    name = str(answer.json()["name"])
    if grant:
        number = sandbox.get(f"/v3/projects/{PROJECT}").json()["name"].partition("/")[2]
        member = f"serviceAccount:service-{number}@gcp-sa-aiplatform.iam.gserviceaccount.com"
        binding = {"role": "roles/cloudkms.cryptoKeyEncrypterDecrypter", "members": [member]}
        done = sandbox.post(f"/v1/{name}:setIamPolicy", json={"policy": {"bindings": [binding]}})
        assert done.status_code == 200, done.text
    return name


def test_a_key_that_works_is_copied_to_the_model_and_its_endpoints() -> None:
    from tuning_sandbox.app import create_app
    from tuning_sandbox.kernel.sandbox import Config, parse_as_of

    with run_sandbox(create_app(Config(mode="stepped", as_of=parse_as_of("2026-03-01"), seed=7))) as sandbox:
        key = {"kmsKeyName": make_key(sandbox)}
        job = succeed(sandbox, job_body(*make_data(sandbox), encryptionSpec=key, baseModel="gemini-2.5-flash"))
        assert "/locations/us-central1/models/" in job["tunedModel"]["model"]
        assert get(sandbox, job["tunedModel"]["model"])["encryptionSpec"] == key
        assert get(sandbox, job["tunedModel"]["endpoint"])["encryptionSpec"] == key
        version = f"/v1/{key['kmsKeyName']}/cryptoKeyVersions/1?updateMask=state"
        assert sandbox.patch(version, json={"state": "DISABLED"}).status_code == 200
        refused = sandbox.post(f"/v1/{job['tunedModel']['endpoint']}:generateContent", json=ASK)
        assert error_of(refused)[1] == "FAILED_PRECONDITION"
        body = job_body("gs://tuning-data/train.jsonl", encryptionSpec=key, baseModel="gemini-2.5-flash")
        status, _, text = error_of(sandbox.post(f"{PLACE}/tuningJobs", json=body))
        assert status == 400
        assert f"Provided CryptoKey {key['kmsKeyName']} cannot be used in Vertex AI service. Please make sure" in text


@pytest.mark.parametrize(
    ("case", "expected"),
    [
        ("unparsable", (400, "INVALID_ARGUMENT")),
        ("elsewhere", (400, "INVALID_ARGUMENT")),
        ("missing", (404, "NOT_FOUND")),
        ("not granted", (400, "INVALID_ARGUMENT")),
    ],
)
def test_a_key_that_cannot_work_is_refused_for_an_endpoint(
    sandbox: RunningSandbox, case: str, expected: tuple[int, str]
) -> None:
    key = {"unparsable": "projects/p/k"}.get(case, f"projects/{PROJECT}/locations/us-central1/keyRings/r/cryptoKeys/no")
    if case == "elsewhere":
        key = make_key(sandbox, "europe-west4")
    elif case == "not granted":
        key = make_key(sandbox, grant=False)
    answer = sandbox.post(f"{PLACE}/endpoints", json={"displayName": "e", "encryptionSpec": {"kmsKeyName": key}})
    assert error_of(answer)[:2] == expected


def test_a_3x_model_takes_no_key(sandbox: RunningSandbox) -> None:
    body = job_body(*make_data(sandbox), encryptionSpec={"kms_key_name": make_key(sandbox)})
    status, name, text = error_of(sandbox.post(f"{PLACE}/tuningJobs", json=body))
    assert (status, name) == (400, "FAILED_PRECONDITION")
    assert "CMEK is not supported" in text


def test_a_sandbox_that_is_restarted_goes_on_with_its_jobs_and_answers_the_same(tmp_path: Path) -> None:
    from tuning_sandbox.app import create_app
    from tuning_sandbox.kernel.sandbox import Config, parse_as_of

    config = Config(mode="stepped", as_of=parse_as_of("2026-11-21"), seed=7, data=tmp_path / "data")

    with run_sandbox(create_app(config)) as sandbox:
        data = make_data(sandbox)
        done = succeed(sandbox, job_body(*data))
        said = ask(sandbox, done["tunedModel"]["endpoint"], temperature=1, seed=5)["candidates"]
        running = create(sandbox, job_body(*data))["name"]
        sandbox.advance(600)
        assert get(sandbox, running)["state"] == "JOB_STATE_RUNNING"
    with run_sandbox(create_app(config)) as sandbox:
        assert ask(sandbox, done["tunedModel"]["endpoint"], temperature=1, seed=5)["candidates"] == said
        assert get(sandbox, running)["state"] == "JOB_STATE_RUNNING"
        sandbox.advance(3600)
        assert get(sandbox, running)["state"] == "JOB_STATE_SUCCEEDED"


def test_a_real_clock_that_is_scaled_trains_in_a_thread_and_succeeds() -> None:
    from tuning_sandbox.app import create_app
    from tuning_sandbox.kernel.sandbox import Config, parse_as_of

    with run_sandbox(
        create_app(Config(mode="scaled", scale=20_000, as_of=parse_as_of("2026-11-21"), seed=7))
    ) as sandbox:
        name = create(sandbox, job_body(*make_data(sandbox, 200)))["name"]
        while (job := get(sandbox, name))["state"] != "JOB_STATE_SUCCEEDED":
            assert job["state"] in ("JOB_STATE_PENDING", "JOB_STATE_RUNNING"), job
        assert text_of(ask(sandbox, get(sandbox, name)["tunedModel"]["endpoint"], temperature=0)) == "technical"
        make_bucket(sandbox, "still-answers")


@pytest.mark.parametrize("kind", ["models", "endpoints"])
def test_a_patch_under_a_stale_etag_is_refused_and_one_without_overwrites(sandbox: RunningSandbox, kind: str) -> None:
    made = succeed(sandbox, job_body(*make_data(sandbox)))["tunedModel"]
    path = f"/v1/{made['model'] if kind == 'models' else made['endpoint']}"
    etag = sandbox.get(path).json()["etag"]

    def patch(**body: Any) -> Any:
        return sandbox.patch(f"{path}?updateMask=labels", json=body)

    assert patch(labels={"a": "1"}, etag=etag).status_code == 200
    assert error_of(patch(labels={"a": "2"}, etag=etag))[:2] == (409, "ABORTED")
    assert sandbox.get(path).json()["labels"] == {"a": "1"}
    assert patch(labels={"a": "3"}).status_code == 200
