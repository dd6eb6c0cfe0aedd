"""A key encrypts what a job makes, or the way out is said."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pulumi_gcp_tuning import catalog
from pulumi_gcp_tuning.preflight.cmek import (
    PATH,
    ROLE,
    check_key,
    check_key_grant,
    check_key_place,
    check_model_takes_key,
    check_pipeline_key,
    check_same_key,
)
from pulumi_gcp_tuning.preflight.facts import (
    NOT_ASKED,
    Binding,
    Fact,
    Key,
    KeyPolicies,
    Known,
    Missing,
    Policy,
    TunedParent,
)
from support.findings import assert_documented, assert_found

TODAY = date(2026, 9, 1)
KEY = "projects/my-project/locations/us-central1/keyRings/ring/cryptoKeys/key"
AGENT = "service-123456@gcp-sa-aiplatform.iam.gserviceaccount.com"
REFUSED = Missing(subject="the key", reason="403 Forbidden", needs="cloudkms.cryptoKeys.get")


def key(state: str | None = "ENABLED", purpose: str = "ENCRYPT_DECRYPT") -> Known[Key | None]:
    return Known(Key(name=KEY, purpose=purpose, primary_state=state, primary_version="3"))


def grant(role: str = ROLE, *, conditional: bool = False) -> Known[Policy]:
    member = frozenset({f"serviceAccount:{AGENT}"})
    return Known(Policy(bindings=(Binding(role=role, members=member, conditional=conditional),)))


@pytest.mark.parametrize(
    ("name", "says"),
    [
        ("my-key", "'my-key' is in the place of 'projects'"),
        (f"{KEY}/cryptoKeyVersions/1", "version"),
        (f"https://cloudkms.googleapis.com/v1/{KEY}", "full URL"),
    ],
)
def test_a_name_that_is_not_a_keys_is_refused(name: str, says: str) -> None:
    found = check_key_place(name, "us-central1")
    assert_found(found, path=PATH, check="cmek", says=says, way_out="It looks like this: projects/")


@pytest.mark.parametrize(
    ("place", "says"),
    [
        ("europe-west4", "in europe-west4, but"),
        ("us", "us (a multi-region)"),
        ("global", "global (global)"),
    ],
)
def test_a_key_elsewhere_is_refused(place: str, says: str) -> None:
    found = check_key_place(KEY.replace("us-central1", place), "us-central1")
    assert_found(found, path=PATH, check="cmek", says=says, way_out="Use a key in us-central1")


def test_a_key_in_the_same_region_passes_and_no_key_fits_a_multi_region() -> None:
    assert check_key_place(KEY, "us-central1") == []
    found = check_key_place(KEY, "us")
    assert_found(found, path=PATH, check="cmek", says="in us.", way_out="leave the key out")


@pytest.mark.parametrize(
    ("fact", "says", "way_out"),
    [
        (Known(None), "does not exist", "Create it first"),
        (key("DISABLED"), "is DISABLED", "Enable version 3"),
        (key("DESTROY_SCHEDULED"), "is DESTROY_SCHEDULED", "Restore and enable version 3"),
        (key("DESTROYED"), "is DESTROYED", "make a new primary version"),
        (key("PENDING_GENERATION"), "is PENDING_GENERATION", "Wait until version 3"),
        (key("IMPORT_FAILED"), "is IMPORT_FAILED", "Make a new primary version"),
        (key(None), "no primary version", "the primary version"),
        (key(None, "ASYMMETRIC_SIGN"), "purpose is ASYMMETRIC_SIGN", "ENCRYPT_DECRYPT"),
    ],
)
def test_a_key_that_cannot_encrypt_is_refused(fact: Fact[Key | None], says: str, way_out: str) -> None:
    assert_found(check_key(KEY, fact), path=PATH, check="cmek", says=says, way_out=way_out)


def test_an_enabled_key_passes_and_one_that_cannot_be_read_is_one_warning() -> None:
    assert check_key(KEY, key()) == []
    assert check_key(KEY, NOT_ASKED) == []
    found = check_key(KEY, REFUSED)
    assert_found(found, path=PATH, check="cmek", says="403", way_out="cryptoKeys.get", severity="warn")


def test_an_agent_that_is_not_seen_to_have_the_role_is_a_warning_and_no_proof() -> None:
    nobody: Known[Policy] = Known(Policy())
    policies = KeyPolicies(key=nobody, ring=nobody, project=nobody)
    found = check_key_grant(KEY, (AGENT,), policies)
    assert_found(found, path=PATH, check="cmek", says=AGENT, way_out="CryptoKeyIAMMember", severity="warn")
    assert "key, ring and project" in str(found[0].problem)


@pytest.mark.parametrize("place", ["key", "ring", "project"])
def test_a_grant_on_key_ring_or_project_passes(place: str) -> None:
    nobody: Known[Policy] = Known(Policy())
    places: dict[str, Fact[Policy]] = {"key": nobody, "ring": nobody, "project": nobody, place: grant()}
    assert check_key_grant(KEY, (AGENT,), KeyPolicies(**places)) == []


def test_both_halves_of_the_role_make_one_and_a_condition_makes_none() -> None:
    halves = KeyPolicies(
        key=grant("roles/cloudkms.cryptoKeyEncrypter"), ring=grant("roles/cloudkms.cryptoKeyDecrypter")
    )
    assert check_key_grant(KEY, (AGENT,), halves) == []
    assert check_key_grant(KEY, (AGENT,), KeyPolicies(key=grant(conditional=True)))[0].severity == "warn"


def test_a_policy_that_cannot_be_read_is_one_warning_unless_another_shows_the_grant() -> None:
    unread = Missing(subject="the policy of the ring", reason="403", needs="cloudkms.keyRings.getIamPolicy")
    found = check_key_grant(KEY, (AGENT,), KeyPolicies(key=Known(Policy()), ring=unread, project=unread))
    assert_found(found, path=PATH, check="cmek", says="403", way_out="keyRings.getIamPolicy", severity="warn")
    assert check_key_grant(KEY, (AGENT,), KeyPolicies(key=grant(), ring=unread)) == []
    assert check_key_grant(KEY, None, KeyPolicies(key=Known(Policy()))) == []


def test_a_bison_model_on_tpu_takes_no_key() -> None:
    found = check_pipeline_key(KEY, "TPU", "us-central1", None)
    assert_found(found, path="accelerator_type", check="cmek", says="on TPU", way_out="accelerator_type to GPU")
    assert found[0].evidence == "seed"


@pytest.mark.parametrize(
    ("pipeline", "upload", "path"),
    [("europe-west4", "us-central1", "location"), ("us-central1", "europe-west4", "tuned_model_location")],
)
def test_a_bison_model_takes_a_key_only_where_both_places_are_us_central1(
    pipeline: str, upload: str, path: str
) -> None:
    found = check_pipeline_key(KEY, "GPU", pipeline, upload)
    assert_found(found, path=path, check="cmek", says="only in us-central1", way_out=f"Set {path} to us-central1")


def test_a_bison_model_on_gpu_in_us_central1_takes_a_key_and_none_is_needed_elsewhere() -> None:
    assert check_pipeline_key(KEY, "GPU", "us-central1", "us-central1") == []
    assert check_pipeline_key(KEY, None, "us-central1", None) == []
    assert check_pipeline_key(None, "TPU", "europe-west4", "us-east4") == []


def test_a_model_without_keys_is_refused_and_the_alternatives_are_named() -> None:
    found = check_model_takes_key(KEY, "gemini-3.1-flash-lite", "us-central1", TODAY)
    assert_found(found, path="encryption_spec", check="cmek", says="us or eu", way_out="or tune gemini-2.5")
    assert check_model_takes_key(KEY, "gemini-2.5-flash", "us-central1", TODAY) == []
    assert check_model_takes_key(None, "gemini-3.1-flash-lite", "us-central1", TODAY) == []


def test_where_no_model_of_the_region_takes_a_key_one_of_another_region_is_named() -> None:
    found = check_model_takes_key(KEY, "gemini-3.1-flash-lite", "us-west2", TODAY)
    assert str(found[0].remedy).startswith(
        "Leave encryption_spec out, or tune gemini-2.5-pro in asia-east1 or asia-east2 or"
    )


def test_where_no_model_that_can_be_declared_takes_a_key_any_more_that_is_said_and_no_other_is_named() -> None:
    found = check_model_takes_key(KEY, "gemini-3.1-flash-lite", "us-central1", date(2026, 11, 21))
    assert str(found[0].remedy) == "Leave encryption_spec out: no model with CMEK can be tuned on 2026-11-21."


def test_where_no_model_takes_a_key_that_is_said() -> None:
    rows = [{"id": row.id, "cmek": False} for row in catalog.shipped().models.values()]
    without = catalog.Catalogue.load({"models": rows})
    found = check_model_takes_key(KEY, "gemini-3.1-flash-lite", "us-central1", TODAY, catalogue=without)
    assert str(found[0].remedy) == "Leave encryption_spec out: no model with CMEK can be tuned on 2026-09-01."


@pytest.mark.parametrize("place", ["us-east7", "us-centra1", "asia-south2"])
def test_a_region_in_which_the_model_is_not_tuned_at_all_is_not_the_keys_matter(place: str) -> None:
    assert check_model_takes_key(KEY, "gemini-2.5-flash", place, TODAY) == []
    assert check_model_takes_key(KEY, "gemini-3.5-flash", "us-central1", TODAY)[0].severity == "error"


def test_a_region_in_which_a_model_takes_no_key_is_refused_and_those_that_do_are_named() -> None:
    found = check_model_takes_key(KEY, "gemini-1.0-pro-002", "us-central1", date(2024, 9, 1))
    assert_found(found, path="encryption_spec", check="cmek", says="in us-central1", way_out="us-east1, europe-west4")
    assert check_model_takes_key(KEY, "gemini-1.0-pro-002", "us-east1", date(2024, 9, 1)) == []


def test_an_open_model_at_global_takes_no_key() -> None:
    found = check_model_takes_key(KEY, "qwen/qwen3@qwen3-32b", "global", TODAY)
    assert_found(
        found,
        path="encryption_spec",
        check="cmek",
        says="A job at global cannot use a",
        way_out="eave encryption_spec out",
    )


def test_continuous_tuning_goes_on_under_the_parents_key() -> None:
    parent = Known(TunedParent(name="models/1", key=KEY))
    other = KEY.replace("cryptoKeys/key", "cryptoKeys/other")
    found = check_same_key(other, parent)
    assert_found(found, path=PATH, check="cmek", says="was tuned with", way_out=f"to {KEY}")
    without = check_same_key(None, parent)
    assert_found(without, path=PATH, check="cmek", says="was tuned with", way_out=f"to {KEY}")
    assert check_same_key(KEY, parent) == []
    assert check_same_key(KEY.replace("my-project", "123456"), parent) == []
    assert check_same_key(None, parent, key_known=False) == []


def test_a_parent_without_a_key_stays_without() -> None:
    parent = Known(TunedParent(name="models/1"))
    found = check_same_key(KEY, parent)
    assert_found(found, path=PATH, check="cmek", says="without a customer-managed key", way_out="Leave encryption_spec")
    assert check_same_key(None, parent) == []
    assert check_same_key(KEY, REFUSED)[0].severity == "warn"


TEXT = st.none() | st.text() | st.sampled_from([KEY, "us-central1", "us", "global", *catalog.shipped().models])
KEYS: st.SearchStrategy[Fact[Key | None]] = st.one_of(
    st.just(NOT_ASKED),
    st.just(REFUSED),
    st.builds(Known, st.none() | st.builds(Key, name=st.text(), purpose=TEXT, primary_state=TEXT)),
)
POLICIES: st.SearchStrategy[Fact[Policy]] = st.sampled_from([NOT_ASKED, REFUSED, Known(Policy()), grant()])


@given(TEXT, TEXT, TEXT, TEXT, KEYS, POLICIES, POLICIES, st.dates())
def test_any_arguments_with_any_facts_give_findings(
    name: str | None,
    model: str | None,
    place: str | None,
    other: str | None,
    fact: Fact[Key | None],
    one: Fact[Policy],
    two: Fact[Policy],
    day: date,
) -> None:
    parent: Fact[TunedParent | None] = Known(TunedParent(name="x", key=other))
    found = [
        *check_key_place(name, place),
        *check_model_takes_key(name, model, place, day),
        *check_key(name, fact),
        *check_key_grant(name, (AGENT,), KeyPolicies(key=one, ring=two, project=one)),
        *check_pipeline_key(name, model, place, other),
        *check_same_key(name, parent),
    ]
    assert_documented(found)
