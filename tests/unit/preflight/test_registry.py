"""Every check is listed once, with its evidence, and the page on the checks is made from the list."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest

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
    spelling,
)
from pulumi_gcp_tuning.preflight.document import EVIDENCE, document
from pulumi_gcp_tuning.preflight.registry import CHECKS, NAMES, RESOURCES, RULES, callers_of, find_check
from pulumi_gcp_tuning.preflight.rule import Rule
from support.reach import reached_from

CHECKOUT = Path(__file__).resolve().parents[3]
PREFLIGHT = CHECKOUT / "provider" / "pulumi_gcp_tuning" / "preflight"
MODULES = (artifacts, cmek, cost, datasets, hyperparameters, identity, location, places, quota, spelling)
KIND_OF = {
    "TuningJob": "tuning_job",
    "TuningDataset": "tuning_dataset",
    "TunedModel": "tuned_model",
    "Endpoint": "endpoint",
    "ModelDeployment": "model_deployment",
}
NEVER_GIVEN = {
    location.BUCKET_PLACE: {"TuningDataset"},  # a dataset has no region of its own
    location.BUCKET_PROJECT: {"TuningJob", "TuningDataset"},  # neither is a pipeline
    cmek.PLACE: {"TuningDataset"},
    places.ONE_REGION: {"Endpoint"},  # it may live in us, eu and global
    hyperparameters.SIZE_UNUSED: {"TuningJob"},  # tuning_mode is not an argument yet
}
"""What a resource's code reaches but its arguments never do."""


def test_every_check_has_a_name_of_its_own_and_rules() -> None:
    assert len(set(NAMES)) == len(NAMES)
    assert all(check.rules for check in CHECKS)
    assert all(find_check(name) is not None for name in NAMES)
    assert find_check("nothing") is None


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
    assert {rule.check for rule in RULES} == set(NAMES)


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


@pytest.mark.parametrize("resource", RESOURCES)
def test_the_page_names_the_resources_that_call_a_rule(resource: str) -> None:
    module = f"pulumi_gcp_tuning.resources.{KIND_OF[resource]}"
    reached = reached_from([(module, verb) for verb in ("judge",)])
    called = {
        rule
        for each in MODULES
        for name, rule in vars(each).items()
        if isinstance(rule, Rule) and (each.__name__, name) in reached and resource not in NEVER_GIVEN.get(rule, ())
    }
    told = {rule for rule in RULES if resource in callers_of(rule)} - set(datasets.kinds())
    own_words = {find_check("change"), find_check("schema")}  # some of these are said in a resource's own words
    assert called <= told
    assert {rule for rule in told - called if find_check(rule.check) not in own_words} == set()


def test_what_is_only_assumed_never_refuses() -> None:
    assert [rule.name for rule in RULES if rule.evidence == "assumed" and rule.severity == "error"] == []


def test_every_word_of_evidence_is_explained() -> None:
    assert {rule.evidence for rule in RULES} <= EVIDENCE.keys()


def test_the_page_is_current() -> None:
    page = (CHECKOUT / "docs" / "checks.md").read_text(encoding="utf-8")
    assert page == document(), "run: python -m pulumi_gcp_tuning.preflight.document > docs/checks.md"


def test_the_page_says_of_each_check_how_to_switch_it_off() -> None:
    page = document()
    for check in CHECKS:
        assert f"\n## {check.name}\n" in page
        assert (f'checks={{"{check.name}": "off"}}' in page) is check.switchable


def test_the_page_says_which_rules_wait_for_their_resource() -> None:
    lines = document().splitlines()
    for rule in RULES:
        if rule in datasets.kinds():
            assert any(line.startswith(f"| {rule.name} | {rule.refuses} |") for line in lines), rule.name
            continue
        (line,) = (line for line in lines if line.startswith(f"| {rule.name} | {rule.refuses} |"))
        assert line.endswith("| no resource yet |") is (callers_of(rule) == ())


def test_the_command_prints_the_page() -> None:
    command = [sys.executable, "-m", "pulumi_gcp_tuning.preflight.document"]
    done = subprocess.run(command, capture_output=True, text=True, check=True, encoding="utf-8")
    assert done.stdout == document()
