"""Somebody else's lock on a stack, and an entry that ``pulumi state move`` gives to another stack."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from support.pulumi_stack import Stack
from support.tuning_programs import IMPORTS

if TYPE_CHECKING:
    from stacks.conftest import TuningStack
    from support.sandbox_server import SandboxServer

PROGRAM = IMPORTS + 'Endpoint("shop", display_name="Shop")\n'


def lock_of_a_colleague(stack: Stack) -> Path:
    """The file that a run on another machine keeps in the backend until it ends."""
    folder = stack.folder / ".pulumi-state" / ".pulumi" / "locks" / "organization" / stack.project / stack.name
    folder.mkdir(parents=True, exist_ok=True)
    lock = folder / "6921cd8c-6794-487d-b988-1779ae87f409.json"
    held = {"pid": 7, "username": "colleague", "hostname": "laptop", "timestamp": "2026-11-21T00:00:00Z"}
    lock.write_text(json.dumps(held))
    return lock


def other_stack_of(stack: Stack) -> Stack:
    """A second, empty stack of the same project in the same backend."""
    other = Stack.restored(
        stack.folder, cli=stack.cli, home=Path(stack.env["PULUMI_HOME"]), env=stack.env, name="other"
    )
    other.run("stack", "init", "other").expect_ok()
    return other


@pytest.mark.full
def test_a_foreign_lock_stops_a_run_before_it_asks_google_and_a_moved_entry_is_deleted_by_its_new_stack(
    tuning_stack: TuningStack, sandbox: SandboxServer
) -> None:
    stack = tuning_stack(PROGRAM)
    stack.up().expect_ok()
    asked, state, lock = len(sandbox.requests()), stack.state, lock_of_a_colleague(stack)
    stack.up().expect_failure("the stack is currently locked", "created by colleague@laptop", "pulumi cancel")
    stack.destroy().expect_failure("the stack is currently locked", "created by colleague@laptop")
    assert (len(sandbox.requests()), stack.state, lock.exists()) == (asked, state, True)
    stack.cancel().expect_ok()

    other = other_stack_of(stack)
    move = [
        "state",
        "move",
        "--yes",
        "--source",
        "dev",
        "--dest",
        "other",
        stack.resource_of("Endpoint", "shop")["urn"],
    ]
    subprocess.run([str(stack.cli), *move], cwd=stack.folder, env=stack.env, check=True, capture_output=True)
    stack.destroy().expect_ok()
    assert len(sandbox.endpoints("us-central1")) == 1
    other.run("destroy", "--yes", "--skip-preview").expect_ok()
    assert sandbox.endpoints("us-central1") == []
