"""``wait_for="accepted"``: the run goes on without the model, and nothing that the older one needs goes."""

from __future__ import annotations

import hashlib
from datetime import date
from typing import Any

import pytest
from google.rpc import status_pb2  # type: ignore[import-untyped]
from pulumi.runtime.proto import provider_pb2

from pulumi_gcp_tuning import dynamic, engine, host
from pulumi_gcp_tuning.config import Settings
from pulumi_gcp_tuning.errors import Failed, Unfinished
from pulumi_gcp_tuning.resources.core.lifecycle import Call, Current
from pulumi_gcp_tuning.resources.core.run import Run
from pulumi_gcp_tuning.resources.registry import lifecycle_of
from support.hand_made_google import GOOD_ROWS, Desk, settings, urn
from support.hand_made_lookups import NUMBER

JOB, MODEL, DATASET = (lifecycle_of(kind) for kind in ("tuning_job", "tuned_model", "tuning_dataset"))
PIPELINE, DEPLOYMENT = (lifecycle_of(kind) for kind in ("pipeline_tuning_job", "model_deployment"))
SPEC = {"trainingDatasetUri": "gs://shop-data/t.jsonl"}
GEMINI: Any = {"baseModel": "gemini-3.5-flash", "supervisedTuningSpec": SPEC}
BISON: Any = {
    "baseModel": "code-bison@002",
    "datasetUri": "gs://shop-data/t.jsonl",
    "gcsOutputDirectory": "gs://shop-data/output",
}


class Up:
    """The calls of one ``pulumi up``."""

    def __init__(self, desk: Desk) -> None:
        self.desk, self.run = desk, Run()
        self.told: list[str] = []

    def call(self, frame: Any, **more: Any) -> Call:
        as_of = date(2024, 10, 1) if frame is PIPELINE else date(2026, 11, 21)
        return self.desk.call(frame.name, run=self.run, tell=self.told.append, settings=settings(as_of=as_of), **more)

    def declare(self, frame: Any, before: Current | None, **news: Any) -> dict[str, Any]:
        """Check, and diff where it is in state."""
        call = self.call(frame)
        olds = before.outputs if before else {}
        found = frame.check(call, olds, {"resourceUrn": urn(frame.name), "checks": {"dataset": "off"}, **news})
        assert [str(each) for each in found.findings if each.severity == "error"] == []
        if before:
            frame.diff(call, before.id, before.outputs, found.inputs)
        inputs: dict[str, Any] = found.inputs
        return inputs

    def make(self, frame: Any, before: Current | None = None, **news: Any) -> Current:
        inputs = self.declare(frame, before, **news)
        made: Current = frame.create(self.call(frame), inputs)
        return made


@pytest.fixture
def desk() -> Desk:
    return Desk()


def awaiting(job: Current, **more: Any) -> Any:
    return {"tuningJob": job.id, "waitFor": "accepted", **more}


# One resource


def test_create_does_not_wait_and_says_that_nothing_is_ready_yet(desk: Desk) -> None:
    up = Up(desk)
    job = up.make(JOB, **GEMINI)
    with pytest.raises(Unfinished) as ended:
        up.make(MODEL, **awaiting(job))
    assert ended.value.put_off
    assert (ended.value.id, ended.value.outputs["jobState"]) == (job.id, "JOB_STATE_PENDING")
    assert len(desk.google.said("get_tuning_job")) == 1
    (line,) = [each for each in up.told if "not ready" in each]
    for part in ("PENDING", "outputs are not known yet", "exit code 10", "pulumi up", job.id):
        assert part in line


@pytest.mark.parametrize("wait_for", ["accepted", "model", None])
def test_a_model_that_is_ready_is_taken_over_whatever_is_waited_for(desk: Desk, wait_for: str | None) -> None:
    up = Up(desk)
    job = up.make(JOB, **GEMINI)
    desk.google.succeed(job.id)
    more: Any = {"waitFor": wait_for} if wait_for else {}
    model = up.make(MODEL, tuningJob=job.id, **more)
    assert model.outputs["jobState"] == "JOB_STATE_SUCCEEDED"
    assert model.outputs.get("waitFor") == wait_for


def test_a_job_that_failed_is_an_error_although_nothing_is_waited_for(desk: Desk) -> None:
    up = Up(desk)
    job = up.make(JOB, **GEMINI)
    desk.google.fail(job.id)
    with pytest.raises(Failed, match="FAILED"):
        up.make(MODEL, **awaiting(job))


@pytest.mark.parametrize("why", ["timeout", "cancelled"])
def test_a_wait_that_the_user_wanted_is_kept_as_it_was(desk: Desk, why: str) -> None:
    up = Up(desk)
    job = up.make(JOB, **GEMINI)
    inputs = up.declare(MODEL, None, tuningJob=job.id)
    asked = iter([False])
    call = up.call(MODEL, timeout=5.0, cancelled=lambda: why == "cancelled" and next(asked, True))
    with pytest.raises(Unfinished) as ended:
        MODEL.create(call, inputs)
    assert not ended.value.put_off


def test_an_update_of_what_an_older_engine_kept_does_not_wait_either(desk: Desk) -> None:
    up = Up(desk)
    job = up.make(JOB, **GEMINI)
    with pytest.raises(Unfinished) as ended:
        up.make(MODEL, **awaiting(job))
    kept = Current(id=ended.value.id, outputs=dict(ended.value.outputs))
    later = Up(desk)
    inputs = later.declare(MODEL, kept, **awaiting(job))
    with pytest.raises(Unfinished) as again:
        MODEL.update(later.call(MODEL), kept.id, kept.outputs, inputs)
    assert again.value.put_off
    desk.google.succeed(job.id)
    assert MODEL.update(Up(desk).call(MODEL), kept.id, kept.outputs, inputs).outputs["model"]


@pytest.mark.parametrize(("awaited", "details"), [(True, ["Await", "Init"]), (False, ["Init"])])
def test_the_engine_is_told_to_await_before_it_is_told_what_to_keep(*, awaited: bool, details: list[str]) -> None:
    status = status_pb2.Status.FromString(engine.unfinished_status("id", {"a": 1}, "why", awaited=awaited))
    assert [
        each.TypeName().rpartition(".ErrorResource")[2].removesuffix("Failed") for each in status.details
    ] == details
    kept = provider_pb2.ErrorResourceInitFailed()
    assert status.details[-1].Unpack(kept)
    assert (kept.id, list(kept.reasons), kept.refresh_before_update) == ("id", ["why"], True)


@pytest.mark.parametrize("awaited", [True, False])
def test_the_door_hands_over_which_of_the_two_it_is(monkeypatch: pytest.MonkeyPatch, *, awaited: bool) -> None:
    class Lifecycle:
        def create(self, _call: Call, _inputs: dict[str, Any]) -> Current:
            raise Unfinished("not yet", id="i", outputs={}, put_off=awaited)

    kept: list[str] = []
    monkeypatch.setattr(host, "keep_unfinished", lambda *_given: kept.append("unfinished"))
    monkeypatch.setattr(host, "keep_awaited", lambda *_given: kept.append("awaited"))
    monkeypatch.setattr(dynamic.Door, "lifecycle", lambda _self: Lifecycle())
    door = dynamic.Door("tuned_model")
    door._settings = Settings.resolve({"gcp:project": "shop-dev"}, {})
    with pytest.raises(Unfinished):
        door.create({"resourceUrn": urn("TunedModel")})
    assert kept == ["awaited" if awaited else "unfinished"]


# A retrain


def retrained(desk: Desk, kind: Any = JOB, job: dict[str, Any] = GEMINI) -> tuple[Up, Current, Current]:
    """The run in which another job replaces the one whose model is in use; that job and that model."""
    first = Up(desk)
    old = first.make(kind, **job)
    desk.google.succeed(old.id)
    model = first.make(MODEL, **awaiting(old))
    up = Up(desk)
    new = up.make(kind, old, **job, retry="2")
    with pytest.raises(Unfinished):
        up.make(MODEL, model, **awaiting(new))
    return up, old, model


def test_the_older_model_stays_the_current_one(desk: Desk) -> None:
    up, _, model = retrained(desk)
    MODEL.delete(up.call(MODEL), model.id, model.outputs)
    assert len(desk.google.models) == 1


@pytest.mark.parametrize(("kind", "job"), [(JOB, GEMINI), (PIPELINE, BISON)], ids=["tuning job", "pipeline"])
def test_the_job_of_the_older_model_is_not_deleted(kind: Any, job: dict[str, Any], desk: Desk) -> None:
    up, old, _ = retrained(desk, kind, job)
    kind.delete(up.call(kind), old.id, old.outputs)
    assert old.id in desk.google.jobs
    assert "still in use" in up.told[-1]
    assert len(desk.google.models) == 1


def test_the_data_of_the_older_model_is_not_deleted(desk: Desk, tmp_path: Any) -> None:
    desk.root = tmp_path
    content = GOOD_ROWS

    def data() -> dict[str, Any]:
        (tmp_path / "rows.jsonl").write_bytes(content)
        sha = hashlib.sha256(content).hexdigest()
        return {"bucket": "shop-data", "source": "rows.jsonl", "contentSha256": sha, "checks": {}}

    first = Up(desk)
    old = first.make(DATASET, **data())
    job = first.make(JOB, **GEMINI)
    desk.google.succeed(job.id)
    model = first.make(MODEL, **awaiting(job))
    content += GOOD_ROWS
    up = Up(desk)
    up.make(DATASET, old, **data())
    new = up.make(JOB, job, **GEMINI, retry="2")
    with pytest.raises(Unfinished):
        up.make(MODEL, model, **awaiting(new))
    DATASET.delete(up.call(DATASET), old.id, old.outputs)
    assert len(desk.google.objects) == 2
    assert "still in use" in up.told[-1]


def test_once_the_model_is_ready_the_older_one_is_replaced_as_ever(desk: Desk) -> None:
    _, old, model = retrained(desk)
    (new,) = desk.google.jobs.keys() - {old.id}
    desk.google.succeed(new)
    up = Up(desk)
    job = Current(id=new, outputs={})
    taken = up.make(MODEL, model, **awaiting(job, onReplace={"keepLast": 0}))
    MODEL.delete(up.call(MODEL), model.id, {**model.outputs, "onReplace": {"keepLast": 0}})
    assert list(desk.google.models) == [taken.outputs["model"]]


# What else the run does


def test_the_rest_of_the_run_goes_on_deletes_too(desk: Desk) -> None:
    up = Up(desk)
    job = up.make(JOB, **GEMINI)
    with pytest.raises(Unfinished):
        up.make(MODEL, **awaiting(job))
    other = Up(desk).make(lifecycle_of("endpoint"), displayName="E")
    lifecycle_of("endpoint").delete(up.call(lifecycle_of("endpoint")), other.id, other.outputs)
    assert desk.google.endpoints == {}


def test_a_deployment_that_this_run_did_not_compare_is_not_deleted(desk: Desk) -> None:
    endpoint = Up(desk).make(lifecycle_of("endpoint"), displayName="E")
    model = f"projects/{NUMBER}/locations/us-central1/models/7"
    desk.google.models[model] = {"name": model}
    serving = Up(desk).make(DEPLOYMENT, endpoint=endpoint.id, model=model)
    up = Up(desk)
    job = up.make(JOB, **GEMINI)
    with pytest.raises(Unfinished):
        up.make(MODEL, **awaiting(job))
    with pytest.raises(Failed, match="stays in the state"):
        DEPLOYMENT.delete(up.call(DEPLOYMENT), serving.id, serving.outputs)
    DEPLOYMENT.delete(Up(desk).call(DEPLOYMENT), serving.id, serving.outputs)
    assert desk.google.endpoints[endpoint.id].get("deployedModels") == []


def test_after_a_first_run_without_the_model_destroy_takes_the_model_with_its_job(desk: Desk) -> None:
    up = Up(desk)
    job = up.make(JOB, **GEMINI)
    with pytest.raises(Unfinished):
        up.make(MODEL, **awaiting(job))
    desk.google.succeed(job.id)
    JOB.delete(Up(desk).call(JOB), job.id, job.outputs)
    assert (desk.google.models, desk.google.endpoints) == ({}, {})
