"""What a check refuses in Google's name, the sandbox refuses too, by rules of its own, once the check is off."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from pulumi_gcp_tuning.errors import Failed, TuningError
from support.fake_google import FakeClock
from support.findings import find_check
from support.preflight_case import Cannot, Case, JobFails
from support.preflight_table import OF_RESOURCES
from support.preflight_world import Program, World, write_files

if TYPE_CHECKING:
    from pathlib import Path

    from preflight.conftest import WorldOf

GOOGLES = tuple(case for case in OF_RESOURCES if isinstance(case.google, str | JobFails))
OWN_WORDS = "is refused before it is sent to Google"


def with_check_off(case: Case, world: World, folder: Path) -> str:
    """What create says without the check, in Google's words."""
    off = dict.fromkeys((case.check, *case.also), "off")
    situation = case.refused
    world.make(situation["world"])
    write_files(folder, situation)
    clock = None if isinstance(case.google, JobFails) else FakeClock()  # only a job takes time of the sandbox's
    with Program(world.server, situation, clock=clock) as program, pytest.raises(TuningError) as refusal:  # noqa: PT012
        made = program.create(case.kind, checks=off)
        if isinstance(case.google, JobFails):
            program.situation = {**situation, "inputs": {"tuningJob": made.id}, "olds": {}}
            program.create("tuned_model")
    assert isinstance(refusal.value, Failed) is isinstance(case.google, JobFails)
    return str(refusal.value)


@pytest.mark.parametrize("case", [pytest.param(case, id=case.id) for case in GOOGLES])
def test_with_the_check_off_the_sandbox_refuses_it(
    case: Case, world_of: WorldOf, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    text = with_check_off(case, world_of(case.refused["world"]["today"]), tmp_path)
    assert OWN_WORDS not in text
    assert isinstance(case.google, str | JobFails)
    words = case.google if isinstance(case.google, str) else case.google.says
    assert words in text


def test_every_error_in_googles_name_is_held_against_the_sandbox_or_says_why_not() -> None:
    for case in OF_RESOURCES:
        check = find_check(case.check)
        assert check is not None
        if case.severity == "error":
            assert case.google is not None, case.id
        if isinstance(case.google, Cannot):
            assert len(case.google.reason) > 20, case.id


def test_what_the_sandbox_cannot_refuse_has_one_of_few_reasons() -> None:
    assert {case.google.reason for case in OF_RESOURCES if isinstance(case.google, Cannot)} == {
        "the check cannot be switched off",
        "the rule is the plugin's own",
        "the rule is the user's own",
        "nothing is created before the job has ended",
        "Cloud Storage takes any bytes; the job that reads them fails",
        "its jobs tune Gemini models only; Cloud Storage takes any bytes",
        "the sandbox keeps this policy and does not enforce it",
        "the sandbox does not look at that",
        "the sandbox keeps the last checkpoint; what Google does is not known",
        "the declaration says it before there is a request",
        "the sandbox takes any name as a folder's",
        "the sandbox deploys weights without a look at their folder",
        "the sandbox reads the architecture of checkpoints that it wrote itself only",
    }
