"""The stand-in under the real CLI, with `pulumi_gcp` itself as the program's SDK."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from support.pulumi_stack import Stack
from support.sandbox_server import PROJECT, REGION, SandboxServer

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

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


@pytest.mark.full  # tests/sandbox/test_gcp_plugin.py holds each verb; the examples bring such stacks up
def test_a_stack_of_ring_key_bucket_account_and_grants_lives_a_whole_life(stack: Stack, server: SandboxServer) -> None:
    stack.preview().expect_ok()
    stack.up().expect_ok()
    first_key = stack.outputs()["key"]
    assert stack.preview("--expect-no-changes").expect_ok().changes == {}
    assert stack.refresh("--expect-no-changes").expect_ok().changes.get("update") is None

    stack.configure({"toy:team": "sales"})
    up = stack.up().expect_ok()
    assert up.changes == {"update": 2}, "labels of the key and the bucket, in place"

    body = {"labels": {"goog-pulumi-provisioned": "true"}}
    server.call("PATCH", f"v1/{first_key}?updateMask=labels", body)
    account = stack.resource("tuner")["id"]
    server.call("DELETE", f"v1/{account}")
    stack.refresh("--expect-no-changes").expect_failure("no changes were expected")
    made_again = {"update": 1, "create": 2}
    assert stack.up().expect_ok().changes == made_again, "the key; the account, and the grant on it that went with it"
    assert server.call("GET", f"v1/{first_key}")["labels"]["team"] == "sales"
    assert server.call("GET", f"v1/{account}")["displayName"] == "Runs the tuning jobs"

    stack.destroy().expect_ok()
    stack.up().expect_ok()
    assert stack.outputs()["key"] != first_key, "KMS keeps the old key: a new one got a new name"


def test_an_unknown_token_is_refused_by_name_with_what_to_do(stack: Stack) -> None:
    stack.write("__main__.py", 'import pulumi_gcp as gcp\ngcp.pubsub.Topic("topic")\n')
    stack.preview().expect_failure(
        "gcp:pubsub/topic:Topic is not in the sandbox's stand-in", "kms/keyRing:KeyRing", "against the cloud"
    )


@pytest.mark.full
def test_a_ring_of_an_earlier_stack_is_taken_over_by_import(stack: Stack, server: SandboxServer) -> None:
    server.call("POST", f"v1/projects/{PROJECT}/locations/{REGION}/keyRings?keyRingId=old", {})
    program = f"""
        import pulumi
        import pulumi_gcp as gcp

        gcp.kms.KeyRing("ring", name="old", location="{REGION}")
    """
    stack.write("__main__.py", program)
    taken = f"projects/{PROJECT}/locations/{REGION}/keyRings/old"
    stack.up().expect_failure(f"KeyRing {taken} already exists", f"import_='{taken}'")
    options = f", opts=pulumi.ResourceOptions(import_='{taken}'))"
    stack.write("__main__.py", program.replace(f'location="{REGION}")', f'location="{REGION}"{options}'))
    assert stack.up().expect_ok().changes == {"import": 1}
    stack.write("__main__.py", program)
    assert stack.preview("--expect-no-changes").expect_ok().changes == {}


@pytest.mark.full
def test_two_providers_serve_two_projects_in_one_stack(stack: Stack, server: SandboxServer) -> None:
    stack.write(
        "__main__.py",
        """
        import pulumi
        import pulumi_gcp as gcp

        lab = gcp.Provider("lab", project="lab", default_labels={"env": "lab"})
        here = gcp.serviceaccount.Account("tuner", account_id="support-tuner")
        there = gcp.serviceaccount.Account("tuner-lab", account_id="support-tuner",
                                           opts=pulumi.ResourceOptions(provider=lab))
        pulumi.export("emails", [here.email, there.email])
        """,
    )
    stack.up().expect_ok()
    expected = [f"support-tuner@{project}.iam.gserviceaccount.com" for project in (PROJECT, "lab")]
    assert stack.outputs()["emails"] == expected
    assert stack.preview("--expect-no-changes").expect_ok().changes == {}


def test_a_secret_input_is_never_in_state_in_clear(stack: Stack) -> None:
    stack.write(
        "__main__.py",
        """
        import pulumi
        import pulumi_gcp as gcp

        name = pulumi.Output.secret("hush-hush")
        gcp.serviceaccount.Account("tuner", account_id=name, display_name="plain")
        """,
    )
    stack.up().expect_ok()
    exported = stack.state_file.read_text()
    tuner = stack.resource("tuner")
    assert "ciphertext" in str(tuner["outputs"]["email"])
    assert tuner["outputs"]["displayName"] == "plain"
    assert "hush-hush" not in exported.replace(tuner["id"], ""), "only the id, which the engine keeps in clear"
