"""Two colleagues, each with a stack of one project and name in a backend of their own, and one cloud project (case A4)."""

from __future__ import annotations

import subprocess
from typing import TYPE_CHECKING

from support.tuning_programs import IMPORTS
from support.warm_python import gcp_tuning

if TYPE_CHECKING:
    from stacks.conftest import TuningStack
    from support.pulumi_stack import Stack
    from support.sandbox_server import SandboxServer

PROGRAM = (
    IMPORTS
    + """
import os

data = TuningDataset("tickets", bucket="shop-data", source="train.jsonl")
job = TuningJob("router", base_model="gemini-3.1-flash-lite",
                supervised_tuning_spec={"training_dataset_uri": data.uri, "hyper_parameters": {"epoch_count": 2}})
model = TunedModel("router", tuning_job=job, labels={"team": os.environ.get("TEAM", "support")})
"""
)
OTHER_TEAM = {"TEAM": "sales"}


def claim(stack: Stack, urn: str) -> subprocess.CompletedProcess[str]:
    """``gcp-tuning claim`` as a user of this stack types it."""
    command = gcp_tuning("claim", urn, "--yes", "--stack", stack.name)
    return subprocess.run(command, cwd=stack.folder, env=stack.env, capture_output=True, text=True, check=False)


def test_what_the_second_stack_took_over_the_first_neither_changes_nor_deletes_until_it_claims_it(
    tuning_stack: TuningStack, sandbox: SandboxServer
) -> None:
    first, second = tuning_stack(PROGRAM), tuning_stack(PROGRAM)
    first.up().expect_ok()
    assert "was claimed by toy/dev/router" in second.up().expect_ok().text
    assert len(sandbox.jobs()) == 1
    urn = first.resource_of("TunedModel", "router")["urn"]
    first.up(env=OTHER_TEAM).expect_failure("it belongs to toy/dev/router", f"gcp-tuning claim '{urn}'")

    done = claim(first, urn)
    assert done.returncode == 0, done.stderr
    first.up(env=OTHER_TEAM).expect_ok()
    assert [model["labels"]["team"] for model in sandbox.models()] == ["sales"]

    assert "is not deleted: it belongs to toy/dev/router" in second.destroy().expect_ok().text
    assert len(sandbox.models()) == 1
    first.destroy().expect_ok()
    assert [*sandbox.models(), *sandbox.endpoints()] == []
