"""Nothing paid for is lost or started twice: crashes, lost answers, failed jobs, ^C."""

from __future__ import annotations

import os
import re
import signal
import time
from typing import TYPE_CHECKING

import pytest

from support.pulumi_stack import HUNG
from support.tuning_programs import MAIN

if TYPE_CHECKING:
    from collections.abc import Callable

    from stacks.conftest import TuningStack
    from support.pulumi_stack import Running
    from support.sandbox_server import SandboxServer

pytestmark = pytest.mark.usefixtures("real_start")  # what is killed is what a user runs

CREATE = {"method": "POST", "path": r"/tuningJobs$"}
CREATED = re.compile(r"^POST \S*/tuningJobs(\?|$)")
LIST = {"method": "GET", "path": r"/tuningJobs(\?|$)"}


def wait_for(condition: Callable[[], object], running: Running, seconds: float = HUNG) -> None:
    """Until the other process did it; a real process has no clock of ours."""
    end = time.monotonic() + seconds
    while not condition():
        assert running.process.poll() is None, running.wait().text
        assert time.monotonic() < end, "the other process did not come so far"
        time.sleep(0.05)


def is_job_waited_for(sandbox: SandboxServer) -> bool:
    """Whether a job has been read by its name, as a TunedModel does that waits for it."""
    return any("tuningJobs/" in each["path"] for each in sandbox.requests())


def kill_cli(running: Running) -> None:
    """kill -9 of the CLI. Its provider lives on for half a minute, in a process group of its own."""
    os.killpg(running.process.pid, signal.SIGKILL)
    running.wait()


def test_a_kill_between_acceptance_and_state_makes_one_job(tuning_stack: TuningStack, sandbox: SandboxServer) -> None:
    sandbox.fault(kind="lost", match=CREATE)
    sandbox.fault(kind="delay", match=LIST, delaySeconds=6, skip=1, count=9)
    stack = tuning_stack(MAIN)
    running = stack.start_up()
    wait_for(lambda: any(CREATED.search(line) for line in sandbox.writes()), running)
    kill_cli(running)
    sandbox.admin("DELETE", "faults")
    stack.cancel()
    assert "TuningJob" not in " ".join(r["type"] for r in stack.resources)
    stack.up().expect_ok()
    assert len(sandbox.jobs()) == 1
    assert len(sandbox.models()) == 1


@pytest.mark.full  # the matrix on the handlers relies on this warning of the engine
def test_a_destroy_after_a_kill_names_the_resource_whose_create_no_entry_has(
    tuning_stack: TuningStack, sandbox: SandboxServer
) -> None:
    sandbox.fault(kind="lost", match={"method": "POST", "path": "/upload/"})
    sandbox.fault(kind="delay", match={"method": "GET", "path": "/o/"}, delaySeconds=6, skip=1, count=9)
    stack = tuning_stack(MAIN)
    running = stack.start_up()
    wait_for(lambda: any("/upload/" in line for line in sandbox.writes()), running)
    kill_cli(running)
    sandbox.admin("DELETE", "faults")
    stack.cancel()
    told = stack.destroy().expect_ok().text
    assert "1 pending operations from previous deployment" in told
    assert re.search(r"gcptuning:TuningDataset::\S+, interrupted while creating", told)


@pytest.mark.full  # the cells and the lives hold the claim
def test_a_kill_while_the_model_is_waited_for_makes_one_job(tuning_stack: TuningStack, sandbox: SandboxServer) -> None:
    sandbox.step()
    stack = tuning_stack(MAIN)
    running = stack.start_up()
    wait_for(lambda: is_job_waited_for(sandbox), running)
    kill_cli(running)
    stack.cancel()
    sandbox.run()
    stack.up().expect_ok()
    assert len(sandbox.jobs()) == 1
    assert len(sandbox.models()) == 1


def test_one_interrupt_ends_the_wait_and_the_next_up_goes_on(tuning_stack: TuningStack, sandbox: SandboxServer) -> None:
    sandbox.step()
    stack = tuning_stack(MAIN)
    running = stack.start_up()
    wait_for(lambda: is_job_waited_for(sandbox), running)
    running.interrupt()
    interrupted = running.wait()
    assert interrupted.exit_code > 0, "the CLI ended by itself, though the job never does"
    assert "Traceback" not in interrupted.text
    state = stack.state
    assert state.get("pending_operations", []) == []
    assert stack.resource_of("TunedModel", "router")["id"] == sandbox.jobs()[0]["name"]
    sandbox.run()
    stack.up().expect_ok()
    assert len(sandbox.jobs()) == 1
    assert "/endpoints/" in stack.outputs()["endpoint"]
    assert stack.preview("--expect-no-changes").expect_ok().changes == {}


@pytest.mark.full
def test_a_failed_job_is_reported_in_googles_words_and_runs_again_only_after_destroy(
    tuning_stack: TuningStack, sandbox: SandboxServer
) -> None:
    sandbox.fail_next_job(3, "line 7 is not valid JSON.")
    stack = tuning_stack(MAIN)
    up = stack.up().expect_failure("line 7 is not valid JSON.", "tuningJobs/")
    told = [d["message"] for d in up.diagnostics if d["severity"] == "error" and "line 7" in d["message"]]
    assert told
    assert max(len(message.strip().splitlines()) for message in told) <= 6
    stack.up().expect_failure("line 7 is not valid JSON.")
    assert len(sandbox.jobs()) == 1
    stack.destroy().expect_ok()
    stack.up().expect_ok()
    assert sorted(job["state"] for job in sandbox.jobs()) == ["JOB_STATE_FAILED", "JOB_STATE_SUCCEEDED"]


@pytest.mark.full  # tests/unit/resources/test_submitted_tuning_job.py holds the claim
def test_destroy_of_a_running_job_cancels_it(tuning_stack: TuningStack, sandbox: SandboxServer) -> None:
    sandbox.never_end_next_job()
    stack = tuning_stack(MAIN.partition("model = ")[0])
    stack.up().expect_ok()
    stack.destroy().expect_ok()
    assert [job["state"] for job in sandbox.jobs()] == ["JOB_STATE_CANCELLED"]
    assert sandbox.models() == []


@pytest.mark.full
def test_a_job_that_is_still_running_is_read_again_by_the_next_up(
    tuning_stack: TuningStack, sandbox: SandboxServer
) -> None:
    program = MAIN.partition("model = ")[0]
    sandbox.step()
    stack = tuning_stack(program)
    stack.up().expect_ok()
    assert stack.resource_of("TuningJob", "router")["outputs"]["state"] == "JOB_STATE_PENDING"
    sandbox.advance(24 * 3600)
    stack.up().expect_ok()
    assert stack.resource_of("TuningJob", "router")["outputs"]["state"] == "JOB_STATE_SUCCEEDED"
    before = len(sandbox.requests())
    stack.up().expect_ok()
    assert len(sandbox.requests()) == before
