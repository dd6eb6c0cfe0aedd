"""A model from which a running job trains on, over the real google/ and a running sandbox."""

from __future__ import annotations

from contextlib import nullcontext
from typing import TYPE_CHECKING, Any

import pytest

from pulumi_gcp_tuning.audit.findings import audit_of
from pulumi_gcp_tuning.audit.listing import list_things
from pulumi_gcp_tuning.audit.removal import remove_item
from pulumi_gcp_tuning.audit.state import StackState
from pulumi_gcp_tuning.catalog import shipped
from pulumi_gcp_tuning.errors import Refused
from pulumi_gcp_tuning.resources.registry import lifecycle_of
from support.hand_made_google import urn
from support.sandbox_server import PROJECT, REGION

if TYPE_CHECKING:
    from pulumi_gcp_tuning.resources.core.lifecycle import Current
    from support.sandbox_program import Program


def running_child(program: Program, model: str, stack: str) -> Current:
    """A job of that stack that trains on from a model and does not end; a new run begins."""
    program.server.admin("POST", "vertex", {"durationScale": 1_000_000})
    spec = {"trainingDatasetUri": program.dataset().outputs["uri"], "hyperParameters": {"epochCount": 2.0}}
    news: dict[str, Any] = {"preTunedModel": {"tunedModelName": model}, "supervisedTuningSpec": spec}
    inputs = {**program.inputs("tuning_job", news, name="more"), "resourceUrn": urn("TuningJob", "more", stack)}
    job = lifecycle_of("tuning_job").create(program.call("tuning_job", "more"), inputs)
    program.new_run()
    program.warnings.clear()
    return job


def versions_of(program: Program, model: str) -> list[str]:
    return [str(each["name"]) for each in program.google.vertex("us").list_models(model.rpartition("/models/")[0])]


def test_a_parent_is_not_deleted_while_a_job_of_another_stack_trains_on_from_it(program: Program) -> None:
    _, first = program.trained()
    job = running_child(program, first.outputs["versionedModel"], "other")
    with pytest.raises(Refused, match=f"gcp-tuning jobs cancel {job.id}"):
        program.delete("tuned_model", first)
    assert versions_of(program, first.outputs["model"])


def test_a_parent_of_a_job_that_a_killed_run_left_stays_without_an_entry_and_the_audit_removes_both(
    program: Program,
) -> None:
    of_first, first = program.trained()
    model = first.outputs["model"]
    job = running_child(program, first.outputs["versionedModel"], "dev")
    program.delete("tuned_model", first)
    (warning,) = program.warnings
    assert f"gcp-tuning audit --delete {job.id} {model}" in warning
    program.delete("tuning_job", of_first)
    assert versions_of(program, model)
    state = StackState(project="shop", stack="dev")
    items = {
        each.name: each
        for each in audit_of([state], list_things(program.google, shipped(), [(PROJECT, REGION)], []), shipped()).items
    }
    for name in (job.id, model):
        remove_item(program.call("tuned_model", "more"), items[name])
    assert versions_of(program, model) == []


def test_a_model_whose_child_a_killed_run_left_is_taken_over_again(program: Program) -> None:
    of_first, first = program.trained()
    running_child(program, first.outputs["versionedModel"], "dev")
    program.delete("tuned_model", first)
    program.new_run()
    again = program.create("tuned_model", {"tuningJob": of_first.id, "displayName": "Bot"})
    assert again.outputs["versionedModel"] == first.outputs["versionedModel"]
    assert not any("belonged to another TunedModel" in each for each in program.warnings)


@pytest.mark.parametrize("stack", ["other", "dev"])
def test_a_job_whose_model_nobody_took_over_keeps_it_while_another_job_trains_on_from_it(
    program: Program, stack: str
) -> None:
    first = program.job()
    model = program.google.vertex_of(first.id).tuning_jobs.poll(first.id)["tunedModel"]["model"]
    job = running_child(program, model, stack)
    with nullcontext() if stack == "dev" else pytest.raises(Refused, match=job.id):
        program.delete("tuning_job", first)
    assert [job.id in each for each in program.warnings] == ([True] if stack == "dev" else [])
    assert versions_of(program, model)


def test_a_destroy_of_the_data_names_the_job_that_a_killed_run_left(program: Program) -> None:
    program.server.admin("POST", "vertex", {"durationScale": 1_000_000})
    job, data = program.job(), program.dataset()
    program.new_run()
    program.warnings.clear()
    program.delete("tuning_dataset", data, "train")
    (warning,) = program.warnings
    assert job.id in warning
