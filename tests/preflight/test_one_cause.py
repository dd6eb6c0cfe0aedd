"""One cause is one finding, and preview has no line on the quota of a job that is refused for its model or its place."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import pytest

from preflight.answer import Answer
from support.preflight_case import BISON_DAY, KEY

if TYPE_CHECKING:
    from preflight.conftest import WorldOf
    from support.preflight_case import Kind

KEYS_ONLY: Final = {"gcp.restrictNonCmekServices": {"deniedValues": ["aiplatform.googleapis.com"]}}
WITH_KEY: Final = {"inputs/encryptionSpec": {"kmsKeyName": KEY}, "world/key": {}}


@pytest.mark.parametrize(
    ("given", "path", "topics"),
    [
        ({"inputs/location": "asia-east1"}, "location", ["trains a model"]),
        ({"inputs/location": "us-central-1"}, "location", ["trains a model"]),
        ({"inputs/baseModel": "gemini-3.6-flash"}, "base_model", []),
        ({"inputs/baseModel": "gemini-2.0-flash-001", "inputs/maxCost": 0.000001}, "base_model", []),
        ({"inputs/baseModel": "nonsense", "inputs/maxCost": 1}, "base_model", []),
    ],
)
def test_a_job_that_is_refused_for_its_model_or_place_has_no_other_finding(
    given: dict[str, Any], path: str, topics: list[str], world_of: WorldOf
) -> None:
    answer = Answer(world_of, given)
    assert (answer.found, answer.topics) == ([("error", path)], topics)


@pytest.mark.parametrize(
    ("given", "check"), [({"inputs/location": "asia-east1"}, "region"), ({"inputs/baseModel": "newer"}, "model")]
)
def test_a_job_that_is_only_warned_of_its_model_or_place_has_lines_on_cost_and_quota(
    given: dict[str, Any], check: str, world_of: WorldOf
) -> None:
    answer = Answer(world_of, {**given, "inputs/checks": {check: "warn"}})
    assert [severity for severity, _ in answer.found] == ["warn"]
    assert answer.topics == ["trains a model", "quota"]


@pytest.mark.parametrize(("location", "has_line"), [("asia-east1", False), ("us-central1", True)])
def test_preview_has_a_line_on_the_machines_of_a_pipeline_only_where_pipeline_tuning_runs(
    location: str,
    has_line: bool,  # noqa: FBT001
    world_of: WorldOf,
) -> None:
    given = {"world/today": BISON_DAY, "inputs/location": location}
    answer = Answer(world_of, given, "pipeline_tuning_job")
    assert ("quota" in answer.topics) is has_line
    assert (("error", "location") in answer.found) is not has_line


def test_a_disabled_api_is_not_said_again_of_what_it_does_not_answer(world_of: WorldOf) -> None:
    assert Answer(world_of, {"world/disabled": ["aiplatform.googleapis.com"]}).found == [("error", "project")]


def test_an_api_that_only_the_checks_ask_is_said_where_it_is_asked(world_of: WorldOf) -> None:
    assert Answer(world_of, {"world/disabled": ["cloudquotas.googleapis.com"]}).found == [("warn", "on_quota")]


@pytest.mark.parametrize("kind", ["tuning_job", "endpoint"])
def test_policies_that_one_permission_reads_are_one_warning(kind: Kind, world_of: WorldOf) -> None:
    answer = Answer(world_of, {"world/without": ["orgpolicy.policy.get"]}, kind)
    assert [path for _, path in answer.found] == ["location"]


@pytest.mark.parametrize("key", [{}, WITH_KEY, {"inputs/encryptionSpec": {"kmsKeyName": "my-key"}}])
def test_a_policy_under_which_no_job_is_possible_is_said_alone_with_or_without_a_key(
    key: dict[str, Any], world_of: WorldOf
) -> None:
    answer = Answer(world_of, {**key, "world/policies": KEYS_ONLY})
    assert answer.found == [("error", "encryption_spec")]
    assert "no job is possible under this policy" in answer.text


def test_without_the_policy_a_key_that_no_model_takes_is_to_be_left_out(world_of: WorldOf) -> None:
    answer = Answer(world_of, WITH_KEY)
    assert answer.found == [("error", "encryption_spec")]
    assert "Leave encryption_spec out" in answer.text


def test_what_is_wrong_with_a_key_stays_an_error_where_the_policy_only_warns(world_of: WorldOf) -> None:
    given = {**WITH_KEY, "world/policies": KEYS_ONLY, "inputs/checks": {"identity": "warn"}}
    assert Answer(world_of, given).found == [("error", "encryption_spec"), ("warn", "encryption_spec")]


def test_what_could_not_be_read_names_the_permission_and_no_address(world_of: WorldOf) -> None:
    lacking = ["serviceusage.services.get", "cloudquotas.quotas.get", "storage.buckets.get", "storage.objects.get"]
    answer = Answer(world_of, {"world/without": lacking})
    assert len(answer.found) == 4
    assert all(permission in answer.text for permission in lacking)
    assert not any(word in answer.text for word in ("http", "GET ", "127.0.0.1"))


def test_without_an_account_the_billing_is_the_only_finding(world_of: WorldOf) -> None:
    assert Answer(world_of, {"world/billing": "absent"}).found == [("error", "project")]
