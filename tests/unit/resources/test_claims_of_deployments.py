"""Claims of deployments: a label for each on an endpoint of ours, the label of the endpoint that serves weights, none elsewhere."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from pulumi_gcp_tuning.errors import ApiError, Refused
from pulumi_gcp_tuning.resources.core.lifecycle import Current
from pulumi_gcp_tuning.resources.registry import lifecycle_of
from support.claim_world import World, of_older_release
from support.samples import PARENT

KIND = "model_deployment"
MODEL = f"{PARENT}/models/77"
MACHINE = {"machineType": "g2-standard-12", "acceleratorType": "NVIDIA_L4", "acceleratorCount": 1}
WEIGHTS: dict[str, Any] = {"artifacts": "gs://shop-data/llama", **MACHINE}


@pytest.fixture
def world(tmp_path: Path) -> World:
    return World(tmp_path)


def deploy(world: World) -> Current:
    return world.create(KIND, endpoint=world.make("endpoint").id, model=MODEL)


def labels_of(world: World, made: Current) -> dict[str, str]:
    found: dict[str, str] = world.google.endpoints[made.id.partition("/deployedModels/")[0]]["labels"]
    return found


def deployed_on(world: World, made: Current) -> list[str]:
    live = world.google.endpoints.get(made.id.partition("/deployedModels/")[0], {})
    return [each["id"] for each in live.get("deployedModels") or ()]


@pytest.fixture(params=["on an endpoint", "weights"])
def made(world: World, request: pytest.FixtureRequest) -> Current:
    return deploy(world) if request.param == "on an endpoint" else world.create(KIND, **WEIGHTS)


def test_a_deployment_has_a_claim(world: World, made: Current) -> None:
    on_endpoint = "/deployedModels/" in made.id  # endpoint and model are given by name, so they are of another program
    key = f"gcp-tuning-claim-{made.outputs['deployedModelId']}" if on_endpoint else "gcp-tuning-claim"
    assert labels_of(world, made)[key] == f"{made.outputs['claim']}{'-em' if on_endpoint else ''}_shop_dev_bot"


def test_a4_a_twin_stack_in_another_backend_takes_it_over_and_the_first_does_not_undeploy_it(
    world: World, made: Current
) -> None:
    twin = world.again(KIND, made)
    assert (twin.id, twin.outputs["claim"] != made.outputs["claim"]) == (made.id, True)
    assert f"was claimed by shop/dev/bot (claim {made.outputs['claim']})" in world.desk.told[-1]
    world.delete(KIND, made)
    assert len(deployed_on(world, made)) == 1
    assert "is not deleted: it belongs to shop/dev/bot" in world.desk.warnings[-1]
    with pytest.raises(Refused, match="is not changed: it belongs to shop/dev/bot"):
        world.update(KIND, made, checks={"cost": "off"})
    world.delete(KIND, twin)
    assert deployed_on(world, made) == []


def test_a_claim_brings_it_back(world: World, made: Current) -> None:
    world.again(KIND, made)
    frame = lifecycle_of(KIND)
    assert frame.traits.reclaim is not None
    frame.traits.reclaim(world.call(KIND), made.id, made.outputs)
    world.delete(KIND, made)
    assert deployed_on(world, made) == []


def test_what_an_older_release_deployed_is_claimed_by_its_next_update_and_deleted_without_a_claim(
    world: World,
) -> None:
    made = deploy(world)
    key = next(key for key in labels_of(world, made) if key.startswith("gcp-tuning-claim-"))
    del labels_of(world, made)[key]
    updated = world.update(KIND, of_older_release(made), checks={"cost": "off"})
    assert labels_of(world, made)[key].startswith(updated.outputs["claim"])
    del labels_of(world, made)[key]
    world.delete(KIND, of_older_release(made))
    assert deployed_on(world, made) == []


def test_an_endpoint_of_others_is_never_labelled(world: World) -> None:
    theirs = f"{PARENT}/endpoints/9"
    world.google.endpoints[theirs] = {"name": theirs, "labels": {"team": "a"}}
    made = world.create(KIND, endpoint=theirs, model=MODEL)
    assert labels_of(world, made) == {"team": "a"}
    assert "claim" not in made.outputs
    world.delete(KIND, made)
    assert deployed_on(world, made) == []


def test_claims_of_deployments_that_are_gone_do_not_fill_the_labels(world: World) -> None:
    first = deploy(world)
    endpoint = first.outputs["endpoint"]
    world.delete(KIND, first)
    second = world.create(KIND, endpoint=endpoint, model=f"{PARENT}/models/78")
    claims = [key for key in labels_of(world, second) if key.startswith("gcp-tuning-claim-")]
    assert claims == [f"gcp-tuning-claim-{second.outputs['deployedModelId']}"]


def test_an_endpoint_with_as_many_labels_as_google_takes_serves_without_a_claim(world: World) -> None:
    endpoint = world.make("endpoint")
    labels = world.google.endpoints[endpoint.id]["labels"]
    labels |= {f"l{number}": "x" for number in range(64 - len(labels))}
    made = world.create(KIND, endpoint=endpoint.id, model=MODEL)
    assert (len(labels_of(world, made)), "claim" in made.outputs) == (64, False)
    assert "has no claim, because its endpoint has 64 labels" in world.desk.warnings[-1]


def test_who_may_not_update_the_endpoint_deploys_without_a_claim_but_takes_nothing_over(world: World) -> None:
    endpoint = world.make("endpoint")
    world.google.refuse_patch = ApiError("Permission denied", http_status=403, status="PERMISSION_DENIED")
    made = world.create(KIND, endpoint=endpoint.id, model=MODEL)
    assert "has no claim, because the caller lacks aiplatform.endpoints.update" in world.desk.warnings[-1]
    assert ("claim" in made.outputs, deployed_on(world, made)) == (False, [made.outputs["deployedModelId"]])
    world.google.refuse_patch = None
    world.again(KIND, made)
    world.google.refuse_patch = ApiError("Permission denied", http_status=403, status="PERMISSION_DENIED")
    with pytest.raises(Refused, match=r"was not adopted, because the caller lacks aiplatform\.endpoints\.update"):
        world.again(KIND, made)


@pytest.mark.parametrize("user", ["dev", "prod"])  # the same name in another backend, and another stack
def test_what_another_program_serves_on_our_endpoint_is_not_undeployed_with_it(world: World, user: str) -> None:
    endpoint = world.make("endpoint")
    model = world.make("tuned_model", stack=user)
    source = f"urn:pulumi:{user}::shop::gcp:Model::bot"
    own: dict[str, Any] = {"inputSources": {"model": [source]}, "fromResources": ["model"]}
    made = world.create(KIND, "guest", user, endpoint=endpoint.id, model=model.outputs["model"], **own)
    with pytest.raises(Refused, match="is deployed on it and nothing shows that this stack deployed it"):
        world.delete("endpoint", endpoint)
    assert deployed_on(world, made) == [made.outputs["deployedModelId"]]
    world.delete(KIND, made, "guest", user)
    world.delete("endpoint", endpoint)
    assert endpoint.id not in world.google.endpoints


def test_what_another_program_serves_of_our_model_on_our_endpoint_is_not_undeployed_with_either(world: World) -> None:
    endpoint, model = world.make("endpoint"), world.make("tuned_model")
    named = {"endpoint": endpoint.id, "model": model.outputs["model"]}
    made = world.create(KIND, "guest", "prod", **named)
    for kind, entry in (("tuned_model", model), ("endpoint", endpoint)):
        with pytest.raises(Refused, match="deployed on"):
            world.delete(kind, entry)
    assert deployed_on(world, made) == [made.outputs["deployedModelId"]]
    frame = lifecycle_of(KIND)
    assert frame.traits.reclaim is not None
    frame.traits.reclaim(world.call(KIND, "guest", "prod"), made.id, made.outputs)
    with pytest.raises(Refused, match="deployed on"):
        world.delete("endpoint", endpoint)


def test_what_an_interrupted_run_left_on_its_own_endpoint_is_undeployed_and_named(world: World) -> None:
    endpoint, model = world.make("endpoint"), world.make("tuned_model")
    sources = {key: [f"urn:pulumi:dev::shop::{key}::bot"] for key in ("endpoint", "model")}
    told: dict[str, Any] = {"inputSources": sources, "fromResources": ["endpoint", "model"]}
    made = world.create(KIND, endpoint=endpoint.id, model=model.outputs["model"], **told)
    world.delete("endpoint", endpoint)
    assert endpoint.id not in world.google.endpoints
    assert f"({made.outputs['deployedModelId']}) is undeployed from" in world.desk.told[-1]
