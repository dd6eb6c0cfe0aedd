"""A job of an open model writes where there are checkpoints: preview warns, if a job is submitted at all."""

from __future__ import annotations

import re
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


EACH = "gs://shop-data/out/{training}"
OF_ITS_OWN = re.compile(r"gs://shop-data/out/training-[0-9a-f]{12}")


def sent(desk: Desk, job: Any) -> str:
    """The folder that Google was told."""
    return str(desk.google.jobs[job.id]["outputUri"])


def test_each_training_has_a_folder_of_its_own(desk: Desk) -> None:
    first = created(desk, **{**OPEN, "outputUri": EACH})
    folder = sent(desk, first)
    assert OF_ITS_OWN.fullmatch(folder)
    assert first.outputs["outputUri"] == EACH
    write(desk, folder.removeprefix("gs://shop-data/"))
    assert warned(desk, first.outputs, outputUri=EACH, **OTHER_DATA) == []
    desk.google.succeed(first.id)
    again: list[dict[str, Any]] = [{"retry": "2"}, OTHER_DATA]
    folders = [sent(desk, created(desk, **{**OPEN, "outputUri": EACH, **each})) for each in again]
    assert len({folder, *folders}) == 3


def test_a_job_is_found_again_by_a_folder_of_its_own(desk: Desk) -> None:
    declaration = {**OPEN, "outputUri": EACH}
    first = created(desk, **declaration)
    desk.google.facts.clear()
    assert created(desk, **declaration).id == first.id


def test_the_part_of_a_training_never_trains_again(desk: Desk) -> None:
    """A program of before has the folder itself; the job stays, and so does one that is adopted by its name."""
    before = created(desk, **OPEN)
    news = TUNING_JOB.check(desk.call(), before.outputs, declared(**{**OPEN, "outputUri": EACH})).inputs
    difference = TUNING_JOB.diff(desk.call(), before.id, before.outputs, news)
    assert (list(difference.replaces), difference.paths) == ([], [("outputUri",)])
    assert TUNING_JOB.update(desk.call(), before.id, before.outputs, news).outputs["outputUri"] == EACH
    adopted = TUNING_JOB.check(desk.call(), {}, {**news, "adopt": before.id})
    assert TUNING_JOB.create(desk.call(), adopted.inputs).id == before.id


def test_a_job_whose_checkpoints_a_later_one_overwrote_is_not_adopted(desk: Desk) -> None:
    """A change that is undone would serve the weights of the change."""
    first = created(desk, **OPEN)
    desk.google.succeed(first.id)
    desk.google.facts.clear()
    second = created(desk, **{**OPEN, **OTHER_DATA})
    desk.google.succeed(second.id)
    write(desk)
    assert created(desk, **{**OPEN, **OTHER_DATA}).id == second.id
    desk.google.facts.clear()
    assert created(desk, **OPEN).id not in (first.id, second.id)
