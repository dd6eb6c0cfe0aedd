"""What a preview and a refresh name of a change: paths, reasons of a replacement, drift."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from support.tuning_programs import OWN_ENDPOINT

if TYPE_CHECKING:
    from stacks.conftest import AfterUp
    from support.pulumi_stack import Result

EPOCHS = "supervisedTuningSpec.hyperParameters.epochCount"


def changed_steps(result: Result) -> dict[str, dict[str, Any]]:
    """The steps of a preview that change something, by type and name of the resource."""
    steps = {step["urn"].rpartition("gcptuning:")[2]: step for step in result.json["steps"]}
    return {name: step for name, step in steps.items() if step["op"] not in ("same", "refresh")}


@pytest.mark.full
def test_preview_names_nested_properties_and_why_it_replaces_and_refresh_names_drift(after_up: AfterUp) -> None:
    stack, sandbox = after_up(OWN_ENDPOINT)
    changed = OWN_ENDPOINT.replace('"epoch_count": 8', '"epoch_count": 4').replace('"team": "support"', '"team": "x"')
    stack.write("__main__.py", changed.replace('display_name="support"', 'display_name="Support"'))
    steps = changed_steps(stack.preview_json().expect_ok())
    found = {name: {path: each["kind"] for path, each in step["detailedDiff"].items()} for name, step in steps.items()}
    assert found == {
        "Endpoint::support": {"displayName": "update"},
        "TuningJob::router": {EPOCHS: "update-replace"},
        "TunedModel::router": {
            "tuningJob": "update-replace",
            "labels.team": "update",
            "pulumiLabels.team": "update",
        },
        "ModelDeployment::support": {"model": "update-replace"},
    }
    assert steps["TuningJob::router"]["replaceReasons"] == ["supervisedTuningSpec"]
    assert steps["TunedModel::router"]["replaceReasons"] == ["tuningJob"]

    stack.write("__main__.py", OWN_ENDPOINT)
    model, endpoint = sandbox.models()[0], stack.outputs()["endpoint"]
    labels = {**model["labels"], "team": "drifted"}
    sandbox.call("PATCH", f"v1/{model['name']}?updateMask=labels", {"labels": labels})
    deployed = sandbox.call("GET", f"v1/{endpoint}")["deployedModels"][0]["id"]
    sandbox.call("POST", f"v1/{endpoint}:undeployModel", {"deployedModelId": deployed})
    refreshed = stack.run("refresh", "--preview-only", "--diff").expect_ok().text
    assert '~ team: "support" => "drifted"' in refreshed
    assert f'- endpoint    : "{endpoint}"' in refreshed
