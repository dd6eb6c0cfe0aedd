"""The policy pack under the real CLI: every rule stops a preview, and a program that keeps them passes."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

import pytest

from pulumi_gcp_tuning.policies.rules import POLICIES
from support.sandbox_server import PROJECT, REGION, SandboxServer
from support.tuning_programs import IMPORTS, rows

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from stacks.conftest import NewStack
    from support.pulumi_stack import Result, Stack

TODAY = "2026-03-01"
RING = f"projects/{PROJECT}/locations/{REGION}/keyRings"
KEY = f"{RING}/ring/cryptoKeys/key"
TUNER = f"support-tuner@{PROJECT}.iam.gserviceaccount.com"
BREAKS_ALL = (
    IMPORTS
    + """
training = TuningDataset("training", bucket="shop-data", source="train.jsonl")
spec = {"training_dataset_uri": "gs://shop-data/train.jsonl", "hyper_parameters": {"epoch_count": 20}}
job = TuningJob("router", base_model="gemini-2.0-flash-001", location="us-east1", supervised_tuning_spec=spec,
                checks={"existence": "off", "dataset": "off"})
model = TunedModel("router", tuning_job=job)
"""
)
KEEPS_ALL = (
    IMPORTS
    + f"""
training = TuningDataset("training", bucket="shop-data", source="train.jsonl")
spec = {{"training_dataset_uri": training.uri, "hyper_parameters": {{"epoch_count": 4}}}}
job = TuningJob("router", base_model="gemini-2.5-flash", supervised_tuning_spec=spec, max_cost=5,
                service_account="{TUNER}", encryption_spec={{"kms_key_name": "{KEY}"}}, labels={{"team": "support"}})
model = TunedModel("router", tuning_job=job, labels={{"team": "support"}}, deletion_policy="ABANDON")
"""
)
CONFIG = {
    "allowed-regions": {"regions": [REGION]},
    "allowed-base-models": {"models": ["gemini-2.5-*"]},
    "max-cost": {"usd": 10},
    "max-epochs": {"epochs": 12},
    "required-labels": {"labels": ["team"]},
    "base-model-life": {"days": 180},
}


@pytest.fixture(scope="module")
def cloud() -> Iterator[SandboxServer]:
    with SandboxServer("--as-of", TODAY) as server:
        server.reset()
        server.make_bucket()
        server.call("POST", f"v1/{RING}?keyRingId=ring", {})
        server.call("POST", f"v1/{RING}/ring/cryptoKeys?cryptoKeyId=key", {"purpose": "ENCRYPT_DECRYPT"})
        server.call("POST", f"v1/projects/{PROJECT}/serviceAccounts", {"accountId": "support-tuner"})
        yield server


@pytest.fixture
def prod(cloud: SandboxServer, new_stack: NewStack) -> Stack:
    """The stack prod on that cloud, before anything is declared."""
    env = cloud.env | {"GCP_TUNING_AS_OF": TODAY}
    settings = {"gcp:project": PROJECT, "gcp:region": REGION}
    stack = new_stack("", config=settings, env=env, name="prod")
    stack.write("train.jsonl", rows(120))
    return stack


def with_policies(stack: Stack, folder: Path, config: object) -> Result:
    """A preview under the pack whose path `gcp-tuning policy-pack` prints."""
    from typer.testing import CliRunner

    from pulumi_gcp_tuning.cli.entry import app

    said = CliRunner().invoke(app, ["policy-pack"])
    assert said.exit_code == 0
    file = folder / "policies.json"
    file.write_text(json.dumps(config))
    return stack.preview("--policy-pack", said.stdout.strip(), "--policy-pack-config", str(file))


def violations(result: Result) -> dict[str, str]:
    """The level of each policy that the preview names."""
    found = re.findall(r"^\s*gcp-tuning@v[\d.]+ \[(\w+)\]\s+([\w-]+)\s", result.text, re.MULTILINE)
    return {name: level for level, name in found}


def test_a_preview_names_every_policy_that_is_broken_and_passes_once_all_are_kept(
    prod: Stack, cloud: SandboxServer, tmp_path: Path
) -> None:
    before = cloud.writes()
    prod.write("__main__.py", BREAKS_ALL)
    red = with_policies(prod, tmp_path, CONFIG | {"max-epochs": {"epochs": 12, "enforcementLevel": "advisory"}})
    assert red.exit_code != 0
    assert violations(red) == {policy.name: "mandatory" for policy in POLICIES} | {"max-epochs": "advisory"}
    prod.write("__main__.py", KEEPS_ALL)
    green = with_policies(prod, tmp_path, CONFIG).expect_ok()
    assert violations(green) == {}
    assert cloud.writes() == before


@pytest.mark.full
def test_a_key_that_the_same_run_makes_is_advice_and_a_policy_that_is_off_says_nothing(
    prod: Stack, tmp_path: Path
) -> None:
    unknown = 'training.crc32c.apply(lambda _: "' + KEY + '")'
    prod.write("__main__.py", KEEPS_ALL.replace(f'"{KEY}"', unknown).replace("max_cost=5,", ""))
    told = with_policies(prod, tmp_path, CONFIG | {"max-cost": "disabled"}).expect_ok()
    assert violations(told) == {"cmek-required": "advisory"}
    assert "encryption_spec.kms_key_name is not known before" in told.text
