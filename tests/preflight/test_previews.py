"""The cases of the table before the real CLI: what a user sees, and that nothing was written at Google."""

from __future__ import annotations

import json
import random
from typing import TYPE_CHECKING, Final

import pytest

from support.preflight_case import BUCKET, Case, JobFails
from support.preflight_stack import PreviewedStack
from support.preflight_table import NOT_DECLARED, OF_RESOURCES

if TYPE_CHECKING:
    from collections.abc import Sequence

    from preflight.conftest import WorldOf
    from support.pulumi_stack import Result

SEED: Final = 4
OWN_WORDS: Final = "is refused before it is sent to Google"
SHOWN: Final = tuple(case for case in OF_RESOURCES if case.id not in NOT_DECLARED)


def drawn(cases: Sequence[Case], count: int) -> list[Case]:
    """So many cases, of every check as many as of the others as far as there are."""
    drawing = random.Random(SEED)  # noqa: S311
    waiting = {
        check: [case for case in cases if case.check == check] for check in sorted({case.check for case in cases})
    }
    found: list[Case] = []
    while len(found) < count:
        found += [left.pop(drawing.randrange(len(left))) for left in waiting.values() if left]
    return found[:count]


REFUSALS: Final = [case for case in SHOWN if case.severity == "error"]
CHECKS_THAT_REFUSE: Final = {case.check for case in REFUSALS}
SAMPLE: Final = drawn(REFUSALS, len(CHECKS_THAT_REFUSE))
REST: Final = [case for case in SHOWN if case not in SAMPLE]


def previewed(case: Case, stack: PreviewedStack, world_of: WorldOf) -> Result:
    """What the user sees; asserts that nothing was written."""
    world = world_of(case.refused["world"]["today"])
    world.make(case.refused["world"])
    before = world.server.writes()
    preview = stack.preview(world, case.kind, case.refused)
    assert world.server.writes() == before
    return preview


def names_its_file(case: Case, text: str) -> bool:
    """All jobs on a file are warned of it once, by its name instead of a property of each."""
    warned = [line for line in text.splitlines() if line.startswith("warning: ")]
    return case.severity == "warn" and any(f"gs://{BUCKET}/" in line for line in warned)


def assert_shown(case: Case, preview: Result) -> None:
    """The place and the way out, as error or as warning."""
    assert (preview.exit_code != 0) is (case.severity == "error"), preview.text
    assert case.path in preview.text or names_its_file(case, preview.text), preview.text
    assert case.way_out in preview.text, preview.text
    assert "Traceback" not in preview.text, preview.text


@pytest.mark.matrix(4)
@pytest.mark.parametrize("case", [pytest.param(case, id=case.id) for case in SAMPLE])
def test_preview_refuses_it_and_writes_nothing(case: Case, stack: PreviewedStack, world_of: WorldOf) -> None:
    assert_shown(case, previewed(case, stack, world_of))


@pytest.mark.full
@pytest.mark.parametrize("case", [pytest.param(case, id=case.id) for case in REST])
def test_preview_tells_of_it_and_writes_nothing(case: Case, stack: PreviewedStack, world_of: WorldOf) -> None:
    assert_shown(case, previewed(case, stack, world_of))


@pytest.mark.full
@pytest.mark.parametrize("case", [pytest.param(case, id=case.id) for case in SHOWN])
def test_preview_lets_its_neighbour_pass(case: Case, stack: PreviewedStack, world_of: WorldOf) -> None:
    world = world_of(case.passing["world"]["today"])
    world.make(case.passing["world"])
    before = world.server.writes()
    stack.preview(world, case.kind, case.passing).expect_ok()
    assert world.server.writes() == before


@pytest.mark.full
@pytest.mark.parametrize(
    "case", [pytest.param(case, id=case.id) for case in SHOWN if isinstance(case.google, str | JobFails)]
)
def test_with_the_check_off_up_is_refused_by_the_sandbox(case: Case, stack: PreviewedStack, world_of: WorldOf) -> None:
    situation, fails = case.refused, isinstance(case.google, JobFails)
    world = world_of(situation["world"]["today"])
    world.make(situation["world"])
    off = json.dumps(dict.fromkeys((case.check, *case.also), "off"))
    situation["config"]["gcp-tuning:checks"] = off
    words = case.google.says if isinstance(case.google, JobFails) else str(case.google)
    up = stack.up(world, case.kind, situation, waits=fails).expect_failure(words)
    assert OWN_WORDS not in up.text


def test_the_sample_goes_through_every_check_that_refuses() -> None:
    assert {case.check for case in SAMPLE} == CHECKS_THAT_REFUSE
    assert len({case.kind for case in SAMPLE}) >= 2
