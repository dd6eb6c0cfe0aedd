"""What every kind of billed job keeps: it is found again, paid for once, waited for and taken down."""

from __future__ import annotations

from typing import Annotated, Any

import pytest

from pulumi_gcp_tuning.errors import ApiError, Failed, Refused, Unfinished
from pulumi_gcp_tuning.google.job_states import JobState
from pulumi_gcp_tuning.resources.core.description import described
from pulumi_gcp_tuning.resources.core.run import Run
from pulumi_gcp_tuning.resources.core.wire import body_of
from pulumi_gcp_tuning.resources.jobs.kinds import JOB_KINDS, kind_of
from pulumi_gcp_tuning.resources.registry import registered
from support.hand_made_google import lost, urn
from support.jobs_of_a_kind import INPUTS, TUNED_MODEL, Jobs


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
    names = {frame.name for frame in registered()}
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


def test_a_retrain_is_said_in_one_line(jobs: Jobs) -> None:
    made = jobs.create()
    jobs.desk.told.clear()
    jobs.frame.check(jobs.call(), made.inputs or made.outputs, jobs.checked(retry="2"))
    assert len([line for line in jobs.desk.told if line.startswith("trains again, because this changed: retry")]) == 1


def test_the_second_check_of_a_replacement_says_the_same_as_the_first(jobs: Jobs) -> None:
    """Pulumi checks the inputs of a replacement twice: against those in state, and against none."""
    made, run = jobs.create(), Run()
    jobs.desk.told.clear()
    news = {**(made.inputs or made.outputs), **INPUTS[jobs.kind.resource], "retry": "2"}
    inputs = jobs.frame.check(jobs.call(run=run), made.inputs or made.outputs, news).inputs
    assert jobs.frame.diff(jobs.call(run=run), made.id, made.outputs, inputs).replaces == ["retry"]
    first = set(jobs.desk.told)
    jobs.frame.check(jobs.call(run=run), {}, inputs)
    assert set(jobs.desk.told) == first


def test_a_job_that_was_asked_to_cancel_is_not_adopted(jobs: Jobs) -> None:
    first = jobs.create()
    jobs.end(first.id, JobState.CANCELLING)
    assert jobs.create().id != first.id


@pytest.mark.parametrize("state", [JobState.FAILED, JobState.CANCELLED, JobState.EXPIRED])
def test_a_job_that_ended_badly_is_submitted_again(jobs: Jobs, state: JobState) -> None:
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
        jobs.create(
            baseModel=f"{INPUTS[jobs.kind.resource]['baseModel']}-new", checks={"model": "off", "existence": "off"}
        )
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
