"""Two jobs and one slot: the second waits, preview says after whom, and both end with a model."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from support.tuning_programs import IMPORTS

if TYPE_CHECKING:
    from stacks.conftest import TuningStack
    from support.sandbox_server import SandboxServer

# tests/preflight/test_table.py and tests/unit/resources/jobs/test_planned.py hold each without the CLI.
OF_A_LIMIT = "what preview says of a limit"
METRIC = "aiplatform.googleapis.com/global_concurrent_tuning_jobs"
TWO = (
    IMPORTS
    + """
training = TuningDataset("training", bucket="shop-data", source="train.jsonl")
for name in ("first", "second"):
    job = TuningJob(name, base_model="gemini-3.1-flash-lite", {more}
                    supervised_tuning_spec={{"training_dataset_uri": training.uri}})
    TunedModel(name, tuning_job=job)
"""
)


def program(more: str = "") -> str:
    return TWO.format(more=more)


def test_a_second_job_waits_for_the_slot_of_the_first(tuning_stack: TuningStack, sandbox: SandboxServer) -> None:
    sandbox.admin("POST", "quotas", {"metric": METRIC, "limit": 1})
    stack = tuning_stack(program())
    preview = stack.preview().expect_ok()
    assert "It waits for a slot after" in preview.text
    assert "limit 1, free 1, this run's other jobs need 1" in preview.text
    stack.up().expect_ok()
    jobs = sorted(sandbox.jobs(), key=lambda job: str(job["createTime"]))
    assert [job["state"] for job in jobs] == ["JOB_STATE_SUCCEEDED"] * 2
    assert jobs[1]["createTime"] >= jobs[0]["endTime"]


@pytest.mark.matrix(1, kind=OF_A_LIMIT)
def test_a_job_without_a_slot_is_refused_at_preview_where_that_was_asked_for(
    tuning_stack: TuningStack, sandbox: SandboxServer
) -> None:
    sandbox.admin("POST", "quotas", {"metric": METRIC, "limit": 1})
    stack = tuning_stack(program('on_quota="fail",'))
    before = sandbox.writes()
    stack.preview().expect_failure("on_quota: No room in the quota", METRIC, "Ask for more at", "on_quota='wait'")
    assert sandbox.writes() == before


CHAIN = (
    IMPORTS
    + """
training = TuningDataset("training", bucket="shop-data", source="train.jsonl")
spec = {"training_dataset_uri": training.uri}
first = TuningJob("first", base_model="gemini-3.1-flash-lite", supervised_tuning_spec=spec, on_quota="fail")
model = TunedModel("first", tuning_job=first)
TuningJob("second", base_model="gemini-3.1-flash-lite", supervised_tuning_spec=spec, on_quota="fail",
          opts=pulumi.ResourceOptions(depends_on=[model]))
TuningJob("elsewhere", base_model="gemini-3.1-flash-lite", supervised_tuning_spec=spec, on_quota="fail", project="bank")
"""
)


@pytest.mark.matrix(1, kind=OF_A_LIMIT)
def test_jobs_that_run_one_after_the_other_need_one_slot_and_those_of_another_project_none_of_theirs(
    tuning_stack: TuningStack, sandbox: SandboxServer
) -> None:
    sandbox.admin("POST", "quotas", {"metric": METRIC, "limit": 1})
    stack = tuning_stack(CHAIN)
    assert "this run's other jobs" not in stack.preview().expect_ok().text
    stack.up().expect_ok()


@pytest.mark.matrix(1, kind=OF_A_LIMIT)
def test_a_limit_of_zero_is_refused_whatever_on_quota_says(tuning_stack: TuningStack, sandbox: SandboxServer) -> None:
    sandbox.admin("POST", "quotas", {"metric": METRIC, "limit": 0})
    stack = tuning_stack(program())
    before = sandbox.writes()
    stack.preview().expect_failure("is 0, but one job needs 1: it would never start", "Ask for more at")
    assert sandbox.writes() == before
