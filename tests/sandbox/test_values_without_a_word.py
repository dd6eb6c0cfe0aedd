"""Values that were taken without a word: each is honored, or refused with its name, as Google's discovery documents have it."""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING, Any

import pytest

from sandbox.vertex_support import MODEL, PLACE, PROJECT, error_of, make_bucket, make_data, upload
from tuning_sandbox.app import load_apis
from tuning_sandbox.iam.permissions import KNOWN

if TYPE_CHECKING:
    from sandbox.running import RunningSandbox

RING = f"{PLACE}/keyRings/ring"
ASK = f"{PLACE}/publishers/google/models/{MODEL}:generateContent"
ASKED = {"role": "user", "parts": [{"text": "Where are my orders?"}]}
ENCRYPTS = {"purpose": "ENCRYPT_DECRYPT"}


def key(sandbox: RunningSandbox, **more: Any) -> Any:
    sandbox.post(f"{PLACE}/keyRings?keyRingId=ring", json={})
    return sandbox.post(f"{RING}/cryptoKeys?cryptoKeyId=key", json={**ENCRYPTS, **more})


@pytest.mark.parametrize(
    ("part", "told"),
    [
        ({}, "parts[0].data"),
        ({"inlineData": {"data": "AA=="}}, "inline_data.mime_type"),
        ({"fileData": {"mimeType": "image/png"}}, "file_data.file_uri"),
        ({"functionResponse": {"name": "find"}}, "function_response.response"),
    ],
)
def test_a_part_without_what_it_needs_is_refused(sandbox: RunningSandbox, part: dict[str, Any], told: str) -> None:
    found = error_of(sandbox.post(ASK, json={"contents": [{"role": "user", "parts": [part]}]}))
    assert found[:2] == (400, "INVALID_ARGUMENT")
    assert told in found[2]


@pytest.mark.parametrize("nothing", [{"tools": []}, {"toolConfig": {}}, {"cachedContent": ""}, {"tools": None}])
def test_what_is_empty_is_nothing(sandbox: RunningSandbox, nothing: dict[str, Any]) -> None:
    assert sandbox.post(ASK, json={"contents": [ASKED], **nothing}).status_code == 200


def test_an_endpoint_whose_fields_have_their_defaults_is_made(sandbox: RunningSandbox) -> None:
    path, body = f"{PLACE}/endpoints", {"displayName": "a"}
    assert sandbox.post(path, json={**body, "dedicatedEndpointEnabled": False}).status_code == 200
    found = error_of(sandbox.post(path, json={**body, "dedicatedEndpointEnabled": True}))
    assert found[0] == 501
    assert "dedicatedEndpointEnabled" in found[2]


@pytest.mark.parametrize(("count", "status"), [(5, 200), (6, 400)])
def test_there_are_five_stop_sequences_at_most(sandbox: RunningSandbox, count: int, status: int) -> None:
    config = {"stopSequences": [str(number) for number in range(count)]}
    assert sandbox.post(ASK, json={"contents": [ASKED], "generationConfig": config}).status_code == status


@pytest.mark.parametrize(
    ("mask", "status"),
    [
        ("displayName", 200),
        ("predictRequestResponseLoggingConfig", 501),
        ("*", 501),
        ("createTime", 400),
        ("encryptionSpec", 400),
        ("colour", 400),
    ],
)
def test_a_mask_of_fields_that_only_google_changes_is_refused_by_name(
    sandbox: RunningSandbox, mask: str, status: int
) -> None:
    sandbox.post(f"{PLACE}/endpoints?endpointId=shop", json={"displayName": "a"})
    answer = sandbox.patch(f"{PLACE}/endpoints/shop?updateMask={mask}", json={"displayName": "b"})
    assert answer.status_code == status
    assert status == 200 or mask in error_of(answer)[2]


@pytest.mark.parametrize(
    ("more", "status", "told"),
    [
        ({"destroyScheduledDuration": "-5s"}, 400, "24 hours"),
        ({"destroyScheduledDuration": "86400s"}, 200, ""),
        ({"destroyScheduledDuration": "10368001s"}, 400, "120 days"),
        (
            {"versionTemplate": {"protectionLevel": "EXTERNAL", "algorithm": "EXTERNAL_SYMMETRIC_ENCRYPTION"}},
            501,
            "EXTERNAL",
        ),
        ({"cryptoKeyBackend": "projects/p/locations/l/ekmConnections/c"}, 400, "crypto_key_backend"),
        (
            {"keyAccessJustificationsPolicy": {"allowedAccessReasons": ["CUSTOMER_INITIATED_SUPPORT"]}},
            501,
            "keyAccessJustificationsPolicy",
        ),
        ({"labels": {"팀": "결제"}}, 200, ""),
        ({"labels": {"aTeam": "shop"}}, 400, "aTeam"),
    ],
)
def test_a_key_is_as_it_was_asked_for_or_refused(
    sandbox: RunningSandbox, more: dict[str, Any], status: int, told: str
) -> None:
    answer = key(sandbox, **more)
    assert answer.status_code == status
    assert status == 200 or told in error_of(answer)[2]


@pytest.mark.parametrize(("level", "most"), [("SOFTWARE", 64 << 10), ("HSM", 8 << 10)])
def test_a_key_encrypts_as_much_as_googles_keys(sandbox: RunningSandbox, level: str, most: int) -> None:
    template = {"protectionLevel": level, "algorithm": "GOOGLE_SYMMETRIC_ENCRYPTION"}
    assert key(sandbox, versionTemplate=template).status_code == 200
    for size, status in ((most, 200), (most + 1, 400)):
        plain = base64.b64encode(b"a" * size).decode()
        assert sandbox.post(f"{RING}/cryptoKeys/key:encrypt", json={"plaintext": plain}).status_code == status


def test_a_permission_of_another_service_is_not_held(sandbox: RunningSandbox) -> None:
    key(sandbox)
    make_bucket(sandbox)
    tested = f"{RING}/cryptoKeys/key:testIamPermissions"
    for asked, status in (
        ("cloudkms.cryptoKeys.get", 200),
        ("cloudkms.cryptoKeyVersions.useToEncrypt", 200),
        ("storage.objects.get", 400),
        ("cloudkms.cryptoKeys.fly", 501),
    ):
        assert sandbox.post(tested, json={"permissions": [asked]}).status_code == status
    path = "/storage/v1/b/tuning-data/iam/testPermissions"
    for asked, status in (
        ("?permissions=storage.objects.get&permissions=storage.buckets.get", 200),
        ("?permissions=storage.objects.fly", 501),
        ("?permissions=fly", 400),
        ("", 400),
    ):
        assert sandbox.get(path + asked).status_code == status


@pytest.mark.parametrize(("version", "status"), [(0, 200), (1, 200), (2, 400), (3, 200)])
def test_a_policy_has_a_version_that_there_is(sandbox: RunningSandbox, version: int, status: int) -> None:
    policy = {"version": version, "bindings": [{"role": "roles/viewer", "members": ["user:a@example.com"]}]}
    assert sandbox.post(f"/v3/projects/{PROJECT}:setIamPolicy", json={"policy": policy}).status_code == status


@pytest.mark.parametrize(
    ("query", "status"),
    [
        ("o/a.txt?generation=x", 400),
        ("o/a.txt?ifGenerationMatch=1.5", 400),
        ("o/a.txt?generation=1", 404),
        ("iam?optionsRequestedPolicyVersion=0", 400),
        ("iam?optionsRequestedPolicyVersion=3", 200),
    ],
)
def test_numbers_of_64_bits_and_numbers_with_a_least_value_are_read(
    sandbox: RunningSandbox, query: str, status: int
) -> None:
    upload(sandbox, make_bucket(sandbox), "a.txt", b"first")
    assert sandbox.get(f"/storage/v1/b/tuning-data/{query}").status_code == status


def test_rows_with_nulls_train_as_if_the_keys_were_not_there(sandbox: RunningSandbox) -> None:
    from tuning_sandbox.learner.dataset import read_dataset

    make_data(sandbox, 1)
    row = (
        '{"systemInstruction": null, "contents": [{"role": "user", "parts": [{"text": "a", "fileData": null}]}, '
        '{"role": "model", "parts": [{"text": "b"}]}]}'
    )
    assert len(read_dataset(f"{row}\n".encode(), 131_072).examples) == 1


@pytest.mark.parametrize(
    ("query", "status"),
    [
        ("pageSize=1&pageSize=2", 501),
        ("pageSize=1&page_size=2", 501),
        ("pageSize=1&pageSize=1", 200),
        ("pageSize=1&$alt=json&alt=json&key=a&key=b", 200),
    ],
)
def test_a_parameter_has_one_value(sandbox: RunningSandbox, query: str, status: int) -> None:
    answer = sandbox.get(f"{PLACE}/tuningJobs?{query}")
    assert answer.status_code == status
    assert status == 200 or "more than one value of page" in error_of(answer)[2]


def test_the_sandbox_knows_every_permission_that_its_own_methods_need() -> None:
    needed = {route.permission for api in load_apis() for route in api.routes if route.permission}
    assert {name for name in needed if name.startswith(("storage.", "cloudkms."))} <= KNOWN
