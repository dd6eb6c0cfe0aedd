"""``make up`` and ``make down`` as a newcomer has them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from stacks.conftest import MadeUp


def answers(said: str) -> tuple[str, str]:
    """What the base model and the tuned model answered."""
    lines = said.splitlines()
    base = next(line for line in lines if line.startswith("base model "))
    tuned = next(line for line in lines if line.startswith("tuned model "))
    return base.removeprefix("base model").strip(), tuned.removeprefix("tuned model").strip()


def test_make_up_ends_with_a_tuned_model_that_answers_better_than_its_base(made_up: MadeUp) -> None:
    base, tuned = answers(made_up.output_of("make up"))
    assert tuned == "team: shipping; priority: high"
    assert base != tuned


def test_make_up_again_changes_nothing_and_says_so(made_up: MadeUp) -> None:
    assert "changed      nothing" in made_up.output_of("make up again")


def test_make_up_shows_the_loss_falling(made_up: MadeUp) -> None:
    said = made_up.output_of("make up")
    assert "loss" in said.lower()


@pytest.mark.full
def test_make_up_after_make_down_trains_again(made_up: MadeUp) -> None:
    made_up.down()
    _, tuned = answers(made_up.up())
    assert tuned.startswith("team: shipping; priority: ")
