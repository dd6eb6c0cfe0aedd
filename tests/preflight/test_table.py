"""Every rule refuses what it says, names the place and the way out, and lets a neighbour pass that differs in one thing."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from pulumi_gcp_tuning.preflight.registry import RULES
from pulumi_gcp_tuning.resources.registry import registered
from pulumi_gcp_tuning.wording import PYTHON
from support.findings import find_check
from support.preflight_case import Case, Tree, places
from support.preflight_table import NOT_REACHED, OF_RESOURCES, OF_SEEDS, PURE, TABLE
from support.preflight_world import TYPES, Program, write_files

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from preflight.conftest import WorldOf
    from pulumi_gcp_tuning.errors import Finding

resources = pytest.mark.parametrize("case", [pytest.param(case, id=case.id) for case in OF_RESOURCES])


def judged(case: Case, situation: Tree, world_of: WorldOf, folder: Path) -> list[Finding]:
    """What the resource's own check finds."""
    world = world_of(situation["world"]["today"])
    world.make(situation["world"])
    write_files(folder, situation)
    with Program(world.server, situation) as program:
        return list(program.check(case.kind).findings)


def assert_refused(case: Case, findings: Sequence[Finding]) -> None:
    mine = [each for each in findings if case.says_so(each)]
    assert len(mine) == 1, findings
    assert case.way_out in mine[0].printed(PYTHON).remedy, mine[0]
    assert mine[0].severity == case.severity, mine[0]
    check = find_check(case.check)
    assert check is not None
    others = [each for each in findings if each.severity == "error" and each is not mine[0]]
    assert {each.check for each in others} <= set(case.also), others


def assert_passes(case: Case, findings: Sequence[Finding]) -> None:
    assert [each for each in findings if each.severity == "error"] == []
    assert [each for each in findings if case.says_so(each)] == []


@resources
def test_it_is_refused_with_its_place_and_the_way_out(
    case: Case, world_of: WorldOf, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert_refused(case, judged(case, case.refused, world_of, tmp_path))


@resources
def test_its_neighbour_passes(case: Case, world_of: WorldOf, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert_passes(case, judged(case, case.passing, world_of, tmp_path))


pure = pytest.mark.parametrize("case", [pytest.param(case, id=case.id) for case in PURE])


@pure
def test_what_no_resource_has_yet_is_refused_with_its_place_and_the_way_out(case: Case) -> None:
    assert case.judge is not None
    assert_refused(case, case.judge(**case.refused["arguments"]))


@pure
def test_the_neighbour_of_what_no_resource_has_yet_passes(case: Case) -> None:
    assert case.judge is not None
    assert_passes(case, case.judge(**case.passing["arguments"]))


def test_a_neighbour_differs_in_one_thing() -> None:
    for case in TABLE:
        assert len(case.but) == 1, case.id
        refused, passing = places(case.refused), places(case.passing)
        (place,) = case.but
        different = {at for at in refused.keys() | passing.keys() if refused.get(at, ...) != passing.get(at, ...)}
        assert different, case.id
        assert all(at == place or at.startswith(f"{place}/") or place.startswith(f"{at}/") for at in different), case.id


def test_cases_have_names_of_their_own() -> None:
    assert len({case.id for case in TABLE}) == len(TABLE)


def test_every_rule_has_a_case() -> None:
    wanted = {(rule.check, rule.name) for rule in RULES}
    found = {(case.check, case.rule) for case in TABLE}
    assert sorted(wanted - found) == []
    assert sorted(found - wanted) == []


def test_a_rule_that_a_resource_calls_is_tried_through_that_resource() -> None:
    found = {(case.check, case.rule, TYPES[case.kind]) for case in OF_RESOURCES}
    wanted = {(rule.check, rule.name, frame.name) for frame in registered() for rule in frame.rules}
    untried, unstated = sorted(wanted - found - NOT_REACHED.keys()), sorted(found - wanted)
    assert untried == [], (
        f"add a case to tests/support/preflight_*_cases.py for each (check, rule, resource): {untried}"
    )
    assert unstated == [], f"add to RULES of the resource, for each (check, rule, resource): {unstated}"
    assert sorted(found & NOT_REACHED.keys()) == []


def test_a_warning_is_never_listed_as_a_refusal_of_its_rule() -> None:
    severities = {(rule.check, rule.name): rule.severity for rule in RULES}
    for case in TABLE:
        if severities[case.check, case.rule] == "warn":
            assert case.severity == "warn", case.id


@pytest.mark.parametrize("rule", OF_SEEDS)
def test_a_rule_of_the_seeds_has_its_cases(rule: str) -> None:
    assert set(OF_SEEDS[rule]) <= {case.id for case in TABLE}
