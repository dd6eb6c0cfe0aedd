"""An entry of the state that cannot be read: each command refuses it, and what the refusal says to do works."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

import pytest

from support.tuning_programs import IMPORTS

if TYPE_CHECKING:
    from stacks.conftest import TuningStack
    from support.sandbox_server import SandboxServer

PROGRAM = IMPORTS + 'Endpoint("support", display_name="support", location="us")\n'


@pytest.mark.full  # tests/unit/resources/test_stored_entries.py has every entry and verb
def test_what_the_state_has_in_another_form_is_refused_until_it_is_taken_out(
    tuning_stack: TuningStack, sandbox: SandboxServer
) -> None:
    stack = tuning_stack(PROGRAM)
    stack.up().expect_ok()
    state = json.loads(stack.state_file.read_text())
    entry = next(each for each in state["checkpoint"]["latest"]["resources"] if "gcptuning:" in each["type"])
    entry["outputs"]["deletionPolicy"] = {"later": "release"}
    stack.state_file.write_text(json.dumps(state))
    for command in (stack.preview, stack.refresh, stack.destroy):
        told = command().expect_failure(
            "The state entry of 'support' cannot be read: deletion_policy has the wrong form"
        )
        assert [each["name"] for each in sandbox.endpoints()] == [entry["id"]]
        assert stack.resource_of("Endpoint", "support")["id"] == entry["id"]
    urn = re.search(r"pulumi state delete '(.+?)' \((.+?) then remains at Google\)", told.text)
    assert urn is not None
    assert urn[2] == entry["id"]
    stack.run("state", "delete", urn[1], "--yes").expect_ok()
    assert [each["name"] for each in sandbox.endpoints()] == [entry["id"]]
