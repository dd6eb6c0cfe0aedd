"""``gcp-tuning check`` with the real CLI: the findings of all resources at once, and nothing changed."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from support.sandbox_server import SandboxServer
from support.tuning_programs import IMPORTS, MAIN

if TYPE_CHECKING:
    from collections.abc import Mapping

    from stacks.conftest import TuningStack
    from support.pulumi_stack import Stack

WRONG = (
    IMPORTS
    + """
TuningDataset("training", bucket="gs://shop-data", source="data/nowhere.jsonl")
TuningJob("far", base_model="gemini-3.1-flash-lite", location="asia-east1", labels={"Team": "x"},
          supervised_tuning_spec={"training_dataset_uri": "s3://shop-data/train.jsonl"})
TuningJob("old", base_model="gemini-1.5-pro-002", tuned_model_display_name="x" * 129,
          supervised_tuning_spec={"training_dataset_uri": "gs://shop-data/train.jsonl",
                                  "hyper_parameters": {"epoch_count": "many"}})
"""
)


def check(
    stack: Stack, *arguments: str, env: Mapping[str, str] | None = None
) -> subprocess.CompletedProcess[str]:
    """``gcp-tuning check`` as a user of this stack types it."""
    command = [str(Path(sys.executable).parent / "gcp-tuning"), "check", "--stack", stack.name, *arguments]
    environment = stack.env | {"GCP_TUNING_PULUMI": str(stack.cli)} | dict(env or {})
    return subprocess.run(command, cwd=stack.folder, env=environment, capture_output=True, text=True, check=False)


def paths_of(found: Any) -> dict[str, set[str]]:
    """The paths of the errors of each resource."""
    return {
        f"{each['type']} {each['name']}": {f["path"] for f in each["findings"] if f["severity"] == "error"}
        for each in found["resources"]
    }


def test_x(tuning_stack: TuningStack, sandbox: SandboxServer) -> None:
    before = sandbox.writes()
    stack = tuning_stack(WRONG)
    done = check(stack)
    print(done.stdout, done.stderr, done.returncode)
    done = check(stack, "--json")
    print(done.stdout, done.stderr, done.returncode)
    assert sandbox.writes() == before
    clean = tuning_stack(MAIN)
    done = check(clean)
    print(done.stdout, done.stderr, done.returncode)
    print(clean.preview("--show-sames").text)
    clean = tuning_stack("import pulumi_gcp as gcp\ngcp.compute.Network('n')\n" + WRONG)
    done = check(clean)
    print(done.stdout, done.stderr, done.returncode)
    assert 0
