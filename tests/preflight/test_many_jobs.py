"""What a preview of many jobs asks Google: as much as one job, and more only for other buckets, keys and accounts."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any, Final

import pytest

from pulumi_gcp_tuning.resources.registry import lifecycle_of
from support.preflight_case import BUCKET, GOOD, KEY, KEYED_DAY, SPEC, Tree, changed, usual
from support.preflight_identity_cases import TUNER
from support.preflight_world import Program, World

if TYPE_CHECKING:
    from collections.abc import Sequence

    from preflight.conftest import WorldOf
    from support.preflight_stack import PreviewedStack

MOST_CALLS: Final = 17
OTHER: Final[Tree] = {
    "bucket": {f"{SPEC}/trainingDatasetUri": "gs://other-data/train.jsonl"},
    "key": {"inputs/encryptionSpec/kmsKeyName": KEY.replace("cryptoKeys/key", "cryptoKeys/other")},
    "account": {"inputs/serviceAccount": TUNER.replace("tuner", "other")},
}
"""Another thing of each kind, and the calls that it may cost."""
CALLS_OF: Final = {"bucket": 2, "key": 2, "account": 3}


def keyed() -> Tree:
    """A job under a key that runs as an account."""
    return changed(
        usual("tuning_job"),
        {
            "world/today": KEYED_DAY,
            "inputs/baseModel": "gemini-2.5-flash",
            "inputs/encryptionSpec/kmsKeyName": KEY,
            "inputs/serviceAccount": TUNER,
        },
    )


def make(world: World) -> None:
    """Two of everything."""
    world.make(
        {
            "buckets": {BUCKET: "us-central1", "other-data": "us-central1"},
            "objects": {"train.jsonl": GOOD},
            "objects_elsewhere": {"other-data": {"train.jsonl": GOOD}},
            "keys": [{}, {"name": KEY.replace("cryptoKeys/key", "cryptoKeys/other")}],
            "accounts": [{}, {"id": "other-bot"}],
        }
    )


def asked_by(world: World, situations: Sequence[Tree]) -> list[str]:
    """The calls of a run whose jobs are checked side by side."""
    before = len(world.server.requests())
    with Program(world.server, situations[0]) as program, ThreadPoolExecutor(32) as pool:

        def check(number: int) -> list[Any]:
            name, situation = f"bot-{number}", situations[number]
            call = program.call("tuning_job", name)
            news = {**situation["inputs"], "resourceUrn": call.urn}
            return list(lifecycle_of("tuning_job").check(call, {}, news).findings)

        for findings in pool.map(check, range(len(situations))):
            assert [str(each) for each in findings if each.severity == "error"] == []
    return [f"{each['method']} {each['path']}" for each in world.server.requests()[before:]]


@pytest.mark.parametrize("what", list(OTHER))
def test_another_thing_costs_its_own_calls_and_no_others(what: str, world_of: WorldOf) -> None:
    world = world_of(KEYED_DAY)
    make(world)
    one = asked_by(world, [keyed()] * 20)
    assert len(one) <= MOST_CALLS
    two = asked_by(world, [keyed(), changed(keyed(), OTHER[what])] * 10)
    assert set(one) < set(two)
    assert len(two) - len(one) <= CALLS_OF[what]
    assert all("other" in each for each in set(two) - set(one))


# 80 are more than the engine serves at once
@pytest.mark.parametrize("count", [80, pytest.param(300, marks=pytest.mark.full)])
def test_a_preview_of_many_jobs_asks_at_most_seventeen_times(
    count: int, stack: PreviewedStack, world_of: WorldOf
) -> None:
    situation = usual("tuning_job")
    world = world_of(situation["world"]["today"])
    world.make({**situation["world"], "limit": 400})
    before = len(world.server.requests())
    preview = stack.preview(world, "tuning_job", situation, count=count).expect_ok()
    assert preview.changes == {"create": count}
    assert 1 < len(world.server.requests()) - before <= MOST_CALLS
