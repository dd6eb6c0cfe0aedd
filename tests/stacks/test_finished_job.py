"""A job that has ended is judged by nothing any more: its model retired, its key disabled, its data deleted."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import quote

import pytest
import requests

from support.sandbox_server import PROJECT, REGION, SandboxServer
from support.tuning_programs import IMPORTS, rows

if TYPE_CHECKING:
    from collections.abc import Iterator

    from stacks.conftest import NewStack
    from support.pulumi_stack import Stack

TUNABLE, RETIRED = "2026-03-01", "2027-06-01"
RING = f"v1/projects/{PROJECT}/locations/{REGION}/keyRings"
KEY = f"projects/{PROJECT}/locations/{REGION}/keyRings/ring/cryptoKeys/key"
ROLE = "roles/cloudkms.cryptoKeyEncrypterDecrypter"
PROGRAM = (
    IMPORTS
    + f"""
job = TuningJob("router", base_model="gemini-2.5-flash", encryption_spec={{"kms_key_name": "{KEY}"}},
                supervised_tuning_spec={{"training_dataset_uri": "gs://shop-data/train.jsonl"}})
TunedModel("router", tuning_job=job)
"""
)


@pytest.fixture(scope="module")
def cloud() -> Iterator[SandboxServer]:
    with SandboxServer("--as-of", TUNABLE) as server:
        server.reset()
        server.make_bucket()
        yield server


@pytest.fixture
def finished(cloud: SandboxServer, new_stack: NewStack) -> Stack:
    """The stack as it stands years later."""
    _upload(cloud, rows(120))
    number = cloud.call("GET", f"v3/projects/{PROJECT}")["name"].rpartition("/")[2]
    cloud.call("POST", f"{RING}?keyRingId=ring", {})
    cloud.call("POST", f"{RING}/ring/cryptoKeys?cryptoKeyId=key", {"purpose": "ENCRYPT_DECRYPT"})
    agent = f"serviceAccount:service-{number}@gcp-sa-aiplatform.iam.gserviceaccount.com"
    policy = {"bindings": [{"role": ROLE, "members": [agent]}]}
    cloud.call("POST", f"v1/{KEY}:setIamPolicy", {"policy": policy})
    config = {"gcp:project": PROJECT, "gcp:region": REGION}
    stack = new_stack(PROGRAM, config=config, env=cloud.env | {"GCP_TUNING_AS_OF": TUNABLE})
    stack.up().expect_ok()
    cloud.call("PATCH", f"v1/{KEY}/cryptoKeyVersions/1?updateMask=state", {"state": "DISABLED"})
    cloud.call("DELETE", f"storage/v1/b/shop-data/o/{quote('train.jsonl')}")
    return stack


def _upload(cloud: SandboxServer, text: str) -> None:
    place = f"{cloud.url}/upload/storage/v1/b/shop-data/o?uploadType=media&name=train.jsonl"
    assert requests.post(place, data=text, timeout=30).ok


@pytest.mark.full
def test_it_previews_clean_but_for_warnings_and_a_changed_spec_is_refused(
    finished: Stack, cloud: SandboxServer
) -> None:
    years_later: dict[str, Any] = {"GCP_TUNING_AS_OF": RETIRED}
    preview = finished.preview("--expect-no-changes", env=years_later).expect_ok()
    assert "warning: base_model: gemini-2.5-flash retired on" in preview.text
    before = cloud.writes()
    changed = PROGRAM.replace(
        '"training_dataset_uri"', '"hyper_parameters": {"epoch_count": 2}, "training_dataset_uri"'
    )
    finished.write("__main__.py", changed)
    finished.preview(env=years_later).expect_failure(
        "base_model: gemini-2.5-flash retired on", "DISABLED", "The object gs://shop-data/"
    )
    assert cloud.writes() == before
