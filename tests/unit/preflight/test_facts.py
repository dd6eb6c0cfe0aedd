"""Facts are read from Google's JSON without raising, and what is missing or not asked is said once."""

from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from pulumi_gcp_tuning.preflight.facts import (
    NOT_ASKED,
    Bucket,
    Key,
    Known,
    LiveJob,
    LiveJobs,
    Missing,
    OrgPolicy,
    Permissions,
    Policy,
    QuotaLimit,
    not_checked,
)
from pulumi_gcp_tuning.preflight.location import BUCKET_EXISTS
from pulumi_gcp_tuning.preflight.rule import distinct
from support.findings import finding_of

KEYS = st.sampled_from(
    [
        "bindings",
        "role",
        "members",
        "condition",
        "name",
        "location",
        "customPlacementConfig",
        "dataLocations",
        "encryption",
        "purpose",
        "primary",
        "state",
        "spec",
        "rules",
        "values",
        "allowedValues",
        "deniedValues",
        "listPolicy",
        "dimensionsInfos",
        "dimensions",
        "details",
        "value",
        "applicableLocations",
    ]
)
GOOGLES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=4),
    max_leaves=8,
)


@given(st.dictionaries(KEYS, GOOGLES, max_size=6))
def test_any_answer_is_read_without_raising(answer: dict[str, Any]) -> None:
    Policy.from_wire(answer)
    Bucket.from_wire(answer)
    Key.from_wire(answer)
    OrgPolicy.from_wire(answer)
    QuotaLimit.from_wire([answer])


def test_what_nobody_has_asked_is_named_once() -> None:
    assert not_checked({"key": NOT_ASKED, "bucket": NOT_ASKED, "quota": Known(())}) == (
        "not checked until apply: key, bucket"
    )
    assert not_checked({"quota": Known(())}) is None


def test_two_checks_that_miss_the_same_fact_warn_once() -> None:
    missing = Missing(subject="the bucket b", reason="403", needs="storage.buckets.get")
    twice = [BUCKET_EXISTS.not_judged(("a",), missing), BUCKET_EXISTS.not_judged(("b",), missing)]
    found = distinct(twice)
    assert [f.severity for f in found] == ["warn"]
    assert "storage.buckets.get" in str(found[0].remedy)


def test_of_the_same_words_the_error_stays() -> None:
    weak = finding_of(("a",), "x", "y", severity="warn")
    strong = finding_of(("a",), "x", "y")
    assert distinct([weak, strong, weak]) == [strong]


def test_a_bucket_and_a_key_are_read_from_googles_answers() -> None:
    bucket = Bucket.from_wire(
        {
            "name": "b",
            "location": "US",
            "locationType": "dual-region",
            "projectNumber": "123",
            "customPlacementConfig": {"dataLocations": ["US-CENTRAL1", "US-EAST1"]},
            "encryption": {"defaultKmsKeyName": "k"},
        }
    )
    assert bucket == Bucket(
        name="b",
        location="us",
        location_type="dual-region",
        data_locations=("us-central1", "us-east1"),
        default_key="k",
        project_number="123",
    )
    key = Key.from_wire(
        {
            "name": "k",
            "purpose": "ENCRYPT_DECRYPT",
            "primary": {"name": "k/cryptoKeyVersions/3", "state": "ENABLED", "protectionLevel": "HSM"},
        }
    )
    assert (key.primary_version, key.primary_state, key.protection_level) == ("3", "ENABLED", "HSM")


def test_a_conditional_binding_grants_nothing_that_is_known() -> None:
    policy = Policy.from_wire(
        {
            "bindings": [
                {"role": "r1", "members": ["user:a"]},
                {"role": "r2", "members": ["user:a"], "condition": {"expression": "false"}},
            ]
        }
    )
    assert policy.roles_of("user:a") == {"r1"}


def test_limits_are_read_by_region_and_over_all_regions() -> None:
    limits = QuotaLimit.from_wire(
        [
            {
                "metric": "a/global",
                "metricDisplayName": "Jobs",
                "dimensionsInfos": [{"details": {"value": "1"}, "applicableLocations": ["global"]}],
            },
            {
                "metric": "a/gpus",
                "quotaDisplayName": "GPUs",
                "dimensions": ["region"],
                "dimensionsInfos": [
                    {"dimensions": {"region": "us-central1"}, "details": {"value": "8"}},
                    {"details": {"value": "0"}, "applicableLocations": ["europe-west4", "us-west1"]},
                    {"details": {"value": "many"}},
                ],
            },
        ]
    )
    assert [(limit.display_name, limit.region, limit.limit) for limit in limits] == [
        ("Jobs", None, 1),
        ("GPUs", "us-central1", 8),
        ("GPUs", "europe-west4", 0),
        ("GPUs", "us-west1", 0),
    ]


def test_an_organization_policy_is_read_in_both_versions() -> None:
    new = OrgPolicy.from_wire({"spec": {"rules": [{"values": {"allowedValues": ["in:us-locations"]}}]}})
    old = OrgPolicy.from_wire({"listPolicy": {"allowedValues": ["in:us-locations"]}})
    assert new == old == OrgPolicy(allowed=frozenset({"in:us-locations"}))
    assert OrgPolicy.from_wire({"listPolicy": {"allValues": "DENY"}}).deny_all
    assert OrgPolicy.from_wire({}) == OrgPolicy()


def test_live_jobs_are_counted_by_family_and_region() -> None:
    gone = Missing(subject="jobs", reason="403", needs="aiplatform.tuningJobs.list")
    live = LiveJobs(
        by_region={
            "us-central1": Known([LiveJob(name="a", region="us-central1", family="gemini")]),
            "europe-west4": Known([LiveJob(name="b", region="europe-west4", family="open")]),
            "us-west1": gone,
            "us-east5": NOT_ASKED,
        }
    )
    assert [job.name for job in live.of("gemini")] == ["a"]
    assert live.of("gemini", "europe-west4") == []
    assert live.missing() == [gone]


def test_what_a_caller_lacks_keeps_its_order() -> None:
    assert Permissions(asked=("c", "b", "a"), granted=frozenset({"b"})).lacking == ("c", "a")
