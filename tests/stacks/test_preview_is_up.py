"""Preview shows what up will do: protection, plans and reviewers see a replacement before it is paid for."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from support.tuning_programs import OWN_ENDPOINT, rows

if TYPE_CHECKING:
    from stacks.conftest import AfterUp

RETRAINED = OWN_ENDPOINT.replace('"epoch_count": 8', '"epoch_count": 9')


def test_a_retrain_shows_all_that_it_replaces_so_that_protection_and_plans_hold(after_up: AfterUp) -> None:
    stack, sandbox = after_up(OWN_ENDPOINT)
    stack.run("state", "protect", stack.resource_of("TunedModel", "router")["urn"], "--yes").expect_ok()
    protected = "tuning_job=job, opts=pulumi.ResourceOptions(protect=True)"
    stack.write("__main__.py", RETRAINED.replace("tuning_job=job", protected))
    stack.preview().expect_failure("protect")
    assert len(sandbox.jobs()) == 1

    stack.write("__main__.py", RETRAINED)
    plan = str(stack.folder / "plan.json")
    preview = stack.preview("--save-plan", plan).expect_ok()
    told = [line.strip() for line in preview.text.splitlines() if "train" in line and "$" in line]
    assert len(told) == len(set(told)) == 2
    assert re.match(r"cost of the new training: about \$[0-9.]+, \$[0-9.]+ to \$[0-9.]+ \([0-9,]+ tokens", told[0])
    assert re.fullmatch(r"trains a new model: about \$[0-9.]+; the current one stays \(keep_last 2\)", told[1])
    assert "tunedModel (hidden)" in preview.text
    assert "checkpointId" not in preview.text  # what the training has made since the last up
    replaced = {step["urn"].rpartition("gcptuning:")[2] for step in preview.steps if step["op"] == "replace"}
    assert replaced == {"TuningJob::router", "TunedModel::router", "ModelDeployment::support"}
    up = stack.up("--plan", plan).expect_ok()
    assert sorted(step["urn"] for step in up.steps if step["op"] == "replace") == sorted(
        step["urn"] for step in preview.steps if step["op"] == "replace"
    )
    assert len(sandbox.jobs()) == 2


@pytest.mark.full  # tests of declarations and tests/unit/resources/test_preview_is_up.py hold both claims
def test_what_is_ignored_or_cannot_be_changed_is_no_step(after_up: AfterUp) -> None:
    stack, sandbox = after_up(OWN_ENDPOINT)
    before = sandbox.writes()
    ignored = 'source="train.jsonl", opts=pulumi.ResourceOptions(ignore_changes=["source"])'
    stack.write("train.jsonl", rows(salt="second edition"))
    program = OWN_ENDPOINT.replace('source="train.jsonl"', ignored)
    program = program.replace(
        'tuned_model_display_name="router"', 'tuned_model_display_name="router", labels={"a": "b"}'
    )
    stack.write("__main__.py", program)
    preview = stack.preview("--expect-no-changes").expect_ok()
    assert preview.text.count("1 submitted job keeps older labels ('router')") == 1

    stack.write("__main__.py", program.replace('"team": "support"', '"team": "sales"'))
    assert stack.preview().expect_ok().changes == {"update": 1}
    assert sandbox.writes() == before


def test_a_model_that_was_undeployed_by_hand_shows_and_refresh_invents_no_input(after_up: AfterUp) -> None:
    stack, sandbox = after_up(OWN_ENDPOINT)
    endpoint, model = stack.outputs()["endpoint"], stack.resource_of("TunedModel", "router")["outputs"]["model"]
    for each in sandbox.call("GET", f"v1/{endpoint}")["deployedModels"]:
        sandbox.call("POST", f"v1/{endpoint}:undeployModel", {"deployedModelId": each["id"]})
    labels = {**sandbox.call("GET", f"v1/{model}")["labels"], "team": "sales"}
    sandbox.call("PATCH", f"v1/{model}?updateMask=labels", {"labels": labels})

    assert "endpoint" in stack.refresh("--diff").expect_ok().text
    assert "endpoint" not in stack.resource_of("TunedModel", "router")["outputs"]
    preview = stack.preview().expect_ok()
    assert preview.changes == {"update": 1}
    assert "team" in preview.text
    assert "defaultCheckpointId" not in preview.text
    assert preview.text.count("Nothing serves the model") == 1
