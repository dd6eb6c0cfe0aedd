"""A job of an open model writes where there are checkpoints: preview warns, if a job is submitted at all."""

from __future__ import annotations

from typing import Any

import pytest

from support.declared_tuning_job import HASH_B, TUNING_JOB, created, declared
from support.hand_made_google import Desk

OPEN = {
    "baseModel": "meta/llama3_1@llama-3.1-8b",
    "outputUri": "gs://shop-data/out",
    "supervisedTuningSpec": {"trainingDatasetUri": "gs://shop-data/train.jsonl", "tuningMode": "PEFT_ADAPTER"},
    "checks": {"dataset": "off"},
}
OTHER_DATA = {"supervisedTuningSpec": {**OPEN["supervisedTuningSpec"], "trainingDatasetUri": f"gs://x/{HASH_B}.jsonl"}}  # type: ignore[dict-item]


@pytest.fixture
def desk() -> Desk:
    return Desk()


def write(desk: Desk, folder: str = "out") -> None:
    desk.google.facts.clear()
    for each in ("checkpoint-1", "final"):
        name = f"{folder}/postprocess/node-0/checkpoints/{each}/model.safetensors"
        desk.google.objects["shop-data", name] = {"name": name}


def warned(desk: Desk, olds: dict[str, Any] | None = None, **changed: Any) -> list[str]:
    found = TUNING_JOB.check(desk.call(), olds or {}, declared(**{**OPEN, **changed}))
    assert [str(each) for each in found.findings if each.severity == "error"] == []
    return [str(each.problem) for each in found.findings if "may overwrite them" in str(each.problem)]


def test_a_retrain_into_the_same_folder_warns(desk: Desk) -> None:
    made = created(desk, **OPEN)
    write(desk)
    assert warned(desk, made.outputs, **OTHER_DATA) == [
        "gs://shop-data/out has checkpoints (final and 1 more), and the new job may overwrite them."
    ]


@pytest.mark.parametrize(
    "changed",
    [
        pytest.param({"outputUri": "gs://shop-data/out-2"}, id="another folder"),
        pytest.param({"outputUri": "gs://shop-data/o"}, id="a folder whose name begins alike"),
        pytest.param({"checks": {"artifacts": "off", "dataset": "off"}}, id="the check is off"),
    ],
)
def test_a_retrain_that_overwrites_nothing_does_not_warn(desk: Desk, changed: dict[str, Any]) -> None:
    made = created(desk, **OPEN)
    write(desk)
    assert warned(desk, made.outputs, **OTHER_DATA, **changed) == []


def test_a_job_that_stays_does_not_warn(desk: Desk) -> None:
    made = created(desk, **OPEN)
    write(desk)
    assert warned(desk, made.outputs) == []
    assert warned(desk, made.outputs, labels={"team": "other"}) == []


def test_a_job_that_is_adopted_does_not_warn(desk: Desk) -> None:
    created(desk, **OPEN)
    write(desk)
    assert warned(desk) == []


def test_the_up_that_submits_does_not_say_it_again(desk: Desk) -> None:
    write(desk)
    assert len(warned(desk)) == 1
    desk.warnings.clear()
    created(desk, **OPEN)
    assert not [each for each in desk.warnings if "overwrite" in each]
