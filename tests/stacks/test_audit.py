"""``gcp-tuning audit`` with the real CLI: what a killed run left is named, and removed without a change of what is in use."""

from __future__ import annotations

import json
import re
import subprocess
import time
from typing import TYPE_CHECKING

import pytest

from support.pulumi_stack import HUNG
from support.tuning_programs import MAIN, rows
from support.warm_python import gcp_tuning

if TYPE_CHECKING:
    from stacks.conftest import TuningStack
    from support.pulumi_stack import Stack
    from support.sandbox_server import SandboxServer

CREATE = {"method": "POST", "path": r"/tuningJobs$"}
LIST = {"method": "GET", "path": r"/tuningJobs(\?|$)"}
CREATED = re.compile(r"^POST \S*/tuningJobs(\?|$)")


def audit(stack: Stack, *arguments: str) -> subprocess.CompletedProcess[str]:
    command = gcp_tuning("audit", "--pulumi", str(stack.cli), "--stack", "dev")
    return subprocess.run(
        [*command, "--json", *arguments],
        cwd=stack.folder,
        env=stack.env,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.usefixtures("real_start")
def test_what_a_killed_run_left_is_named_by_up_and_audit_and_delete_removes_it(
    tuning_stack: TuningStack, sandbox: SandboxServer
) -> None:
    sandbox.fault(kind="lost", match=CREATE)
    sandbox.fault(kind="delay", match=LIST, delaySeconds=6, skip=1, count=9)
    stack = tuning_stack(MAIN)
    running = stack.start_up()
    end = time.monotonic() + HUNG
    while not any(CREATED.search(line) for line in sandbox.writes()):
        assert time.monotonic() < end, "no job was submitted"
        time.sleep(0.05)
    running.kill_all()
    sandbox.admin("DELETE", "faults")
    (left,) = sandbox.jobs()
    stack.cancel()
    while sandbox.jobs()[0]["state"] != "JOB_STATE_SUCCEEDED":
        assert time.monotonic() < end, "the job that the killed run left did not end"
        time.sleep(0.05)
    stack.write("train.jsonl", rows(salt="corrected"))
    told = stack.up().expect_ok().text
    assert "There is one earlier tuning job of 'router' with another specification" in told
    assert str(left["name"]) in told

    found = audit(stack, "--fail-on", "orphans")
    assert found.returncode == 3, found.stderr
    (item,) = json.loads(found.stdout)["items"]
    assert (item["why"], item["job"], item["can_be_deleted"]) == ("overtaken", left["name"], True)

    removed = audit(stack, "--fail-on", "orphans", "--delete", item["name"])
    assert removed.returncode == 0, removed.stderr
    assert [model["name"] for model in sandbox.models()] == [
        stack.resource_of("TunedModel", "router")["outputs"]["model"]
    ]
    assert not set(item["endpoints"]) & {endpoint["name"] for endpoint in sandbox.endpoints()}
    assert json.loads(removed.stdout)["items"] == []

    assert [each["type"] for each in stack.state["pending_operations"]] == ["creating"]
    stack.refresh("--clear-pending-creates").expect_ok()
    assert not stack.state.get("pending_operations")
