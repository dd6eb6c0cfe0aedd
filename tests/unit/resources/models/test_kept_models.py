"""What a replacement keeps says so, follows renames, and goes with the current model. Each verb has a Run of its own."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from pulumi_gcp_tuning.names import identity_of, stack_hash
from pulumi_gcp_tuning.resources.core.lifecycle import Current
from pulumi_gcp_tuning.resources.registry import lifecycle_of
from support.claim_world import World, of_older_release
from support.hand_made_google import urn
from support.hand_made_lookups import NUMBER


@pytest.fixture
def world(tmp_path: Path) -> World:
    return World(tmp_path)


def test_what_a_replacement_keeps_says_so_in_place_of_its_token(world: World) -> None:
    first = world.make("tuned_model")
    world.make("tuned_model")
    world.delete("tuned_model", first)
    assert world.claim_at("tuned_model", first) == f"kept-{identity_of(urn('TunedModel'))}"


def generations(world: World, count: int) -> list[Current]:
    """As many models of one TunedModel, each replaced by the next, all of which are kept."""
    made = [world.make("tuned_model", onReplace={"keepLast": 9})]
    for _ in range(count - 1):
        made.append(world.make("tuned_model", onReplace={"keepLast": 9}))
        world.delete("tuned_model", made[-2])
    assert len(world.google.models) == count
    return made


def test_a_delete_that_was_interrupted_after_it_kept_the_model_can_be_run_again(world: World) -> None:
    first, second = generations(world, 2)
    world.delete("tuned_model", first)
    assert len(world.google.models) == 2
    world.delete("tuned_model", second)
    assert world.google.models == {}


@pytest.mark.parametrize("older", [True, False])
def test_a3_a_destroy_that_was_interrupted_after_the_current_model_takes_the_kept_ones_too(
    world: World,
    older: bool,  # noqa: FBT001
) -> None:
    first, second = generations(world, 2)
    if older:
        world.strip("tuned_model", first)
        second = of_older_release(second)
    del world.google.models[second.outputs["model"]]
    world.delete("tuned_model", second)
    assert (world.google.models, world.google.endpoints) == ({}, {})


def test_a_pending_delete_of_a_model_that_is_gone_takes_no_newer_one(world: World) -> None:
    first, second = world.make("tuned_model"), world.make("tuned_model")
    del world.google.models[first.outputs["model"]]
    world.delete("tuned_model", first)
    assert set(world.google.models) == {second.outputs["model"]}


def test_l8_what_retain_on_delete_left_is_removed_by_no_later_delete(world: World) -> None:
    retained = world.make("tuned_model")
    second = world.make("tuned_model", onReplace={"keepLast": 0})
    third = world.make("tuned_model", onReplace={"keepLast": 0})
    world.delete("tuned_model", second)
    assert set(world.google.models) == {retained.outputs["model"], third.outputs["model"]}
    world.delete("tuned_model", third)
    assert set(world.google.models) == {retained.outputs["model"]}
    assert f"{retained.outputs['model']} is not deleted, because it belongs to shop/dev/bot" in world.desk.told[-1]
    assert "billed per request and costs nothing without requests" in world.desk.told[-1]


def test_l8_a_destroy_names_an_older_model_that_another_stack_serves_and_nobody_deletes_any_more(world: World) -> None:
    first, second = world.make("tuned_model"), world.make("tuned_model")
    world.delete("tuned_model", first)
    theirs = f"projects/{NUMBER}/locations/us/endpoints/4242"
    world.google.endpoints[theirs] = {"name": theirs}
    served = {"id": "5", "model": first.outputs["versionedModel"]}
    world.google.vertex("us").deploy_model(theirs, served, {"0": 100}, wait=None)
    world.delete("tuned_model", second)
    assert set(world.google.models) == {first.outputs["model"]}
    (warning,) = [each for each in world.desk.warnings if theirs in each]
    assert "No entry of this stack deletes it any more" in warning
    assert "then run again" not in warning


def test_l8_a_forced_replacement_after_a_rename_knows_that_the_model_is_its_own(world: World) -> None:
    made, frame = world.make("tuned_model"), lifecycle_of("tuned_model")
    call = world.call("tuned_model", "renamed")
    inputs = frame.check(call, made.inputs or {}, {**(made.inputs or {}), "resourceUrn": call.urn}).inputs
    frame.diff(call, made.id, made.outputs, inputs)
    frame.create(call, inputs)
    assert [each for each in world.desk.warnings if "another TunedModel" in each] == []


def test_l8_a_replacement_that_is_not_compared_learns_the_earlier_stack_from_another_entry(world: World) -> None:
    made, other, frame = world.make("tuned_model"), world.make("endpoint"), lifecycle_of("tuned_model")
    call = world.call("tuned_model", stack="prod")
    beside = replace(call, urn=urn("Endpoint", stack="prod"))
    renamed = {**(other.inputs or {}), "resourceUrn": beside.urn}
    endpoint = lifecycle_of("endpoint")
    endpoint.diff(beside, other.id, other.outputs, endpoint.check(beside, other.inputs or {}, renamed).inputs)
    frame.create(call, frame.check(call, {}, {**(made.inputs or {}), "resourceUrn": call.urn}).inputs)
    assert [each for each in world.desk.warnings if "another TunedModel" in each] == []


MOVED = [("bot", "prod"), ("renamed", "dev")]


@pytest.mark.parametrize(("name", "stack"), MOVED)
def test_l5_kept_models_follow_a_rename_and_one_retrain(world: World, name: str, stack: str) -> None:
    _, second = generations(world, 2)
    third = world.make("tuned_model", name, stack)
    world.delete("tuned_model", second, name, stack)
    of = urn("TunedModel", name, stack)
    labels = [each["labels"] for each in (*world.google.models.values(), *world.google.endpoints.values())]
    assert {(each["gcp-tuning-id"], each["gcp-tuning-stack"]) for each in labels} == {(identity_of(of), stack_hash(of))}
    world.delete("tuned_model", third, name, stack)
    assert (world.google.models, world.google.endpoints) == ({}, {})


@pytest.mark.parametrize(("name", "stack"), MOVED)
def test_l5_kept_models_follow_a_rename_and_one_update(world: World, name: str, stack: str) -> None:
    _, second = generations(world, 2)
    updated = world.update("tuned_model", second, name, stack, description="renamed")
    world.delete("tuned_model", updated, name, stack)
    assert (world.google.models, world.google.endpoints) == ({}, {})


def test_l5_kept_models_follow_their_current_one_into_another_resource_of_the_stack(world: World) -> None:
    _, second = generations(world, 2)
    taken = world.again("tuned_model", second, name="renamed")
    world.delete("tuned_model", second)
    assert len(world.google.models) == 2
    world.delete("tuned_model", taken, "renamed")
    assert (world.google.models, world.google.endpoints) == ({}, {})


def test_a_state_restored_from_a_backup_deletes_no_newer_model(world: World) -> None:
    first, second = generations(world, 2)
    world.delete("tuned_model", first)
    assert second.outputs["model"] in world.google.models
