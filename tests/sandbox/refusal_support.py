"""How a test makes a world in which Google would refuse something."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sandbox.vertex_support import PLACE, PROJECT

if TYPE_CHECKING:
    from sandbox.running import RunningSandbox

JOBS = f"{PLACE}/tuningJobs"
AIPLATFORM = "aiplatform.googleapis.com"
# takes keys on the day of the fixture `march`
KEYED = "gemini-2.5-flash"


def number_of(sandbox: RunningSandbox, project: str = PROJECT) -> str:
    return str(sandbox.get(f"/v1/projects/{project}").json()["projectNumber"])


def made(sandbox: RunningSandbox, path: str, body: Any) -> dict[str, Any]:
    answer = sandbox.post(path, json=body)
    assert answer.status_code == 200, answer.text
    got: dict[str, Any] = answer.json()
    return got


def set_policy(sandbox: RunningSandbox, constraint: str, **values: Any) -> None:
    name = f"projects/{PROJECT}/policies/{constraint}"
    made(sandbox, f"/v2/projects/{PROJECT}/policies", {"name": name, "spec": {"rules": [{"values": values}]}})


def make_key(
    sandbox: RunningSandbox,
    *,
    location: str = "us-central1",
    project: str = PROJECT,
    granted: bool = True,
    agent: str = "gcp-sa-aiplatform",
    **more: Any,
) -> str:
    """A key in a ring of its own, granted to one of the project's agents."""
    ring = f"projects/{project}/locations/{location}/keyRings"
    made(sandbox, f"/v1/{ring}?keyRingId=r", {})
    skip = "&skipInitialVersionCreation=true" if more.pop("without_version", False) else ""
    made(sandbox, f"/v1/{ring}/r/cryptoKeys?cryptoKeyId=k{skip}", {"purpose": "ENCRYPT_DECRYPT", **more})
    key = f"{ring}/r/cryptoKeys/k"
    if granted:
        member = f"serviceAccount:service-{number_of(sandbox)}@{agent}.iam.gserviceaccount.com"
        binding = {"role": "roles/cloudkms.cryptoKeyEncrypterDecrypter", "members": [member]}
        made(sandbox, f"/v1/{key}:setIamPolicy", {"policy": {"bindings": [binding]}})
    return key


def with_key(key: str) -> dict[str, Any]:
    return {"encryptionSpec": {"kmsKeyName": key}}
