"""A wait that ends early (time, ^C, ``wait_for="accepted"``), for each kind of job: nothing is lost, nothing is paid for twice."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Any

import pytest

from pulumi_gcp_tuning.errors import Failed, TuningError, Unfinished
from pulumi_gcp_tuning.resources.core.lifecycle import Call, Current
from pulumi_gcp_tuning.resources.core.run import Run
from pulumi_gcp_tuning.resources.registry import lifecycle_of
from support.hand_made_google import Desk, settings, urn

SPEC = {"trainingDatasetUri": "gs://shop-data/t.jsonl"}
MACHINE = {"machineType": "g2-standard-12", "acceleratorType": "NVIDIA_L4", "acceleratorCount": 1}
GEMINI: dict[str, Any] = {"baseModel": "gemini-3.5-flash", "supervisedTuningSpec": SPEC}
OPEN: dict[str, Any] = {
    "baseModel": "meta/llama3_1@llama-3.1-8b",
    "outputUri": "gs://shop-data/out",
    "supervisedTuningSpec": {**SPEC, "tuningMode": "TUNING_MODE_FULL"},
}
BISON = {
    "baseModel": "code-bison@002",
    "datasetUri": "gs://shop-data/t.jsonl",
    "gcsOutputDirectory": "gs://shop-data/output",
}
KINDS = ("gemini", "continued", "pipeline", "open model")


class Story:
    """A job of one kind that runs, and the resource that waits for it, over several runs of ``pulumi up``."""

    def __init__(self, kind: str) -> None:
        self.desk, self.kind = Desk(), kind
        self.google = self.desk.google
        self.waiter = lifecycle_of("model_deployment" if kind == "open model" else "tuned_model")
        self.more: dict[str, Any] = MACHINE if kind == "open model" else {}
        inputs = BISON if kind == "pipeline" else OPEN if kind == "open model" else GEMINI
        if kind == "continued":
            parent = self.make("tuning_job", "parent", **GEMINI)
            self.google.succeed(parent.id)
            tuned = self.google.jobs[parent.id]["tunedModel"]["model"]
            inputs = {"preTunedModel": {"tunedModelName": tuned}, "supervisedTuningSpec": SPEC}
        self.job = self.make("pipeline_tuning_job" if kind == "pipeline" else "tuning_job", "bot", **inputs).id
        self.paid = self.creates()

    def call(self, frame: Any, name: str = "bot", **given: Any) -> Call:
        as_of = date(2024, 10, 1) if self.kind == "pipeline" else date(2026, 11, 21)
        off = dict.fromkeys(("dataset", "quota", "identity"), "off")
        return self.desk.call(frame.name, name, run=Run(), settings=settings(as_of=as_of, checks=off), **given)

    def make(self, kind: str, name: str, **news: Any) -> Current:
        frame = lifecycle_of(kind)
        found = frame.check(self.call(frame, name), {}, {"resourceUrn": urn(frame.name, name), **news})
        assert [str(each) for each in found.findings if each.severity == "error"] == []
        return frame.create(self.call(frame, name), found.inputs)

    def inputs(self, olds: Any = None, **more: Any) -> dict[str, Any]:
        news = {"tuningJob": self.job, "resourceUrn": urn(self.waiter.name), **self.more, **more}
        found = self.waiter.check(self.call(self.waiter), olds or {}, news)
        assert [str(each) for each in found.findings if each.severity == "error"] == []
        inputs: dict[str, Any] = found.inputs
        return inputs

    def creates(self) -> int:
        return sum(verb.startswith("create_") and verb.endswith("_job") for verb, _ in self.google.journal)

    def next_up(self, ended: TuningError) -> Current:
        """Goes on with what is in state; makes it anew if nothing is."""
        if isinstance(ended, Unfinished):
            return self.goes_on(ended)
        return self.waiter.create(self.call(self.waiter), self.inputs())

    def goes_on(self, held: Unfinished, **more: Any) -> Current:
        """The next ``up`` with what is in state."""
        olds = dict(held.outputs)
        inputs = self.inputs(olds, **more)
        difference = self.waiter.diff(self.call(self.waiter), held.id, olds, inputs)
        assert (difference.changed, list(difference.replaces)) == (True, [])
        return self.waiter.update(self.call(self.waiter), held.id, olds, inputs)


@pytest.fixture(params=KINDS)
def story(request: pytest.FixtureRequest) -> Story:
    return Story(request.param)


def pressed_later() -> Any:
    asked: Iterator[bool] = iter([False, False])
    return {"cancelled": lambda: next(asked, True)}


@pytest.mark.parametrize("end", ["time", "^C"])
def test_the_next_up_continues_a_wait_that_has_ended_early(story: Story, end: str) -> None:
    given = {"timeout": 5.0} if end == "time" else pressed_later()
    with pytest.raises((Unfinished, Failed), match="nothing is started twice") as ended:
        story.waiter.create(story.call(story.waiter, **given), story.inputs())
    assert story.job in str(ended.value)
    assert story.google.jobs[story.job]["state"].endswith(("_PENDING", "_RUNNING"))
    story.google.succeed(story.job)
    done = story.next_up(ended.value)
    assert done.outputs["endpoint"]
    assert story.creates() == story.paid


@pytest.mark.parametrize("story", KINDS[:-1], indirect=True)
def test_a_model_that_nobody_waits_for_is_taken_over_by_the_next_up(story: Story) -> None:
    with pytest.raises(Unfinished) as ended:
        story.waiter.create(story.call(story.waiter), story.inputs(waitFor="accepted"))
    assert (ended.value.put_off, ended.value.id) == (True, story.job)
    with pytest.raises(Unfinished) as again:
        story.goes_on(ended.value, waitFor="accepted")
    assert again.value.put_off
    story.google.succeed(story.job)
    assert story.goes_on(again.value, waitFor="accepted").outputs["model"]
    assert story.creates() == story.paid


def test_a_job_that_fails_while_nobody_waits_is_an_error_of_the_next_up(story: Story) -> None:
    with pytest.raises((Unfinished, Failed)) as ended:
        story.waiter.create(story.call(story.waiter, timeout=5.0), story.inputs())
    prefix = story.google.jobs[story.job]["state"].rpartition("_STATE_")[0]
    story.google.fail(story.job)
    story.google.jobs[story.job]["state"] = f"{prefix}_STATE_FAILED"
    with pytest.raises(Failed, match="retry"):
        story.next_up(ended.value)
    assert story.creates() == story.paid
