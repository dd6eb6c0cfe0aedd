"""The wait for a machine through the real CLI: ^C keeps what Google is deploying in state, and a kill loses nothing."""

from __future__ import annotations

import json
import time
from typing import TYPE_CHECKING, Final

import pytest

from support.pulumi_stack import HUNG
from support.sandbox_server import REGION

if TYPE_CHECKING:
    from collections.abc import Callable

    from support.pulumi_stack import Running, Stack
    from support.sandbox_server import SandboxServer

pytestmark = pytest.mark.usefixtures("real_start")  # what is killed is what a user runs

PROGRAM: Final = """
from pulumi_gcp_tuning import ModelDeployment, TuningDataset, TuningJob

training = TuningDataset("training", bucket="shop-data", source="pairs.jsonl")
job = TuningJob("router", base_model="meta/llama3_1@llama-3.1-8b-instruct", output_uri="gs://shop-data/weights",
                supervised_tuning_spec={"training_dataset_uri": training.uri, "tuning_mode": "PEFT_ADAPTER",
                                        "hyper_parameters": {"epoch_count": 1}})
ModelDeployment("router", tuning_job=job, machine_type="g2-standard-12", accelerator_type="NVIDIA_L4",
                accelerator_count=1)
"""
PAIRS: Final = "".join(
    json.dumps({"prompt": f"Where is order {n}?", "completion": f"On day {n}."}) + "\n" for n in range(120)
)


def until(is_so: Callable[[], object], running: Running) -> None:
    end = time.monotonic() + HUNG
    while not is_so():
        assert running.process.poll() is None, running.wait().text
        assert time.monotonic() < end
        time.sleep(0.05)


def being_deployed(tuning_stack: Callable[..., Stack], sandbox: SandboxServer) -> tuple[Stack, Running]:
    """A stack whose job has ended, while Google sets up the machine."""
    sandbox.step()
    stack = tuning_stack(PROGRAM, env={"GCP_TUNING_POLL_INTERVAL": "0.2"})
    stack.write("pairs.jsonl", PAIRS)
    running = stack.start_up()
    until(lambda: sandbox.jobs("shop"), running)
    while not sandbox.endpoints(REGION):
        sandbox.advance(3600)
        assert running.process.poll() is None, running.wait().text
        time.sleep(0.2)
    return stack, running


@pytest.mark.full
def test_an_interrupted_wait_for_a_machine_continues_and_is_destroyed(
    tuning_stack: Callable[..., Stack], sandbox: SandboxServer
) -> None:
    stack, running = being_deployed(tuning_stack, sandbox)
    running.interrupt()
    stopped = running.wait()
    assert "The weights of 'router' are not served yet" in stopped.text
    (endpoint,) = sandbox.endpoints(REGION)
    assert stack.resource_of("ModelDeployment", "router")["id"].endswith(endpoint["name"].split("/", 2)[2])
    sandbox.run()
    stack.up().expect_ok()
    assert stack.resource_of("ModelDeployment", "router")["outputs"]["deployedModelId"]
    assert stack.preview("--expect-no-changes").expect_ok().changes == {}
    stack.destroy().expect_ok()
    assert (sandbox.models(REGION), sandbox.endpoints(REGION)) == ([], [])


@pytest.mark.full
def test_a_killed_wait_for_a_machine_is_taken_over(tuning_stack: Callable[..., Stack], sandbox: SandboxServer) -> None:
    stack, running = being_deployed(tuning_stack, sandbox)
    running.kill_all()
    stack.cancel()
    sandbox.run()
    stack.up().expect_ok()
    assert len(sandbox.endpoints(REGION)) == len(sandbox.jobs("shop")) == 1
    stack.destroy().expect_ok()
    assert (sandbox.models(REGION), sandbox.endpoints(REGION)) == ([], [])
