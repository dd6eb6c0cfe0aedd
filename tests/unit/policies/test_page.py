"""The page on policies shows every policy, its options and a message that it really gives."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from pulumi_gcp_tuning.policies.rules import POLICIES, Policy
from unit.policies.cases import CASES

PAGE = (Path(__file__).resolve().parents[3] / "docs" / "policies.md").read_text(encoding="utf-8")
SECTIONS = {name: text for name, _, text in (part.partition("\n") for part in PAGE.split("\n## ")[1:])}


def test_the_page_has_a_section_for_each_policy_and_no_other() -> None:
    assert list(SECTIONS) == ["Run it", *(policy.name for policy in POLICIES)]


@pytest.mark.parametrize("policy", POLICIES, ids=lambda policy: policy.name)
def test_the_example_is_a_message_of_the_policy(policy: Policy) -> None:
    (example,) = re.findall(r"```\n(.*)\n```", SECTIONS[policy.name])
    assert example in {text for case in CASES if case.policy == policy.name for text in case.says}


@pytest.mark.parametrize("policy", POLICIES, ids=lambda policy: policy.name)
def test_the_table_has_the_options_of_the_policy(policy: Policy) -> None:
    assert re.findall(r"^\| `(\w+)`", SECTIONS[policy.name], re.MULTILINE) == list(policy.options)
