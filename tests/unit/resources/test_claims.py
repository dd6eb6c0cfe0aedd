"""Claims: an entry changes and deletes only what bears its own token, in whatever process and run it comes.

The names of tests begin with their row of the cases on the lifecycle. Each verb has a Run of its own: nothing that it remembers
helps another.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from pulumi_gcp_tuning.errors import ApiError, Refused
from pulumi_gcp_tuning.grammar import is_label_value
from pulumi_gcp_tuning.names import stack_hash
from pulumi_gcp_tuning.resources.core.claims import label_of, token_in
from pulumi_gcp_tuning.resources.core.lifecycle import Current
from pulumi_gcp_tuning.resources.registry import lifecycle_of
from support.claim_world import CLASSES, World, is_claim, labels_in, of_older_release
from support.hand_made_google import urn
from support.samples import DATA, PARENT


@pytest.fixture
def world(tmp_path: Path) -> World:
    return World(tmp_path)


UPDATES = {
    "tuned_model": "aiplatform.models.update",
    "endpoint": "aiplatform.endpoints.update",
    "tuning_dataset": "storage.objects.update",
}
"""The permission that a claim on the object of each kind needs."""

every_kind = pytest.mark.parametrize("kind", sorted(CLASSES))


# writing


@every_kind
def test_create_writes_one_new_token_into_the_outputs_and_onto_the_object(world: World, kind: str) -> None:
    made = world.make(kind)
    assert made.outputs["claim"] == "0000000000000001"
    claimant = "_shop_dev_bot" if "labels" in world.object_of(kind, made) else ""
    assert world.claim_at(kind, made) == f"0000000000000001{claimant}"


@every_kind
def test_adoption_writes_another_token_and_says_who_had_the_object(world: World, kind: str) -> None:
    first = world.make(kind)
    second = world.again(kind, first)
    assert second.outputs["claim"] != first.outputs["claim"]
    assert str(world.claim_at(kind, second)).startswith(second.outputs["claim"])
    assert "was claimed by shop/dev/bot (claim 0000000000000001)" in world.desk.told[-1]


@every_kind
def test_adoption_from_an_entry_of_the_same_urn_says_that_it_may_be_an_earlier_entry_of_this_resource(
    world: World, kind: str
) -> None:
    world.again(kind, world.make(kind))
    said = world.desk.told[-1]
    assert "an earlier entry of this resource, or the same resource in another backend" in said


def test_adoption_of_another_stacks_model_names_its_owner_and_how_to_give_it_back(world: World) -> None:
    first = world.make("tuned_model")
    world.again("tuned_model", first, stack="prod")
    said = world.desk.warnings[-1]
    assert "belonged to another TunedModel, shop/dev/bot (claim 0000000000000001)" in said
    assert "`gcp-tuning claim` with the URN of the other one" in said


def test_adoption_of_another_stacks_claim_without_identity_does_not_call_it_an_earlier_entry(world: World) -> None:
    first = world.make("tuned_model")
    del world.object_of("tuned_model", first)["labels"]["gcp-tuning-id"]
    world.again("tuned_model", first, stack="prod")
    said = world.desk.told[-1]
    assert "was claimed by shop/dev/bot (claim 0000000000000001)" in said
    assert "earlier entry of this resource" not in said


@every_kind
def test_an_object_that_changes_while_it_is_claimed_is_read_again(world: World, kind: str) -> None:
    first = world.make(kind)

    def meddle(found: dict[str, Any]) -> None:
        labels_in(found).update(theirs="x")
        found["metageneration"] = "7"

    world.google.meddling = [meddle, lambda _found: None]
    second = world.again(kind, first)
    assert str(world.claim_at(kind, second)).startswith(second.outputs["claim"])
    assert world.google.meddling == []
    assert world.labels_of(kind, second)["theirs"] == "x"


@every_kind
def test_what_may_not_be_claimed_is_not_adopted_and_the_permission_is_named(world: World, kind: str) -> None:
    assert kind in UPDATES, f"add {kind} to UPDATES of tests/unit/resources/test_claims.py"
    first, before = world.make(kind), world.left()
    world.google.refuse_patch = ApiError("Permission denied", http_status=403, status="PERMISSION_DENIED")
    with pytest.raises(Refused, match=rf"was not adopted, because the caller lacks {UPDATES[kind]}"):
        world.again(kind, first)
    assert world.left() == before


@every_kind
def test_an_update_keeps_the_token(world: World, kind: str) -> None:
    made = world.make(kind)
    updated = world.update(kind, made, checks={"cost": "off"})
    assert updated.outputs["claim"] == made.outputs["claim"]


@every_kind
def test_an_update_claims_what_an_older_release_made(world: World, kind: str) -> None:
    made = world.make(kind)
    world.strip(kind, made)
    updated = world.update(kind, of_older_release(made))
    assert updated.outputs["claim"] == "0000000000000002"
    assert str(world.claim_at(kind, made)).startswith("0000000000000002")


# reading


@every_kind
def test_a_refresh_gives_a_pending_delete_neither_the_new_token_nor_another_origin(world: World, kind: str) -> None:
    pending = world.make(kind)
    world.again(kind, pending)
    elsewhere = {**pending.outputs, "apiOrigin": "http://127.0.0.1:1"}
    read = lifecycle_of(kind).read(world.call(kind), pending.id, elsewhere)
    assert read is not None
    assert (read.outputs["claim"], read.outputs["apiOrigin"]) == (pending.outputs["claim"], "http://127.0.0.1:1")


@every_kind
def test_a_refresh_writes_no_token_into_an_entry_that_has_none(world: World, kind: str) -> None:
    made = of_older_release(world.make(kind))
    outputs = {key: value for key, value in made.outputs.items() if key != "apiOrigin"}
    for given in (outputs, {}):
        read = lifecycle_of(kind).read(world.call(kind), made.id, given)
        assert read is not None
        assert "claim" not in read.outputs
        assert ("apiOrigin" in read.outputs) is (given == {})


# moved by `pulumi state move`, which changes only the URN of the entry


@every_kind
def test_an_entry_that_was_moved_to_another_stack_keeps_its_token_and_shows_the_new_stack(
    world: World, kind: str
) -> None:
    made = world.make(kind)
    moved = world.update(kind, made, stack="prod")
    assert moved.outputs["claim"] == made.outputs["claim"]
    assert "prod" in str(world.object_of(kind, moved).get("labels") or world.object_of(kind, moved)["metadata"])


@every_kind
def test_an_entry_that_was_moved_to_another_stack_deletes_its_object_before_any_update(world: World, kind: str) -> None:
    made = world.make(kind)
    world.delete(kind, made, stack="prod")
    google = world.google
    assert (google.models, google.endpoints, google.objects) == ({}, {}, {})


# another's


@every_kind
def test_l1_a_pending_delete_touches_nothing_of_what_another_process_adopted(world: World, kind: str) -> None:
    pending = world.make(kind)
    current = world.again(kind, pending)
    before = world.stock()
    read = lifecycle_of(kind).read(world.call(kind), pending.id, pending.outputs)  # up --refresh
    assert read is not None
    world.delete(kind, read)
    assert world.stock() == before
    said = world.desk.warnings[-1]
    assert f"it belongs to shop/dev/bot (claim {current.outputs['claim']})" in said
    assert f"gcp-tuning claim '{urn(CLASSES[kind])}'" in said


@every_kind
def test_a4_the_second_stack_of_a_name_says_that_it_takes_over_and_the_first_deletes_nothing(
    world: World, kind: str
) -> None:
    first = world.make(kind)
    world.again(kind, first)
    before = world.stock()
    assert "rename one of the two" in world.desk.told[-1]
    world.delete(kind, first)
    assert world.stock() == before
    with pytest.raises(Refused, match=r"is not changed: it belongs to shop/dev/bot .*\n.*gcp-tuning claim"):
        world.update(kind, first, displayName="mine")
    assert world.stock() == before


@every_kind
def test_an_entry_without_a_token_deletes_nothing_that_somebody_claims(world: World, kind: str) -> None:
    made, before = world.make(kind), world.stock()
    world.delete(kind, of_older_release(made))
    assert world.stock() == before
    assert "this entry has no claim" in world.desk.warnings[-1]


@every_kind
@pytest.mark.parametrize("status", [403, 500])
def test_what_cannot_be_read_keeps_the_entry(world: World, kind: str, status: int) -> None:
    made = world.make(kind)
    world.google.down = ApiError("sorry", http_status=status, status="INTERNAL")
    before = world.stock()
    for verb in (lambda: world.delete(kind, made), lambda: world.update(kind, made)):
        with pytest.raises(ApiError, match="sorry"):
            verb()
    assert world.stock() == before


@every_kind
def test_two_claimants_at_once_leave_one_claim_and_the_loser_is_told(world: World, kind: str) -> None:
    made = world.make(kind)

    def claim(found: dict[str, Any]) -> None:
        held = labels_in(found)
        key = next(filter(is_claim, held))
        held[key] = held[key].replace(made.outputs["claim"], "f" * 16)
        found["metageneration"] = "9"

    world.google.meddling = [claim]
    with pytest.raises(Refused, match="ffffffffffffffff"):
        world.update(kind, made, displayName="mine", resourceUrn=urn(CLASSES[kind], "renamed"))


# nobody's


@every_kind
@pytest.mark.parametrize("older", [True, False])
def test_what_has_no_claim_is_deleted_by_its_own_entry_with_a_warning(world: World, kind: str, older: bool) -> None:  # noqa: FBT001
    made = world.make(kind)
    world.strip(kind, made)
    world.delete(kind, of_older_release(made) if older else made)
    assert world.left() == {}
    assert "was recognised by its identity and its creation time" in world.desk.warnings[0]


@pytest.mark.parametrize("kind", ["tuned_model", "endpoint"])
@pytest.mark.parametrize(
    "other",
    [{"createTime": "2026-11-22T00:00:00Z"}, {"labels": {"gcp-tuning-id": "f" * 32}}],
    ids=["another create time", "another identity"],
)
def test_what_has_no_claim_and_is_not_what_state_knows_is_left_alone(
    world: World, kind: str, other: dict[str, Any]
) -> None:
    made = world.make(kind)
    world.strip(kind, made)
    world.object_of(kind, made).update(other)
    before = world.stock()
    world.delete(kind, made)
    assert world.stock() == before
    with pytest.raises(Refused, match="is not changed"):
        world.update(kind, made, displayName="mine")


def test_two_owners_of_one_dataset_stand_side_by_side(world: World) -> None:
    first, second = world.make("tuning_dataset"), world.make("tuning_dataset", "other")
    ((_, found),) = world.google.objects.items()
    assert sum(key.startswith("gcp-tuning-claim-") for key in found["metadata"]) == 2
    world.delete("tuning_dataset", first)
    assert [key for key in found["metadata"] if key.startswith("gcp-tuning-claim-")] != []
    assert len(world.google.objects) == 1
    world.delete("tuning_dataset", second, "other")
    assert world.google.objects == {}


# the stack


def test_everything_that_a_stack_creates_has_its_hash(world: World) -> None:
    world.make("endpoint")
    world.make("tuning_dataset")
    world.make("tuned_model")
    spec = {"trainingDatasetUri": DATA}
    job = world.create("tuning_job", baseModel="gemini-3.5-flash", supervisedTuningSpec=spec)
    ours = stack_hash(urn("TuningJob"))
    google = world.google
    labelled = [*google.models.values(), *google.endpoints.values(), google.jobs[job.id]]
    assert {each["labels"].get("gcp-tuning-stack") for each in labelled} == {ours}
    assert [each["metadata"]["gcp-tuning-stack"] for each in google.objects.values()] == [ours]


def test_an_endpoint_that_this_package_did_not_make_gets_no_label_of_it(world: World) -> None:
    name = f"{PARENT}/endpoints/5"
    world.google.endpoints[name] = {"name": name, "displayName": "theirs", "labels": {"a": "1"}, "deployedModels": []}
    read = lifecycle_of("endpoint").read(world.call("endpoint"), name, {})
    assert read is not None
    imported = Current(id=name, outputs=read.outputs, inputs=read.inputs)
    updated = world.update("endpoint", imported, displayName="ours")
    assert world.google.endpoints[name]["labels"] == {"a": "1"}
    assert "claim" not in updated.outputs


# the origin


@pytest.mark.parametrize("kind", sorted(CLASSES))
def test_a10_nothing_is_written_or_deleted_through_another_origin_although_the_id_answers(
    world: World, kind: str
) -> None:
    made, before = world.make(kind), world.stock()
    elsewhere = {**made.outputs, "apiOrigin": "http://127.0.0.1:1"}
    entry = Current(id=made.id, outputs=elsewhere, inputs=made.inputs)
    for verb in (lambda: world.delete(kind, entry), lambda: world.update(kind, entry, displayName="x")):
        with pytest.raises(Refused, match=r"was made through http://127\.0\.0\.1:1"):
            verb()
    assert world.stock() == before


def test_a_claimant_with_any_name_is_named_and_fits_into_a_label() -> None:
    label = label_of("0123456789abcdef", urn("TunedModel", "My_Router: é" + "x" * 80, "dev"))
    assert label.startswith("0123456789abcdef_shop_dev_my-router---xxx")
    assert is_label_value(label)
    assert token_in(label) == "0123456789abcdef"
