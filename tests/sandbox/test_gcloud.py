"""The gcloud command line, unmodified, pointed at the sandbox by its own variables: objects, and keys."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Final

import pytest

from sandbox.vertex_support import make_bucket
from support.sandbox_server import PROJECT, REGION, SandboxServer

if TYPE_CHECKING:
    from sandbox.running import RunningSandbox

Gcloud = Callable[..., str]
APIS: Final = ("CLOUDKMS", "CLOUDRESOURCEMANAGER", "IAM")
needs_gcloud = pytest.mark.skipif(shutil.which("gcloud") is None, reason="gcloud is not installed on this machine")


@pytest.fixture
def gcloud(tmp_path: Path) -> Iterator[Gcloud]:
    """Runs gcloud in a folder of its own; the output."""
    with SandboxServer("--speed", "1000") as server:
        ours = {
            "CLOUDSDK_CONFIG": str(tmp_path / "gcloud"),
            "CLOUDSDK_AUTH_DISABLE_CREDENTIALS": "true",
            "CLOUDSDK_CORE_PROJECT": PROJECT,
            "CLOUDSDK_CORE_DISABLE_PROMPTS": "1",
            "CLOUDSDK_CORE_DISABLE_USAGE_REPORTING": "1",
            "CLOUDSDK_API_ENDPOINT_OVERRIDES_STORAGE": f"{server.url}/storage/v1/",
            **{f"CLOUDSDK_API_ENDPOINT_OVERRIDES_{each}": f"{server.url}/" for each in APIS},
        }
        env = {key: value for key, value in os.environ.items() if not key.startswith("CLOUDSDK_")} | ours

        def run(*words: str) -> str:
            ran = subprocess.run(
                ["gcloud", *words],
                env=env,
                cwd=tmp_path,
                capture_output=True,
                text=True,
                timeout=120,
                check=False,
            )
            assert ran.returncode == 0, ran.stderr
            return ran.stdout

        yield run


@needs_gcloud
@pytest.mark.full  # each command takes a second
def test_gcloud_copies_lists_and_removes_objects(gcloud: Gcloud, tmp_path: Path) -> None:
    (tmp_path / "data" / "more").mkdir(parents=True)
    (tmp_path / "data" / "train.jsonl").write_text("{}\n", encoding="utf-8")
    (tmp_path / "data" / "more" / "test.jsonl").write_text("{}\n", encoding="utf-8")
    for uniform in ("", "--uniform-bucket-level-access"):
        gcloud(
            "storage", "buckets", "create", "gs://shop-data", f"--location={REGION}", *([uniform] if uniform else [])
        )
        gcloud("storage", "cp", "-r", "data", "gs://shop-data")
        gcloud("storage", "cp", "gs://shop-data/data/train.jsonl", "gs://shop-data/copy.jsonl")
        assert gcloud("storage", "ls", "gs://shop-data").split() == [
            "gs://shop-data/copy.jsonl",
            "gs://shop-data/data/",
        ]
        assert gcloud("storage", "cat", "gs://shop-data/copy.jsonl") == "{}\n"
        gcloud("storage", "rm", "gs://shop-data/copy.jsonl")
        gcloud("storage", "rm", "-r", "gs://shop-data/data/more")
        assert gcloud("storage", "ls", "gs://shop-data/**").split() == ["gs://shop-data/data/train.jsonl"]
        gcloud("storage", "rm", "-r", "gs://shop-data")


@needs_gcloud
@pytest.mark.full  # each command takes a second
def test_gcloud_encrypts_and_decrypts_and_checks_the_sums(gcloud: Gcloud, tmp_path: Path) -> None:
    (tmp_path / "plain").write_text("a secret", encoding="utf-8")
    place = ("--keyring=ring", f"--location={REGION}")
    gcloud("kms", "keyrings", "create", "ring", f"--location={REGION}")
    gcloud("kms", "keys", "create", "key", "--purpose=encryption", *place)
    gcloud("kms", "encrypt", "--key=key", *place, "--plaintext-file=plain", "--ciphertext-file=sealed")
    gcloud("kms", "decrypt", "--key=key", *place, "--plaintext-file=again", "--ciphertext-file=sealed")
    assert (tmp_path / "again").read_text(encoding="utf-8") == "a secret"
    gcloud("iam", "service-accounts", "create", "tuner-bot")
    member = f"--member=serviceAccount:tuner-bot@{PROJECT}.iam.gserviceaccount.com"
    granted = gcloud(
        "kms", "keys", "add-iam-policy-binding", "key", *place, member, "--role=roles/cloudkms.cryptoKeyDecrypter"
    )
    assert "roles/cloudkms.cryptoKeyDecrypter" in granted


def test_what_gcloud_asks_of_a_bucket_besides_its_objects(sandbox: RunningSandbox) -> None:
    bucket = make_bucket(sandbox)
    listed = sandbox.get(f"/storage/v1/b/{bucket}/o?delimiter=/&includeFoldersAsPrefixes=true")
    assert listed.json() == {"kind": "storage#objects"}
    refused = sandbox.get(f"/storage/v1/b/{bucket}/managedFolders")
    assert (refused.status_code, refused.json()["error"]["errors"][0]["reason"]) == (412, "conditionNotMet")
    uniform = {"name": "uniform", "iamConfiguration": {"uniformBucketLevelAccess": {"enabled": True}}}
    assert sandbox.post(f"/storage/v1/b?project={PROJECT}", json=uniform).status_code == 200
    assert sandbox.get("/storage/v1/b/uniform/managedFolders?prefix=a/").json() == {"kind": "storage#managedFolders"}
    assert sandbox.get("/storage/v1/b/not-there/managedFolders").status_code == 404


@pytest.mark.parametrize(
    ("most", "to", "status"),
    [(1 << 20, "near", 200), (1 << 20, "far", 501), (2 << 20, "far", 200), (1, "near", 400), (-(1 << 20), "near", 400)],
)
def test_a_rewrite_has_a_limit_of_bytes_only_between_places(
    sandbox: RunningSandbox, most: int, to: str, status: int
) -> None:
    for name, place in (("near", "us-central1"), ("far", "europe-west4")):
        sandbox.post(f"/storage/v1/b?project={PROJECT}", json={"name": name, "location": place})
    sandbox.post("/upload/storage/v1/b/near/o?uploadType=media&name=a", data=b"a" * ((1 << 20) + 1))
    answer = sandbox.post(f"/storage/v1/b/near/o/a/rewriteTo/b/{to}/o/b?maxBytesRewrittenPerCall={most}")
    assert answer.status_code == status, answer.text
