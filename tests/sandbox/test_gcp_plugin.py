"""The stand-in called as the engine calls it, without the engine."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from pulumi.runtime.proto import provider_pb2

from sandbox.gcp_plugin_support import (
    ACCOUNT,
    ATTRIBUTION,
    BUCKET,
    GRANT,
    KEY,
    RING,
    RING_NAME,
    Aborted,
    Provider,
)
from support.credential_forms import leaks_in, made_up_key, wrong_forms
from tuning_sandbox.gcp_plugin.functions import FUNCTIONS
from tuning_sandbox.gcp_plugin.tokens import RESOURCES
from tuning_sandbox.gcp_plugin.values import SECRET, SIGNATURE, UNKNOWN, UNKNOWN_TEXT, from_struct, to_struct

if TYPE_CHECKING:
    from sandbox.running import RunningSandbox


@pytest.fixture
def provider(sandbox: RunningSandbox) -> Provider:
    return Provider(sandbox.url)


@pytest.fixture
def key(provider: Provider) -> str:
    provider.create(RING, {"name": "ring", "location": "us-central1"})
    return provider.create(KEY, {"name": "key", "keyRing": RING_NAME})[0]


def test_every_token_is_one_that_pulumi_gcp_sends() -> None:
    import pulumi_gcp

    for token in [*RESOURCES, *FUNCTIONS]:
        folder = Path(pulumi_gcp.__file__).parent / token.split(":")[1].partition("/")[0]
        assert any(f"'{token}'" in file.read_text(encoding="utf-8") for file in folder.glob("*.py")), token


@pytest.mark.filterwarnings("ignore::DeprecationWarning")  # of pulumi_gcp's own modules
def test_the_inputs_are_those_of_pulumi_gcp_and_the_required_ones_too() -> None:
    import importlib
    import inspect

    for token, resource in RESOURCES.items():
        module = importlib.import_module("pulumi_gcp." + token.split(":")[1].partition("/")[0])
        parameters = inspect.signature(getattr(module, token.rpartition(":")[2] + "Args").__init__).parameters
        theirs = {name: item.default is item.empty for name, item in parameters.items() if name != "__self__"}
        ours = {
            "".join("_" + char.lower() if char.isupper() else char for char in prop.name): prop.required
            for prop in resource.inputs
        }
        assert ours == theirs, token


def test_credentials_of_the_provider_are_neither_read_nor_told(sandbox: RunningSandbox) -> None:
    for form, text in wrong_forms(made_up_key()).items():
        provider = Provider(sandbox.url, credentials=text, accessToken=text, impersonateServiceAccount=text)
        made = provider.create(RING, {"name": f"ring-{len(form)}", "location": "us-central1"}, preview=True)
        with pytest.raises(Aborted) as refused:
            provider.check("gcp:pubsub/topic:Topic", {})
        assert leaks_in(f"{made} {refused.value} {provider.engine.shown}", made_up_key()) == []


def test_an_unknown_token_says_which_it_is_and_what_to_do(provider: Provider) -> None:
    with pytest.raises(Aborted, match=r"gcp:pubsub/topic:Topic is not in the sandbox's stand-in .* against the cloud"):
        provider.check("gcp:pubsub/topic:Topic", {})
    with pytest.raises(Aborted, match=r"gcp:compute/getZones:getZones is not in .* organizations/getProject"):
        provider.call("Invoke", provider_pb2.InvokeRequest(tok="gcp:compute/getZones:getZones"))


def test_without_an_address_it_says_how_to_get_a_sandbox() -> None:
    with pytest.raises(Aborted, match=r"GCP_TUNING_BASE_URL is not set.*gcp-tuning sandbox"):
        Provider("")


def test_a_sandbox_that_does_not_answer_is_named() -> None:
    provider = Provider("http://127.0.0.1:9")
    with pytest.raises(Aborted, match=r"no answer from the sandbox at http://127\.0\.0\.1:9"):
        provider.create(RING, {"name": "ring", "location": "us-central1"})


def test_all_findings_of_check_come_at_once_with_their_property(provider: Provider) -> None:
    news = {"keyRing": "nonsense/a/b/c", "purpose": "NONE", "rotationPeriod": "1h", "bogus": 1, "labels": ["x"]}
    found = {failure.property for failure in provider.check(KEY, news).failures}
    assert found == {"keyRing", "purpose", "rotationPeriod", "bogus", "labels"}
    missing = provider.check(KEY, {}).failures
    assert [(failure.property, failure.reason) for failure in missing] == [("keyRing", "Missing required property")]


def test_without_a_project_anywhere_check_says_where_to_set_it(sandbox: RunningSandbox) -> None:
    provider = Provider(sandbox.url, project="")
    failures = provider.check(RING, {"location": "us-central1"}).failures
    assert [failure.property for failure in failures] == ["project"]
    assert "gcp:project" in failures[0].reason


def test_a_name_is_made_once_and_kept(provider: Provider) -> None:
    first = provider.inputs(RING, {"location": "us-central1"}, randomSeed=b"1")
    assert first["name"].startswith("Thing-")
    assert len(first["name"]) == len("Thing-") + 7
    again = provider.inputs(RING, {"location": "us-central1"}, olds=first, randomSeed=b"2")
    assert again["name"] == first["name"]
    other = provider.inputs(RING, {"location": "us-central1"}, randomSeed=b"2")
    assert other["name"] != first["name"]


def test_bucket_and_account_names_are_made_to_fit(provider: Provider) -> None:
    assert provider.inputs(BUCKET, {"location": "us-central1"})["name"].startswith("thing-")
    account = provider.inputs(ACCOUNT, {})["accountId"]
    assert account.startswith("thing-")
    assert len(account) <= 30


def test_the_engines_autonaming_is_followed(provider: Provider) -> None:
    options = provider_pb2.CheckRequest.AutonamingOptions
    proposed = options(proposed_name="Team-Data", mode=options.PROPOSE)
    assert provider.inputs(BUCKET, {"location": "us"}, autonaming=proposed)["name"] == "team-data"
    failures = provider.check(BUCKET, {"location": "us"}, autonaming=options(mode=options.DISABLE)).failures
    assert [failure.property for failure in failures] == ["name"]


def test_a_preview_knows_what_follows_from_the_inputs_and_nothing_else(
    provider: Provider, sandbox: RunningSandbox
) -> None:
    resource_id, outputs = provider.create(
        KEY, {"name": "key", "keyRing": UNKNOWN, "labels": {"team": "x"}}, preview=True
    )
    assert resource_id == ""
    assert outputs["keyRing"] is UNKNOWN
    assert outputs["primaries"] is UNKNOWN
    assert outputs["effectiveLabels"] == {"team": "x", **ATTRIBUTION}
    account = provider.create(ACCOUNT, {"accountId": "trainer"}, preview=True)[1]
    assert account["member"] == "serviceAccount:trainer@shop.iam.gserviceaccount.com"
    assert account["uniqueId"] is UNKNOWN
    assert "accounts" not in sandbox.get("/v1/projects/shop/serviceAccounts").json(), "a preview made something"


def test_labels_carry_the_providers_defaults_and_its_attribution(sandbox: RunningSandbox) -> None:
    provider = Provider(sandbox.url, defaultLabels='{"env": "dev"}')
    provider.create(RING, {"name": "ring", "location": "us-central1"})
    _, outputs = provider.create(KEY, {"name": "key", "keyRing": RING_NAME, "labels": {"team": "x"}})
    assert outputs["labels"] == {"team": "x"}
    assert outputs["pulumiLabels"] == outputs["effectiveLabels"] == {"env": "dev", "team": "x", **ATTRIBUTION}
    plain = Provider(sandbox.url, addPulumiAttributionLabel="false")
    assert plain.create(KEY, {"name": "k2", "keyRing": RING_NAME})[1]["effectiveLabels"] == {}


def test_a_label_changes_in_place_and_leaves_others_labels_alone(
    provider: Provider, sandbox: RunningSandbox, key: str
) -> None:
    sandbox.patch(f"/v1/{key}?updateMask=labels", json={"labels": {"other": "1", **ATTRIBUTION}})
    state = from_struct(provider.read(KEY, key, {"pulumiLabels": ATTRIBUTION, "deletionPolicy": "DELETE"}).properties)[
        0
    ]
    assert state["effectiveLabels"] == {"other": "1", **ATTRIBUTION}
    old, new = {"name": "key", "keyRing": RING_NAME}, {"name": "key", "keyRing": RING_NAME, "labels": {"team": "x"}}
    diff = provider.diff(KEY, state, old, new)
    assert (list(diff.diffs), list(diff.replaces)) == (["labels"], [])
    request = provider_pb2.UpdateRequest(
        id=key,
        urn=f"urn:pulumi:dev::toy::{KEY}::Thing",
        olds=to_struct(state),
        news=to_struct(provider.inputs(KEY, new)),
    )
    provider.call("Update", request)
    assert sandbox.get(f"/v1/{key}").json()["labels"] == {"other": "1", "team": "x", **ATTRIBUTION}


@pytest.mark.parametrize(
    ("token", "old", "new", "changed", "replaces"),
    [
        (RING, {"name": "r", "location": "us-central1"}, {"name": "r", "location": "europe-west4"}, "location", True),
        (BUCKET, {"name": "b-1", "location": "us"}, {"name": "b-1", "location": "eu"}, "location", True),
        (BUCKET, {"name": "b-1", "location": "us"}, {"name": "b-1", "location": "us", "forceDestroy": True},
         "forceDestroy", False),
        (ACCOUNT, {"accountId": "trainer"}, {"accountId": "trainer", "displayName": "T"}, "displayName", False),
        (ACCOUNT, {"accountId": "trainer"}, {"accountId": "tuner-x"}, "accountId", True),
    ],
)  # fmt: skip
def test_a_diff_names_the_property_and_whether_it_replaces(
    provider: Provider, token: str, old: dict[str, Any], new: dict[str, Any], changed: str, *, replaces: bool
) -> None:
    _, state = provider.create(token, old)
    assert provider.diff(token, state, old, old).changes == provider_pb2.DiffResponse.DIFF_NONE
    diff = provider.diff(token, state, old, new)
    assert list(diff.diffs) == [changed]
    assert list(diff.replaces) == ([changed] if replaces else [])
    assert set(diff.detailedDiff) == {changed}


def test_the_old_one_goes_first_where_a_chosen_name_stays_the_same(provider: Provider) -> None:
    old, new = {"name": "b-1", "location": "us"}, {"name": "b-1", "location": "eu"}
    _, state = provider.create(BUCKET, old)
    assert provider.diff(BUCKET, state, old, new).deleteBeforeReplace
    old, new = {"accountId": "trainer"}, {"accountId": "tuner-x"}
    _, state = provider.create(ACCOUNT, old)
    assert not provider.diff(ACCOUNT, state, old, new).deleteBeforeReplace


def test_what_is_gone_reads_as_gone(provider: Provider) -> None:
    assert provider.read(RING, RING_NAME).id == ""
    assert provider.read(ACCOUNT, "projects/shop/serviceAccounts/no@shop.iam.gserviceaccount.com").id == ""
    assert provider.read(BUCKET, "missing").id == ""


@pytest.mark.parametrize("short", [RING_NAME + "/cryptoKeys/key", "shop/us-central1/ring/key", "us-central1/ring/key"])
def test_a_key_is_imported_by_each_form_of_its_name_and_then_differs_in_nothing(
    provider: Provider, key: str, short: str
) -> None:
    found = provider.read(KEY, short)
    assert found.id == key
    inputs = from_struct(found.inputs)[0]
    assert (inputs["name"], inputs["keyRing"], inputs["purpose"]) == ("key", RING_NAME, "ENCRYPT_DECRYPT")
    state = from_struct(found.properties)[0]
    same = {"name": "key", "keyRing": RING_NAME}
    assert provider.diff(KEY, state, same, same).changes == provider_pb2.DiffResponse.DIFF_NONE


def test_a_grant_is_added_once_read_imported_and_removed(provider: Provider, sandbox: RunningSandbox, key: str) -> None:
    role, member = "roles/cloudkms.cryptoKeyEncrypterDecrypter", "user:Ann@example.com"
    for _ in range(2):
        grant_id, state = provider.create(GRANT, {"cryptoKeyId": key, "role": role, "member": member})
    bindings = sandbox.get(f"/v1/{key}:getIamPolicy").json()["bindings"]
    assert bindings == [{"role": role, "members": ["user:ann@example.com"]}]
    assert provider.read(GRANT, f"{key} {role} {member}").id == provider.read(GRANT, grant_id).id == grant_id
    provider.delete(GRANT, grant_id, state)
    assert provider.read(GRANT, grant_id, state).id == ""
    provider.delete(GRANT, grant_id, state)


def test_a_key_is_dropped_and_its_versions_destroyed_because_kms_keeps_keys(
    provider: Provider, sandbox: RunningSandbox, key: str
) -> None:
    provider.delete(KEY, key, {"deletionPolicy": "DELETE"})
    assert sandbox.get(f"/v1/{key}").json()["primary"]["state"] == "DESTROY_SCHEDULED"
    assert "cannot be deleted" in provider.engine.shown[-1]
    with pytest.raises(Aborted, match=rf"CryptoKey {key} already exists.*import_='{key}'"):
        provider.create(KEY, {"name": "key", "keyRing": RING_NAME})


def test_a_deletion_policy_keeps_or_protects(provider: Provider, sandbox: RunningSandbox) -> None:
    account_id, state = provider.create(ACCOUNT, {"accountId": "trainer"})
    with pytest.raises(Aborted, match="deletionPolicy is PREVENT"):
        provider.delete(ACCOUNT, account_id, state | {"deletionPolicy": "PREVENT"})
    provider.delete(ACCOUNT, account_id, state | {"deletionPolicy": "ABANDON"})
    assert sandbox.get(f"/v1/{account_id}").status_code == 200
    provider.delete(ACCOUNT, account_id, state)
    assert sandbox.get(f"/v1/{account_id}").status_code == 404


def test_a_bucket_with_objects_stays_unless_it_may_be_emptied(provider: Provider, sandbox: RunningSandbox) -> None:
    bucket, state = provider.create(BUCKET, {"name": "b-1", "location": "us"})
    provider.create("gcp:storage/bucketObject:BucketObject", {"bucket": bucket, "name": "a/b.txt", "content": "x"})
    with pytest.raises(Aborted, match="forceDestroy"):
        provider.delete(BUCKET, bucket, state)
    provider.delete(BUCKET, bucket, state | {"forceDestroy": True})
    assert sandbox.get("/storage/v1/b/b-1").status_code == 404


def test_an_input_without_effect_in_the_sandbox_is_kept_with_a_warning(provider: Provider) -> None:
    _, state = provider.create(BUCKET, {"name": "b-1", "location": "us", "cors": [{"maxAgeSeconds": 60}]})
    assert state["cors"] == [{"maxAgeSeconds": 60}]
    assert "cors" in provider.engine.shown[-1]


def test_secrets_stay_secret_also_inside_other_outputs(provider: Provider) -> None:
    def secret(value: str) -> dict[str, str]:
        return {SIGNATURE: SECRET, "value": value}

    checked = provider.check(ACCOUNT, {"accountId": secret("hidden-one"), "displayName": secret("Hush")})
    assert not checked.failures
    request = provider_pb2.CreateRequest(
        urn=f"urn:pulumi:dev::toy::{ACCOUNT}::Thing", properties=checked.inputs, preview=True
    )
    _, marked = from_struct(provider.call("Create", request).properties)
    assert {"accountId", "displayName", "email", "member"} <= marked
    assert "project" not in marked


def test_unknowns_of_every_type_are_seen() -> None:
    values = {"text": UNKNOWN_TEXT, "flag": "1c4a061d-8072-4f0a-a4cb-0ff528b18fe7", "deep": {"x": [UNKNOWN_TEXT]}}
    plain, secret = from_struct(to_struct(values))
    assert plain == {"text": UNKNOWN, "flag": UNKNOWN, "deep": {"x": [UNKNOWN]}}
    assert not secret
