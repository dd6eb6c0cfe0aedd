"""Jobs of one identity beside the current one: they are named where they are found, and nothing fails for it."""

from __future__ import annotations

from copy import deepcopy
from typing import Any

import pytest

from pulumi_gcp_tuning.google.job_states import JobState
from pulumi_gcp_tuning.resources.core.run import Run
from pulumi_gcp_tuning.resources.jobs.kinds import JOB_KINDS
from pulumi_gcp_tuning.resources.jobs.others import find_doubles, find_overtaken
from support.hand_made_google import refused, urn
from support.jobs_of_a_kind import INPUTS, TUNED_MODEL, Jobs


@pytest.fixture(params=JOB_KINDS, ids=lambda kind: kind.resource)
def jobs(request: pytest.FixtureRequest) -> Jobs:
    return Jobs(request.param)


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


def test_create_names_a_running_job_of_an_earlier_retry(jobs: Jobs) -> None:
    first = jobs.create()
    second = jobs.create(retry="2")
    (warning,) = warnings_of(jobs, "with another retry, still running")
    assert second.id != first.id
    assert first.id in warning


def test_create_is_silent_about_a_job_of_an_earlier_retry_that_has_ended(jobs: Jobs) -> None:
    first = jobs.create()
    jobs.end(first.id, JobState.FAILED)
    jobs.create(retry="2")
    assert warnings_of(jobs, "with another retry") == []


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


def test_a_delete_of_a_job_that_nothing_replaces_names_its_other_jobs_and_leaves_them(jobs: Jobs) -> None:
    made = jobs.create()
    twin = doubled(jobs, made.id)
    jobs.google.facts.clear()
    jobs.frame.delete(jobs.call(), made.id, made.outputs)
    (line,) = [each for each in jobs.desk.told if twin in each]
    assert line.startswith(f"There is one other {jobs.kind.noun} of the same resource as {made.id}")
    assert "/pricing" in line
    assert jobs.state(twin).is_active


def test_a_delete_of_a_job_that_another_replaces_names_none(jobs: Jobs) -> None:
    made, run = jobs.create(), Run()
    doubled(jobs, made.id)
    jobs.google.facts.clear()
    jobs.frame.check(jobs.call(run=run), made.inputs, {**made.inputs, **other_spec(jobs)})
    jobs.frame.delete(jobs.call(run=run), made.id, made.outputs)
    assert [each for each in jobs.desk.told if "of the same resource" in each] == []


def test_a_delete_without_the_permission_to_list_jobs_says_so_and_deletes(
    jobs: Jobs, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = jobs.create()
    jobs.google.facts.clear()

    def refuse(_self: object, parent: str) -> None:
        raise refused("PERMISSION_DENIED")

    monkeypatch.setattr("support.hand_made_google.HandMadeJobs.list", refuse)
    jobs.frame.delete(jobs.call(), made.id, made.outputs)
    (warning,) = warnings_of(jobs, "are left is not known")
    assert jobs.kind.needs("list") in warning
    assert jobs.google.said(f"cancel_{jobs.verb}") != []
