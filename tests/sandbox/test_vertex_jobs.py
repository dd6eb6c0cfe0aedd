"""Tuning jobs in the sandbox: what is refused, in which order, and how a job goes its course."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from sandbox.data.tickets import tickets, to_jsonl
from sandbox.vertex_support import (
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

if TYPE_CHECKING:
    from sandbox.running import RunningSandbox

METRIC = "aiplatform.googleapis.com/global_concurrent_tuning_jobs"
BETA = PLACE.replace("/v1/", "/v1beta1/")


def test_create_answers_the_job_at_once_pending_with_the_project_number(sandbox: RunningSandbox) -> None:
    body = job_body(*make_data(sandbox), labels={"team": "a"}, description="d")
    job = create(sandbox, body)
    parts = job["name"].split("/")
    assert parts[0::2] == ["projects", "locations", "tuningJobs"]
    assert parts[1].isdigit()
    assert len(parts[5]) == 19
    assert {key: job[key] for key in body} == body
    assert job["state"] == "JOB_STATE_PENDING"
    assert job["createTime"] == job["updateTime"] == "2026-11-21T00:00:00.000000Z"
    assert set(job) == {*body, "name", "state", "createTime", "updateTime"}


def test_a_job_goes_through_every_state_on_the_clock_and_not_by_being_read(sandbox: RunningSandbox) -> None:
    name = create(sandbox, job_body(*make_data(sandbox)))["name"]
    seen: list[tuple[str, str]] = []
    for _ in range(300):
        job = get(sandbox, name, "v1beta1")
        now = (job["state"], job.get("tuningJobState", ""))
        assert get(sandbox, name, "v1beta1") == job
        if not seen or seen[-1] != now:
            seen.append(now)
        sandbox.advance(10)
    running = "JOB_STATE_RUNNING"
    assert seen == [
        ("JOB_STATE_PENDING", ""),
        (running, "TUNING_JOB_STATE_PROCESSING_DATASET"),
        (running, "TUNING_JOB_STATE_WAITING_FOR_CAPACITY"),
        (running, "TUNING_JOB_STATE_TUNING"),
        (running, "TUNING_JOB_STATE_POST_PROCESSING"),
        ("JOB_STATE_SUCCEEDED", ""),
    ]


def test_fields_of_the_beta_are_not_in_v1(sandbox: RunningSandbox) -> None:
    name = create(sandbox, job_body(*make_data(sandbox)))["name"]
    sandbox.advance(900)
    beta, stable = get(sandbox, name, "v1beta1"), get(sandbox, name)
    assert set(beta) - set(stable) == {"tuningJobState", "tuningJobMetadata"}
    assert int(beta["tuningJobMetadata"]["completedStepCount"]) > 0


def test_start_and_end_times_experiment_and_statistics_come_when_they_are_known(sandbox: RunningSandbox) -> None:
    name = create(sandbox, job_body(*make_data(sandbox)))["name"]
    assert not {"startTime", "endTime", "tuningDataStats", "tunedModel"} & set(get(sandbox, name))
    sandbox.advance(40)
    job = get(sandbox, name)
    assert job["startTime"] == "2026-11-21T00:00:30.000000Z"
    assert "/metadataStores/default/contexts/tuning-experiment-20261121" in job["experiment"]
    assert "tuningDataStats" not in job
    sandbox.advance(240)
    stats = get(sandbox, name)["tuningDataStats"]["supervisedTuningDataStats"]
    assert stats["tuningDatasetExampleCount"] == "60"
    assert stats["tuningStepCount"] == "90"
    sums = [stats[f"user{side}TokenDistribution"]["sum"] for side in ("Input", "Output")]
    assert int(stats["totalBillableTokenCount"]) == sum(map(int, sums))
    assert sum(bucket["count"] for bucket in stats["userInputTokenDistribution"]["buckets"]) == 60
    sums = [int(stats[f"user{part}TokenDistribution"]["sum"]) for part in ("Input", "Output")]
    assert stats["totalBillableTokenCount"] == str(sum(sums))  # of one epoch
    assert "endTime" not in get(sandbox, name)
    sandbox.advance(4 * 3600)
    assert get(sandbox, name)["endTime"] > get(sandbox, name)["startTime"]


def test_two_hundred_examples_for_three_epochs_take_about_45_minutes(sandbox: RunningSandbox) -> None:
    bucket = make_bucket(sandbox)
    training = upload(sandbox, bucket, "t.jsonl", to_jsonl(tickets(200, 1)))
    name = create(sandbox, job_body(training))["name"]
    sandbox.advance(40 * 60)
    assert get(sandbox, name)["state"] == "JOB_STATE_RUNNING"
    sandbox.advance(10 * 60)
    assert get(sandbox, name)["state"] == "JOB_STATE_SUCCEEDED"


def test_metrics_are_an_object_with_a_line_per_step_that_grows_while_the_job_runs(sandbox: RunningSandbox) -> None:
    name = create(sandbox, job_body(*make_data(sandbox)))["name"]
    sandbox.advance(700)
    bucket, _, path = get(sandbox, name)["gcsMetricsUri"].removeprefix("gs://").partition("/")
    url = f"/download/storage/v1/b/{bucket}/o/{path.replace('/', '%2F')}?alt=media"
    some = sandbox.get(url).text.splitlines()
    sandbox.advance(4 * 3600)
    lines = [json.loads(line) for line in sandbox.get(url).text.splitlines()]
    assert 0 < len(some) < len(lines) == 90
    assert lines[-1]["/train_total_loss"] < lines[0]["/train_total_loss"]
    assert "/eval_fraction_of_correct_next_step_preds" in lines[-1]


def test_checkpoints_get_their_endpoints_one_after_another_in_the_result_location(sandbox: RunningSandbox) -> None:
    name = create(sandbox, job_body(*make_data(sandbox), labels={"team": "a"}))["name"]
    counts = []
    for _ in range(200):
        counts.append(
            len([c for c in get(sandbox, name).get("tunedModel", {}).get("checkpoints", []) if "endpoint" in c])
        )
        sandbox.advance(15)
    assert [count for at, count in enumerate(counts) if not at or counts[at - 1] != count] == [0, 1, 2, 3]
    tuned = get(sandbox, name)["tunedModel"]
    assert "/locations/us/models/" in tuned["model"]
    assert tuned["model"].endswith("@1")
    assert tuned["endpoint"] == tuned["checkpoints"][-1]["endpoint"]
    for checkpoint in tuned["checkpoints"]:
        endpoint = get(sandbox, checkpoint["endpoint"])
        assert endpoint["labels"] == {"team": "a"}
        assert endpoint["deployedModels"][0]["checkpointId"] == checkpoint["checkpointId"]


def test_export_of_the_last_checkpoint_only_makes_one_endpoint_and_no_checkpoints(sandbox: RunningSandbox) -> None:
    body = job_body(*make_data(sandbox))
    body["supervisedTuningSpec"]["exportLastCheckpointOnly"] = True
    tuned = succeed(sandbox, body)["tunedModel"]
    assert set(tuned) == {"model", "endpoint"}
    assert "checkpoints" not in get(sandbox, tuned["model"])
    question = {"contents": [{"role": "user", "parts": [{"text": "refund my invoice"}]}]}
    assert sandbox.post(f"/v1/{tuned['endpoint']}:generateContent", json=question).status_code == 200


def test_snake_case_and_parts_as_an_object_are_accepted_and_a_missing_name_is_given(sandbox: RunningSandbox) -> None:
    training, _ = make_data(sandbox)
    body = {"base_model": "gemini-3.5-flash", "supervised_tuning_spec": {"training_dataset_uri": training}}
    job = create(sandbox, body)
    assert job["supervisedTuningSpec"] == {"trainingDatasetUri": training}
    assert job["tunedModelDisplayName"]


def change(body: dict[str, Any], **spec: Any) -> dict[str, Any]:
    return {**body, "supervisedTuningSpec": {**body["supervisedTuningSpec"], **spec}}


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        (
            {"hyperParameters": {"adapterSize": "ADAPTER_SIZE_THIRTY_TWO"}},
            "The adapter size is not supported for this base model.",
        ),
        ({"hyperParameters": {"epochCount": 0}}, "epoch_count must be greater than 0"),
        ({"hyperParameters": {"learningRateMultiplier": -1}}, "learning_rate_multiplier must be greater than 0"),
        ({"trainingDatasetUri": "s3://x/y"}, "Invalid Google Cloud Storage URI"),
        ({"trainingDatasetUri": ""}, "training_dataset_uri"),
    ],
)
def test_a_wrong_spec_is_400_with_its_text(sandbox: RunningSandbox, changes: dict[str, Any], expected: str) -> None:
    answer = sandbox.post(f"{PLACE}/tuningJobs", json=change(job_body(*make_data(sandbox)), **changes))
    status, name, text = error_of(answer)
    assert (status, name) == (400, "INVALID_ARGUMENT")
    assert expected in text


@pytest.mark.parametrize(
    ("place", "changes", "expected"),
    [
        ("us-central1", {"tunedModelDisplayName": "x" * 129}, (400, "INVALID_ARGUMENT", "128")),
        ("us-central1", {"labels": {"Bad": "x"}}, (400, "INVALID_ARGUMENT", "Label")),
        (
            "us-central1",
            {"baseModel": "gemini-2.5-flash"},
            (404, "NOT_FOUND", "was not found or your project does not"),
        ),
        ("us-central1", {"baseModel": "gemini-9"}, (404, "NOT_FOUND", "Publisher Model")),
        ("us-central1", {"baseModel": "foo/bar@baz"}, (400, "INVALID_ARGUMENT", "Invalid open source publisher model")),
        (
            "us-central1",
            {"baseModel": "meta/llama3_1@llama-3.1-8b"},
            (400, "INVALID_ARGUMENT", "output_uri field is required"),
        ),
        ("global", {}, (400, "FAILED_PRECONDITION", "does not support global endpoint tuning")),
        ("asia-east1", {}, (400, "INVALID_ARGUMENT", "asia-east1")),
        ("mars-north1", {}, (400, "INVALID_ARGUMENT", "mars-north1")),
        ("us-central1", {"outputUri": "gs://b/o"}, (400, "INVALID_ARGUMENT", 'Unknown name "outputUri"')),
        (
            "us-central1",
            {"preTunedModel": {"tunedModelName": "m"}, "baseModel": None},
            (400, "INVALID_ARGUMENT", "Invalid Model resource name: m"),
        ),
        ("us-central1", {"preTunedModel": {"tunedModelName": "m"}}, (400, "INVALID_ARGUMENT", "'source_model'")),
        (
            "us-central1",
            {"serviceAccount": "no@p.iam.gserviceaccount.com"},
            (400, "INVALID_ARGUMENT", "permission to act as service_account"),
        ),
    ],
)
def test_what_google_refuses_is_refused(
    sandbox: RunningSandbox, place: str, changes: dict[str, Any], expected: tuple[int, str, str]
) -> None:
    body = {**job_body(*make_data(sandbox)), **changes}
    answer = sandbox.post(f"/v1/projects/{PROJECT}/locations/{place}/tuningJobs", json=body)
    status, name, text = error_of(answer)
    assert (status, name) == expected[:2], text
    assert expected[2] in text


def test_a_missing_bucket_is_refused_at_create_and_a_missing_object_fails_the_job(sandbox: RunningSandbox) -> None:
    status, _, text = error_of(sandbox.post(f"{PLACE}/tuningJobs", json=job_body("gs://no-such-bucket/t.jsonl")))
    assert status == 404
    assert "no-such-bucket" in text
    bucket = make_bucket(sandbox)
    name = create(sandbox, job_body(f"gs://{bucket}/no.jsonl"))["name"]
    sandbox.advance(3600)
    job = get(sandbox, name)
    assert (job["state"], job["error"]["code"]) == ("JOB_STATE_FAILED", 9)
    assert f"gs://{bucket}/no.jsonl" in job["error"]["message"]
    sandbox.admin("POST", "policy", {"vertex.dataset_at_create": "object"})
    assert sandbox.post(f"{PLACE}/tuningJobs", json=job_body(f"gs://{bucket}/no.jsonl")).status_code == 404


def test_a_bucket_elsewhere_is_refused_and_a_multi_region_that_holds_the_region_is_not(sandbox: RunningSandbox) -> None:
    far, wide = make_bucket(sandbox, "far", "ASIA-EAST1"), make_bucket(sandbox, "wide", "US")
    status, name, text = error_of(sandbox.post(f"{PLACE}/tuningJobs", json=job_body(f"gs://{far}/t.jsonl")))
    assert (status, name) == (400, "INVALID_ARGUMENT")
    assert "is in location `asia-east1`. It must be in the same regional location" in text
    create(sandbox, job_body(f"gs://{wide}/t.jsonl"))


def test_a_malformed_line_fails_the_job_later_naming_file_and_line(sandbox: RunningSandbox) -> None:
    data = to_jsonl(tickets(6, 1)) + b"{oops\n"
    uri = upload(sandbox, make_bucket(sandbox), "t.jsonl", data)
    name = create(sandbox, job_body(uri))["name"]
    sandbox.advance(3600)
    job = get(sandbox, name)
    text = f"Failed to process the training dataset {uri}: line 7 is not valid JSON."
    assert (job["state"], job["error"]) == ("JOB_STATE_FAILED", {"code": 3, "message": text})
    assert "tunedModel" not in job


def test_a_cancelled_job_is_cancelling_and_then_cancelled_with_code_one(sandbox: RunningSandbox) -> None:
    name = create(sandbox, job_body(*make_data(sandbox)))["name"]
    sandbox.advance(600)
    answer = sandbox.post(f"/v1/{name}:cancel", data=b"")
    assert (answer.status_code, answer.json()) == (200, {})
    assert get(sandbox, name)["state"] == "JOB_STATE_CANCELLING"
    sandbox.advance(2)
    job = get(sandbox, name)
    assert (job["state"], job["error"]) == ("JOB_STATE_CANCELLED", {"code": 1, "message": "CANCELED"})
    assert job["endTime"]
    sandbox.advance(7200)
    assert get(sandbox, name) == job
    assert error_of(sandbox.post(f"/v1/{name}:cancel"))[1] == "FAILED_PRECONDITION"


def test_a_cancel_can_lose_the_race(sandbox: RunningSandbox) -> None:
    sandbox.admin("POST", "vertex", {"jobFaults": [{"kind": "cancelLoses"}]})
    name = create(sandbox, job_body(*make_data(sandbox)))["name"]
    sandbox.advance(600)
    assert sandbox.post(f"/v1/{name}:cancel").status_code == 200
    sandbox.advance(3 * 3600)
    assert get(sandbox, name)["state"] == "JOB_STATE_SUCCEEDED"


def test_the_next_job_can_be_made_to_fail_or_hang_and_the_one_after_goes_well(sandbox: RunningSandbox) -> None:
    fault = {"kind": "fail", "code": 8, "message": "Out of capacity.", "at": "tuning"}
    told = sandbox.admin("POST", "vertex", {"jobFaults": [fault, {"kind": "stuck", "match": "hang"}]})
    assert told["jobFaults"] == [fault, {"kind": "stuck", "match": "hang"}]
    data = make_data(sandbox)
    hung = create(sandbox, {**job_body(*data), "tunedModelDisplayName": "plain"})["name"]
    stuck = create(sandbox, {**job_body(*data), "tunedModelDisplayName": "hang on"})["name"]
    good = create(sandbox, job_body(*data))["name"]
    sandbox.advance(48 * 3600)
    assert get(sandbox, hung)["error"] == {"code": 8, "message": "Out of capacity."}
    assert get(sandbox, stuck)["state"] == "JOB_STATE_RUNNING"
    assert get(sandbox, good)["state"] == "JOB_STATE_SUCCEEDED"
    sandbox.post(f"/v1/{stuck}:cancel")
    sandbox.advance(3)
    assert get(sandbox, stuck)["state"] == "JOB_STATE_CANCELLED"


def test_at_the_quota_a_create_is_429_across_regions(sandbox: RunningSandbox) -> None:
    sandbox.admin("POST", "vertex", {"concurrentJobs": 1})
    data = make_data(sandbox)
    create(sandbox, job_body(*data))
    sandbox.admin("POST", "policy", {"vertex.dataset_at_create": "never"})
    europe = PLACE.replace("us-central1", "europe-west4")
    status, name, text = error_of(sandbox.post(f"{europe}/tuningJobs", json=job_body(*data)))
    assert (status, name) == (429, "RESOURCE_EXHAUSTED")
    assert text == f"The following quota metrics exceed quota limits: {METRIC}"
    other = PLACE.replace(PROJECT, "other-project")
    create(sandbox, job_body(*data), other)


def test_with_the_queue_switch_jobs_wait_and_run_one_after_another(sandbox: RunningSandbox) -> None:
    sandbox.admin("POST", "vertex", {"concurrentJobs": 1})
    sandbox.admin("POST", "policy", {"vertex.at_quota": "queue"})
    data = make_data(sandbox)
    first, second = (create(sandbox, job_body(*data))["name"] for _ in range(2))
    sandbox.advance(300)
    waiting = get(sandbox, second, "v1beta1")
    assert get(sandbox, first)["state"] == "JOB_STATE_RUNNING"
    assert (waiting["state"], waiting["tuningJobState"]) == ("JOB_STATE_PENDING", "TUNING_JOB_STATE_WAITING_FOR_QUOTA")
    sandbox.advance(4 * 3600)
    jobs = [get(sandbox, name) for name in (first, second)]
    assert [job["state"] for job in jobs] == ["JOB_STATE_SUCCEEDED"] * 2
    assert jobs[1]["startTime"] >= jobs[0]["endTime"]


def test_list_is_per_location_newest_first_and_in_pages(sandbox: RunningSandbox) -> None:
    data = make_data(sandbox)
    names = [create(sandbox, job_body(*data))["name"] for _ in range(5)]
    found: list[str] = []
    token = ""
    for _ in range(3):
        page = sandbox.get(f"{PLACE}/tuningJobs?pageSize=2&pageToken={token}").json()
        found += [job["name"] for job in page["tuningJobs"]]
        token = page.get("nextPageToken", "")
    assert token == ""
    assert found == names[::-1]
    assert sandbox.get(f"{PLACE.replace('us-central1', 'europe-west4')}/tuningJobs").json() == {}


def test_a_filter_that_is_no_comparison_is_refused(sandbox: RunningSandbox) -> None:
    assert error_of(sandbox.get(f"{PLACE}/tuningJobs?filter=x"))[:2] == (400, "INVALID_ARGUMENT")


def test_another_location_or_project_is_404_and_there_is_no_delete(sandbox: RunningSandbox) -> None:
    name = create(sandbox, job_body(*make_data(sandbox)))["name"]
    assert sandbox.get("/v1/" + name.replace("us-central1", "europe-west4")).status_code == 404
    assert sandbox.get("/v1/" + name.replace(name.split("/")[1], "other-project")).status_code == 404
    by_id = name.replace(name.split("/")[1], PROJECT)
    assert get(sandbox, by_id)["name"] == name
    assert sandbox.delete(f"/v1/{name}").status_code == 404
    assert get(sandbox, name)["name"] == name


def test_enums_are_numbers_where_the_client_asks_for_them(sandbox: RunningSandbox) -> None:
    name = create(sandbox, job_body(*make_data(sandbox)))["name"]
    job = sandbox.get(f"/v1/{name}?%24alt=json%3Benum-encoding%3Dint").json()
    assert job["state"] == 2
    assert job["supervisedTuningSpec"]["hyperParameters"]["adapterSize"] == 2


def test_an_unknown_setting_or_fault_is_refused_by_name(sandbox: RunningSandbox) -> None:
    answer = sandbox.post("/_sandbox/vertex", json={"nope": 1})
    assert answer.status_code == 400
    assert "nope" in answer.text
    assert sandbox.post("/_sandbox/vertex", json={"jobFaults": [{"kind": "boom"}]}).status_code == 400
