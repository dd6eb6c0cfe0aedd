"""The caller may, the project can, and the service agents reach what they need."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pulumi_gcp_tuning.preflight.facts import (
    NOT_ASKED,
    Binding,
    Fact,
    Known,
    Missing,
    OrgPolicy,
    Permissions,
    Policy,
    Project,
    ServiceAccount,
)
from pulumi_gcp_tuning.preflight.identity import (
    check_apis,
    check_billing,
    check_caller,
    check_open_model_agents,
    check_org_key,
    check_org_location,
    check_service_account_usable,
    check_tuning_agent_exists,
    open_model_agent,
    tuning_agent,
    vertex_agent,
)
from support.findings import assert_documented, assert_found

VERTEX, STORAGE = "aiplatform.googleapis.com", "storage.googleapis.com"
ACCOUNT = "tuner@my-project.iam.gserviceaccount.com"
NUMBER = "123456"
DATA = "supervised_tuning_spec.training_dataset_uri"
REFUSED = Missing(subject="it", reason="403 Forbidden", needs="the permission x.y.get")


def policy(*emails: str, role: str = "roles/storage.objectUser") -> Known[Policy]:
    members = frozenset(f"serviceAccount:{email}" for email in emails)
    return Known(Policy(bindings=(Binding(role=role, members=members),)))


BOTH = policy(vertex_agent(NUMBER), open_model_agent(NUMBER))


def test_a_disabled_api_is_refused_and_the_command_is_given() -> None:
    found = check_apis(Known({VERTEX: False, STORAGE: True}), "my-project")
    assert_found(found, path="project", check="identity", says=f"{VERTEX} is disabled", way_out="services enable aipl")
    both = check_apis(Known({VERTEX: False, STORAGE: False}), "my-project")
    assert_found(both, path="project", check="identity", says="are disabled", way_out=f"{VERTEX} {STORAGE}")


def test_enabled_apis_pass() -> None:
    assert check_apis(Known({VERTEX: True, STORAGE: True}), "my-project") == []
    assert check_apis(Known({}), "my-project") == []


def test_a_project_without_billing_is_refused() -> None:
    off = Known(Project(id="my-project", number=NUMBER, billing=Known(False)))
    found = check_billing(off)
    assert_found(found, path="project", check="identity", says="no active billing", way_out="billing projects link")
    assert check_billing(Known(Project(id="my-project", number=NUMBER, billing=Known(True)))) == []
    assert check_billing(Known(Project(id="my-project", number=NUMBER))) == []


def test_permissions_that_the_caller_lacks_are_one_finding_with_a_role() -> None:
    asked = ("aiplatform.tuningJobs.create", "aiplatform.tuningJobs.get", "storage.objects.get")
    some = Known(Permissions(asked=asked, granted=frozenset({"aiplatform.tuningJobs.get"})))
    found = check_caller(some, "project my-project")
    assert_found(
        found,
        path="project",
        check="identity",
        says="You lack aiplatform.tuningJobs.create, storage.objects.get on project my-project",
        way_out="roles/aiplatform.user and roles/storage.objectUser",
    )
    assert check_caller(Known(Permissions(asked=asked, granted=frozenset(asked))), "project my-project") == []


@pytest.mark.parametrize(
    ("account", "says", "way_out"),
    [
        (None, "does not exist", "Account resource"),
        (ServiceAccount(email=ACCOUNT, disabled=True), "is disabled", "service-accounts enable"),
        (
            ServiceAccount(email=ACCOUNT, act_as=Known(False)),
            "You are not allowed to act as",
            "roles/iam.serviceAccountUser",
        ),
    ],
)
def test_a_service_account_that_cannot_be_used_is_refused(
    account: ServiceAccount | None, says: str, way_out: str
) -> None:
    found = check_service_account_usable(ACCOUNT, Known(account))
    assert_found(found, path="service_account", check="identity", says=says, way_out=way_out)


def test_a_service_account_that_the_caller_may_act_as_passes() -> None:
    good = Known(ServiceAccount(email=ACCOUNT, act_as=Known(True)))
    assert check_service_account_usable(ACCOUNT, good) == []
    assert check_service_account_usable(None, Known(None)) == []


def test_open_model_agents_are_seen_on_both_buckets_or_warned_of() -> None:
    found = check_open_model_agents(NUMBER, "data", ("images",), {"data": BOTH, "images": policy()}, Known(True))
    assert_found(
        found,
        path=DATA,
        check="identity",
        says="on the bucket images",
        way_out="BucketIAMMember on both buckets",
        severity="warn",
    )
    assert open_model_agent(NUMBER) in str(found[0].problem)
    assert vertex_agent(NUMBER) in str(found[0].problem)


def test_open_model_agents_with_object_user_on_both_buckets_pass() -> None:
    assert check_open_model_agents(NUMBER, "data", ("images",), {"data": BOTH, "images": BOTH}, Known(True)) == []


def test_images_beside_the_data_need_no_grant() -> None:
    nobody = {"data": policy(), "cloud-samples-data": policy()}
    assert check_open_model_agents(NUMBER, "data", ("data", "cloud-samples-data"), nobody, Known(True)) == []
    samples = {"cloud-samples-data": policy(), "images": BOTH}
    assert check_open_model_agents(NUMBER, "cloud-samples-data", ("images",), samples, Known(True)) == []


def test_an_agent_that_comes_with_the_first_job_is_explained_not_failed() -> None:
    only_vertex = policy(vertex_agent(NUMBER))
    found = check_open_model_agents(NUMBER, "data", ("images",), {"data": only_vertex, "images": BOTH}, Known(False))
    assert_found(
        found,
        path=DATA,
        check="identity",
        says="before the project's first open-model job",
        way_out="Run one small text-only job first",
        severity="warn",
    )


@pytest.mark.parametrize("agent", [tuning_agent(NUMBER), open_model_agent(NUMBER)])
def test_a_grant_to_an_agent_that_does_not_exist_yet_is_explained(agent: str) -> None:
    found = check_tuning_agent_exists(f"serviceAccount:{agent}", NUMBER, Known(False))
    assert_found(
        found, path="member", check="identity", says="first tuning job", way_out="Run one job first", severity="warn"
    )
    assert check_tuning_agent_exists(f"serviceAccount:{agent}", NUMBER, Known(True)) == []
    assert check_tuning_agent_exists(f"serviceAccount:{vertex_agent(NUMBER)}", NUMBER, Known(False)) == []


@pytest.mark.parametrize(
    ("allowed", "location"),
    [
        ("in:us-locations", "europe-west4"),
        ("in:eu-locations", "europe-west2"),
        ("in:eu-locations", "us"),
        ("us-east1", "us-central1"),
        ("in:us-east1-locations", "us-central1"),
        ("us", "us-central1"),
    ],
)
def test_a_location_that_the_organization_does_not_allow_is_refused(allowed: str, location: str) -> None:
    found = check_org_location(Known(OrgPolicy(allowed=frozenset({allowed}))), location)
    assert_found(found, path="location", check="identity", says=f"not {location}", way_out="a location that it allows")


@pytest.mark.parametrize(
    ("allowed", "location"),
    [
        ("in:us-locations", "us-central1"),
        ("in:us-locations", "us"),
        ("in:eu-locations", "eu"),
        ("in:eu-locations", "europe-west4"),
        ("in:us-central1-locations", "us-central1"),
        ("is:us-central1", "us-central1"),
        ("us-central1", "us-central1"),
    ],
)
def test_a_location_that_the_organization_allows_passes(allowed: str, location: str) -> None:
    assert check_org_location(Known(OrgPolicy(allowed=frozenset({allowed}))), location) == []


def test_denied_locations_win_and_no_policy_allows_all() -> None:
    denied = OrgPolicy(allowed=frozenset({"in:us-locations"}), denied=frozenset({"us-central1"}))
    found = check_org_location(Known(denied), "us-central1")
    assert_found(found, path="location", check="identity", says="denies us-central1", way_out="ask its administrator")
    assert check_org_location(Known(OrgPolicy(deny_all=True)), "us-central1") != []
    assert check_org_location(Known(OrgPolicy()), "us-central1") == []
    assert check_org_location(Known(None), "us-central1") == []


def test_a_group_of_locations_that_cannot_be_read_is_a_warning() -> None:
    found = check_org_location(Known(OrgPolicy(allowed=frozenset({"in:low-carbon-locations"}))), "us-central1")
    assert_found(
        found, path="location", check="identity", says="was not checked", way_out="administrator", severity="warn"
    )


def test_a_denied_group_that_cannot_be_read_is_a_warning_unless_the_location_is_not_allowed_at_all() -> None:
    group = frozenset({"in:low-carbon-locations"})
    found = check_org_location(Known(OrgPolicy(denied=group)), "us-central1")
    assert_found(
        found, path="location", check="identity", says="was not checked", way_out="administrator", severity="warn"
    )
    elsewhere = OrgPolicy(denied=group, allowed=frozenset({"in:eu-locations"}))
    assert check_org_location(Known(elsewhere), "us-central1")[0].severity == "error"


def test_a_job_without_a_key_is_refused_where_the_organization_wants_one() -> None:
    wants = Known(OrgPolicy(denied=frozenset({"is:aiplatform.googleapis.com"})))
    found = check_org_key(wants, None)
    assert_found(found, path="encryption_spec", check="identity", says="restrictNonCmek", way_out="kms_key_name")
    assert check_org_key(wants, "projects/p") == []
    assert check_org_key(wants, None, key_known=False) == []
    assert check_org_key(Known(OrgPolicy(denied=frozenset({"bigquery.googleapis.com"}))), None) == []


def test_what_cannot_be_fetched_is_one_warning_each_and_what_was_not_asked_none() -> None:
    missing = [
        check_apis(REFUSED, "my-project"),
        check_billing(REFUSED),
        check_billing(Known(Project(id="my-project", number=NUMBER, billing=REFUSED))),
        check_caller(REFUSED, "project my-project"),
        check_service_account_usable(ACCOUNT, REFUSED),
        check_service_account_usable(ACCOUNT, Known(ServiceAccount(email=ACCOUNT, act_as=REFUSED))),
        check_open_model_agents(NUMBER, "data", ("images",), {"data": BOTH, "images": REFUSED}, NOT_ASKED),
        check_org_location(REFUSED, "us-central1"),
        check_org_key(REFUSED, None),
    ]
    for found in missing:
        assert [f.severity for f in found] == ["warn"]
        assert "x.y.get" in str(found[0].remedy)
    assert not check_apis(NOT_ASKED, "my-project") + check_billing(NOT_ASKED) + check_caller(NOT_ASKED, "x")
    assert not check_service_account_usable(ACCOUNT, NOT_ASKED) + check_org_key(NOT_ASKED, None)
    assert not check_org_location(NOT_ASKED, "us-central1")
    nothing: dict[str, Fact[Policy]] = {"data": NOT_ASKED}
    assert not check_open_model_agents(NUMBER, "data", ("images",), nothing, NOT_ASKED)


TEXT = st.none() | st.text() | st.sampled_from(["us-central1", "us", "global", ACCOUNT, NUMBER])
VALUES = st.frozensets(st.text() | st.sampled_from(["in:us-locations", "in:", "is:", "in:-locations", "us"]))
ORG: st.SearchStrategy[Fact[OrgPolicy | None]] = st.one_of(
    st.sampled_from([NOT_ASKED, REFUSED, Known(None)]),
    st.builds(Known, st.builds(OrgPolicy, allowed=st.none() | VALUES, denied=VALUES)),
)
POLICIES: st.SearchStrategy[Fact[Policy]] = st.sampled_from([NOT_ASKED, REFUSED, BOTH])
BOOLS: st.SearchStrategy[Fact[bool]] = st.sampled_from([NOT_ASKED, REFUSED, Known(True), Known(False)])


@given(TEXT, TEXT, ORG, st.dictionaries(st.text() | st.just("data"), POLICIES), BOOLS, st.lists(st.text()))
def test_any_arguments_with_any_facts_give_findings(
    one: str | None,
    other: str | None,
    org: Fact[OrgPolicy | None],
    policies: dict[str, Fact[Policy]],
    fact: Fact[bool],
    names: list[str],
) -> None:
    account = Known(ServiceAccount(email="x", act_as=fact))
    found = [
        *check_apis(Known(dict.fromkeys(names, False)), "x", tuple(names)),
        *check_billing(Known(Project(id="x", number="1", billing=fact))),
        *check_caller(Known(Permissions(asked=tuple(names), granted=frozenset())), "x"),
        *check_service_account_usable(one, account),
        *check_open_model_agents(one, other, tuple(policies), policies, fact),
        *check_tuning_agent_exists(one, other, fact),
        *check_org_location(org, one),
        *check_org_key(org, other),
    ]
    assert_documented(found)
