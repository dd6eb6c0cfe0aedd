"""What users do to a state by hand: export, import, rename, taint, delete. No training is paid twice, and destroy leaves nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from support.tuning_programs import MAIN, OWN_ENDPOINT, rows

if TYPE_CHECKING:
    from pathlib import Path

    from stacks.conftest import AfterUp, TuningStack
    from support.pulumi_stack import Stack
    from support.sandbox_server import SandboxServer

pytestmark = pytest.mark.full


def exported(stack: Stack, name: str) -> Path:
    """A backup of the state."""
    file = stack.folder / name
    stack.run("stack", "export", "--file", str(file)).expect_ok()
    return file


def retrain(stack: Stack) -> None:
    stack.write("train.jsonl", rows(salt="second edition"))
    stack.up().expect_ok()


def rename(stack: Stack, name: str) -> None:
    """``pulumi stack rename``, which renames the stack's configuration file too."""
    stack.run("stack", "rename", name).expect_ok()
    stack.name = name


def expect_settled(stack: Stack, sandbox: SandboxServer, *, jobs: int) -> None:
    """So many jobs were paid for, the next preview is clean, and destroy takes all that the stack made."""
    assert len(sandbox.jobs()) == jobs
    assert stack.preview("--expect-no-changes").expect_ok().changes == {}
    stack.destroy().expect_ok()
    objects = sandbox.call("GET", "storage/v1/b/shop-data/o").get("items", [])
    assert (sandbox.models(), sandbox.endpoints(), objects) == ([], [], [])


def test_an_export_after_a_retrain_is_imported_without_a_change(after_up: AfterUp) -> None:
    stack, sandbox = after_up(OWN_ENDPOINT)
    retrain(stack)
    before = sandbox.writes()
    stack.run("stack", "import", "--file", str(exported(stack, "now.json"))).expect_ok()
    assert stack.refresh("--expect-no-changes").expect_ok().changes == {}
    assert sandbox.writes() == before
    expect_settled(stack, sandbox, jobs=2)


def test_after_the_restore_of_a_backup_the_newer_training_is_taken_over(after_up: AfterUp) -> None:
    stack, sandbox = after_up(OWN_ENDPOINT)
    backup = exported(stack, "backup.json")
    retrain(stack)
    endpoint = stack.outputs()["endpoint"]
    stack.run("stack", "import", "--file", str(backup)).expect_ok()
    stack.up("--refresh").expect_ok()
    assert stack.outputs()["endpoint"] == endpoint
    expect_settled(stack, sandbox, jobs=2)


def test_a_stack_that_is_renamed_during_a_training_keeps_its_job(
    tuning_stack: TuningStack, sandbox: SandboxServer
) -> None:
    sandbox.step()
    stack = tuning_stack(MAIN.partition("model = ")[0])
    stack.up().expect_ok()
    assert stack.resource_of("TuningJob", "router")["outputs"]["state"] == "JOB_STATE_PENDING"
    rename(stack, "prod")
    sandbox.run()
    stack.write("__main__.py", MAIN)
    stack.up().expect_ok()
    assert len(sandbox.models()) == 1
    expect_settled(stack, sandbox, jobs=1)


def test_a_renamed_stack_trains_again_and_destroys_what_it_kept_under_its_old_name(after_up: AfterUp) -> None:
    kept = MAIN.replace('labels={"team"', 'on_replace={"keep_last": 1}, labels={"team"')
    stack, sandbox = after_up(kept)
    rename(stack, "prod")
    retrain(stack)
    assert len(sandbox.models()) == 2
    expect_settled(stack, sandbox, jobs=2)


@pytest.mark.parametrize(
    ("kind", "name"),
    [
        ("TunedModel", "router"),
        ("TuningJob", "router"),
        ("TuningDataset", "training"),
        ("Endpoint", "support"),
        ("ModelDeployment", "support"),
    ],
)
def test_a_tainted_entry_of_a_renamed_stack_is_known_as_its_own(after_up: AfterUp, kind: str, name: str) -> None:
    stack, sandbox = after_up(OWN_ENDPOINT)
    rename(stack, "prod")
    outputs, endpoint = stack.outputs(), stack.outputs()["endpoint"]
    deployed = stack.resource_of("ModelDeployment", "support")["id"]
    stack.run("state", "taint", stack.resource_of(kind, name)["urn"], "--yes").expect_ok()
    assert "trains" not in stack.preview().expect_ok().text
    # its preview tells the update the earlier name; with --skip-preview only what was compared before does
    assert "another TunedModel" not in stack.run("up", "--yes").expect_ok().text
    assert stack.outputs() == outputs
    assert stack.resource_of("ModelDeployment", "support")["id"] == deployed
    assert sandbox.call("GET", f"v1/{endpoint}")["deployedModels"]
    expect_settled(stack, sandbox, jobs=1)


def test_state_delete_after_a_retrain_takes_the_newer_model_over(after_up: AfterUp) -> None:
    stack, sandbox = after_up(MAIN)
    retrain(stack)
    endpoint = stack.outputs()["endpoint"]
    for kind, name in (("TunedModel", "router"), ("TuningJob", "router"), ("TuningDataset", "training")):
        stack.run("state", "delete", stack.resource_of(kind, name)["urn"], "--yes").expect_ok()
    stack.up().expect_ok()
    assert stack.outputs()["endpoint"] == endpoint
    expect_settled(stack, sandbox, jobs=2)
