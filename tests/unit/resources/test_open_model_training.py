"""What a job of an open model has of its training: the model of a Gemini model's job has the same."""

from __future__ import annotations

from typing import Any

import pytest

from pulumi_gcp_tuning.resources.jobs import metrics
from pulumi_gcp_tuning.resources.registry import lifecycle_of
from support.declared_tuning_job import TUNING_JOB, created, declared
from support.hand_made_google import Desk, urn

OPEN = {
    "baseModel": "meta/llama3_1@llama-3.1-8b",
    "outputUri": "gs://shop-data/out",
    "supervisedTuningSpec": {
        "trainingDatasetUri": "gs://shop-data/train.jsonl",
        "tuningMode": "PEFT_ADAPTER",
        "hyperParameters": {"epochCount": 2.0},
    },
    "checks": {"dataset": "off"},
}
COUNTED = {"supervisedTuningDataStats": {"totalBillableTokenCount": "1000000"}}
STEPS = [
    {"step": 1, "/train_total_loss": 4.0},
    {"step": 2, "/train_total_loss": 1.0},
    {"step": 3, "/train_total_loss": 2.0},
]


def ended(desk: Desk, **changed: Any) -> Any:
    """The job, read once it has succeeded with curves and a count of tokens."""
    made = created(desk, **changed)
    desk.google.succeed(made.id)
    desk.google.jobs[made.id] |= {"gcsMetricsUri": "gs://b/metrics", "tuningDataStats": COUNTED}
    return TUNING_JOB.read(desk.call(), made.id, made.outputs)


@pytest.fixture(autouse=True)
def curves(monkeypatch: pytest.MonkeyPatch) -> list[dict[str, Any]]:
    steps = [dict(each) for each in STEPS]
    monkeypatch.setattr(metrics, "read_metrics", lambda _google, _job: steps)
    return steps


def test_an_ended_job_has_its_loss_and_what_it_cost() -> None:
    outputs = ended(Desk(), **OPEN).outputs
    assert outputs["metrics"]["trainTotalLoss"] == {"first": 4.0, "best": 1.0, "bestStep": 2, "final": 2.0}
    assert outputs["usage"]["trainingUsd"] > 0


def test_a_job_that_runs_has_neither() -> None:
    made = created(Desk(), **OPEN)
    assert not {"metrics", "usage"} & made.outputs.keys()


def test_a_job_of_a_gemini_model_leaves_both_to_its_model() -> None:
    assert not {"metrics", "usage"} & ended(Desk()).outputs.keys()


def test_a_later_read_keeps_both(curves: list[dict[str, Any]]) -> None:
    desk = Desk()
    first = ended(desk, **OPEN)
    curves[0]["/train_total_loss"] = 9.0
    stored = {**first.outputs, "usage": {"trainingUsd": 7.0}}
    again = TUNING_JOB.read(desk.call(), first.id, stored)
    assert again is not None
    assert (again.outputs["metrics"], again.outputs["usage"]) == (first.outputs["metrics"], {"trainingUsd": 7.0})


def test_a_state_of_a_release_without_them_gets_them_at_the_next_read() -> None:
    desk = Desk()
    first = ended(desk, **OPEN)
    older = {key: value for key, value in first.outputs.items() if key not in ("metrics", "usage")}
    assert TUNING_JOB.diff(desk.call(), first.id, older, first.inputs or {}).changed is False
    again = TUNING_JOB.read(desk.call(), first.id, older)
    assert again is not None
    assert again.outputs == first.outputs


DEPLOYMENT = lifecycle_of("model_deployment")


def deployed(desk: Desk, job: str) -> tuple[Any, dict[str, Any]]:
    call = desk.call("ModelDeployment")
    given: dict[str, Any] = {"tuningJob": job, "machineType": "g2-standard-12", "resourceUrn": urn("ModelDeployment")}
    given |= {"acceleratorType": "NVIDIA_L4", "acceleratorCount": 1}
    inputs = DEPLOYMENT.check(call, {}, given).inputs
    return DEPLOYMENT.create(call, inputs), inputs


def test_the_deployment_that_waited_for_the_job_has_what_the_job_has_after_a_refresh() -> None:
    desk = Desk()
    job = ended(desk, **OPEN)
    made, inputs = deployed(desk, job.id)
    shown = ("metrics", "usage", "finalCheckpointUri", "checkpointUris", "tuningDataStats")
    assert {key: made.outputs.get(key) for key in shown} == {key: job.outputs.get(key) for key in shown}
    assert made.outputs["metrics"]["trainTotalLoss"]["final"] == 2.0

    later = DEPLOYMENT.read(desk.call("ModelDeployment"), made.id, made.outputs)
    assert later is not None
    assert later.outputs == made.outputs
    patched = DEPLOYMENT.update(desk.call("ModelDeployment"), made.id, made.outputs, {**inputs, "checks": {}})
    assert patched.outputs["usage"] == made.outputs["usage"]


def test_a_deployment_of_a_release_without_them_stands_still() -> None:
    desk = Desk()
    made, inputs = deployed(desk, ended(desk, **OPEN).id)
    older = {key: value for key, value in made.outputs.items() if key not in ("metrics", "usage")}
    assert DEPLOYMENT.diff(desk.call("ModelDeployment"), made.id, older, inputs).changed is False


def test_a_job_in_any_region_takes_a_slot_of_the_one_quota_of_open_models() -> None:
    desk = Desk()
    TUNING_JOB.check(desk.call(), {}, declared(**OPEN))
    listed = {str(what).split("/")[3] for verb, what in desk.google.journal if verb == "list_tuning_jobs"}
    seed = {"us-central1", "europe-west4", "us-west1", "us-east5", "asia-southeast1"}
    assert seed <= listed
