"""Cloud KMS judged by google-cloud-kms, unmodified, over its REST transport."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from google.api_core import exceptions
from google.api_core.client_options import ClientOptions
from google.auth.credentials import AnonymousCredentials
from google.cloud import kms_v1
from google.iam.v1 import policy_pb2
from google.protobuf import duration_pb2, field_mask_pb2, timestamp_pb2

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from sandbox.running import RunningSandbox

LOCATION = "projects/shop/locations/us-central1"
RING = f"{LOCATION}/keyRings/ring"
KEY = f"{RING}/cryptoKeys/key"
VERSION = f"{KEY}/cryptoKeyVersions"
AGENT = "serviceAccount:service-1@gcp-sa-aiplatform.iam.gserviceaccount.com"
ROLE = "roles/cloudkms.cryptoKeyEncrypterDecrypter"
SYMMETRIC = kms_v1.CryptoKey.CryptoKeyPurpose.ENCRYPT_DECRYPT
State = kms_v1.CryptoKeyVersion.CryptoKeyVersionState


@pytest.fixture
def kms(sandbox: RunningSandbox) -> Iterator[kms_v1.KeyManagementServiceClient]:
    options = ClientOptions(api_endpoint=sandbox.url)
    credentials = AnonymousCredentials()  # type: ignore[no-untyped-call]
    with kms_v1.KeyManagementServiceClient(transport="rest", credentials=credentials, client_options=options) as client:
        yield client


@pytest.fixture
def key(kms: kms_v1.KeyManagementServiceClient) -> kms_v1.CryptoKey:
    kms.create_key_ring(parent=LOCATION, key_ring_id="ring", key_ring=kms_v1.KeyRing())
    return kms.create_crypto_key(parent=RING, crypto_key_id="key", crypto_key=kms_v1.CryptoKey(purpose=SYMMETRIC))


def test_a_new_key_has_an_enabled_primary_version_and_the_project_id_in_its_name(
    kms: kms_v1.KeyManagementServiceClient, key: kms_v1.CryptoKey
) -> None:
    found = kms.get_crypto_key(name=KEY)
    assert found == key
    assert found.name == KEY
    assert found.primary.name == f"{VERSION}/1"
    assert found.primary.state == State.ENABLED
    assert found.primary.protection_level == kms_v1.ProtectionLevel.SOFTWARE


def test_rings_and_keys_are_listed_in_pages(kms: kms_v1.KeyManagementServiceClient, key: kms_v1.CryptoKey) -> None:
    kms.create_crypto_key(parent=RING, crypto_key_id="other", crypto_key=kms_v1.CryptoKey(purpose=SYMMETRIC))
    kms.create_key_ring(parent=LOCATION, key_ring_id="ring-2", key_ring=kms_v1.KeyRing())
    assert [ring.name for ring in kms.list_key_rings(parent=LOCATION)] == [RING, f"{LOCATION}/keyRings/ring-2"]
    pages = list(kms.list_crypto_keys(request={"parent": RING, "page_size": 1}).pages)
    assert [item.name for page in pages for item in page.crypto_keys] == [key.name, f"{RING}/cryptoKeys/other"]


def test_what_exists_is_a_conflict_and_what_does_not_is_not_found_by_name(
    kms: kms_v1.KeyManagementServiceClient, key: kms_v1.CryptoKey
) -> None:
    with pytest.raises(exceptions.Conflict, match=f"KeyRing {RING} already exists"):
        kms.create_key_ring(parent=LOCATION, key_ring_id="ring", key_ring=kms_v1.KeyRing())
    with pytest.raises(exceptions.NotFound, match=r"CryptoKey .*/missing not found"):
        kms.get_crypto_key(name=f"{RING}/cryptoKeys/missing")
    with pytest.raises(exceptions.NotFound, match=r"KeyRing .*/missing not found"):
        kms.get_key_ring(name=f"{LOCATION}/keyRings/missing")


def test_a_version_can_be_disabled_and_enabled_again(
    kms: kms_v1.KeyManagementServiceClient, key: kms_v1.CryptoKey
) -> None:
    mask = field_mask_pb2.FieldMask(paths=["state"])
    for state in (State.DISABLED, State.ENABLED):
        version = kms_v1.CryptoKeyVersion(name=key.primary.name, state=state)
        kms.update_crypto_key_version(crypto_key_version=version, update_mask=mask)
        assert kms.get_crypto_key(name=KEY).primary.state == state


def test_destruction_waits_on_the_clock_and_restore_brings_the_version_back_disabled(
    sandbox: RunningSandbox, kms: kms_v1.KeyManagementServiceClient, key: kms_v1.CryptoKey
) -> None:
    first = key.primary.name
    assert kms.destroy_crypto_key_version(name=first).state == State.DESTROY_SCHEDULED
    assert kms.restore_crypto_key_version(name=first).state == State.DISABLED
    sandbox.advance(31 * 86_400)
    assert kms.get_crypto_key_version(name=first).state == State.DISABLED

    kms.destroy_crypto_key_version(name=first)
    sandbox.advance(29 * 86_400)
    assert kms.get_crypto_key_version(name=first).state == State.DESTROY_SCHEDULED
    sandbox.advance(2 * 86_400)
    assert kms.get_crypto_key_version(name=first).state == State.DESTROYED
    with pytest.raises(exceptions.BadRequest, match="current state is: DESTROYED"):
        kms.restore_crypto_key_version(name=first)


def test_a_new_version_serves_after_it_was_made_the_primary_one(
    kms: kms_v1.KeyManagementServiceClient, key: kms_v1.CryptoKey
) -> None:
    second = kms.create_crypto_key_version(parent=KEY, crypto_key_version=kms_v1.CryptoKeyVersion())
    assert second.name == f"{VERSION}/2"
    assert kms.get_crypto_key(name=KEY).primary.name == key.primary.name
    kms.update_crypto_key_primary_version(name=KEY, crypto_key_version_id="2")
    assert kms.get_crypto_key(name=KEY).primary.name == second.name


def test_a_key_rotates_on_the_clock(
    sandbox: RunningSandbox, kms: kms_v1.KeyManagementServiceClient, key: kms_v1.CryptoKey
) -> None:
    day = duration_pb2.Duration(seconds=86_400)
    first_time = timestamp_pb2.Timestamp()
    first_time.FromJsonString(sandbox.get("/_sandbox/health").json()["now"])
    first_time.seconds += 86_400
    turning = kms_v1.CryptoKey(purpose=SYMMETRIC, rotation_period=day, next_rotation_time=first_time)
    kms.create_crypto_key(parent=RING, crypto_key_id="turning", crypto_key=turning)
    sandbox.advance(2 * 86_400 + 60)
    assert kms.get_crypto_key(name=f"{RING}/cryptoKeys/turning").primary.name.endswith("/cryptoKeyVersions/3")


def test_labels_are_patched_and_the_purpose_is_not(
    kms: kms_v1.KeyManagementServiceClient, key: kms_v1.CryptoKey
) -> None:
    changed = kms_v1.CryptoKey(name=KEY, labels={"team": "support"})
    kms.update_crypto_key(crypto_key=changed, update_mask=field_mask_pb2.FieldMask(paths=["labels"]))
    assert kms.get_crypto_key(name=KEY).labels == {"team": "support"}
    with pytest.raises(exceptions.BadRequest, match="immutable"):
        kms.update_crypto_key(
            crypto_key=kms_v1.CryptoKey(name=KEY), update_mask=field_mask_pb2.FieldMask(paths=["purpose"])
        )


def test_encrypt_and_decrypt_are_inverse_and_need_an_enabled_version(
    kms: kms_v1.KeyManagementServiceClient, key: kms_v1.CryptoKey
) -> None:
    sealed = kms.encrypt(name=KEY, plaintext="비밀".encode()).ciphertext
    assert kms.decrypt(name=KEY, ciphertext=sealed).plaintext.decode() == "비밀"
    kms.destroy_crypto_key_version(name=key.primary.name)
    with pytest.raises(exceptions.BadRequest, match="is not enabled"):
        kms.encrypt(name=KEY, plaintext=b"x")


@pytest.mark.parametrize("resource", [KEY, RING])
def test_a_grant_is_kept_and_a_stale_policy_is_refused(
    resource: str, kms: kms_v1.KeyManagementServiceClient, key: kms_v1.CryptoKey
) -> None:
    policy = kms.get_iam_policy(request={"resource": resource})
    assert not policy.bindings
    policy.bindings.append(policy_pb2.Binding(role=ROLE, members=[AGENT]))
    kms.set_iam_policy(request={"resource": resource, "policy": policy})
    assert list(kms.get_iam_policy(request={"resource": resource}).bindings[0].members) == [AGENT]
    with pytest.raises(exceptions.Conflict, match="concurrent policy changes"):
        kms.set_iam_policy(request={"resource": resource, "policy": policy})
    asked = {"resource": resource, "permissions": ["cloudkms.cryptoKeys.get"]}
    assert list(kms.test_iam_permissions(request=asked).permissions) == ["cloudkms.cryptoKeys.get"]


def test_a_member_that_does_not_exist_is_refused(kms: kms_v1.KeyManagementServiceClient, key: kms_v1.CryptoKey) -> None:
    for member, text in (
        ("serviceAccount:nobody@shop.iam.gserviceaccount.com", "does not exist"),
        ("serviceAccount:service-1@gcp-sa-vertex-tune.iam.gserviceaccount.com", "does not exist"),
        ("ann@example.com", "unknown type"),
    ):
        policy = policy_pb2.Policy(bindings=[policy_pb2.Binding(role=ROLE, members=[member])])
        with pytest.raises(exceptions.BadRequest, match=text):
            kms.set_iam_policy(request={"resource": KEY, "policy": policy})


@pytest.mark.parametrize("holder", [KEY, RING, "projects/shop"])
def test_the_rest_of_the_sandbox_sees_a_grant_on_key_ring_or_project(
    holder: str, sandbox: RunningSandbox, kms: kms_v1.KeyManagementServiceClient, key: kms_v1.CryptoKey
) -> None:
    assert sandbox.state.services.keys.is_granted(KEY, AGENT, ROLE) is False
    body = {"policy": {"bindings": [{"role": ROLE, "members": [AGENT]}]}}
    assert sandbox.post(f"/v1/{holder}:setIamPolicy", json=body).ok
    assert sandbox.state.services.keys.is_granted(KEY, AGENT, ROLE) is True
    assert sandbox.state.services.keys.is_granted(KEY, AGENT, "roles/owner") is False


def test_the_rest_of_the_sandbox_finds_a_key_by_project_id_and_number(
    sandbox: RunningSandbox, kms: kms_v1.KeyManagementServiceClient, key: kms_v1.CryptoKey
) -> None:
    number = sandbox.get("/v1/projects/shop").json()["projectNumber"]
    keys = sandbox.state.services.keys
    found = keys.find_key(KEY)
    assert found is not None
    assert found["primary"]["state"] == "ENABLED"
    assert keys.find_key(KEY.replace("shop", number)) == found
    assert keys.find_key(f"{RING}/cryptoKeys/missing") is None


@pytest.mark.parametrize(
    ("fields", "text"),
    [
        ({}, "purpose must be specified"),
        ({"purpose": "ENCRYPT_DECRYPT", "rotationPeriod": "3600s"}, "at least 24 hours"),
        ({"purpose": "ENCRYPT_DECRYPT", "rotationPeriod": "86400s"}, "next_rotation_time"),
        ({"purpose": "ENCRYPT_DECRYPT", "nextRotationTime": "2020-01-01T00:00:00Z"}, "in the future"),
        ({"purpose": "ENCRYPT_DECRYPT", "rotationPeriod": "3153600001s"}, "at most 876,000 hours"),
        ({"purpose": "MAC", "nextRotationTime": "2099-01-01T00:00:00Z"}, "next_rotation_time can only be set"),
        ({"purpose": "ENCRYPT_DECRYPT", "versionTemplate": {"algorithm": "HMAC_SHA256"}}, "HMAC_SHA256 is not valid"),
        ({"purpose": "MAC", "versionTemplate": {"algorithm": "EC_SIGN_P256_SHA256"}}, "purpose MAC"),
        ({"purpose": "RAW_ENCRYPT_DECRYPT", "versionTemplate": {"algorithm": "AES_256_KWP"}}, "AES_256_KWP"),
        ({"purpose": "ENCRYPT_DECRYPT", "labels": {"UPPER": "x"}}, "label"),
        ({"purpose": "ENCRYPT_DECRYPT", "importOnly": True}, "skip_initial_version_creation"),
    ],
)
def test_a_wrong_key_is_a_400_that_says_why(sandbox: RunningSandbox, fields: dict[str, object], text: str) -> None:
    sandbox.post(f"/v1/{LOCATION}/keyRings?keyRingId=ring", json={})
    answer = sandbox.post(f"/v1/{RING}/cryptoKeys?cryptoKeyId=bad", json=fields)
    assert answer.status_code == 400
    assert text in answer.json()["error"]["message"]


@pytest.mark.parametrize("name", ["", "a key", "x" * 64, "key.one"])
def test_an_invalid_id_is_a_400(sandbox: RunningSandbox, name: str) -> None:
    sandbox.post(f"/v1/{LOCATION}/keyRings?keyRingId=ring", json={})
    ring = sandbox.post(f"/v1/{LOCATION}/keyRings?keyRingId={name}", json={})
    key = sandbox.post(f"/v1/{RING}/cryptoKeys?cryptoKeyId={name}", json={"purpose": "ENCRYPT_DECRYPT"})
    assert [(answer.status_code, answer.json()["error"]["status"]) for answer in (ring, key)] == [
        (400, "INVALID_ARGUMENT")
    ] * 2


@pytest.mark.parametrize(
    "purpose", ["RAW_ENCRYPT_DECRYPT", "MAC", "KEY_ENCAPSULATION", "ASYMMETRIC_SIGN", "AES_WRAPPING"]
)
def test_a_key_without_an_algorithm_has_one_of_its_purpose(sandbox: RunningSandbox, purpose: str) -> None:
    sandbox.post(f"/v1/{LOCATION}/keyRings?keyRingId=ring", json={})
    assert sandbox.post(f"/v1/{RING}/cryptoKeys?cryptoKeyId={purpose}", json={"purpose": purpose}).status_code == 200


def test_a_changed_key_is_judged_as_a_new_one(sandbox: RunningSandbox) -> None:
    sandbox.post(f"/v1/{LOCATION}/keyRings?keyRingId=ring", json={})
    sandbox.post(f"/v1/{RING}/cryptoKeys?cryptoKeyId=key", json={"purpose": "ENCRYPT_DECRYPT"})
    for mask, body in (
        ("nextRotationTime", {"nextRotationTime": "2020-01-01T00:00:00Z"}),
        ("versionTemplate.algorithm", {"versionTemplate": {"algorithm": "HMAC_SHA256"}}),
    ):
        answer = sandbox.patch(f"/v1/{RING}/cryptoKeys/key?updateMask={mask}", json=body)
        assert (answer.status_code, answer.json()["error"]["status"]) == (400, "INVALID_ARGUMENT"), answer.text


def test_every_enum_of_keys_and_versions_has_googles_numbers() -> None:
    from tuning_sandbox.kernel.enums import NUMBERS

    real: dict[str, Any] = {
        "CryptoKey.purpose": kms_v1.CryptoKey.CryptoKeyPurpose,
        "CryptoKeyVersion.state": State,
        "CryptoKeyVersion.algorithm": kms_v1.CryptoKeyVersion.CryptoKeyVersionAlgorithm,
    }
    for field, enum in real.items():
        assert NUMBERS[field] == {item.name: item.value for item in enum}, field


def test_scheduled_destruction_survives_a_restart(tmp_path: Path) -> None:
    from sandbox.running import AS_OF, run_sandbox
    from tuning_sandbox.app import create_app
    from tuning_sandbox.kernel.sandbox import Config, parse_as_of

    def started() -> Any:
        config = Config(mode="stepped", as_of=parse_as_of(AS_OF), seed=7, data=tmp_path / "data")
        return run_sandbox(create_app(config))

    with started() as first:
        assert first.post(f"/v1/{LOCATION}/keyRings?keyRingId=ring", json={}).ok
        assert first.post(f"/v1/{RING}/cryptoKeys?cryptoKeyId=key", json={"purpose": "ENCRYPT_DECRYPT"}).ok
        assert first.post(f"/v1/{VERSION}/1:destroy", json={}).json()["state"] == "DESTROY_SCHEDULED"
        first.advance(20 * 86_400)
    with started() as second:
        assert second.get(f"/v1/{VERSION}/1").json()["state"] == "DESTROY_SCHEDULED"
        second.advance(11 * 86_400)
        assert second.get(f"/v1/{VERSION}/1").json()["state"] == "DESTROYED"


def test_a_permission_that_the_sandbox_does_not_know_is_not_held(
    kms: kms_v1.KeyManagementServiceClient, key: kms_v1.CryptoKey
) -> None:
    for permission, known in (("cloudkms.cryptoKeys.get", True), ("cloudkms.cryptoKeys.fly", False)):
        request = {"resource": KEY, "permissions": [permission]}
        if known:
            assert list(kms.test_iam_permissions(request=request).permissions) == [permission]
        else:
            with pytest.raises(exceptions.MethodNotImplemented, match=r"cloudkms\.cryptoKeys\.fly"):
                kms.test_iam_permissions(request=request)
