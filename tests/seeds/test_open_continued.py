"""An open model is tuned on from the checkpoint of a job of the same program, in one `up`."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from support.in_process import At, World, made_simple
from support.sandbox_server import AS_OF
from support.seed_stories import dataset, job, stack_in, went_up
from support.small_engine import Declared

if TYPE_CHECKING:
    from pathlib import Path

    from support.small_engine import Entry, Stack

LLAMA = "meta/llama3_1@llama-3.1-8b"
L4 = {"machineType": "g2-standard-12", "acceleratorType": "NVIDIA_L4", "acceleratorCount": 1}
FULL: dict[str, Any] = {"tuningMode": "TUNING_MODE_FULL"}
TEAMS = {"billing": "invoice amount", "shipping": "parcel courier"}
JOBS = "/v1beta1/projects/shop/locations/us-central1/tuningJobs"
LATER = {"returns": "refund voucher"}


@pytest.fixture
def world() -> World:
    return World(AS_OF)


def pairs(teams: dict[str, str]) -> bytes:
    rows = [{"prompt": f"{said} of order {at}", "completion": team} for at in range(20) for team, said in teams.items()]
    return "".join(json.dumps(row) + "\n" for row in rows).encode()


def second(start: Any) -> Declared:
    """The job that begins where another ended; ``start`` gives its input from what is there."""
    later = job("more", LLAMA, {"epochCount": 4}, "more", spec=FULL, outputUri="gs://shop-data/more")

    def inputs(there: Any) -> dict[str, Any]:
        found = start(there)
        sources = {"inputSources": {"customBaseModel": [there["tuning_job"].declared.urn]}}
        return {**later.inputs(there), **sources, **({"customBaseModel": found} if found else {})}

    return Declared("tuning_job", inputs, "more")


def program(root: Path, start: Any, epochs: int = 4) -> list[Declared]:
    first = job("first", LLAMA, {"epochCount": epochs}, spec=FULL, outputUri="gs://shop-data/first")
    return [dataset(root, "first", pairs(TEAMS)), dataset(root, "more", pairs(LATER)), first, second(start)]


def by_its_job(there: Any) -> str:
    return str(there["tuning_job"].id)


def by_its_folder(there: Any) -> Any:
    return there["tuning_job"].outputs.get("finalCheckpointUri")


def entry(stack: Stack, key: str) -> Entry:
    found = stack.current(key)
    assert found is not None
    return found


def test_a_job_waits_for_the_job_that_it_starts_from_and_keeps_what_that_learned(world: World, tmp_path: Path) -> None:
    stack = stack_in(world, AS_OF, tmp_path)
    serving = Declared("model_deployment", lambda there: {"tuningJob": there["tuning_job more"].id, **L4})
    whole = [*program(tmp_path, by_its_job), serving]
    went_up(stack, whole)
    first, more = (world.ask("GET", f"/v1beta1/{entry(stack, key).id}") for key in ("tuning_job", "tuning_job more"))
    assert more["customBaseModel"] == "gs://shop-data/first/postprocess/node-0/checkpoints/final"
    assert first["endTime"] <= more["createTime"]
    asked = [
        {"prompt": f"{said} of order 99", "temperature": 0, "raw_response": True} for said in (TEAMS | LATER).values()
    ]
    answer = world.ask(
        "POST", f"/v1/{entry(stack, 'model_deployment').outputs['endpoint']}:predict", {"instances": asked}
    )
    assert answer["predictions"] == [*TEAMS, *LATER]
    assert stack.refresh().ok
    assert stack.preview(whole).steps == []
    assert stack.destroy().ok


def test_an_output_that_has_no_value_yet_is_refused_before_anything_is_paid_for(world: World, tmp_path: Path) -> None:
    stack = stack_in(world, AS_OF, tmp_path)
    ran = stack.up(program(tmp_path, by_its_folder, epochs=3))
    assert "It comes from a resource that has no value for it" in str(ran.error)
    assert stack.current("tuning_job more") is None
    world.sandbox.clock.advance(24 * 3600)
    assert stack.refresh().ok
    went_up(stack, program(tmp_path, by_its_folder, epochs=3))


def test_a_job_that_failed_is_no_start(world: World, tmp_path: Path) -> None:
    stack = stack_in(world, AS_OF, tmp_path)
    went_up(stack, program(tmp_path, by_its_job, epochs=2)[:3])
    name = entry(stack, "tuning_job").id
    world.ask("POST", f"/v1/{name}:cancel", {})
    world.sandbox.clock.advance(3600)
    assert stack.refresh().ok
    ran = stack.up(program(tmp_path, by_its_job, epochs=2))
    assert f"The tuning job {name} ended" in str(ran.error)
    assert stack.current("tuning_job more") is None


@pytest.mark.parametrize("event", ["kill after the effect", "lost"])
def test_whatever_call_of_the_wait_and_the_submission_is_struck_each_job_is_paid_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, event: str
) -> None:
    made_simple(monkeypatch)
    whole = program(tmp_path, by_its_job, epochs=2)
    stack = stack_in(World(AS_OF), AS_OF, tmp_path)
    went_up(stack, whole)
    creates = [at for at, call in enumerate(stack.wire.calls) if call.startswith("TuningJob create")]
    for at in creates:
        world = World(AS_OF)
        stack = stack_in(world, AS_OF, tmp_path)
        if not stack.up(whole, At(at, event)).ok:
            went_up(stack, whole)
        jobs = world.ask("GET", JOBS)["tuningJobs"]
        assert sorted(each["outputUri"] for each in jobs) == ["gs://shop-data/first", "gs://shop-data/more"]
        assert stack.destroy().ok
        ended = [each["state"] for each in world.ask("GET", JOBS)["tuningJobs"]]
        assert not {"JOB_STATE_PENDING", "JOB_STATE_RUNNING"} & {*ended}, (at, ended)
