"""``get`` reads what another stack, or a person, made; it changes and deletes nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING

from support.tuning_programs import IMPORTS, MAIN

if TYPE_CHECKING:
    from stacks.conftest import NewStack, TuningStack
    from support.sandbox_server import SandboxServer

READING = (
    IMPORTS
    + """
job = TuningJob.get("theirs", "JOB")
model = TunedModel.get("theirs", "JOB")
endpoint = Endpoint.get("theirs", "ENDPOINT")
pulumi.export("state", job.state)
pulumi.export("epochs", job.supervised_tuning_spec.hyper_parameters.epoch_count)
pulumi.export("model", model.model)
pulumi.export("endpoint", model.endpoint)
pulumi.export("first_epoch", model.checkpoints[0].epoch)
pulumi.export("deployed", endpoint.deployed_models[0].model)
"""
)


def test_get_reads_typed_outputs_and_destroy_leaves_what_it_read(
    tuning_stack: TuningStack, new_stack: NewStack, sandbox: SandboxServer
) -> None:
    theirs = tuning_stack(MAIN)
    theirs.up().expect_ok()
    made, outputs = theirs.resource_of("TunedModel", "router"), theirs.outputs()
    program = READING.replace("JOB", made["id"]).replace("ENDPOINT", outputs["endpoint"])
    reader = new_stack(program, config={"gcp:project": "shop", "gcp:region": "us-central1"}, env=sandbox.env)
    before = sandbox.writes()
    reader.up().expect_ok()
    read = reader.outputs()
    assert read["state"] == "JOB_STATE_SUCCEEDED"
    assert (read["epochs"], read["first_epoch"]) == (8, 1)
    assert (read["model"], read["endpoint"]) == (made["outputs"]["model"], outputs["endpoint"])
    assert read["deployed"].startswith(read["model"])
    reader.destroy().expect_ok()
    assert sandbox.writes() == before
