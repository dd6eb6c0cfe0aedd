"""``wait_for="accepted"``: a runner is not held while a job trains, and the next ``up`` takes the model over."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from support.tuning_programs import OWN_ENDPOINT

if TYPE_CHECKING:
    from stacks.conftest import TuningStack
    from support.sandbox_server import SandboxServer

AWAITED = OWN_ENDPOINT.replace('labels={"team"', 'wait_for="accepted", labels={"team"')
SLOW = 3
"""So many times as fast as the wall's clock: operations end, and no job does."""


def wait_for_models(sandbox: SandboxServer, count: int) -> None:
    while len(sandbox.models()) < count:
        time.sleep(0.1)


def test_up_ends_with_10_until_the_job_has_ended_and_the_old_model_serves_until_then(
    tuning_stack: TuningStack, sandbox: SandboxServer
) -> None:
    assert AWAITED != OWN_ENDPOINT
    sandbox.run(SLOW)
    stack = tuning_stack(AWAITED)
    first = stack.up()
    assert first.exit_code == 10, first.text
    assert "its outputs are not known" in first.text.lower()
    assert {"Endpoint", "TuningJob", "TuningDataset"} == {r["type"].rpartition(":")[2] for r in stack.resources}
    sandbox.run()
    wait_for_models(sandbox, 1)
    stack.up().expect_ok()
    assert (len(sandbox.jobs()), len(sandbox.models())) == (1, 1)
    serving = stack.resource_of("ModelDeployment", "support")["id"]
    model = stack.resource_of("TunedModel", "router")

    sandbox.run(SLOW)
    stack.write("__main__.py", AWAITED.replace('base_model="gemini', 'retry="2", base_model="gemini'))
    again = stack.up()
    assert again.exit_code == 10, again.text
    assert (len(sandbox.jobs()), len(sandbox.models())) == (2, 1)
    once_more = stack.up()
    assert once_more.exit_code == 10, once_more.text
    assert stack.resource_of("TunedModel", "router")["id"] == model["id"]
    assert stack.resource_of("ModelDeployment", "support")["id"] == serving
    sandbox.run()
    wait_for_models(sandbox, 2)
    stack.up().expect_ok()
    assert (len(sandbox.jobs()), len(sandbox.models())) == (2, 2)
    assert stack.resource_of("TunedModel", "router")["id"] != model["id"]
    assert stack.preview("--expect-no-changes").expect_ok().changes == {}
