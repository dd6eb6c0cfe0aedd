"""Every check is listed once, with its evidence, and the page on the checks is made from the list."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from pulumi_gcp_tuning.preflight import artifacts, cmek, cost, identity, location, quota
from pulumi_gcp_tuning.preflight.document import EVIDENCE, document
from pulumi_gcp_tuning.preflight.registry import CHECKS, NAMES, find_check
from pulumi_gcp_tuning.preflight.rule import Rule

CHECKOUT = Path(__file__).resolve().parents[3]
MODULES = (artifacts, cmek, cost, identity, location, quota)
RULES = [rule for check in CHECKS for rule in check.rules]


def test_every_check_has_a_name_of_its_own_and_rules() -> None:
    assert len(set(NAMES)) == len(NAMES)
    assert all(check.rules for check in CHECKS)
    assert all(find_check(name) is not None for name in NAMES)
    assert find_check("nothing") is None


def test_every_rule_belongs_to_its_check_and_is_told_from_its_neighbours() -> None:
    for check in CHECKS:
        assert {rule.check for rule in check.rules} == {check.name}
        assert len({rule.name for rule in check.rules}) == len(check.rules)


def test_no_rule_of_a_module_is_forgotten() -> None:
    written = {rule.name for module in MODULES for rule in vars(module).values() if isinstance(rule, Rule)}
    assert written == {rule.name for module in MODULES for rule in module.RULES}
    assert written <= {rule.name for rule in RULES}


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


def test_the_command_prints_the_page() -> None:
    command = [sys.executable, "-m", "pulumi_gcp_tuning.preflight.document"]
    done = subprocess.run(command, capture_output=True, text=True, check=True, encoding="utf-8")
    assert done.stdout == document()
