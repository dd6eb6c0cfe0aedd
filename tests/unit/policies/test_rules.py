"""What each policy says about a declaration, without Pulumi."""

from __future__ import annotations

import pytest

from pulumi_gcp_tuning.policies.declared import Declared
from pulumi_gcp_tuning.policies.rules import POLICIES, Policy
from pulumi_gcp_tuning.resources.core.unknown import UNKNOWN
from pulumi_gcp_tuning.resources.registry import registered
from unit.policies.cases import CASES, FLASH, Case, declared, tuning

EVERY_OPTION = {
    "datasets": True,
    "regions": ["us"],
    "models": ["none"],
    "usd": 1.0,
    "epochs": 1.0,
    "steps": 1.0,
    "labels": ["team"],
    "stacks": ["*"],
    "keepLast": 1.0,
    "days": 1.0,
}


class AllUnknown(dict[str, object]):
    """Inputs of which none is known yet."""

    def get(self, key: str, default: object = None) -> object:
        return UNKNOWN


def options_of(policy: Policy) -> dict[str, object]:
    return {name: EVERY_OPTION[name] for name in policy.options}


@pytest.mark.parametrize("case", CASES, ids=str)
def test_a_policy_says_what_is_wrong_and_nothing_else(case: Case) -> None:
    verdicts = case.rule.judge(case.resource, case.options)
    assert [each.text for each in verdicts] == list(case.says)
    assert all(each.is_known for each in verdicts)


@pytest.mark.parametrize("policy", POLICIES, ids=lambda policy: policy.name)
def test_every_resource_is_judged_or_has_a_reason_why_it_cannot_break_the_policy(policy: Policy) -> None:
    kinds = {frame.name for frame in registered()}
    missing = kinds - set(policy.judges) - set(policy.never)
    told = f"add {', '.join(sorted(missing))} to judges or never of {policy.name} in provider/pulumi_gcp_tuning/policies/rules.py"
    assert missing == set(), told
    assert set(policy.judges) | set(policy.never) <= kinds
    assert not [kind for kind in policy.judges if policy.never.get(kind)]


@pytest.mark.parametrize("policy", POLICIES, ids=lambda policy: policy.name)
def test_every_judged_resource_breaks_the_policy_in_some_case(policy: Policy) -> None:
    shown = {case.resource.kind for case in CASES if case.policy == policy.name and case.says}
    judged = set(policy.judges) - ({"PipelineTuningJob", "TunedModel"} if policy.name == "required-labels" else set())
    missing = ", ".join(sorted(judged - shown))
    assert not missing, f"add a case of {missing} that breaks {policy.name} to CASES of tests/unit/policies/cases.py"


@pytest.mark.parametrize(
    ("policy", "kind"),
    [(policy, kind) for policy in POLICIES for kind in policy.judges if not kind.startswith("Gemini")],
    ids=lambda each: each if isinstance(each, str) else each.name,
)
def test_a_value_that_is_not_known_is_neither_a_violation_nor_a_pass(policy: Policy, kind: str) -> None:
    verdicts = policy.judge(declared(kind, AllUnknown(), stack="prod"), options_of(policy))
    says_always = policy.name == "cmek-required" and kind == "ModelDeployment"
    assert verdicts
    assert says_always or not any(each.is_known for each in verdicts)


def test_what_is_known_is_judged_beside_what_is_not() -> None:
    resource = declared("TuningJob", tuning(maxCost=UNKNOWN, checks={"cost": "off"}))
    verdicts = next(each for each in POLICIES if each.name == "max-cost").judge(resource, {"usd": 1.0})
    assert [each.is_known for each in verdicts] == [False, True]


@pytest.mark.parametrize("name", ["allowed-base-models", "max-cost", "base-model-life"])
def test_a_job_that_trains_on_says_that_its_base_model_is_not_seen(name: str) -> None:
    inputs = {**tuning(maxCost=1.0), "preTunedModel": {"tunedModelName": "m"}}
    del inputs["baseModel"]
    policy = next(each for each in POLICIES if each.name == name)
    (verdict,) = policy.judge(declared("TuningJob", inputs), options_of(policy))
    assert not verdict.is_known
    assert "trains on from a tuned model" in verdict.text


def test_a_model_that_the_catalogue_lacks_has_no_known_last_day() -> None:
    policy = next(each for each in POLICIES if each.name == "base-model-life")
    (verdict,) = policy.judge(declared("TuningJob", tuning(baseModel="gemini-9")), {})
    assert (verdict.is_known, verdict.text) == (
        False,
        "The catalogue does not have gemini-9, so its last day is not known.",
    )


@pytest.mark.parametrize("marked", [["baseModel"], UNKNOWN])
def test_a_secret_is_not_shown(marked: object) -> None:
    resource: Declared = declared("TuningJob", tuning(secretInputs=marked))
    for policy in POLICIES:
        for verdict in policy.judge(resource, options_of(policy)):
            assert FLASH not in verdict.text
