"""An open model's job that waits for the job it starts from, through the real CLI: nothing is paid before its time or twice."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from stacks.test_continued_preview import OPEN, PAIRS
from stacks.test_machine_waits import until

if TYPE_CHECKING:
    from collections.abc import Callable

    from support.pulumi_stack import Running, Stack
    from support.sandbox_server import SandboxServer

pytestmark = [pytest.mark.full, pytest.mark.usefixtures("real_start")]  # what is killed is what a user runs


def waiting(tuning_stack: Callable[..., Stack], sandbox: SandboxServer) -> tuple[Stack, Running]:
    """A stack whose first job runs, while the second one waits for it."""
    sandbox.step()
    stack = tuning_stack(OPEN, env={"GCP_TUNING_POLL_INTERVAL": "0.2"})
    stack.write("pairs.jsonl", PAIRS)
    running = stack.start_up()
    until(sandbox.jobs, running)
    (first,) = sandbox.jobs()
    until(lambda: sum(each["path"].endswith(first["name"]) for each in sandbox.requests()) > 3, running)
    return stack, running


def test_an_interrupted_wait_submits_nothing_and_the_next_up_goes_on(
    tuning_stack: Callable[..., Stack], sandbox: SandboxServer
) -> None:
    stack, running = waiting(tuning_stack, sandbox)
    running.interrupt()
    assert "Nothing was submitted. The wait of 'more' was interrupted" in running.wait().text
    assert len(sandbox.jobs()) == 1
    assert stack.preview().expect_ok().changes["create"] == 1
    sandbox.run()
    stack.up().expect_ok()
    assert len(sandbox.jobs()) == 2
    stack.refresh().expect_ok()
    assert stack.preview("--expect-no-changes").expect_ok().changes == {}
    stack.destroy().expect_ok()


def test_after_a_kill_and_a_cancel_of_the_start_preview_refuses_as_up_does(
    tuning_stack: Callable[..., Stack], sandbox: SandboxServer
) -> None:
    stack, running = waiting(tuning_stack, sandbox)
    running.kill_all()
    stack.cancel()
    (first,) = sandbox.jobs()
    sandbox.call("POST", f"v1/{first['name']}:cancel", {})
    sandbox.run()
    for seen in (stack.preview(), stack.up()):
        seen.expect_failure(f"The tuning job {first['name']} ended")
    assert len(sandbox.jobs()) == 1
    stack.destroy().expect_ok()
