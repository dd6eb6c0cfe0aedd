"""`pulumi state taint` and --replace after `pulumi stack rename`: as without the rename, no job is paid for twice.

The engine then sends no old inputs and no diff. Other entries of the run show the earlier name of the stack.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from pulumi_gcp_tuning.names import identity_of
from pulumi_gcp_tuning.resources.core.holdings import Holdings
from pulumi_gcp_tuning.resources.core.lifecycle import Call, Current
from pulumi_gcp_tuning.resources.core.run import Run
from pulumi_gcp_tuning.resources.core.seen import Memo
from pulumi_gcp_tuning.resources.core.sharing import owners_in
from pulumi_gcp_tuning.resources.registry import lifecycle_of
from support.claim_world import World
from support.hand_made_google import urn
from support.samples import PAIRS

JOBS = ["tuning_job", "pipeline_tuning_job"]


@pytest.fixture
def world(tmp_path: Path) -> World:
    return World(tmp_path)


def in_renamed_stack(world: World, kind: str, *beside: tuple[str, Current], run: Run | None = None) -> Call:
    """The call of a tainted entry in a run that has compared the entries ``beside``."""
    world.google.facts.clear()  # another process has listed nothing yet
    call = world.call(kind, stack="prod", run=run or Run(), tell=world.desk.told.append)
    for of, entry in beside:
        frame = lifecycle_of(of)
        other = replace(call, urn=urn(frame.name, "bot", "prod"))
        renamed = {**(entry.inputs or {}), "resourceUrn": other.urn}
        frame.diff(other, entry.id, entry.outputs, frame.check(other, entry.inputs or {}, renamed).inputs)
    return call


def test_the_update_of_a_command_knows_the_earlier_name_that_its_preview_saw(world: World, tmp_path: Path) -> None:
    job, beside, memo = (
        world.make("tuning_job"),
        ("endpoint", world.make("endpoint")),
        Memo(tmp_path / "shared", "77-1"),
    )
    preview, update = Run(), Run()
    for run in (preview, update):
        run.of(Holdings).share(None, memo)
    in_renamed_stack(world, "tuning_job", beside, run=preview)
    call, frame = in_renamed_stack(world, "tuning_job", run=update), lifecycle_of("tuning_job")
    assert frame.create(call, frame.check(call, {}, declared(job, call)).inputs).id == job.id


def declared(entry: Current, call: Call, **changed: Any) -> dict[str, Any]:
    return {**(entry.inputs or {}), "resourceUrn": call.urn, **changed}


@pytest.mark.parametrize("kind", JOBS)
def test_a_tainted_job_is_adopted_and_the_preview_says_so(world: World, kind: str) -> None:
    job, beside = world.make(kind), ("endpoint", world.make("endpoint"))
    call, frame = in_renamed_stack(world, kind, beside), lifecycle_of(kind)
    world.desk.told.clear()
    frame.check(call, {}, declared(job, call))
    assert [line for line in world.desk.told if "trains" in line or "aliases" in line] == []
    call = in_renamed_stack(world, kind, beside)
    assert frame.create(call, frame.check(call, {}, declared(job, call)).inputs).id == job.id
    assert len(world.google.jobs) == 1


@pytest.mark.parametrize("kind", JOBS)
def test_a_tainted_job_whose_declaration_changed_too_is_submitted(world: World, kind: str) -> None:
    job, beside = world.make(kind), ("endpoint", world.make("endpoint"))
    call, frame = in_renamed_stack(world, kind, beside), lifecycle_of(kind)
    made = frame.create(call, frame.check(call, {}, declared(job, call, retry="2")).inputs)
    assert (made.id == job.id, len(world.google.jobs)) == (False, 2)


def test_a_job_of_a_new_stack_with_the_old_name_and_another_spec_is_in_nobodys_way(world: World) -> None:
    job, beside = world.make("tuning_job"), ("endpoint", world.make("endpoint"))
    world.google.succeed(job.id)
    theirs = world.make("tuning_job", baseModel="gemini-2.5-flash")
    call, frame = in_renamed_stack(world, "tuning_job", beside), lifecycle_of("tuning_job")
    made = frame.create(call, frame.check(call, {}, declared(job, call)).inputs)
    assert (made.id, theirs.id in world.google.jobs) == (job.id, True)


def test_a_job_that_another_entry_of_the_run_has_is_not_shared(world: World) -> None:
    job = world.make("tuning_job")
    call, frame = (
        in_renamed_stack(world, "tuning_job", ("endpoint", world.make("endpoint"))),
        lifecycle_of("tuning_job"),
    )
    other = replace(call, urn=urn("TuningJob", "other", "prod"))
    held = {**(job.inputs or {}), "resourceUrn": other.urn}
    frame.diff(other, job.id, job.outputs, frame.check(other, job.inputs or {}, held).inputs)
    assert frame.create(call, frame.check(call, {}, declared(job, call)).inputs).id != job.id


def test_the_share_of_a_tainted_dataset_under_the_earlier_name_goes_with_its_old_entry(world: World) -> None:
    data = world.make("tuning_dataset")
    call, frame = in_renamed_stack(world, "tuning_dataset"), lifecycle_of("tuning_dataset")
    made = frame.create(call, frame.check(call, {}, declared(data, call)).inputs)
    frame.delete(call, data.id, data.outputs)
    (found,) = world.google.objects.values()
    assert list(owners_in(found).values()) == ["shop/prod/bot"]
    world.delete("tuning_dataset", made, stack="prod")
    assert world.google.objects == {}


def test_the_share_of_a_new_stack_with_the_old_name_stays(world: World) -> None:
    data = world.make("tuning_dataset")
    call, frame = in_renamed_stack(world, "tuning_dataset"), lifecycle_of("tuning_dataset")
    made = frame.create(call, frame.check(call, {}, declared(data, call)).inputs)
    theirs = world.again("tuning_dataset", data)
    frame.delete(call, data.id, data.outputs)
    world.delete("tuning_dataset", made, stack="prod")
    assert len(world.google.objects) == 1
    world.delete("tuning_dataset", theirs)
    assert world.google.objects == {}


def test_a_tainted_endpoint_keeps_its_address_and_its_deployments(world: World) -> None:
    own, beside = world.make("endpoint"), ("tuning_dataset", world.make("tuning_dataset"))
    call, frame = in_renamed_stack(world, "endpoint", beside), lifecycle_of("endpoint")
    made = frame.create(call, frame.check(call, {}, declared(own, call)).inputs)
    assert (made.id, list(world.google.endpoints)) == (own.id, [own.id])
    frame.delete(call, own.id, own.outputs)
    assert world.google.endpoints[own.id]["labels"]["gcp-tuning-id"] == identity_of(call.urn)
    world.delete("endpoint", made, stack="prod")
    assert world.google.endpoints == {}


def test_an_endpoint_that_was_not_there_before_the_rename_is_made(world: World) -> None:
    own, beside = world.make("endpoint"), ("tuning_dataset", world.make("tuning_dataset"))
    world.google.endpoints.clear()
    call, frame = in_renamed_stack(world, "endpoint", beside), lifecycle_of("endpoint")
    made = frame.create(call, frame.check(call, {}, declared(own, call)).inputs)
    assert made.id != own.id


def test_a_tainted_deployment_is_found_on_its_endpoint(world: World) -> None:
    served, beside = world.make("model_deployment"), ("endpoint", world.make("endpoint"))
    call, frame = in_renamed_stack(world, "model_deployment", beside), lifecycle_of("model_deployment")
    made = frame.create(call, frame.check(call, {}, declared(served, call)).inputs)
    frame.delete(call, served.id, served.outputs)
    assert made.id == served.id
    assert len(world.google.endpoints[served.id.partition("/deployedModels/")[0]]["deployedModels"]) == 1


def test_a_tainted_machine_is_not_set_up_a_second_time(world: World) -> None:
    machine = {"machineType": "g2-standard-12", "acceleratorType": "NVIDIA_L4", "acceleratorCount": 1}
    weights: dict[str, Any] = {"artifacts": "gs://shop-data/weights", **machine}
    served, beside = world.create("model_deployment", **weights), ("tuning_dataset", world.make("tuning_dataset"))
    call, frame = in_renamed_stack(world, "model_deployment", beside), lifecycle_of("model_deployment")
    made = frame.create(call, frame.check(call, {}, declared(served, call)).inputs)
    frame.delete(call, served.id, served.outputs)
    assert (made.id, list(world.google.endpoints)) == (served.id, [served.id])
    world.delete("model_deployment", made, stack="prod")
    assert world.google.endpoints == {}


def test_a_tainted_model_of_the_gemini_api_is_not_tuned_again(world: World) -> None:
    (world.folder / "pairs.jsonl").write_bytes(PAIRS)
    tuned, beside = world.make("gemini_api_tuned_model"), ("endpoint", world.make("endpoint"))
    call, frame = in_renamed_stack(world, "gemini_api_tuned_model", beside), lifecycle_of("gemini_api_tuned_model")
    made = frame.create(call, frame.check(call, {}, declared(tuned, call)).inputs)
    assert (made.id, len(world.google.models)) == (tuned.id, 1)


@pytest.mark.parametrize("kind", JOBS)
def test_a_changed_job_of_a_renamed_stack_does_not_share_that_of_a_new_stack_with_the_old_name(
    world: World, kind: str
) -> None:
    job = world.make(kind)
    world.google.succeed(job.id)
    changed = {"baseModel": "gemini-2.5-flash"} if kind == "tuning_job" else {"trainSteps": 20}
    theirs = world.make(kind, **changed)
    call, frame = in_renamed_stack(world, kind), lifecycle_of(kind)
    inputs = frame.check(call, job.inputs or {}, declared(job, call, **changed)).inputs
    difference = frame.diff(call, job.id, job.outputs, inputs)
    assert (bool(difference.replaces), difference.becomes) == (True, frozenset())
    assert frame.create(call, inputs).id not in (job.id, theirs.id)
