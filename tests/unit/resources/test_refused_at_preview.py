"""What cannot be made, or made again, is refused at preview: jobs, models, checkpoints and endpoints that are not there."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from pulumi_gcp_tuning.errors import ApiError, Refused
from pulumi_gcp_tuning.resources.core.lifecycle import UNKNOWN
from pulumi_gcp_tuning.resources.core.run import Run
from pulumi_gcp_tuning.resources.registry import lifecycle_of
from support.declared_tuning_job import declared
from support.previewed_program import OTHER_SPEC, Program, program_that_is_up


@pytest.fixture
def program() -> Program:
    return program_that_is_up()


# What cannot be made again


@pytest.mark.parametrize("state", ["FAILED", "CANCELLED", "EXPIRED"])
def test_the_model_of_a_job_that_ended_without_one_is_refused(program: Program, state: str) -> None:
    job = program.up("TuningJob B", **declared())
    program.run = Run()
    program.desk.google.jobs[job.id]["state"] = f"JOB_STATE_{state}"
    told = {"tuningJob": [program.urn("TuningJob B")]}
    expected = [("tuning_job", f"The tuning job {job.id} ended {state} and made no model.")]
    assert program.errors("TunedModel new", tuningJob=job.id, inputSources=told) == expected


def test_the_reason_that_google_gave_is_reported(program: Program) -> None:
    job = program.up("TuningJob B", **declared())
    program.run = Run()
    program.desk.google.fail(job.id)
    ((_, problem),) = program.errors("TunedModel new", tuningJob=job.id)
    assert problem.endswith("made no model: Failed to process the training dataset: line 7 is not valid JSON.")


def test_a_model_that_was_deleted_at_google_is_refused(program: Program) -> None:
    job = program.submit("TuningJob B")
    program.run = Run()
    program.desk.google.models.clear()
    program.desk.google.journal.clear()
    ((path, problem),) = program.errors("TunedModel new", tuningJob=job.id)
    assert (path, problem.endswith("is gone.")) == ("tuning_job", True)
    assert [verb for verb, _ in program.desk.google.journal] == ["get_tuning_job", "get_model"]


def test_a_model_that_is_there_is_asked_for_and_passes(program: Program) -> None:
    job = program.submit("TuningJob B")
    program.run = Run()
    assert program.errors("TunedModel new", tuningJob=job.id, defaultCheckpointId="1") == []


def test_a_checkpoint_that_the_job_did_not_make_is_refused_before_the_model_is_taken_over(program: Program) -> None:
    job = program.submit("TuningJob B")
    program.run = Run()
    found = program.errors("TunedModel new", tuningJob=job.id, defaultCheckpointId="9")
    assert found == [("default_checkpoint_id", "The model has no checkpoint '9'.")]


def test_a_job_that_still_runs_is_no_finding(program: Program) -> None:
    job = program.up("TuningJob B", **declared())
    program.run = Run()
    assert program.errors("TunedModel new", tuningJob=job.id) == []


def test_a_job_that_this_run_submitted_is_not_asked_for(program: Program) -> None:
    job = program.up("TuningJob B", **declared())
    program.desk.google.journal.clear()
    assert program.errors("TunedModel new", tuningJob=job.id) == []
    assert program.desk.google.journal == []


def test_a_job_that_does_not_exist_is_refused_where_it_is_given_by_name(program: Program) -> None:
    absent = program.made["TuningJob"].id + "9"
    assert program.errors("TunedModel new", tuningJob=absent) == [("tuning_job", f"There is no tuning job {absent}.")]
    told = {"tuningJob": [program.urn("TuningJob B")]}
    assert program.errors("TunedModel new", tuningJob=absent, inputSources=told) == []


def test_a_job_that_state_has_and_google_no_longer_returns_is_refused(program: Program) -> None:
    job = program.up("TuningJob B", **declared())
    program.run = Run()
    del program.desk.google.jobs[job.id]
    program.preview("TuningJob B")
    told = {"tuningJob": [program.urn("TuningJob B")]}
    expected = [("tuning_job", f"The state has the tuning job {job.id}, and Google no longer returns it.")]
    assert program.errors("TunedModel new", tuningJob=job.id, inputSources=told) == expected


def test_an_answer_that_is_no_answer_is_a_warning(program: Program) -> None:
    program.desk.google.down = ApiError("sorry", http_status=403, status="PERMISSION_DENIED")
    assert program.errors("TunedModel new", tuningJob=program.made["TuningJob"].id) == []


def test_a_checkpoint_that_state_does_not_list_is_refused_before_the_update(program: Program) -> None:
    with pytest.raises(Refused, match=r"has no checkpoint '9'; it has 1, 2\."):
        program.preview("TunedModel", defaultCheckpointId="9")


def test_a_listed_checkpoint_is_an_update(program: Program) -> None:
    assert program.preview("TunedModel", defaultCheckpointId="1").changed is None


# Endpoints


@pytest.mark.parametrize(("key", "noun"), [("endpoint", "endpoint"), ("model", "model")])
def test_a_deployment_of_what_does_not_exist_is_refused(program: Program, key: str, noun: str) -> None:
    inputs = {"endpoint": program.made["Endpoint"].id, "model": program.made["TunedModel"].outputs["model"]}
    assert program.errors("ModelDeployment new", **inputs) == []
    absent = {**inputs, key: inputs[key] + "9"}
    assert program.errors("ModelDeployment new", **absent) == [(key, f"There is no {noun} {absent[key]}.")]


def new_deployment(program: Program, location: str, job_location: str = "us-central1") -> list[tuple[str, str]]:
    """A job, its model, an endpoint and a deployment, all of them new."""
    job = {**declared(location=job_location), "labels": {}}
    assert program.errors("TuningJob new", **job) == []
    of_job, of_model = [program.urn("TuningJob new")], [program.urn("TunedModel new")]
    assert program.errors("TunedModel new", tuningJob=UNKNOWN, inputSources={"tuningJob": of_job}) == []
    assert program.errors("Endpoint new", displayName="e", location=location) == []
    told = {"model": of_model, "endpoint": [program.urn("Endpoint new")]}
    return program.errors("ModelDeployment new", model=UNKNOWN, endpoint=UNKNOWN, inputSources=told)


def test_an_endpoint_elsewhere_than_the_model_will_be_is_refused_before_the_training(program: Program) -> None:
    program.run = Run()
    expected = [("endpoint", "The endpoint is in us-central1, the model will be in us.")]
    assert new_deployment(program, "us-central1") == expected


def test_an_endpoint_where_the_model_will_be_passes(program: Program) -> None:
    program.run = Run()
    assert new_deployment(program, "us") == []


def test_an_endpoint_of_a_multi_region_takes_no_key_of_that_multi_region(program: Program) -> None:
    key = "projects/shop-dev/locations/us/keyRings/r/cryptoKeys/k"
    found = program.errors("Endpoint new", displayName="e", location="us", encryptionSpec={"kmsKeyName": key})
    assert [path for path, _ in found] == ["encryption_spec.kms_key_name"]


# What is said of an input that has no value, and of a job that is paid for again


def test_a_model_whose_job_was_not_targeted_says_so(program: Program) -> None:
    told = {"tuningJob": [program.urn("TuningJob B")]}
    ((path, problem),) = program.errors("TunedModel new", inputSources=told)
    assert (path, problem) == (
        "tuning_job",
        "It comes from the TuningJob 'B', which has no value for it, because it was not made.",
    )


def test_an_output_that_another_stack_does_not_have_is_named_as_such(program: Program) -> None:
    reference = "urn:pulumi:dev::shop::pulumi:pulumi:StackReference::acme/models/prod"
    told = {"model": [reference]}
    endpoint = program.made["Endpoint"].id
    ((path, problem),) = program.errors("ModelDeployment new", endpoint=endpoint, inputSources=told)
    assert (path, problem) == (
        "model",
        "It comes from the stack acme/models/prod, which has no such output, or an empty one.",
    )


def test_an_input_that_nobody_set_is_still_said_to_be_missing(program: Program) -> None:
    assert program.errors("TunedModel new") == [("tuning_job", "It is required but not set.")]


def test_a_model_of_another_stack_that_does_not_exist_is_refused(program: Program) -> None:
    reference = "urn:pulumi:dev::shop::pulumi:pulumi:StackReference::acme/models/prod"
    inputs = {"endpoint": program.made["Endpoint"].id, "model": program.made["TunedModel"].outputs["model"] + "9"}
    found = program.errors("ModelDeployment new", **inputs, inputSources={"model": [reference]})
    assert [path for path, _ in found] == ["model"]


def judged_after_a_kill(program: Program, **changed: Any) -> tuple[list[str], list[str]]:
    """The errors and lines of a preview after `up` was killed between Google's answer and the state."""
    told: list[str] = []
    program.desk.google.facts.clear()
    inputs = {**declared(**changed), "labels": {}, "resourceUrn": program.urn("TuningJob")}
    found = lifecycle_of("tuning_job").check(replace(program.call("TuningJob"), tell=told.append), {}, inputs)
    errors = [str(each) for each in found.findings if each.severity == "error"]
    return errors, [line for line in told if "still running" in line]


@pytest.fixture
def killed() -> Program:
    program = Program()
    program.up("TuningJob", **{**declared(), "labels": {}})
    program.run = Run()
    return program


def test_new_data_while_the_job_of_a_killed_run_trains_is_refused(killed: Program) -> None:
    (error,), _ = judged_after_a_kill(killed, **OTHER_SPEC)
    assert killed.made["TuningJob"].id in error
    assert "Cancel it (POST" in error


def test_the_job_of_a_killed_run_will_be_taken_over_and_nothing_is_said(killed: Program) -> None:
    assert judged_after_a_kill(killed) == ([], [])


def test_a_job_to_adopt_that_is_not_known_yet_may_be_the_one_that_trains(killed: Program) -> None:
    assert judged_after_a_kill(killed, **OTHER_SPEC, adopt=UNKNOWN) == ([], [])


def test_a_specification_that_is_not_known_yet_is_a_maybe_while_the_job_of_a_killed_run_trains(killed: Program) -> None:
    errors, (line,) = judged_after_a_kill(killed, supervisedTuningSpec=UNKNOWN)
    assert (errors, line.partition(" ")[0]) == ([], killed.made["TuningJob"].id)


def hints(program: Program, at: str, **changed: Any) -> list[str]:
    told: list[str] = []
    program.desk.google.facts.clear()  # another process has listed nothing yet
    inputs = {**declared(**changed), "labels": {}, "resourceUrn": program.urn(at)}
    lifecycle_of("tuning_job").check(replace(program.call(at), tell=told.append), {}, inputs)
    return [line for line in told if "aliases=" in line]


def test_a_job_that_was_renamed_without_aliases_is_told_that_they_exist(program: Program) -> None:
    (hint,) = hints(program, "TuningJob renamed")
    assert hint.startswith(f"{program.made['TuningJob'].id} was submitted for the same")


def test_a_job_that_would_be_adopted_or_trains_something_else_gets_no_hint(program: Program) -> None:
    assert hints(program, "TuningJob") == []
    assert hints(program, "TuningJob other", **OTHER_SPEC) == []


def test_a_job_that_a_new_retry_replaces_gets_no_hint_of_its_own_older_job(program: Program) -> None:
    program.submit("TuningJob", retry="earlier")  # and there are jobs of other retries
    program.run = Run()
    program.preview("TuningJob", retry="again")
    assert hints(program, "TuningJob", retry="again") == []


def test_a_second_declaration_of_what_a_current_entry_has_trained_gets_no_hint(program: Program) -> None:
    program.preview("TuningJob")
    assert hints(program, "TuningJob second") == []


def test_a_job_to_adopt_that_does_not_exist_is_refused(program: Program) -> None:
    name = program.made["TuningJob"].id
    inputs = {**declared(), "labels": {}}
    assert program.errors("TuningJob new", **inputs, adopt=name) == []
    assert program.errors("TuningJob new", **inputs, adopt=name + "9") == [
        ("adopt", f"There is no tuning job {name}9.")
    ]


def test_a_job_that_was_adopted_is_not_asked_for_again(program: Program) -> None:
    inputs = {**declared(), "adopt": program.made["TuningJob"].id, "resourceUrn": program.urn("TuningJob")}
    olds = {**program.made["TuningJob"].outputs, **inputs}
    program.desk.google.journal.clear()
    lifecycle_of("tuning_job").check(program.call("TuningJob"), olds, inputs)
    assert program.desk.google.said("get_tuning_job") == []
