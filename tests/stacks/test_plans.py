"""Update plans: what ``preview --save-plan`` saved is what ``up --plan`` does, and nothing else."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from support.tuning_programs import MAIN, OWN_ENDPOINT, rows

if TYPE_CHECKING:
    from stacks.conftest import AfterUp, TuningStack
    from support.pulumi_stack import Result, Stack
    from support.sandbox_server import SandboxServer

PLAN = "plan.json"


def plan(stack: Stack) -> None:
    stack.run("preview", "--save-plan", PLAN).expect_ok()


def apply(stack: Stack) -> Result:
    return stack.up("--plan", PLAN)


def test_a_plan_holds_for_a_first_up_and_a_dataset_that_changed_since_is_refused_before_anything_is_written(
    tuning_stack: TuningStack, sandbox: SandboxServer
) -> None:
    stack = tuning_stack(MAIN)
    plan(stack)
    before = sandbox.writes()
    stack.write("train.jsonl", rows(salt="changed since"))
    apply(stack).expect_failure("training violates plan", "contentSha256")
    assert sandbox.writes() == before
    stack.write("train.jsonl", rows())
    assert apply(stack).expect_ok().changes == {"create": 3}
    assert (len(sandbox.jobs()), len(sandbox.models())) == (1, 1)


@pytest.mark.full
def test_a_plan_holds_for_a_retrain_and_a_dataset_that_changed_since_is_refused_before_anything_is_paid(
    after_up: AfterUp,
) -> None:
    stack, sandbox = after_up(OWN_ENDPOINT)
    stack.write("train.jsonl", rows(salt="second"))
    plan(stack)
    before = sandbox.writes()
    stack.write("train.jsonl", rows(salt="third"))
    apply(stack).expect_failure("training violates plan", "contentSha256")
    assert sandbox.writes() == before
    stack.write("train.jsonl", rows(salt="second"))
    apply(stack).expect_ok()
    assert (len(sandbox.jobs()), len(sandbox.models())) == (2, 2)
    plan(stack)
    assert apply(stack).expect_ok().changes == {}


@pytest.mark.full
def test_a_plan_of_no_change_holds_and_refuses_a_retrain(after_up: AfterUp) -> None:
    stack, sandbox = after_up(MAIN)
    plan(stack)
    before = sandbox.writes()
    assert apply(stack).expect_ok().changes == {}
    stack.write("train.jsonl", rows(salt="changed since"))
    apply(stack).expect_failure("training violates plan")
    stack.write("train.jsonl", rows())
    stack.write("__main__.py", MAIN.replace('"epoch_count": 8', '"epoch_count": 4'))
    apply(stack).expect_failure("router violates plan", "supervisedTuningSpec")
    assert sandbox.writes() == before


@pytest.mark.full
def test_a_plan_of_labels_holds_and_a_retrain_beside_it_is_refused(after_up: AfterUp) -> None:
    stack, sandbox = after_up(MAIN)
    labelled = MAIN.replace('"team": "support"', '"team": "sales"')
    stack.write("__main__.py", labelled)
    plan(stack)
    stack.write("__main__.py", labelled.replace('"epoch_count": 8', '"epoch_count": 4'))
    apply(stack).expect_failure("router violates plan", "supervisedTuningSpec")
    stack.write("__main__.py", labelled)
    assert apply(stack).expect_ok().changes == {"update": 1}
    assert len(sandbox.jobs()) == 1


@pytest.mark.full
def test_a_plan_made_while_a_job_runs_holds_after_it_has_ended(
    tuning_stack: TuningStack, sandbox: SandboxServer
) -> None:
    stack = tuning_stack(MAIN.replace('labels={"team"', 'wait_for="accepted", labels={"team"'))
    sandbox.run(speed=1)
    stack.up()
    plan(stack)
    sandbox.advance(100_000)  # starts the job
    sandbox.advance(100_000)  # ends it
    sandbox.run()
    assert apply(stack).expect_ok().changes == {"create": 1}
    assert (len(sandbox.jobs()), len(sandbox.models())) == (1, 1)


@pytest.mark.full
def test_a_plan_of_a_revert_holds_and_takes_the_kept_model_over(after_up: AfterUp) -> None:
    stack, sandbox = after_up(MAIN)
    stack.write("train.jsonl", rows(salt="second"))
    stack.up().expect_ok()
    stack.write("train.jsonl", rows())
    plan(stack)
    apply(stack).expect_ok()
    assert len(sandbox.jobs()) == 2
