"""What every kind of billed job keeps: it is found again, paid for once, waited for and taken down."""

from __future__ import annotations

from copy import deepcopy
from typing import Annotated, Any

import pytest

from pulumi_gcp_tuning.errors import ApiError, Failed, Refused, Unfinished
from pulumi_gcp_tuning.google.job_states import JobState
from pulumi_gcp_tuning.resources.core.description import described
from pulumi_gcp_tuning.resources.core.run import Run
from pulumi_gcp_tuning.resources.core.wire import body_of
from pulumi_gcp_tuning.resources.jobs.kind import JobKind
from pulumi_gcp_tuning.resources.jobs.kinds import JOB_KINDS, kind_of
from pulumi_gcp_tuning.resources.jobs.others import find_doubles, find_overtaken
from pulumi_gcp_tuning.resources.registry import REGISTERED, lifecycle_of
from support.hand_made_google import Desk, lost, refused, settings, urn

DATA = f"gs://shop-data/tuning-datasets/{'a' * 64}.jsonl"
INPUTS: dict[str, dict[str, Any]] = {
    "TuningJob": {"baseModel": "gemini-3.5-flash", "supervisedTuningSpec": {"trainingDatasetUri": DATA}},
    "PipelineTuningJob": {
        "baseModel": "code-bison@002",
        "datasetUri": DATA,
        "gcsOutputDirectory": "gs://shop-data/output",
    },
}
NO_CHECKS = {"retirement": "off", "dataset": "off"}
TUNED_MODEL = lifecycle_of("tuned_model")


class Jobs:
    """One kind of job before a Google made by hand."""

    def __init__(self, kind: JobKind) -> None:
        self.kind, self.desk = kind, Desk()
        self.frame = next(frame for frame in REGISTERED if frame.name == kind.resource)
        self.google = self.desk.google
        self.verb = f"{'pipeline' if 'pipeline' in kind.collection.name else 'tuning'}_job"

    def call(self, **given: Any) -> Any:
        return self.desk.call(self.kind.resource, **{"settings": settings(checks=NO_CHECKS), **given})

    def checked(self, **changed: Any) -> dict[str, Any]:
        news = {**INPUTS[self.kind.resource], "resourceUrn": urn(self.kind.resource), **changed}
        found = self.frame.check(self.call(), {}, news)
        assert [str(each) for each in found.findings if each.severity == "error"] == []
        return found.inputs

    def create(self, **changed: Any) -> Any:
        self.google.facts.clear()  # as another run would
        return self.frame.create(self.call(), self.checked(**changed))

    def end(self, name: str, state: JobState) -> None:
        words = {meant: word for word, meant in self.kind.collection.words.items()}
        self.google.jobs[name]["state"] = words[state]

    def state(self, name: str) -> JobState:
        return self.kind.state_of(self.google.jobs[name])


@pytest.fixture(params=JOB_KINDS, ids=lambda kind: kind.resource)
def jobs(request: pytest.FixtureRequest) -> Jobs:
    return Jobs(request.param)


def test_every_field_that_says_what_is_trained_is_in_the_spec(jobs: Jobs) -> None:
    """Nobody lists the fields of a spec: a described field is one, in inputs and in a request alike."""
    declared: Any = jobs.frame.resource

    class More(declared.Args):  # type: ignore[misc]
        """With a field of tomorrow."""

        seed: Annotated[int | None, described("A seed.", role="spec")] = None
        tests_uri: Annotated[str | None, described("More data.", role="spec", names="object")] = None
        note: Annotated[str | None, described("A note.", role="submitted once")] = None

    kind = jobs.kind.declared_by(More)
    assert [place for place, _, _ in kind.differences({"seed": 1, "note": "a"}, {"seed": 2, "note": "b"})] == [
        ("seed",)
    ]
    elsewhere = f"gs://other/{'b' * 64}.jsonl"
    assert (
        kind.differences({"seed": "1", "testsUri": elsewhere}, {"seed": 1.0, "testsUri": f"gs://b/{'b' * 64}.jsonl"})
        == []
    )
    body = body_of(More.model_validate({**INPUTS[kind.resource], "seed": 3, "note": "c"}))
    answer = {"name": f"projects/123456/locations/us-central1/{kind.collection.name}/1", **body}
    assert kind.inputs_of(answer)["seed"] == 3
    assert [place for place, _, _ in kind.differences(answer, INPUTS[kind.resource])] == [("seed",)]


def test_every_kind_has_a_resource_and_is_found_by_the_collection_in_a_name() -> None:
    names = {frame.name for frame in REGISTERED}
    for kind in JOB_KINDS:
        assert kind.resource in names
        assert kind_of(f"projects/p/locations/us-central1/{kind.collection.name}/1") is kind


@pytest.mark.parametrize("state", JobState)
def test_a_state_is_either_active_or_over(state: JobState) -> None:
    assert state.is_active is not state.is_over
    assert state.is_active or not state.is_adoptable
    assert state.is_over or not state.has_succeeded


def test_a_word_that_google_adds_later_counts_as_a_job_that_may_be_billed(jobs: Jobs) -> None:
    assert jobs.kind.state_of({"state": "JOB_STATE_REFINING"}).is_active


def test_a_live_job_is_adopted(jobs: Jobs) -> None:
    first = jobs.create()
    assert (jobs.create().id, len(jobs.google.jobs)) == (first.id, 1)


def test_a_job_that_was_asked_to_cancel_is_not_adopted(jobs: Jobs) -> None:
    first = jobs.create()
    jobs.end(first.id, JobState.CANCELLING)
    assert jobs.create().id != first.id


@pytest.mark.parametrize("state", [JobState.FAILED, JobState.CANCELLED, JobState.EXPIRED])
def test_a_job_that_ended_badly_is_submitted_anew(jobs: Jobs, state: JobState) -> None:
    first = jobs.create()
    jobs.end(first.id, state)
    second = jobs.create()
    assert second.id != first.id
    assert jobs.create().id == second.id


def test_a_job_that_ended_well_is_adopted_as_long_as_its_model_answers(jobs: Jobs) -> None:
    first = jobs.create()
    jobs.google.succeed(first.id)
    assert jobs.create().id == first.id
    jobs.google.models.clear()
    assert jobs.create().id != first.id


def test_a_live_job_with_another_spec_is_refused_by_name(jobs: Jobs) -> None:
    first = jobs.create()
    with pytest.raises(Refused, match="another specification") as refusal:
        jobs.create(baseModel=f"{INPUTS[jobs.kind.resource]['baseModel']}-new", checks={"model": "off"})
    assert first.id in str(refusal.value)


def test_an_answer_that_was_lost_leaves_one_job(jobs: Jobs) -> None:
    jobs.google.unclear_answers, jobs.google.lag = [lost()], 3
    made = jobs.create()
    assert list(jobs.google.jobs) == [made.id]
    assert len(jobs.google.said(f"create_{jobs.verb}")) == 1


def test_a_job_is_adopted_by_name_where_it_is_what_is_declared(jobs: Jobs) -> None:
    theirs = jobs.create()
    jobs.google.jobs[theirs.id]["labels"] = {}
    assert jobs.create(adopt=theirs.id).id == theirs.id
    with pytest.raises(Refused, match="does not match the declaration"):
        jobs.create(adopt=theirs.id, baseModel="other", checks={"model": "off"})


def test_a_job_reads_as_the_declaration_that_made_it(jobs: Jobs) -> None:
    made = jobs.create(labels={"team": "shop"})
    read = jobs.frame.read(jobs.call(), made.id, {})
    assert read is not None
    assert read.inputs is not None
    declared: Any = jobs.frame.resource
    assert declared.KIND.differences(read.inputs, made.inputs) == []
    assert read.inputs["labels"] == {"team": "shop"}


def test_a_vanished_job_stays_in_state(jobs: Jobs) -> None:
    made = jobs.create()
    jobs.google.jobs.clear()
    read = jobs.frame.read(jobs.call(), made.id, made.outputs)
    assert read is not None
    assert "no longer returns this job (404)" in jobs.desk.warnings[-1]
    assert "To submit a new job, set retry" in jobs.desk.warnings[-1]
    assert jobs.frame.diff(jobs.call(), made.id, read.outputs, jobs.checked()).changed is False


def test_delete_cancels_a_live_job_and_waits_for_its_end(jobs: Jobs) -> None:
    made = jobs.create()
    jobs.frame.delete(jobs.call(), made.id, made.outputs)
    assert jobs.google.said(f"cancel_{jobs.verb}") == [made.id]
    if jobs.kind.keeps_records:
        assert jobs.state(made.id) is JobState.CANCELLED
    else:
        assert jobs.google.jobs == {}


def test_a_job_that_succeeds_after_the_cancel_leaves_nothing_behind(jobs: Jobs) -> None:
    made = jobs.create()
    jobs.google.cancel_loses_the_race = True
    jobs.frame.delete(jobs.call(), made.id, made.outputs)
    assert (jobs.google.models, jobs.google.endpoints) == ({}, {})


def test_a_job_that_does_not_end_in_time_stays_in_state(jobs: Jobs) -> None:
    made = jobs.create()
    jobs.end(made.id, JobState.CANCELLING)
    with pytest.raises(Failed, match=f"{jobs.kind.noun} .* has not ended yet"):
        jobs.frame.delete(jobs.call(), made.id, made.outputs)


def test_any_other_error_of_a_read_names_the_job_and_keeps_state(jobs: Jobs) -> None:
    made = jobs.create()
    jobs.google.down = ApiError("sorry", http_status=500, status="INTERNAL")
    with pytest.raises(ApiError, match=f"reading the {jobs.kind.noun}"):
        jobs.frame.read(jobs.call(), made.id, made.outputs)


def test_a_tuned_model_waits_for_the_job_and_takes_model_and_endpoint_over(jobs: Jobs) -> None:
    made = jobs.create()
    jobs.google.future = [lambda _name: jobs.end(made.id, JobState.RUNNING), jobs.google.succeed]
    inputs = {"tuningJob": made.id, "resourceUrn": urn("TunedModel"), "pulumiLabels": {}}
    model = TUNED_MODEL.create(jobs.desk.call("TunedModel"), inputs)
    assert list(jobs.google.models) == [model.outputs["model"]]
    assert model.outputs["endpoint"] in jobs.google.endpoints
    assert jobs.desk.lines[-1].startswith("SUCCEEDED")
    TUNED_MODEL.delete(jobs.desk.call("TunedModel"), model.id, model.outputs)
    assert jobs.google.models == {}


def test_a_tuned_model_says_why_its_job_failed(jobs: Jobs) -> None:
    made = jobs.create()
    jobs.end(made.id, JobState.FAILED)
    jobs.google.jobs[made.id]["error"] = {"code": 3, "message": "line 7 is not valid JSON"}
    with pytest.raises(Failed, match=rf"(?s)The {jobs.kind.noun} .*line 7 .*set retry on the {jobs.kind.resource}"):
        TUNED_MODEL.create(jobs.desk.call("TunedModel"), {"tuningJob": made.id, "resourceUrn": urn("TunedModel")})


def test_a_model_whose_tuned_model_still_waits_is_not_taken_by_a_delete_of_the_same_run(jobs: Jobs) -> None:
    run, made = Run(), []
    for retry in ("1", "2"):
        job = jobs.create(retry=retry)
        jobs.google.succeed(job.id)
        inputs = {"tuningJob": job.id, "resourceUrn": urn("TunedModel"), "pulumiLabels": {}}
        made.append(TUNED_MODEL.create(jobs.desk.call("TunedModel"), inputs))
        jobs.desk.clock.seconds += 60
    first, second = made
    jobs.end(first.id, JobState.RUNNING)
    with pytest.raises(Unfinished):
        TUNED_MODEL.create(jobs.desk.call("TunedModel", run=run), first.inputs or {})
    with pytest.raises(Failed, match="another resource failed in this run"):
        TUNED_MODEL.delete(jobs.desk.call("TunedModel", run=run), second.id, second.outputs)
    assert set(jobs.google.models) == {first.outputs["model"], second.outputs["model"]}


# Jobs that a killed run left


def other_spec(jobs: Jobs) -> dict[str, Any]:
    return {"baseModel": f"{INPUTS[jobs.kind.resource]['baseModel']}-new", "checks": {"model": "off"}}


def third_spec(jobs: Jobs) -> dict[str, Any]:
    data = f"gs://shop-data/tuning-datasets/{'c' * 64}.jsonl"
    own = {"supervisedTuningSpec": {"trainingDatasetUri": data}, "datasetUri": data}
    return {key: value for key, value in own.items() if key in INPUTS[jobs.kind.resource]}


def warnings_of(jobs: Jobs, text: str = "gcp-tuning audit") -> list[str]:
    return [warning for warning in jobs.desk.warnings if text in warning]


def doubled(jobs: Jobs, job: str) -> str:
    """Another job of the same identity and spec, as a create that Google took twice leaves it."""
    twin = f"{job}9"
    jobs.google.jobs[twin] = {**deepcopy(jobs.google.jobs[job]), "name": twin}
    return twin


def test_create_names_a_job_that_new_data_overtook(jobs: Jobs) -> None:
    first = jobs.create()
    jobs.google.succeed(first.id)
    second = jobs.create(**other_spec(jobs))
    (warning,) = warnings_of(jobs)
    assert second.id != first.id
    assert first.id in warning
    assert "with another specification" in warning


def test_create_is_silent_about_a_job_whose_model_a_tuned_model_took_over(jobs: Jobs) -> None:
    first = jobs.create()
    jobs.google.succeed(first.id)
    inputs = {"tuningJob": first.id, "resourceUrn": urn("TunedModel"), "pulumiLabels": {}}
    TUNED_MODEL.create(jobs.desk.call("TunedModel"), inputs)
    jobs.create(**other_spec(jobs))
    assert warnings_of(jobs) == []


def test_create_is_silent_about_a_job_that_left_nothing(jobs: Jobs) -> None:
    first = jobs.create()
    jobs.google.succeed(first.id)
    jobs.google.models.clear()
    jobs.create(**other_spec(jobs))
    assert warnings_of(jobs) == []


def test_create_is_silent_about_the_job_that_it_replaces_because_the_delete_tells_of_it(jobs: Jobs) -> None:
    first, run = jobs.create(), Run()
    jobs.google.succeed(first.id)
    jobs.google.facts.clear()
    news = jobs.checked(**other_spec(jobs))
    jobs.frame.check(jobs.call(run=run), first.inputs or {}, news)
    jobs.frame.diff(jobs.call(run=run), first.id, first.outputs, news)
    jobs.frame.create(jobs.call(run=run), news)
    assert warnings_of(jobs) == []


def test_a_model_that_cannot_be_read_does_not_stop_a_create(jobs: Jobs, monkeypatch: pytest.MonkeyPatch) -> None:
    first = jobs.create()
    jobs.google.succeed(first.id)

    def refuse(_self: object, name: str) -> None:
        raise refused("PERMISSION_DENIED")

    monkeypatch.setattr("support.hand_made_google.HandMadeVertex.get_model", refuse)
    assert jobs.create(**other_spec(jobs)).id != first.id


def test_a_refresh_names_a_second_job_of_one_identity_and_spec(jobs: Jobs) -> None:
    made = jobs.create()
    twin = doubled(jobs, made.id)
    jobs.google.facts.clear()
    jobs.frame.read(jobs.call(), made.id, made.outputs)
    (warning,) = warnings_of(jobs)
    assert twin in warning
    assert "same identity and specification" in warning


def test_a_tuned_model_names_a_second_job_of_one_identity_and_spec(jobs: Jobs) -> None:
    made = jobs.create()
    twin = doubled(jobs, made.id)
    jobs.google.facts.clear()
    jobs.google.future = [jobs.google.succeed]
    inputs = {"tuningJob": made.id, "resourceUrn": urn("TunedModel"), "pulumiLabels": {}}
    TUNED_MODEL.create(jobs.desk.call("TunedModel"), inputs)
    assert [twin in warning for warning in warnings_of(jobs)] == [True]


@pytest.mark.parametrize("state", [JobState.FAILED, JobState.CANCELLED, JobState.CANCELLING])
def test_a_second_job_that_ended_without_a_model_is_not_named(jobs: Jobs, state: JobState) -> None:
    made = jobs.create()
    jobs.end(doubled(jobs, made.id), state)
    jobs.google.facts.clear()
    jobs.frame.read(jobs.call(), made.id, made.outputs)
    assert warnings_of(jobs) == []


def test_a_refresh_of_many_jobs_lists_them_once(jobs: Jobs) -> None:
    made = [jobs.create(retry=retry) for retry in ("1", "2", "3")]
    jobs.google.facts.clear()
    jobs.google.journal.clear()
    for each in made:
        jobs.frame.read(jobs.call(), each.id, each.outputs)
    assert len(jobs.google.said(f"list_{jobs.verb}s")) == 1


def test_a_refresh_without_the_permission_to_list_says_so_once_and_reads_on(
    jobs: Jobs, monkeypatch: pytest.MonkeyPatch
) -> None:
    made, run = [jobs.create(retry=retry) for retry in ("1", "2")], Run()
    jobs.google.facts.clear()

    def refuse(_self: object, parent: str) -> None:
        raise refused("PERMISSION_DENIED")

    monkeypatch.setattr("support.hand_made_google.HandMadeJobs.list", refuse)
    for each in made:
        assert jobs.frame.read(jobs.call(run=run), each.id, each.outputs) is not None
    (warning,) = warnings_of(jobs, "cannot be listed")
    assert jobs.kind.needs("list") in warning


def test_the_jobs_that_one_has_overtaken_are_those_of_another_spec_whose_model_nobody_took_over(jobs: Jobs) -> None:
    taken = jobs.create()
    jobs.google.succeed(taken.id)
    inputs = {"tuningJob": taken.id, "resourceUrn": urn("TunedModel"), "pulumiLabels": {}}
    TUNED_MODEL.create(jobs.desk.call("TunedModel"), inputs)
    left = jobs.create(**other_spec(jobs))
    jobs.google.succeed(left.id)
    now = jobs.create(**third_spec(jobs))
    twin = doubled(jobs, now.id)
    jobs.google.facts.clear()
    job = jobs.google.jobs[now.id]
    assert [each["name"] for each in find_overtaken(jobs.call(), jobs.kind, job)] == [left.id]
    assert [each["name"] for each in find_doubles(jobs.call(), jobs.kind, job)] == [twin]
