"""What is secret stays so, whatever it is called by then; what is no business of state is not there."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from support.tuning_programs import IMPORTS, MAIN

if TYPE_CHECKING:
    from stacks.conftest import TuningStack
    from support.sandbox_server import SandboxServer

SECRETS = (
    IMPORTS
    + """
secret = pulumi.Output.secret
training = TuningDataset("training", bucket="shop-data", source="train.jsonl")
job = TuningJob("router", base_model="gemini-3.1-flash-lite", description=secret("merger-plans"),
                labels={"client": secret("acme-holding"), "open": "yes"},
                supervised_tuning_spec={"training_dataset_uri": training.uri})
model = TunedModel("router", tuning_job=job, labels=secret({"client": "acme-holding"}),
                   description=secret("merger-plans"))
"""
)
OWN = """
own = Endpoint("own", display_name=secret("project-blue"), location="us", labels={"client": secret("acme-holding")})
"""


def test_a_secret_input_is_nowhere_in_state_in_clear(tuning_stack: TuningStack, sandbox: SandboxServer) -> None:
    stack = tuning_stack(SECRETS + OWN)
    up = stack.up().expect_ok()
    for run in (up, stack.refresh().expect_ok(), stack.preview("--expect-no-changes").expect_ok()):
        state = json.dumps(stack.state)
        for word in ("acme-holding", "merger-plans", "project-blue"):
            assert word not in state
            assert word not in run.text
    stack.write("__main__.py", (SECRETS + OWN).replace("acme-holding", "bolt-holding"))
    stack.up().expect_ok()
    assert "holding" not in json.dumps(stack.state)
    assert sandbox.models()[0]["labels"]["client"] == "bolt-holding"
    assert stack.preview("--expect-no-changes").expect_ok().changes == {}


def test_a_wait_that_ends_early_keeps_secrets_too(tuning_stack: TuningStack, sandbox: SandboxServer) -> None:
    sandbox.step()
    late = 'opts=pulumi.ResourceOptions(custom_timeouts={"create": "1s"}), description=secret("merger-plans"))'
    stack = tuning_stack(SECRETS.replace('description=secret("merger-plans"))', late))
    stack.up().expect_failure("goes on at Google")
    assert stack.resource_of("TunedModel", "router")["initErrors"]
    state = json.dumps(stack.state)
    assert "acme-holding" not in state
    assert "merger-plans" not in state


def test_neither_tokens_nor_rows_are_in_state_logs_or_errors(tuning_stack: TuningStack, sandbox: SandboxServer) -> None:
    stack = tuning_stack(MAIN, env={"GCP_TUNING_ACCESS_TOKEN": "ya29.a-token-of-mine"})
    sandbox.fault(kind="status", status=403, match={"method": "POST", "path": r"/tuningJobs$"})
    failed = stack.up("--debug")
    assert failed.exit_code != 0
    told = failed.text + stack.up("--debug", "--logtostderr", "-v=9").expect_ok().text
    told += json.dumps(stack.state) + stack.refresh().text
    assert "a-token-of-mine" not in told
    assert "Ticket 3" not in told
