"""Two processes that change one endpoint: on one machine they take turns, on two the first deployment keeps its traffic."""

from __future__ import annotations

import fcntl
import os
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import pytest

from pulumi_gcp_tuning.errors import ApiError, TuningError
from pulumi_gcp_tuning.resources.models import turns
from pulumi_gcp_tuning.resources.models.turns import endpoint_turn
from support.claim_world import World
from support.hand_made_google import Desk
from support.hand_made_vertex import HandMadeVertex

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path


ENDPOINT = "projects/shop-dev/locations/us-central1/endpoints/1234567890"
OTHER = "projects/shop-dev/locations/us-central1/endpoints/1234567891"


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The private folder of a user whose Pulumi command this process belongs to."""
    monkeypatch.setattr(turns, "shared_folder", lambda: tmp_path / "private")
    monkeypatch.setattr(turns, "run_key", lambda: "1-1")
    return tmp_path / "private" / "endpoints"


@contextmanager
def turn_of_another_process(folder: Path) -> Iterator[None]:
    """A second open file is locked as that of another process is. Raises BlockingIOError if this process has the turn."""
    file = next(folder.iterdir())
    other = os.open(file, os.O_RDWR)
    try:
        fcntl.flock(other, fcntl.LOCK_EX | fcntl.LOCK_NB)
        yield
    finally:
        os.close(other)


def test_a_change_waits_for_one_of_another_process(folder: Path) -> None:
    desk = Desk()
    with endpoint_turn(desk.call(), ENDPOINT):
        pass
    with turn_of_another_process(folder):
        with pytest.raises(TuningError, match="ran out of time"), endpoint_turn(desk.call(timeout=60.0), ENDPOINT):
            pass
        with endpoint_turn(desk.call(), OTHER):
            pass
    with endpoint_turn(desk.call(), ENDPOINT):
        pass


def test_another_process_waits_until_the_outermost_change_is_over(folder: Path) -> None:
    call = Desk().call()
    with endpoint_turn(call, ENDPOINT):
        with endpoint_turn(call, ENDPOINT):
            pass
        with pytest.raises(BlockingIOError), turn_of_another_process(folder):
            pass
    with turn_of_another_process(folder):
        pass


@pytest.fixture
def between(monkeypatch: pytest.MonkeyPatch) -> list[Callable[[], Any]]:
    """What others do between the read of an endpoint and the next deployment on it."""
    acts: list[Callable[[], Any]] = []
    deploy = HandMadeVertex.deploy_model

    def deploy_late(self: HandMadeVertex, *given: Any, **more: Any) -> Any:
        while acts:
            acts.pop()()
        return deploy(self, *given, **more)

    monkeypatch.setattr(HandMadeVertex, "deploy_model", deploy_late)
    return acts


def deployed(world: World, name: str) -> tuple[Any, Any, dict[str, Any]]:
    endpoint, model = world.make("endpoint"), world.make("tuned_model")
    given = {"endpoint": endpoint.id, "model": model.outputs["model"]}
    return endpoint, model, given


def test_a_deployment_of_another_machine_that_came_first_keeps_its_traffic(
    tmp_path: Path, between: list[Callable[[], Any]]
) -> None:
    world = World(tmp_path)
    endpoint, _, given = deployed(world, "bot")
    first: list[Any] = []
    between.append(lambda: first.append(world.create("model_deployment", "first", **given)))
    second = world.create("model_deployment", "second", **given)
    split = world.google.endpoints[endpoint.id]["trafficSplit"]
    assert split == {first[0].outputs["deployedModelId"]: 100}
    assert second.outputs["trafficPercentage"] == 0


def test_a_caller_who_may_not_patch_the_endpoint_is_warned(
    tmp_path: Path, between: list[Callable[[], Any]], monkeypatch: pytest.MonkeyPatch
) -> None:
    world = World(tmp_path)
    _, _, given = deployed(world, "bot")

    def refuse(*_given: Any) -> None:
        raise ApiError("denied", http_status=403, status="PERMISSION_DENIED")

    def first() -> None:
        world.create("model_deployment", "first", **given)
        monkeypatch.setattr(HandMadeVertex, "patch_endpoint", refuse)

    between.append(first)
    assert world.create("model_deployment", "second", **given).outputs["trafficPercentage"] == 100
    assert any("could not be given back: denied" in each for each in world.desk.warnings)
