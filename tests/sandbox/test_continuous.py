"""Continuous tuning in the sandbox: the versions of a model, what is refused, and weights that train on."""

from __future__ import annotations

import json
import warnings
from typing import TYPE_CHECKING, Any

import pytest

from sandbox.data.tickets import INSTRUCTION, replies, tickets, to_jsonl
from sandbox.test_vertex_clients import genai_client
from sandbox.vertex_support import PLACE, create, download, error_of, get, job_body, make_data, succeed, upload
from tuning_sandbox.learner.base import base_model
from tuning_sandbox.learner.keeping import checkpoint_from_bytes, checkpoint_to_bytes
from tuning_sandbox.learner.schedule import Recipe
from tuning_sandbox.learner.training import CannotContinue, train

if TYPE_CHECKING:
    from sandbox.running import RunningSandbox

BROKEN = "The parcel {} came with a broken lid."
ASK = "The parcel 77 came with a broken lid."


def continued(training: str, parent: str, **more: Any) -> dict[str, Any]:
    body = job_body(training)
    del body["baseModel"], body["tunedModelDisplayName"]
    checkpoint = {"checkpointId": more.pop("checkpoint")} if "checkpoint" in more else {}
    return {**body, "preTunedModel": {"tunedModelName": parent, **checkpoint}, **more}


def answer_of(sandbox: RunningSandbox, endpoint: str, text: str) -> str:
    turn = {"role": "user", "parts": [{"text": text}]}
    body = {
        "contents": [turn],
        "systemInstruction": {"parts": [{"text": INSTRUCTION}]},
        "generationConfig": {"temperature": 0},
    }
    answer = sandbox.post(f"/v1/{endpoint}:generateContent", json=body).json()
    found: str = answer["candidates"][0]["content"]["parts"][0]["text"]
    return found


def undeploy(sandbox: RunningSandbox, tuned: dict[str, Any]) -> None:
    """Begin to undeploy a tuned model from the endpoint of each checkpoint."""
    for each in tuned["checkpoints"]:
        held = get(sandbox, each["endpoint"])["deployedModels"][0]["id"]
        sandbox.post(f"/v1/{each['endpoint']}:undeployModel", json={"deployedModelId": held})


def test_a_continued_job_adds_a_version_to_the_model_of_its_parent(sandbox: RunningSandbox) -> None:
    training, _ = make_data(sandbox)
    parent = succeed(sandbox, job_body(training))["tunedModel"]
    job = succeed(sandbox, continued(training, parent["model"]))
    assert job["tunedModel"]["model"] == parent["model"].replace("@1", "@2")
    assert "baseModel" not in job
    assert job["preTunedModel"] == {"tunedModelName": parent["model"], "baseModel": "gemini-3.5-flash"}
    model = parent["model"].partition("@")[0]
    listed = sandbox.get(f"/v1/{model}:listVersions").json()["models"]
    assert sorted(each["name"] for each in listed) == [f"{model}@1", f"{model}@2"]
    assert get(sandbox, model)["versionId"] == "1"
    assert {each["modelVersionId"] for each in get(sandbox, job["tunedModel"]["endpoint"])["deployedModels"]} == {"2"}


def test_another_display_name_makes_a_model_of_its_own(sandbox: RunningSandbox) -> None:
    training, _ = make_data(sandbox)
    parent = succeed(sandbox, job_body(training))["tunedModel"]["model"]
    model = succeed(sandbox, continued(training, parent, tunedModelDisplayName="again"))["tunedModel"]["model"]
    assert model.endswith("@1")
    assert model.partition("@")[0] != parent.partition("@")[0]


def test_a_continued_job_keeps_what_its_parent_learned_and_learns_what_is_new(sandbox: RunningSandbox) -> None:
    training, _ = make_data(sandbox, 120)
    first = succeed(sandbox, job_body(training))["tunedModel"]
    rows = [(BROKEN.format(at), "damaged") for at in range(20)]
    more = upload(sandbox, "tuning-data", "more.jsonl", to_jsonl(rows + tickets(20, 1)))
    second = succeed(sandbox, continued(more, first["model"]))["tunedModel"]
    asked = tickets(30, 9)
    before = sum(answer_of(sandbox, first["endpoint"], text) == label for text, label in asked)
    after = sum(answer_of(sandbox, second["endpoint"], text) == label for text, label in asked)
    assert after >= before - 6
    assert after >= 20
    assert answer_of(sandbox, first["endpoint"], ASK) != "damaged"
    assert answer_of(sandbox, second["endpoint"], ASK) == "damaged"


def test_another_checkpoint_of_the_parent_gives_another_model(sandbox: RunningSandbox) -> None:
    training, validation = make_data(sandbox)
    parent = succeed(sandbox, job_body(training))["tunedModel"]["model"]

    def loss_from(checkpoint: str) -> float:
        body = continued(training, parent, checkpoint=checkpoint, tunedModelDisplayName=f"from-{checkpoint}")
        body["supervisedTuningSpec"]["validationDatasetUri"] = validation
        first, *_ = download(sandbox, succeed(sandbox, body)["gcsMetricsUri"]).splitlines()
        return float(json.loads(first)["/train_total_loss"])

    assert loss_from("3") < loss_from("1")


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"checkpoint": "9"}, "Checkpoint 9 does not exist"),
        ({"model": "@7"}, "The Model does not exist"),
        ({"place": "europe-west4"}, "is not in the location of the results: eu"),
        ({"key": True}, "must use the CMEK key of the pre-tuned model"),
        ({"adapter": "ADAPTER_SIZE_EIGHT"}, "another adapter size"),
    ],
)
def test_what_cannot_be_continued_is_refused_at_create(
    sandbox: RunningSandbox, changes: dict[str, Any], expected: str
) -> None:
    training, _ = make_data(sandbox)
    parent = succeed(sandbox, job_body(training))["tunedModel"]["model"]
    model = parent.replace("@1", changes.get("model", "@1"))
    body = continued(training, model, **({"checkpoint": "9"} if "checkpoint" in changes else {}))
    if "key" in changes:
        body["encryptionSpec"] = {"kmsKeyName": "projects/p/locations/us/keyRings/r/cryptoKeys/k"}
    if "adapter" in changes:
        body["supervisedTuningSpec"]["hyperParameters"]["adapterSize"] = changes["adapter"]
    place = PLACE.replace("us-central1", changes.get("place", "us-central1"))
    assert expected in error_of(sandbox.post(f"{place}/tuningJobs", json=body))[2]


def test_a_deleted_version_leaves_the_others_and_the_newest_becomes_the_default(sandbox: RunningSandbox) -> None:
    training, _ = make_data(sandbox)
    first = succeed(sandbox, job_body(training))["tunedModel"]
    second = succeed(sandbox, continued(training, first["model"]))["tunedModel"]
    undeploy(sandbox, first)
    sandbox.advance(60)
    assert sandbox.delete(f"/v1/{first['model']}:deleteVersion").json()["done"] is True
    assert sandbox.get(f"/v1/{first['model']}").status_code == 404
    assert get(sandbox, first["model"].partition("@")[0])["versionId"] == "2"
    assert answer_of(sandbox, second["endpoint"], "Where is my order?")


def test_a_parent_that_is_deleted_before_the_training_fails_the_job(sandbox: RunningSandbox) -> None:
    training, _ = make_data(sandbox)
    parent = succeed(sandbox, job_body(training))["tunedModel"]
    name = create(sandbox, continued(training, parent["model"]))["name"]
    undeploy(sandbox, parent)
    sandbox.advance(25)
    assert sandbox.delete(f"/v1/{parent['model'].partition('@')[0]}").json()["done"] is True
    sandbox.advance(4 * 3600)
    job = get(sandbox, name)
    assert job["state"] == "JOB_STATE_FAILED"
    assert job["error"]["code"] == 5


@pytest.mark.parametrize("version", ["v1", "v1beta1"])
def test_google_genai_tunes_a_tuned_model_further_and_has_it_evaluated(sandbox: RunningSandbox, version: str) -> None:
    from google.genai import types as t

    training, validation = make_data(sandbox)
    parent = succeed(sandbox, job_body(training))["tunedModel"]["model"]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        client = genai_client(sandbox, version)
        job = client.tunings.tune(
            base_model=parent,
            training_dataset=t.TuningDataset(gcs_uri=training),
            config=t.CreateTuningJobConfig(
                pre_tuned_model_checkpoint_id="2",
                epoch_count=1,
                validation_dataset=t.TuningValidationDataset(gcs_uri=validation),
                evaluation_config=t.EvaluationConfig(
                    metrics=[t.Metric(name="exact_match")],
                    output_config=t.OutputConfig(
                        gcs_destination=t.GcsDestination(output_uri_prefix="gs://tuning-data/e")
                    ),
                ),
            ),
        )
        sandbox.advance(4 * 3600)
        done = client.tunings.get(name=job.name)
    assert done.tuned_model.model == parent.replace("@1", "@2")
    assert done.pre_tuned_model.checkpoint_id == "2"


def test_a_model_that_writes_trains_on_from_what_it_learned() -> None:
    base = base_model("gemini-3.1-flash-lite", 32)
    parent = train(base, replies(120, 1), Recipe(3, 4, 1.0, 7)).checkpoints[-1]
    kept = checkpoint_from_bytes(checkpoint_to_bytes(parent))
    again, fresh = (train(start, replies(60, 5), Recipe(1, 4, 1.0, 7)).metrics for start in (kept, base))
    assert again[0]["/train_total_loss"] < fresh[0]["/train_total_loss"] / 2


def test_a_model_of_labels_does_not_go_on_with_free_text() -> None:
    base = base_model("gemini-3.1-flash-lite", 32)
    parent = train(base, tickets(60, 1), Recipe(1, 4, 1.0, 7)).checkpoints[-1]
    with pytest.raises(CannotContinue, match="free text"):
        train(parent, replies(60, 5), Recipe(1, 4, 1.0, 7))
