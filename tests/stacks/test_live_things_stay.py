"""What is live is never deleted by an entry that an earlier, failed run left behind (pulumi#14740)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from support.pulumi_stack import FAST_CLOCK
from support.tuning_programs import IMPORTS, rows

if TYPE_CHECKING:
    from stacks.conftest import TuningStack
    from support.pulumi_stack import Stack
    from support.sandbox_server import SandboxServer

PROGRAM = (
    IMPORTS
    + """
import os

from pulumi_gcp_tuning import Provider

second = Provider("second") if os.environ.get("SECOND") else None  # a process of its own
data = TuningDataset("tickets", bucket="shop-data", source=os.environ.get("SOURCE", "train.jsonl"))
job = TuningJob("router", base_model="gemini-3.1-flash-lite",
                supervised_tuning_spec={"training_dataset_uri": data.uri, "hyper_parameters": {"epoch_count": 2}})
model = TunedModel("router", tuning_job=job)
own = Endpoint("support", display_name="support", location="us")
serving = ModelDeployment("support", endpoint=own, model=model, opts=pulumi.ResourceOptions(provider=second))
pulumi.export("endpoint", model.endpoint)
pulumi.export("own", own.name)
if os.environ.get("BAD"):  # anything else of the stack that fails, once all this is done
    TunedModel("bad", tuning_job="projects/shop/locations/us-central1/tuningJobs/999",
               opts=pulumi.ResourceOptions(depends_on=[serving]))
"""
)
RETRAIN = {"SOURCE": "more.jsonl"}
SECOND = {"SECOND": "1"}
# It is looked for in vain for a while: of the provider's clock, not of the test's.
BAD = {"BAD": "1", "GCP_TUNING_POLL_INTERVAL": "6"} | FAST_CLOCK


def answers(sandbox: SandboxServer, endpoint: str) -> bool:
    """Whether a question to the endpoint is answered, as an application would ask it."""
    contents = [{"role": "user", "parts": [{"text": "Ticket 3 about billing: what now?"}]}]
    return bool(sandbox.call("POST", f"v1/{endpoint}:generateContent", {"contents": contents})["candidates"])


def assert_all_serve(stack: Stack, sandbox: SandboxServer, outputs: dict[str, str]) -> None:
    assert stack.outputs() == outputs
    assert answers(sandbox, outputs["endpoint"])
    assert answers(sandbox, outputs["own"])
    uri = stack.resource_of("TuningDataset", "tickets")["id"]
    assert uri.rpartition("/")[2] in str(sandbox.call("GET", "storage/v1/b/shop-data/o"))


def test_a_reverted_retrain_deletes_nothing_that_is_in_use(tuning_stack: TuningStack, sandbox: SandboxServer) -> None:
    stack = tuning_stack(PROGRAM)
    stack.write("more.jsonl", rows(salt="more"))
    stack.write("third.jsonl", rows(salt="third"))
    stack.up(env=SECOND).expect_ok()
    outputs = stack.outputs()
    stack.up(env=RETRAIN | BAD | SECOND).expect_failure("999")  # what was replaced stays in state, to be deleted later
    stack.up(env=BAD).expect_failure("999")
    assert len(sandbox.jobs()) == 2
    # what depends on a job that cannot be replaced is not even compared, and yet Pulumi carries the pending deletes out
    sandbox.fault(kind="status", status=403, match={"method": "POST", "path": r"/tuningJobs$"})
    stack.up("--continue-on-error", env={"SOURCE": "third.jsonl"}).expect_failure("403", "failed in this run")
    assert all(answers(sandbox, endpoint) for endpoint in outputs.values())
    said = stack.up().expect_ok()
    assert_all_serve(stack, sandbox, outputs)
    assert "is not deleted" in said.text

    urn = stack.resource_of("TunedModel", "router")["urn"]
    stack.up("--replace", urn, env=BAD).expect_failure("999")
    stack.up().expect_ok()
    assert_all_serve(stack, sandbox, outputs)

    stack.destroy("--run-program").expect_ok()
    left = [*sandbox.models(), *sandbox.endpoints(), *sandbox.call("GET", "storage/v1/b/shop-data/o").get("items", [])]
    assert [each["name"] for each in left] == []
