"""The life of pipelines that tune: their states and tasks on the clock, what they make, how they fail, lists and deletes."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from sandbox.pipeline_support import (
    ASKED,
    CODE_TEMPLATE,
    CONTEXT,
    create_pipeline,
    make_files,
    outputs_of,
    pairs,
    pipeline_body,
    post,
    predict,
    run_pipeline,
    task,
)
from sandbox.vertex_support import PLACE, PROJECT, error_of, get, upload

if TYPE_CHECKING:
    from sandbox.running import RunningSandbox

EUROPE = PLACE.replace("us-central1", "europe-west4")


def test_a_pipeline_is_pending_runs_task_after_task_and_succeeds(bison: RunningSandbox) -> None:
    made = create_pipeline(bison, pipeline_body(make_files(bison)["pairs"]), "tune-large-model-20240603")
    number = bison.get(f"/v1/projects/{PROJECT}").json()["projectNumber"]
    assert made["name"] == f"projects/{number}/locations/us-central1/pipelineJobs/tune-large-model-20240603"
    assert (made["state"], "startTime" in made) == ("PIPELINE_STATE_PENDING", False)
    assert made["pipelineSpec"]["pipelineInfo"] == {"name": "tune-large-model"}
    assert made["templateMetadata"]["version"].startswith("sha256:")
    bison.advance(60)
    running = get(bison, made["name"])
    assert (running["state"], task(running, "dataset-encoder")["state"]) == ("PIPELINE_STATE_RUNNING", "RUNNING")
    bison.advance(24 * 3600)
    done = get(bison, made["name"])
    assert done["state"] == "PIPELINE_STATE_SUCCEEDED"
    assert done["createTime"] < done["startTime"] < done["endTime"]
    names = [found["taskName"] for found in done["jobDetail"]["taskDetails"]]
    assert names == [
        "tune-large-model-20240603", "dataset-encoder", "large-language-model-tuner", "upload-llm-model", "deploy-llm-model",
    ]  # fmt: skip
    assert {found["state"] for found in done["jobDetail"]["taskDetails"]} == {"SUCCEEDED"}


def test_the_tuned_model_and_its_endpoint_answer_what_was_trained(bison: RunningSandbox) -> None:
    files = make_files(bison)
    job = run_pipeline(bison, {**pipeline_body(files["pairs"], train_steps=300), "labels": {"team": "a"}})
    model_name, endpoint_name = outputs_of(job)
    model, endpoint = get(bison, model_name), get(bison, endpoint_name)
    assert task(job, "upload-llm-model")["execution"]["metadata"]["output:model_resource_name"] == model_name
    assert (model["displayName"], endpoint["displayName"]) == ("tickets", "tickets")
    assert model["labels"] == {
        "team": "a",
        "vertex-ai-pipelines-run-billing-id": job["labels"]["vertex-ai-pipelines-run-billing-id"],
        "google-vertex-llm-tuning-base-model-id": "code-bison-002",
    }
    assert job["labels"]["vertex-ai-pipelines-run-billing-id"].isdigit()
    answer = predict(bison, endpoint_name, {"prefix": ASKED}).json()
    assert [found["content"] for found in answer["predictions"]] == ["billing"]
    assert (answer["model"], answer["modelVersionId"], answer["modelDisplayName"]) == (model_name, "1", "tickets")
    base = f"{PLACE.removeprefix('/v1/')}/publishers/google/models/code-bison@002"
    assert predict(bison, base, {"prefix": ASKED}).json()["predictions"][0]["content"] != "billing"


def test_a_chat_model_is_tuned_by_its_own_template_with_the_default_context(bison: RunningSandbox) -> None:
    body = pipeline_body(make_files(bison)["chats"], chat=True, train_steps=300, default_context=CONTEXT)
    _, endpoint = outputs_of(run_pipeline(bison, body))
    chat = {"context": CONTEXT, "messages": [{"author": "user", "content": ASKED}]}
    answer = predict(bison, endpoint, chat, candidateCount=2, temperature=0).json()
    assert [found["content"] for found in answer["predictions"][0]["candidates"]] == ["billing", "billing"]


@pytest.mark.parametrize(("location", "place"), [("asia-northeast3", "asia-northeast3"), (None, "us-central1")])
def test_the_model_appears_where_location_says_or_where_the_pipeline_ran(
    bison: RunningSandbox, location: str | None, place: str
) -> None:
    job = run_pipeline(bison, pipeline_body(make_files(bison)["pairs"], location=location))
    for name in outputs_of(job):
        assert name.split("/")[3] == place
    assert job["name"].split("/")[3] == "us-central1"


def test_the_metrics_are_an_artifact_of_the_tuner_below_the_output_directory(bison: RunningSandbox) -> None:
    files = make_files(bison)
    body = pipeline_body(files["pairs"], evaluation_data_uri=files["evaluation"], enable_early_stopping=False)
    job = run_pipeline(bison, body)
    tuner = task(job, "large-language-model-tuner")
    (artifact,) = tuner["outputs"]["tuning_metrics"]["artifacts"]
    job_id = job["name"].rpartition("/")[2]
    assert artifact["uri"] == f"gs://tuning-data/output/{job_id}/{tuner['taskId']}/tuning_metrics"
    path = artifact["uri"].removeprefix("gs://tuning-data/").replace("/", "%2F")
    lines = [json.loads(line) for line in bison.get(f"/storage/v1/b/tuning-data/o/{path}?alt=media").text.splitlines()]
    assert [line["step"] for line in lines] == list(range(1, 61))
    # 200 rows, 8 a step
    assert lines[-1]["epoch"] == 3
    assert [line["step"] for line in lines if "/eval_total_loss" in line] == [20, 40, 60]


@pytest.mark.parametrize(
    ("values", "epochs"),
    [
        ({"large_model_reference": "code-bison@002"}, 240),
        ({"large_model_reference": "code-bison@002", "accelerator_type": "TPU"}, 720),
        ({"large_model_reference": "code-bison-32k", "accelerator_type": "TPU"}, 240),
    ],
)
def test_the_examples_of_a_step_depend_on_the_accelerator_and_the_model(
    bison: RunningSandbox, values: dict[str, Any], epochs: int
) -> None:
    job = run_pipeline(bison, pipeline_body(make_files(bison, train=10)["pairs"], train_steps=30, **values))
    tuner = task(job, "large-language-model-tuner")
    path = (
        tuner["outputs"]["tuning_metrics"]["artifacts"][0]["uri"].removeprefix("gs://tuning-data/").replace("/", "%2F")
    )
    last = json.loads(bison.get(f"/storage/v1/b/tuning-data/o/{path}?alt=media").text.splitlines()[-1])
    assert last["epoch"] == epochs // 10


def test_tuning_stops_early_where_evaluations_gain_nothing_more(bison: RunningSandbox) -> None:
    files = make_files(bison)
    more: dict[str, Any] = {
        "evaluation_data_uri": files["evaluation"],
        "evaluation_interval": 10,
        "train_steps": 500,
    }
    tuner = task(run_pipeline(bison, pipeline_body(files["pairs"], **more)), "large-language-model-tuner")
    path = (
        tuner["outputs"]["tuning_metrics"]["artifacts"][0]["uri"].removeprefix("gs://tuning-data/").replace("/", "%2F")
    )
    steps = len(bison.get(f"/storage/v1/b/tuning-data/o/{path}?alt=media").text.splitlines())
    assert 40 <= steps < 500


@pytest.mark.parametrize(
    ("data", "code", "words"),
    [
        (None, 9, "does not exist"),
        (pairs(9), 3, "9 examples are fewer than the 10"),
        (pairs(12) + b'{"input_text": "a"}\n', 3, 'line 13 has no "output_text"'),
        (b'{"messages": []}\n', 3, 'line 1 has no "input_text"'),
    ],
)
def test_a_data_set_that_cannot_be_used_fails_the_task_that_reads_it(
    bison: RunningSandbox, data: bytes | None, code: int, words: str
) -> None:
    make_files(bison)
    uri = upload(bison, "tuning-data", "odd.jsonl", data) if data is not None else "gs://tuning-data/none.jsonl"
    name = create_pipeline(bison, pipeline_body(uri))["name"]
    bison.advance(24 * 3600)
    job = get(bison, name)
    failed = task(job, "dataset-encoder")
    assert (job["state"], failed["state"]) == ("PIPELINE_STATE_FAILED", "FAILED")
    assert failed["error"]["code"] == code
    assert words in failed["error"]["message"]
    assert job["error"]["code"] == 9
    assert "The failed tasks are: [dataset-encoder]" in job["error"]["message"]


@pytest.mark.parametrize("rows", [9, 251])
def test_an_evaluation_set_has_ten_to_two_hundred_and_fifty_examples(bison: RunningSandbox, rows: int) -> None:
    files = make_files(bison, evaluation=rows)
    name = create_pipeline(bison, pipeline_body(files["pairs"], evaluation_data_uri=files["evaluation"]))["name"]
    bison.advance(24 * 3600)
    assert (
        f"{rows} examples; an evaluation set has 10 to 250"
        in task(get(bison, name), "dataset-encoder")["error"]["message"]
    )


def test_an_output_directory_without_a_bucket_fails_the_pipeline(bison: RunningSandbox) -> None:
    body = pipeline_body(make_files(bison)["pairs"])
    body["runtimeConfig"]["gcsOutputDirectory"] = "gs://nobodys-bucket/x"
    name = create_pipeline(bison, body)["name"]
    bison.advance(24 * 3600)
    assert "its bucket does not exist" in task(get(bison, name), "large-language-model-tuner")["error"]["message"]


def test_a_cancelled_pipeline_has_code_one_and_its_running_tasks_are_cancelled(bison: RunningSandbox) -> None:
    name = create_pipeline(bison, pipeline_body(make_files(bison)["pairs"]))["name"]
    bison.advance(600)
    assert bison.post(f"/v1/{name}:cancel").json() == {}
    assert get(bison, name)["state"] == "PIPELINE_STATE_CANCELLING"
    bison.advance(10)
    job = get(bison, name)
    assert (job["state"], job["error"]["code"]) == ("PIPELINE_STATE_CANCELLED", 1)
    assert {found["state"] for found in job["jobDetail"]["taskDetails"]} == {"SUCCEEDED", "CANCELLED"}
    assert error_of(bison.post(f"/v1/{name}:cancel"))[:2] == (400, "FAILED_PRECONDITION")


def test_without_room_for_its_accelerators_the_tuner_fails_with_code_eight(bison: RunningSandbox) -> None:
    uri = make_files(bison)["pairs"]
    first, second = (create_pipeline(bison, pipeline_body(uri))["name"] for _ in range(2))
    third = create_pipeline(bison, pipeline_body(uri, accelerator_type="TPU"))["name"]
    bison.advance(24 * 3600)
    states = [get(bison, name)["state"] for name in (first, second, third)]
    assert states == ["PIPELINE_STATE_SUCCEEDED", "PIPELINE_STATE_FAILED", "PIPELINE_STATE_SUCCEEDED"]
    error = task(get(bison, second), "large-language-model-tuner")["error"]
    assert error["code"] == 8
    assert "aiplatform.googleapis.com/restricted_image_training_nvidia_a100_80gb_gpus" in error["message"]


def test_with_the_queue_switch_pipelines_wait_for_room(bison: RunningSandbox) -> None:
    bison.admin("POST", "policy", {"vertex.at_quota": "queue"})
    uri = make_files(bison)["pairs"]
    names = [create_pipeline(bison, pipeline_body(uri))["name"] for _ in range(2)]
    bison.advance(24 * 3600)
    first, second = (get(bison, name) for name in names)
    assert first["state"] == second["state"] == "PIPELINE_STATE_SUCCEEDED"
    ended = task(first, "large-language-model-tuner")["endTime"]
    assert task(second, "large-language-model-tuner")["endTime"] > ended


@pytest.mark.parametrize(("at", "failed"), [("dataset", "dataset-encoder"), ("tuning", "large-language-model-tuner")])
def test_a_pipeline_can_be_made_to_fail(bison: RunningSandbox, at: str, failed: str) -> None:
    fault = {"kind": "fail", "at": at, "code": 13, "message": "no luck", "match": "tickets"}
    bison.admin("POST", "vertex", {"jobFaults": [fault]})
    name = create_pipeline(bison, pipeline_body(make_files(bison)["pairs"]))["name"]
    bison.advance(24 * 3600)
    assert task(get(bison, name), failed)["error"] == {"code": 13, "message": "no luck"}


def test_a_job_id_that_is_taken_is_a_conflict(bison: RunningSandbox) -> None:
    body = pipeline_body(make_files(bison)["pairs"])
    create_pipeline(bison, body, "mine")
    assert error_of(post(bison, body, "mine"))[:2] == (409, "ALREADY_EXISTS")
    assert post(bison, body, "mine", EUROPE).status_code == 200


def test_a_pipeline_that_is_over_is_deleted_and_leaves_its_model(bison: RunningSandbox) -> None:
    body = pipeline_body(make_files(bison)["pairs"], train_steps=300)
    running = create_pipeline(bison, body, "mine")["name"]
    assert error_of(bison.delete(f"/v1/{running}"))[:2] == (400, "FAILED_PRECONDITION")
    bison.advance(24 * 3600)
    _, endpoint = outputs_of(get(bison, running))
    operation = bison.delete(f"/v1/{running}").json()
    assert operation["done"] is True
    assert get(bison, operation["name"])["response"] == {"@type": "type.googleapis.com/google.protobuf.Empty"}
    assert error_of(bison.get(f"/v1/{running}")) == (404, "NOT_FOUND", "The PipelineJob does not exist.")
    # a later pipeline of the same id trains another model and leaves the first one as it is
    other = pipeline_body(body["runtimeConfig"]["parameterValues"]["dataset_uri"], train_steps=1)
    create_pipeline(bison, other, "mine")
    bison.advance(24 * 3600)
    assert predict(bison, endpoint, {"prefix": ASKED}).json()["predictions"][0]["content"] == "billing"


def test_a_list_is_newest_first_without_details_and_of_its_own_location(bison: RunningSandbox) -> None:
    uri = make_files(bison)["pairs"]
    names = []
    for job_id in ("a", "b", "c"):
        names.append(create_pipeline(bison, pipeline_body(uri), job_id)["name"])
        bison.advance(60)
    create_pipeline(bison, pipeline_body(uri), place=EUROPE)
    listed = bison.get(f"{PLACE}/pipelineJobs?pageSize=2").json()
    rest = bison.get(f"{PLACE}/pipelineJobs?pageSize=2&pageToken={listed['nextPageToken']}").json()
    found = [*listed["pipelineJobs"], *rest["pipelineJobs"]]
    assert [job["name"] for job in found] == list(reversed(names))
    assert not any("jobDetail" in job for job in found)
    oldest = bison.get(f"{PLACE}/pipelineJobs?orderBy=create_time").json()["pipelineJobs"]
    assert [job["name"] for job in oldest] == names


def test_a_read_mask_chooses_the_fields_of_a_list(bison: RunningSandbox) -> None:
    name = create_pipeline(bison, pipeline_body(make_files(bison)["pairs"]))["name"]
    bison.advance(60)
    mask = "name,state,pipeline_spec.pipeline_info,job_detail.pipeline_run_context"
    (job,) = bison.get(f"{PLACE}/pipelineJobs?readMask={mask}").json()["pipelineJobs"]
    assert set(job) == {"name", "state", "pipelineSpec", "jobDetail"}
    assert job["pipelineSpec"] == {"pipelineInfo": {"name": "tune-large-model"}}
    assert set(job["jobDetail"]) == {"pipelineRunContext"}
    assert job["name"] == name


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ('pipeline_name="tune-large-model"', "ab"),
        ('pipeline_name!="tune-large-model"', "c"),
        ('display_name="first"', "a"),
        ('display_name:"*st"', "a"),
        ('displayName:"*s*"', "ab"),
        ('pipeline_job_user_id:"*b*"', "b"),
        ('state="PIPELINE_STATE_SUCCEEDED"', "a"),
        ('state!="PIPELINE_STATE_SUCCEEDED"', "bc"),
        ('labels.env="prod"', "a"),
        ("labels.env:*", "ab"),
        ("labels:env", "ab"),
        (f'template_uri="{CODE_TEMPLATE}"', "ab"),
        ('template_uri:"*tune-large-chat*"', "c"),
        ('create_time>"2024-06-03T12:00:00Z"', "bc"),
        ('create_time<="2024-06-03T00:00:00Z"', "a"),
        ('end_time>"2024-06-01T00:00:00Z"', "a"),
        ('labels.env="prod" OR labels.env="test"', "ab"),
        ('display_name="first" OR display_name="second" AND labels.env="test"', "b"),
        ('display_name="first" OR (display_name="second" AND labels.env="prod")', "a"),
        ("NOT labels.env:*", "c"),
    ],
)
def test_a_filter_finds_what_the_documentation_says(bison: RunningSandbox, text: str, found: str) -> None:
    bison.admin(
        "POST", "quotas", {"metric": "aiplatform.googleapis.com/restricted_image_training_tpu_v3_pod", "limit": 640}
    )
    files = make_files(bison, train=10)
    first = pipeline_body(files["pairs"], train_steps=1)
    create_pipeline(bison, {**first, "displayName": "first", "labels": {"env": "prod"}}, "a")
    bison.advance(24 * 3600)
    create_pipeline(bison, {**first, "displayName": "second", "labels": {"env": "test"}}, "b")
    create_pipeline(bison, {**pipeline_body(files["chats"], chat=True), "displayName": "third"}, "c")
    answer = bison.get(f"{PLACE}/pipelineJobs", params={"filter": text, "orderBy": "create_time"})
    assert answer.status_code == 200, answer.text
    assert "".join(sorted(job["name"][-1] for job in answer.json().get("pipelineJobs", []))) == found


@pytest.mark.parametrize(
    "text",
    [
        "name=x", "state=RUNNING", 'pipeline_name:"*"', 'state>"a"', "create_time>yesterday", "labels.env>1", "labels:",
        "(labels:env", "labels:env)", 'display_name="a" AND', "AND", 'display_name="a" display_name="b"', '"', "(" * 100,
    ],
)  # fmt: skip
def test_a_filter_that_the_documentation_does_not_name_is_refused(bison: RunningSandbox, text: str) -> None:
    code, status, message = error_of(bison.get(f"{PLACE}/pipelineJobs", params={"filter": text}))
    assert (code, status) == (400, "INVALID_ARGUMENT")
    assert message.startswith("Invalid filter: ")
