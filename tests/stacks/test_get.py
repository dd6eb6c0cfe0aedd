"""``get`` reads what another stack, or a person, made; it changes and deletes nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from support.tuning_programs import IMPORTS, MAIN

if TYPE_CHECKING:
    from stacks.conftest import AfterUp, NewStack
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


def test_get_reads_typed_outputs_and_destroy_leaves_what_it_read(after_up: AfterUp, new_stack: NewStack) -> None:
    theirs, sandbox = after_up(MAIN)
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
    assert [each["external"] for each in reader.resources] == [True] * 3
    reader.destroy().expect_ok()
    assert sandbox.writes() == before


@pytest.mark.matrix(1)
@pytest.mark.parametrize(
    ("kind", "name"),
    [
        ("TuningJob", "projects/shop/locations/us-central1/tuningJobs/404"),
        ("TunedModel", "projects/shop/locations/us-central1/tuningJobs/404"),
        ("TuningDataset", "gs://shop-data/tuning-data/nothing.jsonl"),
        ("Endpoint", "projects/shop/locations/us-central1/endpoints/404"),
        ("ModelDeployment", "projects/shop/locations/us-central1/endpoints/404/deployedModels/1"),
    ],
)
def test_get_of_what_is_not_there_fails_with_its_name_and_where_it_was_looked_for(
    new_stack: NewStack, sandbox: SandboxServer, kind: str, name: str
) -> None:
    program = f'{IMPORTS}\nread = {kind}.get("theirs", "{name}")\n'
    reader = new_stack(program, config={"gcp:project": "shop", "gcp:region": "us-central1"}, env=sandbox.env)
    done = reader.preview()
    done.expect_failure(f" {name} does not exist at {sandbox.url}.", "GCP_TUNING_BASE_URL points")
    assert "Traceback" not in done.text
    assert "is a bug" not in done.text
