"""What trains again, what does not, and what the pull request shows before anything is paid for."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from support.tuning_programs import MAIN, OWN_ENDPOINT, rows

if TYPE_CHECKING:
    from stacks.conftest import AfterUp


def test_changed_dataset_content_previews_as_a_replacement_trains_one_new_job_and_going_back_takes_the_kept_model(
    after_up: AfterUp,
) -> None:
    stack, sandbox = after_up(MAIN)
    first, before = stack.outputs()["endpoint"], sandbox.writes()
    stack.write("train.jsonl", rows(salt="second edition"))
    preview = stack.preview_json().expect_ok()
    assert preview.steps_of("training")[0].endswith("replace")
    assert "create-replacement" in [step["op"] for step in preview.json["steps"]] or any(
        "replace" in op for op in preview.steps_of("router")
    )
    job = next(s for s in preview.json["steps"] if "TuningJob" in s["urn"] and "replace" in s["op"])
    assert job["oldState"]["inputs"]["supervisedTuningSpec"] != job["newState"]["inputs"]["supervisedTuningSpec"]
    assert sandbox.writes() == before

    stack.up().expect_ok()
    assert (len(sandbox.jobs()), len(sandbox.models())) == (2, 2)
    assert stack.outputs()["endpoint"] != first

    stack.write("train.jsonl", rows())
    stack.up().expect_ok()
    assert len(sandbox.jobs()) == 2
    assert stack.outputs()["endpoint"] == first
    assert sandbox.call("GET", f"v1/{first}")["deployedModels"]
    assert stack.preview("--expect-no-changes").expect_ok().changes == {}
    stack.destroy().expect_ok()
    assert (sandbox.models(), sandbox.endpoints()) == ([], [])


@pytest.mark.full
def test_another_retry_token_trains_again_and_only_keep_last_replaced_models_stay(after_up: AfterUp) -> None:
    stack, sandbox = after_up(MAIN)
    kept = MAIN.replace('labels={"team"', 'on_replace={"keep_last": 1}, labels={"team"')
    for trained, models in ((2, 2), (3, 2)):
        stack.write("__main__.py", kept.replace('base_model="gemini', f'retry="{trained}", base_model="gemini'))
        stack.up().expect_ok()
        assert (len(sandbox.jobs()), len(sandbox.models())) == (trained, models)


@pytest.mark.full
def test_a_renamed_dataset_file_replaces_and_uploads_nothing(after_up: AfterUp) -> None:
    stack, sandbox = after_up(MAIN)
    before = sandbox.writes()
    stack.write("renamed.jsonl", rows())
    stack.write("__main__.py", MAIN.replace("train.jsonl", "renamed.jsonl"))
    assert stack.preview().expect_ok().changes == {"update": 1}
    assert stack.up().expect_ok().changes == {"update": 1}
    assert sandbox.writes() == before
    assert stack.preview("--expect-no-changes").expect_ok().changes == {}


def test_on_change_error_refuses_another_dataset_at_preview(after_up: AfterUp) -> None:
    stack, sandbox = after_up(MAIN)
    stack.write("__main__.py", MAIN.replace('tuned_model_display_name="router"', 'on_change="error"'))
    stack.write("train.jsonl", rows(salt="second edition"))
    stack.preview().expect_failure("on_change")
    assert len(sandbox.jobs()) == 1


@pytest.mark.full
def test_a_forced_replacement_never_loses_or_pays_twice(after_up: AfterUp) -> None:
    stack, sandbox = after_up(MAIN)
    for kind, name in (("TuningDataset", "training"), ("TuningJob", "router"), ("TunedModel", "router")):
        stack.up("--replace", stack.resource_of(kind, name)["urn"]).expect_ok()
        assert len(sandbox.jobs()) == 1
        assert len(sandbox.models()) == 1
        assert len(sandbox.call("GET", "storage/v1/b/shop-data/o")["items"]) == 1
        assert sandbox.call("GET", f"v1/{stack.outputs()['endpoint']}")["deployedModels"]
    assert stack.preview("--expect-no-changes").expect_ok().changes == {}


@pytest.mark.full
def test_a_forced_replacement_keeps_the_endpoint_answering(after_up: AfterUp) -> None:
    stack, sandbox = after_up(OWN_ENDPOINT)
    for kind in ("ModelDeployment", "Endpoint"):
        stack.up("--replace", stack.resource_of(kind, "support")["urn"]).expect_ok()
        own = sandbox.call("GET", f"v1/{stack.outputs()['own']}")
        assert list(own["trafficSplit"].values()) == [100]
        assert len(sandbox.endpoints()) == len({e["name"] for e in sandbox.endpoints()})
