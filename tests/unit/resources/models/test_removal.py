"""Changes of one endpoint take turns within a process."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from pulumi_gcp_tuning.errors import Refused, TuningError
from pulumi_gcp_tuning.resources.core.lifecycle import Call
from pulumi_gcp_tuning.resources.models.turns import endpoint_turn
from support.claim_world import World
from support.hand_made_google import Desk
from support.hand_made_lookups import NUMBER

BY_ID = "projects/shop-dev/locations/us-central1/endpoints/1234567890"
BY_NUMBER = f"projects/{NUMBER}/locations/us-central1/endpoints/1234567890"
OTHER = "projects/shop-dev/locations/us-central1/endpoints/1234567891"


def takes_a_turn(call: Call, endpoint: str) -> str:
    """What another thread hears that asks for its turn now."""

    def ask() -> str:
        with endpoint_turn(call, endpoint):
            return "its turn"

    with ThreadPoolExecutor(1) as other:
        try:
            return other.submit(ask).result()
        except TuningError as error:
            return str(error)


@pytest.mark.parametrize("endpoint", [BY_ID, BY_NUMBER])
def test_a_change_waits_for_another_of_the_same_endpoint_as_long_as_its_timeout_says(endpoint: str) -> None:
    desk = Desk()
    with endpoint_turn(desk.call(), BY_ID):
        assert "before this one could begin, ran out of time" in takes_a_turn(desk.call(timeout=60.0), endpoint)
    assert desk.clock.seconds == pytest.approx(60.0)


def test_a_cancel_ends_the_wait_for_a_turn() -> None:
    with endpoint_turn(Desk().call(), BY_ID):
        assert "was interrupted" in takes_a_turn(Desk().call(cancelled=lambda: True), BY_ID)


def test_another_endpoint_has_turns_of_its_own() -> None:
    with endpoint_turn(Desk().call(), BY_ID):
        assert takes_a_turn(Desk().call(timeout=60.0), OTHER) == "its turn"


def test_a_turn_that_failed_is_over() -> None:
    with pytest.raises(TuningError, match="no"), endpoint_turn(Desk().call(), BY_ID):
        raise TuningError("no")
    assert takes_a_turn(Desk().call(timeout=60.0), BY_ID) == "its turn"


def test_a_change_takes_further_turns_while_it_has_one() -> None:
    call = Desk().call()
    with endpoint_turn(call, BY_ID), endpoint_turn(call, BY_NUMBER):
        assert "ran out of time" in takes_a_turn(Desk().call(timeout=60.0), BY_ID)


def test_the_error_of_a_model_that_is_deployed_elsewhere_names_every_endpoint_and_what_to_do(tmp_path: Path) -> None:
    world = World(tmp_path)
    made = world.make("tuned_model")
    model = str(made.outputs["versionedModel"])
    elsewhere = [world.make("endpoint", name, "other") for name in ("front", "back")]
    for name, endpoint in zip(("front", "back"), elsewhere, strict=True):
        world.create("model_deployment", name, "other", endpoint=endpoint.id, model=model)
    before = world.stock()
    with pytest.raises(Refused) as refused:
        world.delete("tuned_model", made)
    assert str(refused.value) == (
        f"The model {model} is not deleted, because it is also deployed on {elsewhere[0].id}, {elsewhere[1].id}.\n"
        "Undeploy it there first, or destroy the stack that has the ModelDeployment, then run again."
    )
    assert world.stock() == before
