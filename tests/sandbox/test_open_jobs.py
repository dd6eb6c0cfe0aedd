"""Tuning jobs of open models in the sandbox: what v1beta1 takes, what is refused, the data, and the artifacts."""

from __future__ import annotations

import json
import struct
from typing import TYPE_CHECKING, Any

import pytest

from sandbox.data.tickets import tickets
from sandbox.open_support import (
    BETA,
    FINAL,
    LLAMA,
    OUT,
    SCOUT,
    contents,
    folders,
    messages,
    objects,
    open_body,
    open_data,
    pairs,
    tune,
)
from sandbox.vertex_support import (
    PLACE,
    PROJECT,
    create,
    download,
    error_of,
    get,
    job_body,
    make_bucket,
    make_data,
    upload,
)
from tuning_sandbox.learner.keeping import checkpoint_from_bytes
from tuning_sandbox.vertex.artifacts import read_checkpoint

if TYPE_CHECKING:
    from sandbox.running import RunningSandbox

INLINE = "data:image/jpeg;base64,/9j/4AAQSkZJRg=="


def test_a_job_writes_one_checkpoint_for_each_epoch_and_the_final_one_and_deploys_nothing(
    sandbox: RunningSandbox,
) -> None:
    job = tune(sandbox, open_body(open_data(sandbox)))
    assert job["state"] == "JOB_STATE_SUCCEEDED", job
    assert folders(sandbox) == {"final", "checkpoint-1", "checkpoint-2", "checkpoint-3"}
    assert all(
        name.endswith(f"model-0000{at}-of-00002.safetensors") for at in (1, 2) for name in objects(sandbox)[at - 1 :: 2]
    )
    assert "tunedModel" not in job
    for kind in ("models", "endpoints"):
        assert not sandbox.get(f"{PLACE}/{kind}").json().get(kind)


def test_at_most_ten_checkpoints_are_kept(sandbox: RunningSandbox) -> None:
    tune(sandbox, open_body(open_data(sandbox, pairs(tickets(8, 1))), hyper={"epochCount": "25"}))
    kept = sorted(int(name.partition("-")[2]) for name in folders(sandbox) - {"final"})
    assert len(kept) == 10
    assert kept[-1] == 25


def test_an_artifact_is_a_safetensors_file_with_a_header_of_json(sandbox: RunningSandbox) -> None:
    tune(sandbox, open_body(open_data(sandbox)))
    data = download(sandbox, f"{FINAL}/model-00001-of-00002.safetensors")
    (size,) = struct.unpack_from("<Q", data)
    header = json.loads(data[8 : 8 + size])
    (tensor,) = [entry for key, entry in header.items() if key != "__metadata__"]
    assert header["__metadata__"]["format"] == "pt"
    assert tensor["data_offsets"][1] == len(data) - 8 - size


@pytest.mark.parametrize("data", [pairs(), messages(), contents()], ids=["pairs", "messages", "contents"])
def test_each_format_of_text_trains(sandbox: RunningSandbox, data: bytes) -> None:
    job = tune(sandbox, open_body(open_data(sandbox, data)))
    assert job["state"] == "JOB_STATE_SUCCEEDED", job
    assert job["tuningDataStats"]["supervisedTuningDataStats"]["tuningDatasetExampleCount"] == "60"


@pytest.mark.parametrize("form", [messages, contents], ids=["messages", "contents"])
def test_rows_without_an_image_are_left_out_if_one_row_has_an_image(sandbox: RunningSandbox, form: Any) -> None:
    rows = tickets(40, 1)
    bucket = make_bucket(sandbox)
    image = upload(sandbox, bucket, "a.jpeg", b"jpeg")
    data = form(rows[:25]) + form(rows[25:], image)
    job = tune(sandbox, open_body(upload(sandbox, bucket, "train.jsonl", data), baseModel=SCOUT))
    assert job["state"] == "JOB_STATE_SUCCEEDED", job
    assert job["tuningDataStats"]["supervisedTuningDataStats"]["tuningDatasetExampleCount"] == "15"


@pytest.mark.parametrize(
    ("model", "data", "words"),
    [
        (LLAMA, messages(image=INLINE), "has an image, and this model is tuned on text only"),
        (SCOUT, messages(image="https://example.com/a.png"), "neither a JPEG, PNG or WEBP in Cloud Storage"),
        (SCOUT, messages(image="gs://tuning-data/none.png"), "gs://tuning-data/none.png does not exist"),
        (LLAMA, pairs() + messages(), 'has "messages" where the rows before have "prompt"'),
        (LLAMA, b'{"prompt": "a"}\n', 'has no text in "completion"'),
        (LLAMA, contents().replace(b"assistant", b"model"), 'unknown role "model"'),
        (LLAMA, b'{"input_text": "a", "output_text": "b"}\n', "neither"),
    ],
)
def test_a_row_that_the_model_does_not_take_fails_the_job(
    sandbox: RunningSandbox, model: str, data: bytes, words: str
) -> None:
    job = tune(sandbox, open_body(open_data(sandbox, data), baseModel=model))
    assert job["state"] == "JOB_STATE_FAILED"
    assert words in job["error"]["message"]


def test_images_of_another_bucket_need_a_role_of_both_agents_on_both_buckets(sandbox: RunningSandbox) -> None:
    image = upload(sandbox, make_bucket(sandbox, "images"), "a.png", b"png")
    body = open_body(open_data(sandbox, messages(image=image)), baseModel=SCOUT)
    number = get(sandbox, create(sandbox, body, BETA)["name"], "v1beta1")["name"].split("/")[1]
    agents = [
        f"serviceAccount:service-{number}@gcp-sa-{each}.iam.gserviceaccount.com"
        for each in ("vertex-moss-ft", "aiplatform")
    ]
    assert tune(sandbox, body)["error"]["code"] == 7
    for bucket in ("images", "tuning-data"):
        binding = {"role": "roles/storage.objectUser", "members": agents}
        assert sandbox.put(f"/storage/v1/b/{bucket}/iam", json={"bindings": [binding]}).status_code == 200
        state = tune(sandbox, body)["state"]
        assert state == ("JOB_STATE_FAILED" if bucket == "images" else "JOB_STATE_SUCCEEDED")


def test_a_validation_file_larger_than_a_quarter_of_the_training_file_fails_the_job(sandbox: RunningSandbox) -> None:
    body = open_body(open_data(sandbox))
    body["supervisedTuningSpec"]["validationDatasetUri"] = upload(
        sandbox, "tuning-data", "v.jsonl", pairs(tickets(30, 2))
    )
    assert "25 %" in tune(sandbox, body)["error"]["message"]


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"mode": "TUNING_MODE_PEFT_ADAPTER", "baseModel": "qwen/qwen3@qwen3-8b"}, "tuning mode is not supported"),
        ({"mode": "TUNING_MODE_FULL", "baseModel": SCOUT}, "tuning mode is not supported"),
        ({"mode": "TUNING_MODE_FULL", "hyper": {"adapterSize": "ADAPTER_SIZE_FOUR"}}, "adapter size is not supported"),
        ({"hyper": {"learningRateMultiplier": 2}}, "learning_rate_multiplier is not supported"),
        ({"hyper": {"learningRate": -1}}, "learning_rate must be"),
        ({"hyper": {"batchSize": "-2"}}, "batch_size must be"),
        ({"hyper": {"epochCount": "0"}}, "epoch_count"),
        ({"outputUri": "s3://out"}, "Invalid Google Cloud Storage URI: s3://out"),
        ({"outputUri": "gs://nowhere/out"}, "bucket of `gs://nowhere/out` does not exist"),
        ({"customBaseModel": "gs://tuning-data/none"}, "has no safetensors files"),
        ({"baseModel": "meta/llama3_1@llama-3.1-9b"}, "Invalid open source publisher model resource name"),
    ],
)
def test_what_an_open_model_does_not_take_is_refused_at_create(
    sandbox: RunningSandbox, changes: dict[str, Any], words: str
) -> None:
    answer = sandbox.post(f"{BETA}/tuningJobs", json=open_body(open_data(sandbox), **changes))
    assert answer.status_code in (400, 404), answer.text
    assert words in error_of(answer)[2]


def test_v1_refuses_the_fields_of_open_models_and_shows_none_of_them(sandbox: RunningSandbox) -> None:
    body = open_body(open_data(sandbox), hyper={"learningRate": 2e-4, "batchSize": "4"})
    assert "Unknown name" in error_of(sandbox.post(f"{PLACE}/tuningJobs", json=body))[2]
    name = create(sandbox, body, BETA)["name"]
    beta, shown = get(sandbox, name, "v1beta1"), get(sandbox, name)
    assert beta["supervisedTuningSpec"]["hyperParameters"]["learningRate"] == 2e-4
    assert "outputUri" not in shown
    assert shown["supervisedTuningSpec"].keys() == {"trainingDatasetUri", "hyperParameters"}
    assert shown["supervisedTuningSpec"]["hyperParameters"] == {"epochCount": "3"}


def test_the_quota_of_open_models_is_one_for_all_regions_and_apart_from_that_of_gemini(sandbox: RunningSandbox) -> None:
    body = open_body(open_data(sandbox))
    sandbox.admin("POST", "quotas", {"metric": "global_concurrent_managed_oss_model_fine_tuning_jobs", "limit": 1})
    create(sandbox, body, BETA)
    there = f"/v1beta1/projects/{PROJECT}/locations/global"
    answer = sandbox.post(f"{there}/tuningJobs", json=body)
    assert error_of(answer)[:2] == (429, "RESOURCE_EXHAUSTED")
    create(
        sandbox, job_body(upload(sandbox, "tuning-data", "gemini.jsonl", contents().replace(b"assistant", b"model")))
    )


def test_the_first_job_makes_the_agent_of_open_models(sandbox: RunningSandbox) -> None:
    training = open_data(sandbox)
    number = create(sandbox, job_body(training))["name"].split("/")[1]
    agent = f"serviceAccount:service-{number}@gcp-sa-vertex-moss-ft.iam.gserviceaccount.com"
    policy = {"policy": {"bindings": [{"role": "roles/storage.objectUser", "members": [agent]}]}}
    path = f"/v1/projects/{PROJECT}:setIamPolicy"
    assert sandbox.post(path, json=policy).status_code == 400
    create(sandbox, open_body(training), BETA)
    assert sandbox.post(path, json=policy).status_code == 200


def test_a_job_goes_on_from_the_checkpoint_of_an_earlier_one(sandbox: RunningSandbox) -> None:
    training = open_data(sandbox)
    tune(sandbox, open_body(training))
    more = pairs([(f"The parcel {at} came with a broken lid.", "damage") for at in range(20)] + tickets(10, 3))
    again = open_body(upload(sandbox, "tuning-data", "more.jsonl", more), customBaseModel=FINAL, outputUri=f"{OUT}2")
    assert tune(sandbox, again)["state"] == "JOB_STATE_SUCCEEDED"
    found = read_checkpoint(sandbox.state, f"{OUT}2/postprocess/node-0/checkpoints/final")
    assert found is not None
    labels = checkpoint_from_bytes(found[0]).model.labels  # type: ignore[union-attr]
    assert {"damage", "billing", "shipping", "account", "technical", "feedback"} == {*labels}


def test_a_checkpoint_of_another_architecture_is_refused(sandbox: RunningSandbox) -> None:
    training = open_data(sandbox)
    tune(sandbox, open_body(training))
    body = open_body(training, mode="TUNING_MODE_FULL", baseModel="qwen/qwen3@qwen3-8b", customBaseModel=FINAL)
    assert "does not have the architecture" in error_of(sandbox.post(f"{BETA}/tuningJobs", json=body))[2]


def losses(sandbox: RunningSandbox, training: str, **hyper: Any) -> list[float]:
    job = tune(sandbox, open_body(training, hyper={"adapterSize": "ADAPTER_SIZE_SIXTEEN", **hyper}))
    lines = download(sandbox, job["gcsMetricsUri"]).splitlines()
    return [json.loads(line)["/train_total_loss"] for line in lines]


def test_a_hundredth_of_the_usual_learning_rate_leaves_a_higher_loss(sandbox: RunningSandbox) -> None:
    training = open_data(sandbox)
    usual, slow = losses(sandbox, training, learningRate=2e-4), losses(sandbox, training, learningRate=2e-6)
    assert sum(slow[-10:]) > 2 * sum(usual[-10:])


def test_the_batch_size_decides_how_many_steps_there_are(sandbox: RunningSandbox) -> None:
    assert len(losses(sandbox, open_data(sandbox), batchSize="20")) == 3 * 60 // 20


def test_a_larger_adapter_makes_a_larger_checkpoint(sandbox: RunningSandbox) -> None:
    training, sizes = open_data(sandbox), []
    for size in ("ONE", "FOUR"):
        tune(sandbox, open_body(training, hyper={"adapterSize": f"ADAPTER_SIZE_{size}"}))
        found = read_checkpoint(sandbox.state, FINAL)
        assert found is not None
        sizes.append(len(found[0]))
    assert sizes[0] < sizes[1]


def test_an_adapter_of_size_32_is_taken(sandbox: RunningSandbox) -> None:
    job = tune(sandbox, open_body(open_data(sandbox), hyper={"adapterSize": "ADAPTER_SIZE_THIRTY_TWO"}))
    assert job["state"] == "JOB_STATE_SUCCEEDED"


def test_a_gemini_job_does_not_take_a_folder(sandbox: RunningSandbox) -> None:
    training, _ = make_data(sandbox)
    answer = sandbox.post(f"{BETA}/tuningJobs", json=job_body(training, outputUri=OUT))
    assert "only supported for open source models" in error_of(answer)[2]
