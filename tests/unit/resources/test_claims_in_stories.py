"""What the cases on the lifecycle tell, entry by entry; each verb is a process of its own."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from pulumi_gcp_tuning.errors import ApiError
from pulumi_gcp_tuning.resources.core.lifecycle import Current
from pulumi_gcp_tuning.resources.core.run import Run
from pulumi_gcp_tuning.resources.registry import lifecycle_of
from support.claim_world import CLASSES, World
from support.hand_made_google import urn
from support.hand_made_lookups import NUMBER
from support.samples import PARENT

every_kind = pytest.mark.parametrize("kind", sorted(CLASSES))


@pytest.fixture
def world(tmp_path: Path) -> World:
    return World(tmp_path)


def reverted(world: World) -> tuple[Current, Current, Current]:
    """A retrain that failed half-way and was taken back: the pending entry, the retrained one, and the adopted one."""
    pending = world.make("tuned_model")
    retrained = world.make("tuned_model")
    return pending, retrained, world.again("tuned_model", pending)


def test_l1_after_a_reverted_retrain_the_model_in_use_and_the_kept_one_stay(world: World) -> None:
    pending, retrained, current = reverted(world)
    world.delete("tuned_model", retrained)
    world.delete("tuned_model", pending)
    assert set(world.google.models) == {current.outputs["model"], retrained.outputs["model"]}
    assert len(world.google.endpoints) == 4
    world.delete("tuned_model", current)
    assert (world.google.models, world.google.endpoints) == ({}, {})


def test_l1b_a_forced_replacement_that_stays_pending_deletes_nothing(world: World) -> None:
    pending = world.make("tuned_model")
    forced = world.again("tuned_model", pending)
    again = world.again("tuned_model", pending)
    before = world.stock()
    for entry in (pending, forced):
        world.delete("tuned_model", entry)
    assert world.stock() == before
    world.delete("tuned_model", again)
    assert world.google.models == {}


def test_l1c_a_pending_delete_gives_no_advice_to_undeploy_the_model_in_use(world: World) -> None:
    pending, _, current = reverted(world)
    endpoint = world.make("endpoint", location="us")
    world.create("model_deployment", endpoint=endpoint.id, model=current.outputs["versionedModel"])
    before = world.stock()
    world.delete("tuned_model", pending)
    assert world.stock() == before


def test_l1d_a_dataset_that_is_uploaded_again_stays_in_the_bucket(world: World) -> None:
    pending = world.make("tuning_dataset")
    world.again("tuning_dataset", pending)
    world.delete("tuning_dataset", pending)
    assert len(world.google.objects) == 1


def test_a1_a_pending_delete_by_the_number_of_the_project_deletes_nothing(world: World) -> None:
    pending, _, _ = reverted(world)
    other = Current(id=pending.id.replace(NUMBER, "shop-dev"), outputs=pending.outputs)
    before = world.stock()
    world.delete("tuned_model", other)
    assert world.stock() == before


def test_a1_a_pending_delete_of_an_account_that_may_list_no_models_deletes_nothing(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    pending, _, _ = reverted(world)

    def refuse(*_: Any, **__: Any) -> Any:
        raise ApiError("no", http_status=403, status="PERMISSION_DENIED")

    monkeypatch.setattr("support.hand_made_google.HandMadeVertex.list_models", refuse)
    before = world.stock()
    world.delete("tuned_model", pending)
    assert world.stock() == before


@every_kind
def test_l10_an_entry_that_was_deleted_from_state_is_adopted_and_then_deleted(world: World, kind: str) -> None:
    forgotten = world.make(kind)
    adopted = world.again(kind, forgotten)
    world.delete(kind, adopted)
    assert world.left() == {}


@every_kind
def test_l10_a_state_from_before_an_adoption_is_told_how_to_claim_and_deletes_nothing(world: World, kind: str) -> None:
    restored = world.make(kind)
    world.again(kind, restored)
    before = world.stock()
    world.delete(kind, restored)
    assert world.stock() == before
    assert "gcp-tuning claim" in world.desk.warnings[-1]


@pytest.mark.parametrize("kind", ["tuned_model", "endpoint"])
def test_l10_what_was_imported_is_claimed_by_its_first_update(world: World, kind: str) -> None:
    made = world.make(kind)
    world.strip(kind, made)
    read = lifecycle_of(kind).read(world.call(kind), made.id, {})
    assert read is not None
    updated = world.update(kind, read, displayName="ours")
    assert str(world.claim_at(kind, made)).startswith(updated.outputs["claim"])
    world.delete(kind, updated)
    assert (world.google.models, world.google.endpoints) == ({}, {})


@pytest.mark.parametrize("kind", ["tuned_model", "endpoint"])
def test_l10_what_was_imported_and_another_stack_claims_is_not_deleted(world: World, kind: str) -> None:
    made = world.make(kind)
    read = lifecycle_of(kind).read(world.call(kind, stack="prod"), made.id, {})
    assert read is not None
    before = world.stock()
    world.delete(kind, read, stack="prod")
    assert world.stock() == before


def test_l10_an_endpoint_that_its_own_stack_relabels_is_undeployed_from_and_gets_no_label(world: World) -> None:
    name = f"{PARENT}/endpoints/5"
    world.google.endpoints[name] = {"name": name, "labels": {"a": "1"}, "deployedModels": [], "trafficSplit": {}}
    made = world.create("model_deployment", endpoint=name, model=f"{PARENT}/models/77")
    assert world.google.endpoints[name]["labels"] == {"a": "1"}
    world.google.endpoints[name]["labels"] = {"b": "2"}
    world.delete("model_deployment", made)
    assert (world.google.endpoints[name]["labels"], world.google.endpoints[name]["deployedModels"]) == ({"b": "2"}, [])


def test_l10_job_and_model_of_two_processes_are_deleted_by_their_own_entries(world: World) -> None:
    spec = {"trainingDatasetUri": f"gs://shop-data/tuning-datasets/{'a' * 64}.jsonl"}
    job = world.create("tuning_job", baseModel="gemini-3.5-flash", supervisedTuningSpec=spec)
    world.google.succeed(job.id)
    model = world.create("tuned_model", tuningJob=job.id)
    world.delete("tuning_job", job)
    assert set(world.google.models) == {model.outputs["model"]}
    world.delete("tuned_model", model)
    assert world.google.models == {}


@every_kind
def test_what_the_run_itself_holds_is_not_even_read(world: World, kind: str) -> None:
    made, run = world.make(kind), Run()
    frame, call = lifecycle_of(kind), world.call(kind, run=run)
    inputs = {**(made.inputs or {}), "resourceUrn": urn(CLASSES[kind])}
    frame.diff(call, made.id, made.outputs, frame.check(call, made.inputs or {}, inputs).inputs)
    world.google.journal.clear()
    frame.delete(call, made.id, made.outputs)
    assert world.google.journal == []
