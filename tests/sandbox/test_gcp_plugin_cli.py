"""The stand-in under the real CLI, with `pulumi_gcp` itself as the program's SDK."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from support.pulumi_stack import Stack
from support.sandbox_server import PROJECT, REGION, SandboxServer

PROGRAM = """
    import pulumi
    import pulumi_gcp as gcp

    labels = {"team": pulumi.Config().get("team") or "support"}
    ring = gcp.kms.KeyRing("ring", location="us-central1")
    key = gcp.kms.CryptoKey("key", key_ring=ring.id, rotation_period="7776000s", labels=labels)
    storage = gcp.storage.get_project_service_account()
    grant = gcp.kms.CryptoKeyIAMMember("grant", crypto_key_id=key.id, member=storage.member,
                                       role="roles/cloudkms.cryptoKeyEncrypterDecrypter")
    bucket = gcp.storage.Bucket("Data", location="us-central1", uniform_bucket_level_access=True, force_destroy=True,
                                encryption={"default_kms_key_name": key.id}, labels=labels,
                                opts=pulumi.ResourceOptions(depends_on=[grant]))
    note = gcp.storage.BucketObject("note", bucket=bucket.name, name="note.txt", content="hello")
    tuner = gcp.serviceaccount.Account("tuner", account_id="support-tuner", display_name="Runs the tuning jobs")
    reads = gcp.storage.BucketIAMMember("reads", bucket=bucket.name, role="roles/storage.objectUser",
                                        member=tuner.member)
    tunes = gcp.projects.IAMMember("tunes", project=gcp.config.project, role="roles/aiplatform.tuningServiceAgent",
                                   member=tuner.member)
    acts = gcp.serviceaccount.IAMMember("acts", service_account_id=tuner.name, member="user:ann@example.com",
                                        role="roles/iam.serviceAccountUser")
    api = gcp.projects.Service("api", service="aiplatform.googleapis.com")
    number = gcp.organizations.get_project(project_id=gcp.config.project).number
    pulumi.export("number", number)
    pulumi.export("bucket", bucket.url)
    pulumi.export("key", key.id)
"""


@pytest.fixture(scope="module")
def server() -> Iterator[SandboxServer]:
    with SandboxServer() as running:
        yield running


@pytest.fixture
def stack(tmp_path: Path, pulumi_cli: Path, server: SandboxServer) -> Stack:
    server.reset()
    config = {"gcp:project": PROJECT, "gcp:region": REGION}
    return Stack(tmp_path / "project", PROGRAM, cli=pulumi_cli, home=tmp_path / "home", config=config, env=server.env)


def test_a_stack_of_ring_key_bucket_account_and_grants_lives_a_whole_life(stack: Stack) -> None:
    stack.preview().expect_ok()
    stack.up().expect_ok()
    first_key = stack.outputs()["key"]
    assert stack.preview("--expect-no-changes").expect_ok().changes == {}
    assert stack.refresh("--expect-no-changes").expect_ok().changes.get("update") is None

    stack.configure({"toy:team": "sales"})
    up = stack.up().expect_ok()
    assert up.changes == {"update": 2}, "labels of the key and the bucket, in place"

    stack.destroy().expect_ok()
    stack.up().expect_ok()
    assert stack.outputs()["key"] != first_key, "KMS keeps the old key: a new one got a new name"


def test_an_unknown_token_is_refused_by_name_with_what_to_do(stack: Stack) -> None:
    stack.write("__main__.py", 'import pulumi_gcp as gcp\ngcp.pubsub.Topic("topic")\n')
    stack.preview().expect_failure(
        "gcp:pubsub/topic:Topic is not in the sandbox's stand-in", "kms/keyRing:KeyRing", "against the cloud"
    )
