"""The stand-in's endpoints, services, grants, functions and errors, without the engine."""

from __future__ import annotations

import resource
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

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
from tuning_sandbox.gcp_plugin.functions import FUNCTIONS
from tuning_sandbox.gcp_plugin.values import from_struct, to_struct

if TYPE_CHECKING:
    from sandbox.running import RunningSandbox


@pytest.fixture
def provider(sandbox: RunningSandbox) -> Provider:
    return Provider(sandbox.url)


@pytest.fixture
def key(provider: Provider) -> str:
    provider.create(RING, {"name": "ring", "location": "us-central1"})
    return provider.create(KEY, {"name": "key", "keyRing": RING_NAME})[0]


def test_an_endpoint_gets_a_numeric_name_and_lives_its_life(provider: Provider, sandbox: RunningSandbox) -> None:
    token = "gcp:vertex/aiEndpoint:AiEndpoint"
    sandbox.admin("POST", "clock", {"mode": "scaled", "scale": 6000})  # its operations take a while
    made_id, state = provider.create(token, {"displayName": "Answers", "location": "us-central1"})
    assert state["name"].isdigit()
    assert state["effectiveLabels"] == ATTRIBUTION
    assert sandbox.get(f"/v1/{made_id}").json()["displayName"] == "Answers"
    old = {"displayName": "Answers", "location": "us-central1", "name": state["name"]}
    assert provider.diff(token, state, old, old).changes == provider_pb2.DiffResponse.DIFF_NONE
    new = old | {"displayName": "Replies"}
    assert list(provider.diff(token, state, old, new).diffs) == ["displayName"]
    inputs = to_struct(provider.inputs(token, new))
    urn = f"urn:pulumi:dev::toy::{token}::Thing"
    provider.call("Update", provider_pb2.UpdateRequest(id=made_id, urn=urn, olds=to_struct(state), news=inputs))
    assert sandbox.get(f"/v1/{made_id}").json()["displayName"] == "Replies"
    provider.delete(token, made_id, state)
    assert provider.read(token, made_id, state).id == ""


def test_a_service_is_read_as_gone_once_it_is_disabled(provider: Provider, sandbox: RunningSandbox) -> None:
    token = "gcp:projects/service:Service"
    made_id, state = provider.create(token, {"service": "cloudkms.googleapis.com", "disableOnDestroy": True})
    assert made_id == "shop/cloudkms.googleapis.com"
    assert provider.read(token, made_id, state).id == made_id
    provider.delete(token, made_id, state)
    assert provider.read(token, made_id, state).id == ""
    assert sandbox.get("/v1/projects/shop/locations/us-central1/keyRings").status_code == 403


def test_a_service_identity_is_the_agents_email(provider: Provider, sandbox: RunningSandbox) -> None:
    number = sandbox.get("/v1/projects/shop").json()["projectNumber"]
    token = "gcp:projects/serviceIdentity:ServiceIdentity"
    _, state = provider.create(token, {"service": "aiplatform.googleapis.com"})
    assert state["member"] == f"serviceAccount:service-{number}@gcp-sa-aiplatform.iam.gserviceaccount.com"


@pytest.mark.parametrize("kind", ["keyRing", "bucket", "project", "serviceAccount"])
def test_grants_of_every_kind_are_made_read_and_removed(provider: Provider, key: str, kind: str) -> None:
    bucket, _ = provider.create(BUCKET, {"name": "b-1", "location": "us"})
    account, _ = provider.create(ACCOUNT, {"accountId": "trainer"})
    token, target = {
        "keyRing": ("gcp:kms/keyRingIAMMember:KeyRingIAMMember", {"keyRingId": RING_NAME}),
        "bucket": ("gcp:storage/bucketIAMMember:BucketIAMMember", {"bucket": bucket}),
        "project": ("gcp:projects/iAMMember:IAMMember", {"project": "shop"}),
        "serviceAccount": ("gcp:serviceaccount/iAMMember:IAMMember", {"serviceAccountId": account}),
    }[kind]
    wanted = {**target, "role": "roles/viewer", "member": "user:ann@example.com"}
    made_id, state = provider.create(token, wanted)
    assert provider.read(token, made_id).id == made_id
    assert provider.diff(token, state, wanted, wanted).changes == provider_pb2.DiffResponse.DIFF_NONE
    provider.delete(token, made_id, state)
    assert provider.read(token, made_id, state).id == ""


def test_many_grants_at_once_on_one_resource_all_arrive(provider: Provider, sandbox: RunningSandbox, key: str) -> None:
    def grant(number: int) -> None:
        member = f"user:person-{number}@example.com"
        provider.create(GRANT, {"cryptoKeyId": key, "role": "roles/viewer", "member": member})

    with ThreadPoolExecutor(16) as pool:
        list(pool.map(grant, range(16)))
    assert len(sandbox.get(f"/v1/{key}:getIamPolicy").json()["bindings"][0]["members"]) == 16


@pytest.mark.parametrize("token", sorted(FUNCTIONS))
def test_every_data_function_answers_with_what_pulumi_gcp_reads(
    provider: Provider, sandbox: RunningSandbox, key: str, token: str
) -> None:
    provider.create(BUCKET, {"name": "b-1", "location": "us"})
    provider.create(ACCOUNT, {"accountId": "trainer"})
    args = {
        "gcp:kms/getKMSKeyRing:getKMSKeyRing": {"name": "ring", "location": "us-central1"},
        "gcp:kms/getKMSCryptoKey:getKMSCryptoKey": {"name": "key", "keyRing": RING_NAME},
        "gcp:storage/getBucket:getBucket": {"name": "b-1"},
        "gcp:serviceaccount/getAccount:getAccount": {"accountId": "trainer"},
    }.get(token, {})
    answer = provider.call("Invoke", provider_pb2.InvokeRequest(tok=token, args=to_struct(args)))
    result = from_struct(getattr(answer, "return"))[0]
    assert result["id"]
    if token == "gcp:organizations/getProject:getProject":
        assert result["number"] == sandbox.get("/v1/projects/shop").json()["projectNumber"]
    if token == "gcp:storage/getProjectServiceAccount:getProjectServiceAccount":
        assert result["member"] == f"serviceAccount:{result['emailAddress']}"


def test_an_error_of_the_api_is_one_line_with_googles_text(provider: Provider) -> None:
    with pytest.raises(Aborted) as caught:
        provider.create(KEY, {"name": "key", "keyRing": RING_NAME})
    assert str(caught.value) == f"Error creating CryptoKey: googleapi: Error 404: KeyRing {RING_NAME} not found."


def test_the_plugin_answers_soon_after_it_was_started() -> None:
    """Every preview starts it: a second of a processor is far more than it needs, and far less than the whole SDK twice."""
    command = [sys.executable, "-m", "tuning_sandbox.gcp_plugin", "127.0.0.1:1"]
    best = 10.0
    for _ in range(3):
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
            line = process.stdout.readline() if process.stdout else ""
            process.kill()
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        best = min(best, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime)
        assert line.strip().isdigit()
    assert best < 1


def test_a_custom_role_lives_its_life_and_comes_back_under_its_id(provider: Provider, sandbox: RunningSandbox) -> None:
    token = "gcp:projects/iAMCustomRole:IAMCustomRole"
    old = {"roleId": "tuner", "title": "Tunes", "permissions": ["b.c.d", "a.b.c"], "stage": "GA"}
    made_id, state = provider.create(token, old)
    assert made_id == state["name"] == "projects/shop/roles/tuner"
    assert provider.diff(token, state, old, old).changes == provider_pb2.DiffResponse.DIFF_NONE
    assert list(provider.diff(token, state, old, old | {"permissions": ["a.b.c"]}).diffs) == ["permissions"]
    assert list(provider.diff(token, state, old, old | {"roleId": "other"}).replaces) == ["roleId"]
    provider.delete(token, made_id, state)
    assert provider.read(token, made_id, state).id == ""
    again, state = provider.create(token, old | {"title": "Tunes again"})
    assert (again, state["title"], state["deleted"]) == (made_id, "Tunes again", False)
    assert sandbox.get(f"/v1/{made_id}").json()["title"] == "Tunes again"


def test_a_custom_role_without_permissions_or_with_a_hyphen_is_refused(provider: Provider) -> None:
    wrong = {"roleId": "my-role", "title": "Tunes", "permissions": []}
    failures = provider.check("gcp:projects/iAMCustomRole:IAMCustomRole", wrong).failures
    assert {failure.property for failure in failures} == {"roleId", "permissions"}
