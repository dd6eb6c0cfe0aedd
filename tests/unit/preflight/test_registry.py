"""Every check is listed once, with its evidence, and the page on the checks is made from the list."""

from __future__ import annotations

import ast
from collections import Counter
from pathlib import Path

import pytest

from generate.checks_page import EVIDENCE, callers_of, document
from pulumi_gcp_tuning import config
from pulumi_gcp_tuning.datasets import RULES as KINDS
from pulumi_gcp_tuning.preflight import (
    artifacts,
    cmek,
    cost,
    datasets,
    hyperparameters,
    identity,
    location,
    places,
    quota,
    retirement,
    spelling,
)
from pulumi_gcp_tuning.preflight.registry import CHECKS, RULES
from pulumi_gcp_tuning.preflight.rule import Rule
from pulumi_gcp_tuning.resources.registry import registered

CHECKOUT = Path(__file__).resolve().parents[3]
PREFLIGHT = CHECKOUT / "provider" / "pulumi_gcp_tuning" / "preflight"
MODULES = (artifacts, cmek, cost, datasets, hyperparameters, identity, location, places, quota, retirement, spelling)


def test_every_check_has_a_name_of_its_own_and_rules() -> None:
    assert len({check.name for check in CHECKS}) == len(CHECKS)
    assert all(check.rules for check in CHECKS)


def test_configuration_knows_which_checks_can_be_switched() -> None:
    assert set(config.CHECKS) == {check.name for check in CHECKS if check.switchable}
    assert set(config.FIXED_CHECKS) == {check.name for check in CHECKS if not check.switchable}


def test_every_rule_belongs_to_its_check_and_is_told_from_its_neighbours() -> None:
    for check in CHECKS:
        assert {rule.check for rule in check.rules} == {check.name}
        assert len({rule.name for rule in check.rules}) == len(check.rules)


def test_no_rule_of_a_module_is_forgotten() -> None:
    written = {rule for module in MODULES for rule in vars(module).values() if isinstance(rule, Rule)}
    assert written == {rule for module in MODULES for rule in module.RULES}
    assert written <= set(RULES)
    assert Counter(RULES).most_common(1)[0][1] == 1
    assert {rule.check for rule in RULES} == {check.name for check in CHECKS}


def test_every_kind_that_the_validator_finds_is_a_rule_with_its_severity() -> None:
    found = {rule.name: rule for rule in datasets.kinds()}
    assert found.keys() == KINDS.keys()
    assert all(found[kind].severity == rule.severity for kind, rule in KINDS.items())
    assert found["too-few-examples"].evidence == "seed"
    assert not any("{" in rule.refuses for rule in found.values())


@pytest.mark.parametrize("file", sorted(PREFLIGHT.glob("*.py")), ids=lambda file: file.stem)
def test_findings_of_preflight_are_made_from_rules_only(file: Path) -> None:
    calls = [node for node in ast.walk(ast.parse(file.read_text("utf-8"))) if isinstance(node, ast.Call)]
    made = [call.lineno for call in calls if isinstance(call.func, ast.Name) and call.func.id == "Finding"]
    assert len(made) == (1 if file.stem == "rule" else 0), made


def test_every_resource_states_rules_of_the_list_each_once() -> None:
    for frame in registered():
        assert set(frame.rules) <= set(RULES), frame.name
        assert len(frame.rules) == len(set(frame.rules))


def test_what_is_only_assumed_never_refuses() -> None:
    assert [rule.name for rule in RULES if rule.evidence == "assumed" and rule.severity == "error"] == []


def test_a_kind_of_row_has_the_evidence_of_its_source() -> None:
    found = {kind: datasets.rule_of(kind) for kind in ("not-public", "calls-fail", "text-rows-dropped")}
    assert {kind: rule.evidence for kind, rule in found.items()} == {
        "not-public": "assumed",
        "calls-fail": "thread",
        "text-rows-dropped": "seed",
    }
    assert found["not-public"].why == "No page of Google's that was read says it."


def test_every_word_of_evidence_is_explained() -> None:
    assert {rule.evidence for rule in RULES} <= EVIDENCE.keys()


def test_the_page_says_of_each_check_how_to_switch_it_off() -> None:
    page = document("")
    for check in CHECKS:
        called = any(callers_of(rule) for rule in check.rules)
        assert (f"\n## {check.name}\n" in page) is called
        assert (f'checks={{"{check.name}": "off"}}' in page) is (called and check.switchable)


def test_the_page_names_who_calls_a_rule_and_no_rule_that_nothing_calls() -> None:
    lines = document("").splitlines()
    for rule in set(RULES) - set(datasets.kinds()):
        callers = callers_of(rule)
        shown = [line for line in lines if line.startswith(f"| {rule.name} | {rule.refuses} |")]
        assert len(shown) == bool(callers), rule.name
        named = "every resource" if len(callers) == len(registered()) else ", ".join(callers)
        assert all(line.endswith(f"| {named} |") for line in shown)


def test_the_page_names_every_kind_of_row_because_validate_calls_them_all() -> None:
    lines = document("").splitlines()
    assert [
        kind.name for kind in datasets.kinds() if not any(line.startswith(f"| {kind.name} |") for line in lines)
    ] == []
