"""A deployment whose answer was lost: Google may go on with it for minutes, and an endpoint shows it when it serves."""

from __future__ import annotations

from collections.abc import Callable
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest

from pulumi_gcp_tuning.errors import ApiError
from pulumi_gcp_tuning.resources.registry import lifecycle_of
from support.claim_world import World
from support.hand_made_google import HandMadeVertex, by_number, lost, refused


@pytest.fixture
def world(tmp_path: Path) -> World:
    return World(tmp_path)


def _method(verb: Callable[..., Any]) -> Callable[..., Any]:
    """A function, because a class hands its instance to nothing else."""

    def method(*given: Any, **more: Any) -> Any:
        return verb(*given, **more)

    return method


class SlowDeployments:
    """Google loses the answer to each deployment, and goes on with it for so many seconds; an endpoint cannot go meanwhile."""

    def __init__(self, world: World, monkeypatch: pytest.MonkeyPatch, *, seconds: float = 200.0) -> None:
        self.world, self.seconds = world, seconds
        self.pending: list[tuple[float, tuple[Any, ...]]] = []
        self._deploy, self._get, self._delete = (
            HandMadeVertex.deploy_model,
            HandMadeVertex.get_endpoint,
            HandMadeVertex.delete_endpoint,
        )
        for name, verb in (
            ("deploy_model", self.deploy_model),
            ("get_endpoint", self.get_endpoint),
            ("delete_endpoint", self.delete_endpoint),
        ):
            monkeypatch.setattr(HandMadeVertex, name, _method(verb))

    def deploy_model(self, vertex: HandMadeVertex, *given: Any, **_: Any) -> Any:
        vertex.google.journal.append(("asked to deploy", given[0]))
        self.pending.append((self.world.desk.clock.seconds + self.seconds, (vertex, *deepcopy(given))))
        raise lost()

    def get_endpoint(self, vertex: HandMadeVertex, name: str) -> Any:
        for due, given in list(self.pending):
            if due <= self.world.desk.clock.seconds:
                self.pending.remove((due, given))
                self._deploy(*given, wait=None)
        return self._get(vertex, name)

    def delete_endpoint(self, vertex: HandMadeVertex, name: str, **_: Any) -> None:
        self.get_endpoint(vertex, name)
        if any(by_number(given[1]) == by_number(name) for _, given in self.pending):
            raise refused("FAILED_PRECONDITION", "it is being changed")
        self._delete(vertex, name)


def asked(world: World) -> int:
    return len(world.google.said("asked to deploy"))


def test_a_deployment_that_takes_minutes_is_found_after_a_lost_answer(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    model, endpoint = world.make("tuned_model"), world.make("endpoint", location="us")
    SlowDeployments(world, monkeypatch)
    made = world.create("model_deployment", endpoint=endpoint.id, model=model.outputs["model"])
    (on_it,) = world.google.endpoints[endpoint.id]["deployedModels"]
    assert (made.id, asked(world)) == (f"{endpoint.id}/deployedModels/{on_it['id']}", 1)


def test_a_deployment_that_never_comes_fails_with_googles_error_after_ten_minutes(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    model, endpoint = world.make("tuned_model"), world.make("endpoint", location="us")
    SlowDeployments(world, monkeypatch, seconds=1e9)
    begun = world.desk.clock.seconds
    with pytest.raises(ApiError, match="connection lost"):
        world.create("model_deployment", endpoint=endpoint.id, model=model.outputs["model"])
    assert 600 <= world.desk.clock.seconds - begun <= 700


def left_by_a_kill(world: World, monkeypatch: pytest.MonkeyPatch) -> Any:
    """An endpoint on which Google still deploys the stack's model, although no entry says so."""
    model, endpoint = world.make("tuned_model"), world.make("endpoint", location="us")
    slow = SlowDeployments(world, monkeypatch)
    with pytest.raises(ApiError):
        HandMadeVertex(world.google, "us").deploy_model(
            endpoint.id, {"id": "7", "model": model.outputs["model"]}, {"0": 100}, wait=None
        )
    return model, endpoint, slow


def test_a6_an_endpoint_goes_once_the_deployment_that_a_killed_run_began_is_on_it(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    model, endpoint, _ = left_by_a_kill(world, monkeypatch)
    world.delete("endpoint", endpoint)
    world.delete("tuned_model", model)
    assert (world.google.endpoints, world.google.models) == ({}, {})


def test_an_endpoint_that_google_never_lets_go_fails_and_says_which(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    _, endpoint, slow = left_by_a_kill(world, monkeypatch)
    slow.pending = [(1e9, given) for _, given in slow.pending]
    with pytest.raises(ApiError, match=f"deleting the endpoint {endpoint.id}"):
        world.delete("endpoint", endpoint)
    assert endpoint.id in world.google.endpoints


def test_a_cancel_ends_the_wait_for_an_endpoint_that_is_being_changed(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    _, endpoint, slow = left_by_a_kill(world, monkeypatch)
    slow.pending = [(1e9, given) for _, given in slow.pending]
    begun, pressed = world.desk.clock.seconds, iter([False, False, False, False])
    call = world.call("endpoint", cancelled=lambda: next(pressed, True))
    with pytest.raises(ApiError):
        lifecycle_of("endpoint").delete(call, endpoint.id, endpoint.outputs)
    assert world.desk.clock.seconds - begun < 600
