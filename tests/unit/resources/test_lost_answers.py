"""A change of a model or an endpoint whose answer was lost is looked up, and sent again only where it did not take effect."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from pulumi_gcp_tuning.errors import ApiError
from support.claim_world import World
from support.hand_made_google import HandMadeVertex, lost


@pytest.fixture
def world(tmp_path: Path) -> World:
    return World(tmp_path)


def losing(monkeypatch: pytest.MonkeyPatch, times: int, *, in_effect: bool) -> None:
    patch, left = HandMadeVertex.patch_model, [times]

    def lossy(*given: Any) -> Any:
        if not left[0]:
            return patch(*given)
        left[0] -= 1
        if in_effect:
            patch(*given)
        raise lost()

    monkeypatch.setattr(HandMadeVertex, "patch_model", lossy)


@pytest.mark.parametrize("in_effect", [True, False])
def test_a6_a_take_over_whose_answer_was_lost_is_looked_up_and_goes_on(
    world: World,
    monkeypatch: pytest.MonkeyPatch,
    in_effect: bool,  # noqa: FBT001
) -> None:
    losing(monkeypatch, 1, in_effect=in_effect)
    made = world.make("tuned_model")
    assert str(world.claim_at("tuned_model", made)).startswith(str(made.outputs["claim"]))
    assert len(world.google.said("patch_model")) == 1


def test_a_take_over_that_is_never_answered_fails_with_googles_error(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    losing(monkeypatch, 99, in_effect=False)
    with pytest.raises(ApiError, match="connection lost"):
        world.make("tuned_model")
