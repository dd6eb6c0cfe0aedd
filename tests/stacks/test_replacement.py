"""What trains again, what does not, and what the pull request shows before anything is paid for."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from support.tuning_programs import MAIN, OWN_ENDPOINT, rows

if TYPE_CHECKING:
    from stacks.conftest import AfterUp, TuningStack
    from support.sandbox_server import SandboxServer


def test_changed_dataset_content_previews_as_a_replacement_before_anything_is_uploaded(after_up: AfterUp) -> None:
    stack, sandbox = after_up(MAIN)
    before = sandbox.writes()
    stack.write("train.jsonl", rows(salt="second edition"))
    preview = stack.preview_json().expect_ok()
    assert preview.steps_of("training")[0].endswith("replace")
    assert "create-replacement" in [step["op"] for step in preview.json["steps"]] or any(
        "replace" in op for op in preview.steps_of("router")
    )
    job = next(s for s in preview.json["steps"] if "TuningJob" in s["urn"] and "replace" in s["op"])
    assert job["oldState"]["inputs"]["supervisedTuningSpec"] != job["newState"]["inputs"]["supervisedTuningSpec"]
    assert sandbox.writes() == before


def test_changed_dataset_content_trains_one_new_job_and_keeps_the_replaced_model(after_up: AfterUp) -> None:
    stack, sandbox = after_up(MAIN)
    stack.write("train.jsonl", rows(salt="second edition"))
    stack.up().expect_ok()
    assert len(sandbox.jobs()) == 2
    assert len(sandbox.models()) == 2
    stack.destroy().expect_ok()
    assert (sandbox.models(), sandbox.endpoints()) == ([], [])


def test_only_keep_last_replaced_models_stay(after_up: AfterUp) -> None:
    stack, sandbox = after_up(MAIN)
    stack.write("__main__.py", MAIN.replace('labels={"team"', 'on_replace={"keep_last": 1}, labels={"team"'))
    for edition in (2, 3):
        stack.write("train.jsonl", rows(salt=f"edition {edition}"))
        stack.up().expect_ok()
    assert len(sandbox.jobs()) == 3
    assert len(sandbox.models()) == 2


def test_a_renamed_dataset_file_replaces_and_uploads_nothing(after_up: AfterUp) -> None:
    stack, sandbox = after_up(MAIN)
    before = sandbox.writes()
    stack.write("renamed.jsonl", rows())
    stack.write("__main__.py", MAIN.replace("train.jsonl", "renamed.jsonl"))
    assert stack.preview().expect_ok().changes == {"update": 1}
    assert stack.up().expect_ok().changes == {"update": 1}
    assert sandbox.writes() == before
    assert stack.preview("--expect-no-changes").expect_ok().changes == {}


def test_on_change_error_refuses_another_dataset_at_preview(tuning_stack: TuningStack, sandbox: SandboxServer) -> None:
    stack = tuning_stack(MAIN.replace('tuned_model_display_name="router"', 'on_change="error"'))
    stack.up().expect_ok()
    stack.write("train.jsonl", rows(salt="second edition"))
    stack.preview().expect_failure("on_change")
    assert len(sandbox.jobs()) == 1


def test_another_retry_token_trains_again(after_up: AfterUp) -> None:
    stack, sandbox = after_up(MAIN)
    stack.write("__main__.py", MAIN.replace('base_model="gemini', 'retry="2", base_model="gemini'))
    stack.up().expect_ok()
    assert len(sandbox.jobs()) == 2


@pytest.mark.parametrize("name", ["TuningDataset::training", "TuningJob::router", "TunedModel::router"])
def test_a_forced_replacement_never_loses_or_pays_twice(after_up: AfterUp, name: str) -> None:
    stack, sandbox = after_up(MAIN)
    urn = next(r["urn"] for r in stack.resources if r["urn"].endswith(name))
    stack.up("--replace", urn).expect_ok()
    assert len(sandbox.jobs()) == 1
    assert len(sandbox.models()) == 1
    assert len(sandbox.call("GET", "storage/v1/b/shop-data/o")["items"]) == 1
    endpoint = stack.outputs()["endpoint"]
    assert sandbox.call("GET", f"v1/{endpoint}")["deployedModels"]
    assert stack.preview("--expect-no-changes").expect_ok().changes == {}


@pytest.mark.parametrize("kind", ["Endpoint", "ModelDeployment"])
def test_a_forced_replacement_keeps_the_endpoint_answering(after_up: AfterUp, kind: str) -> None:
    stack, sandbox = after_up(OWN_ENDPOINT)
    urn = stack.resource_of(kind, "support")["urn"]
    stack.up("--replace", urn).expect_ok()
    own = sandbox.call("GET", f"v1/{stack.outputs()['own']}")
    assert list(own["trafficSplit"].values()) == [100]
    assert len(sandbox.endpoints()) == len({e["name"] for e in sandbox.endpoints()})
