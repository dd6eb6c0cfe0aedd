"""The main job under the real CLI: declare, change nothing, change a label, destroy, begin again."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from support.tuning_programs import MAIN

if TYPE_CHECKING:
    from stacks.conftest import AfterUp, TuningStack
    from support.sandbox_server import SandboxServer


@pytest.mark.usefixtures("real_start")
def test_up_makes_one_job_one_model_and_an_endpoint_that_answers_and_prints_no_python_frames(
    tuning_stack: TuningStack, sandbox: SandboxServer
) -> None:
    stack = tuning_stack(MAIN)
    up = stack.up().expect_ok()
    assert up.changes == {"create": 3}
    assert "Traceback" not in up.text
    assert "Warning" not in up.text
    assert [job["state"] for job in sandbox.jobs()] == ["JOB_STATE_SUCCEEDED"]
    endpoint = stack.outputs()["endpoint"]
    assert "/locations/us/endpoints/" in endpoint
    question = {"contents": [{"role": "user", "parts": [{"text": "Ticket 99 about billing: what now?"}]}]}
    answer = sandbox.call("POST", f"v1/{endpoint}:generateContent", question)
    assert "team: billing" in answer["candidates"][0]["content"]["parts"][0]["text"]


def test_a_refresh_a_preview_and_a_second_up_change_nothing(after_up: AfterUp) -> None:
    stack, sandbox = after_up(MAIN)
    before = sandbox.writes()
    stack.refresh("--expect-no-changes").expect_ok()
    assert stack.preview("--expect-no-changes").expect_ok().changes == {}
    assert stack.up().expect_ok().changes == {}
    assert sandbox.writes() == before


def test_state_names_no_folder_of_the_machine_that_it_was_made_on(after_up: AfterUp) -> None:
    stack, _ = after_up(MAIN)
    text = json.dumps([{**each["inputs"], **each["outputs"]} for each in stack.resources])
    assert "contentSha256" in text
    assert str(stack.folder) not in text
    assert "projectRoot" not in text


def test_a_changed_label_is_patched_in_place(after_up: AfterUp) -> None:
    stack, sandbox = after_up(MAIN)
    stack.write("__main__.py", MAIN.replace('"team": "support"', '"team": "sales"'))
    up = stack.up().expect_ok()
    assert up.changes == {"update": 1}
    assert [model["labels"]["team"] for model in sandbox.models()] == ["sales"]
    assert len(sandbox.jobs()) == 1


@pytest.mark.full  # tests/unit/resources/test_tuned_model.py holds the claim
def test_drift_in_a_label_shows_in_refresh_and_is_corrected_by_up(after_up: AfterUp) -> None:
    stack, sandbox = after_up(MAIN)
    model = sandbox.models()[0]
    body = {"labels": {**model["labels"], "team": "changed-in-the-console"}}
    sandbox.call("PATCH", f"v1/{model['name']}?updateMask=labels", body)
    assert stack.refresh("--expect-no-changes", "--preview-only").exit_code != 0
    stack.refresh().expect_ok()
    assert stack.up().expect_ok().changes == {"update": 1}
    assert sandbox.models()[0]["labels"]["team"] == "support"


def test_destroy_leaves_only_job_records_and_the_next_up_trains_again(after_up: AfterUp) -> None:
    stack, sandbox = after_up(MAIN)
    stack.destroy().expect_ok()
    assert (sandbox.models(), sandbox.endpoints()) == ([], [])
    assert len(sandbox.jobs()) == 1
    assert sandbox.call("GET", "storage/v1/b/shop-data/o").get("items", []) == []
    assert stack.resources == []
    assert stack.up().expect_ok().changes == {"create": 3}
    assert len(sandbox.jobs()) == 2
    assert len(sandbox.models()) == 1


@pytest.mark.full
def test_a_model_deleted_in_the_console_is_gone_and_its_job_does_not_run_again(after_up: AfterUp) -> None:
    stack, sandbox = after_up(MAIN)
    sandbox.remove_models()
    stack.refresh().expect_ok()
    stack.up().expect_failure("retry")
    assert len(sandbox.jobs()) == 1
