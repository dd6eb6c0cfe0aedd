"""TunedModel waits for its job, goes on where a wait ended early, and reports how the job ended."""

from __future__ import annotations

import pytest

from pulumi_gcp_tuning.errors import Failed, Unfinished
from pulumi_gcp_tuning.names import identity_of
from support.hand_made_google import Desk, urn
from support.tuned_models import PARENT, TUNED_MODEL, inputs_of, submitted

OWN = identity_of(urn("TunedModel"))


@pytest.fixture
def desk() -> Desk:
    return Desk()


def test_create_waits_and_reports_where_the_job_stands(desk: Desk) -> None:
    job = submitted(desk)
    metadata = {"completedEpochCount": "1", "completedStepCount": "10"}
    desk.google.future = [
        lambda name: desk.google.run(name, tuningJobState="PROCESSING_DATASET"),
        lambda name: desk.google.run(name, tuningJobState="TUNING", tuningJobMetadata=metadata),
        desk.google.succeed,
    ]
    made = TUNED_MODEL.create(desk.call("TunedModel"), inputs_of(job))
    assert made.id == job
    assert desk.lines[0].startswith("PENDING")
    assert "processing dataset" in desk.lines[1]
    assert "epoch 1/2, step 10" in desk.lines[2]
    assert desk.lines[3].startswith("SUCCEEDED")


@pytest.mark.parametrize("pressed", [True, False])
def test_a_wait_that_ends_early_keeps_the_job_and_says_how_to_go_on(desk: Desk, pressed: bool) -> None:  # noqa: FBT001
    job = submitted(desk)
    start = desk.clock.seconds
    call = desk.call("TunedModel", timeout=5.0, cancelled=lambda: pressed and desk.clock.seconds > start)
    with pytest.raises(Unfinished, match="nothing is started twice") as ended:
        TUNED_MODEL.create(call, inputs_of(job))
    assert ended.value.id == job
    assert ended.value.outputs["jobState"] == "JOB_STATE_PENDING"
    assert ended.value.outputs["tuningJob"] == job
    assert len(str(ended.value).splitlines()) <= 6


def test_update_goes_on_waiting_where_a_wait_ended_early(desk: Desk) -> None:
    job = submitted(desk)
    with pytest.raises(Unfinished) as ended:
        TUNED_MODEL.create(desk.call("TunedModel"), inputs_of(job))
    outputs = dict(ended.value.outputs)
    read = TUNED_MODEL.read(desk.call("TunedModel"), job, outputs)
    assert read is not None
    assert read.unfinished
    assert TUNED_MODEL.diff(desk.call(), job, read.outputs, inputs_of(job)).changed is True
    desk.google.future = [desk.google.succeed]
    done = TUNED_MODEL.update(desk.call("TunedModel"), job, read.outputs, inputs_of(job))
    assert done.outputs["jobState"] == "JOB_STATE_SUCCEEDED"
    assert done.outputs["effectiveLabels"]["gcp-tuning-id"] == OWN


@pytest.mark.parametrize("state", ["FAILED", "CANCELLED", "EXPIRED"])
def test_a_job_that_ended_badly_is_reported_in_googles_words(desk: Desk, state: str) -> None:
    job = submitted(desk)
    desk.google.fail(job)
    desk.google.jobs[job]["state"] = f"JOB_STATE_{state}"
    with pytest.raises(Failed) as failure:
        TUNED_MODEL.create(desk.call("TunedModel"), inputs_of(job))
    text = str(failure.value)
    assert "line 7 is not valid JSON" in text
    assert job in text
    assert "'bot'" in text
    assert "retry" in text
    assert len(text.splitlines()) <= 6


def test_a_job_that_does_not_exist_fails_readably(desk: Desk) -> None:
    with pytest.raises(Failed, match="does not exist"):
        TUNED_MODEL.create(desk.call("TunedModel"), inputs_of(f"{PARENT}/tuningJobs/9"))
