"""Stacks that share a project, programs that change their mind, reads that lag: nothing is paid twice or taken away."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from stacks.test_crash import is_job_waited_for, wait_for
from support.sandbox_server import PROJECT, REGION
from support.tuning_programs import IMPORTS, MAIN, rows

if TYPE_CHECKING:
    from stacks.conftest import AfterUp, NewStack, TuningStack
    from support.sandbox_server import SandboxServer

LIST = {"method": "GET", "path": r"/tuningJobs$"}


def objects(sandbox: SandboxServer) -> list[str]:
    return [each["name"] for each in sandbox.call("GET", "storage/v1/b/shop-data/o").get("items", [])]


@pytest.mark.full  # tests/stacks/test_claims.py has two stacks that share objects
def test_two_stacks_of_one_program_in_one_project_leave_each_other_alone(
    after_up: AfterUp, new_stack: NewStack
) -> None:
    dev, sandbox = after_up(MAIN)
    prod = new_stack(MAIN, name="prod", config={"gcp:project": PROJECT, "gcp:region": REGION}, env=sandbox.env)
    prod.write("train.jsonl", rows())
    prod.up().expect_ok()
    assert len(sandbox.jobs()) == 2
    assert len(objects(sandbox)) == 1
    dev.destroy().expect_ok()
    assert len(sandbox.models()) == 1
    assert len(objects(sandbox)) == 1
    assert prod.refresh("--expect-no-changes").expect_ok().changes == {}
    prod.destroy().expect_ok()
    assert (sandbox.models(), sandbox.endpoints(), objects(sandbox)) == ([], [], [])


@pytest.mark.full
def test_two_datasets_of_the_same_content_are_one_object_until_both_are_gone(
    tuning_stack: TuningStack, sandbox: SandboxServer
) -> None:
    one = IMPORTS + 'TuningDataset("a", bucket="shop-data", source="train.jsonl")\n'
    two = one + 'TuningDataset("b", bucket="shop-data", source="train.jsonl")\n'
    stack = tuning_stack(two)
    stack.up().expect_ok()
    stack.write("__main__.py", one)
    stack.up().expect_ok()
    assert len(objects(sandbox)) == 1
    assert stack.refresh("--expect-no-changes").expect_ok().changes == {}
    stack.write("__main__.py", one.replace('"a"', '"renamed"'))
    stack.up().expect_ok()
    assert len(objects(sandbox)) == 1
    stack.destroy().expect_ok()
    assert objects(sandbox) == []


@pytest.mark.full
def test_a_rename_with_aliases_trains_nothing_and_changes_nothing(after_up: AfterUp) -> None:
    stack, sandbox = after_up(MAIN)
    alias = 'opts=pulumi.ResourceOptions(aliases=[pulumi.Alias(name="{}")]),'
    renamed = MAIN
    for kind, name in (("TuningDataset", "training"), ("TuningJob", "router"), ("TunedModel", "router")):
        renamed = renamed.replace(f'{kind}("{name}",', f'{kind}("new-{name}", {alias.format(name)}')
    stack.write("__main__.py", renamed)
    before = sandbox.writes()
    stack.up().expect_ok()
    assert sandbox.writes() == before
    stack.destroy().expect_ok()
    assert (sandbox.models(), sandbox.endpoints(), objects(sandbox)) == ([], [], [])
    assert len(sandbox.jobs()) == 1


def test_a_job_that_cannot_be_read_yet_is_waited_for(tuning_stack: TuningStack, sandbox: SandboxServer) -> None:
    sandbox.fault(kind="status", status=404, match={"method": "GET", "path": r"/tuningJobs/[0-9]+$"}, count=3)
    stack = tuning_stack(MAIN)
    stack.up().expect_ok()
    assert len(sandbox.jobs()) == 1


@pytest.mark.usefixtures("real_start")
def test_destroy_after_a_kill_takes_the_model_that_nobody_took_over(
    tuning_stack: TuningStack, sandbox: SandboxServer
) -> None:
    sandbox.step()
    stack = tuning_stack(MAIN)
    running = stack.start_up()
    wait_for(lambda: is_job_waited_for(sandbox), running)
    running.kill_all()
    stack.cancel()
    sandbox.advance(24 * 3600)
    assert len(sandbox.models()) == 1
    sandbox.run()
    stack.destroy().expect_ok()
    assert (sandbox.models(), sandbox.endpoints()) == ([], [])


@pytest.mark.full
def test_state_delete_then_up_takes_everything_over_again(after_up: AfterUp) -> None:
    stack, sandbox = after_up(MAIN)
    for kind in ("TunedModel", "TuningJob", "TuningDataset"):
        urn = next(r["urn"] for r in stack.resources if r["type"].endswith(f":{kind}"))
        stack.run("state", "delete", urn, "--yes").expect_ok()
    stack.up().expect_ok()
    assert (len(sandbox.jobs()), len(sandbox.models()), len(objects(sandbox))) == (1, 1, 1)
    stack.destroy().expect_ok()
    assert (sandbox.models(), sandbox.endpoints(), objects(sandbox)) == ([], [], [])


def test_numbers_and_ids_keep_their_form_and_make_no_difference(
    tuning_stack: TuningStack, sandbox: SandboxServer
) -> None:
    def program(adapter: str, rate: str) -> str:
        more = f'{{"epoch_count": 8, "adapter_size": {adapter}, "learning_rate_multiplier": {rate}}}'
        return MAIN.replace('{"epoch_count": 8}', more)

    stack = tuning_stack(program("4", "1"))
    stack.up().expect_ok()
    name = stack.resource_of("TuningJob", "router")["id"]
    assert name in [job["name"] for job in sandbox.jobs()]
    stack.refresh().expect_ok()
    stack.write("__main__.py", program('"ADAPTER_SIZE_FOUR"', "1.0"))
    assert stack.preview("--expect-no-changes").expect_ok().changes == {}
