"""The pack as Pulumi calls it: proxies, unknown values, settings of the stack, the form of its files."""

from __future__ import annotations

import json
from collections.abc import Mapping
from importlib.metadata import version
from pathlib import Path
from typing import Any

import pulumi_policy as crossguard
import pytest
import yaml  # type: ignore[import-untyped]
from jsonschema import Draft202012Validator  # type: ignore[import-untyped]
from pulumi_policy.proxy import UNKNOWN_STRING_VALUE, UnknownValueError, unknown_checking_proxy

import pulumi_gcp_tuning
from pulumi_gcp_tuning.policies.declared import TYPE_PREFIX
from pulumi_gcp_tuning.policies.rules import POLICIES
from pulumi_gcp_tuning.policy_pack.__main__ import as_crossguard
from unit.policies.cases import BY_NAME, FLASH, NO_KEY

FOLDER = Path(pulumi_gcp_tuning.__file__).parent / "policy_pack"
OPTS = crossguard.PolicyResourceOptions(False, [], None, [], crossguard.PolicyCustomTimeouts(0, 0, 0), [])


def run(
    policy: str,
    inputs: Mapping[str, Any],
    options: Mapping[str, Any] | None = None,
    *,
    config: Mapping[str, str] | None = None,
    type_: str = f"{TYPE_PREFIX}TuningJob",
) -> list[str]:
    """What the pack reports of one resource."""
    said: list[str] = []
    provider = crossguard.PolicyProviderResource("pulumi:providers:pulumi-python", dict(config or {}), "urn", "default")
    urn = f"urn:pulumi:dev::shop::{type_}::router"
    props = unknown_checking_proxy(dict(inputs))
    args = crossguard.ResourceValidationArgs(type_, props, urn, "router", OPTS, provider, options)

    def report(text: str, urn: str | None) -> None:
        said.append(text)

    as_crossguard(BY_NAME[policy]).validate(args, report)
    return said


def test_a_violation_is_reported() -> None:
    assert run("cmek-required", {"encryptionSpec": {}}) == [NO_KEY]


def test_a_resource_of_another_package_is_not_judged() -> None:
    assert run("cmek-required", {}, type_="gcp:storage/bucket:Bucket") == []


def test_a_value_that_preview_does_not_know_becomes_advice_that_names_the_property() -> None:
    with pytest.raises(UnknownValueError) as told:
        run("cmek-required", {"encryptionSpec": {"kmsKeyName": UNKNOWN_STRING_VALUE}})
    assert told.value.message == "encryption_spec.kms_key_name is not known before `pulumi up`, which judges it again."


def test_the_date_and_the_catalogue_of_the_stack_apply() -> None:
    rows = {
        "models": [
            {"id": FLASH, "retired": "2026-12-24", "last_tuning": "2026-12-01", "source": "mail", "as_of": "2026-11-01"}
        ]
    }
    config = {"gcp-tuning:asOf": "2026-12-20", "gcp-tuning:catalog": json.dumps(rows)}
    (said,) = run("base-model-life", {"baseModel": FLASH, "location": "us-central1"}, config=config)
    assert said.startswith(f"{FLASH} retires on 2026-12-24, in 4 days (as of 2026-12-20)")


def test_the_limit_of_the_stack_counts() -> None:
    inputs = {"baseModel": FLASH}
    assert run("max-cost", inputs, {"usd": 10.0}, config={"gcp-tuning:maxCost": "9"}) == []


def test_a_configuration_that_the_resource_refuses_is_left_to_the_resource() -> None:
    assert run("base-model-life", {"baseModel": FLASH}, config={"gcp-tuning:asOf": "tomorrow"}) == []


def test_the_pack_has_the_version_of_the_package() -> None:
    assert yaml.safe_load((FOLDER / "PulumiPolicy.yaml").read_text())["version"] == version("pulumi-gcp-tuning")


@pytest.mark.parametrize("policy", POLICIES, ids=lambda policy: policy.name)
def test_the_options_are_a_json_schema(policy: Any) -> None:
    Draft202012Validator.check_schema({"type": "object", "properties": dict(policy.options)})
    assert as_crossguard(policy).enforcement_level is crossguard.EnforcementLevel.MANDATORY
