"""``gcp-tuning check`` with the real CLI: the findings of all resources at once, and nothing changed."""

from __future__ import annotations

import json
import subprocess
from typing import TYPE_CHECKING, Any

import pytest

from pulumi_gcp_tuning.collecting import VARIABLE, new_collection
from support.sandbox_server import SandboxServer
from support.tuning_programs import IMPORTS, MAIN, rows
from support.warm_python import gcp_tuning

if TYPE_CHECKING:
    from collections.abc import Mapping

    from stacks.conftest import AfterUp, TuningStack
    from support.pulumi_stack import Stack

WRONG = (
    IMPORTS
    + """
TuningDataset("training", bucket="gs://shop-data", source="data/nowhere.jsonl")
TuningJob("far", base_model="gemini-3.1-flash-lite", location="asia-east1", labels={"Team": "x"},
          supervised_tuning_spec={"training_dataset_uri": "s3://shop-data/train.jsonl"})
TuningJob("old", base_model="gemini-1.5-pro-002", tuned_model_display_name="x" * 129,
          supervised_tuning_spec={"training_dataset_uri": "gs://shop-data/train.jsonl",
                                  "hyper_parameters": {"epoch_count": "many"}})
"""
)


def check(stack: Stack, *arguments: str, env: Mapping[str, str] | None = None) -> subprocess.CompletedProcess[str]:
    """``gcp-tuning check`` as a user of this stack types it."""
    named = () if "--stack" in arguments else ("--stack", stack.name)
    command = gcp_tuning("check", *named, *arguments)
    environment = stack.env | {"GCP_TUNING_PULUMI": str(stack.cli)} | dict(env or {})
    return subprocess.run(command, cwd=stack.folder, env=environment, capture_output=True, text=True, check=False)


def paths_of(found: Any) -> dict[str, set[str]]:
    """The paths of the errors of each resource."""
    return {
        f"{each['type']} {each['name']}": {f["path"] for f in each["findings"] if f["severity"] == "error"}
        for each in found["resources"]
    }


def test_the_findings_of_all_resources_are_listed_in_one_run(tuning_stack: TuningStack, sandbox: SandboxServer) -> None:
    before = sandbox.writes()
    stack = tuning_stack(WRONG)
    done = check(stack)
    assert done.returncode == 1, done.stderr
    lines = done.stdout.splitlines()
    assert lines[:2] == ["Stack dev", "TuningDataset training"]
    for path, word in (
        ("bucket", "without gs://"),
        ("source", "data/nowhere.jsonl"),
        ("location", "asia-east1"),
        ("supervised_tuning_spec.training_dataset_uri", "s3://"),
        ('labels["Team"]', "Team"),
        ("base_model", "gemini-1.5-pro-002"),
        ("tuned_model_display_name", "129"),
        ("supervised_tuning_spec.hyper_parameters.epoch_count", "'many'"),
    ):
        assert any(line.startswith(f"  error {path}: ") and word in line for line in lines), (path, done.stdout)
    assert lines[-1].startswith("3 resources, ")
    assert done.stderr == ""
    assert sandbox.writes() == before
    assert stack.resources == []


def test_a_stack_without_errors_exits_0_and_tells_what_it_costs(
    tuning_stack: TuningStack, sandbox: SandboxServer
) -> None:
    before = sandbox.writes()
    stack = tuning_stack(MAIN)
    stack.write("train.jsonl", rows(120))
    done = check(stack)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "TunedModel router" in done.stdout
    assert "  info  trains a model: " in done.stdout
    assert "  error " not in done.stdout
    assert sandbox.writes() == before
    assert stack.resources == []


def test_a_stack_that_exists_is_checked_for_what_it_would_do_next_in_json_too(after_up: AfterUp) -> None:
    stack, sandbox = after_up(MAIN)
    before, state = sandbox.writes(), stack.state["resources"]
    assert check(stack).returncode == 0
    wrong = MAIN.replace('"epoch_count": 8', '"epoch_count": 0').replace('labels={"team"', 'labels={"Team"')
    stack.write("__main__.py", wrong)
    done = check(stack, "--json")
    assert done.returncode == 1, done.stdout + done.stderr
    found = json.loads(done.stdout)
    assert (found["stack"], found["complete"]) == ("dev", True)
    counted = [f["severity"] for each in found["resources"] for f in each["findings"]]
    assert counted.count("error") == found["errors"] == 2
    assert paths_of(found) == {
        "TunedModel router": {'labels["Team"]'},
        "TuningDataset training": set(),
        "TuningJob router": {"supervised_tuning_spec.hyper_parameters.epoch_count"},
    }
    assert sandbox.writes() == before
    assert stack.state["resources"] == state


@pytest.mark.full  # tests/unit/cli/test_check.py holds the claim with a CLI that says what a test wants
def test_a_program_that_raises_exits_2_with_what_was_found_so_far(tuning_stack: TuningStack) -> None:
    done = check(tuning_stack(WRONG + "\nraise ValueError('boom')\n"))
    assert done.returncode == 2
    assert "ValueError: boom" in done.stderr
    assert "may be more" in done.stderr
    assert "TuningDataset training" in done.stdout


@pytest.mark.full  # tests/unit/cli/test_check.py holds the claim with a CLI that says what a test wants
def test_a_stack_that_does_not_exist_exits_2_in_pulumis_words(tuning_stack: TuningStack) -> None:
    done = check(tuning_stack(MAIN), "--stack", "prod")
    assert (done.returncode, done.stdout) == (2, "")
    assert "no stack named 'prod'" in done.stderr


@pytest.mark.full  # tests/unit/cli/test_check.py holds the claim with a CLI that says what a test wants
def test_a_resource_of_another_provider_that_fails_does_not_hide_ours(tuning_stack: TuningStack) -> None:
    other = (
        "import pulumi_gcp as gcp\ntopic = gcp.pubsub.Topic('topic')\n"
        "gcp.storage.Bucket('below', name=topic.name, location='us-central1')\n"
    )
    on_declared_bucket = (
        "far = gcp.storage.Bucket('far', location='europe-west4')\n"
        "data = {'training_dataset_uri': pulumi.Output.concat('gs://', far.name, '/t.jsonl')}\n"
        "TuningJob('elsewhere', base_model='gemini-3.1-flash-lite', labels={'Team': 'x'}, supervised_tuning_spec=data)\n"
    )
    done = check(tuning_stack(other + WRONG + on_declared_bucket), "--json")
    assert done.returncode == 2
    assert "gcp:pubsub/topic:Topic::topic" in done.stderr
    found = json.loads(done.stdout)
    assert found["complete"] is False
    assert all(paths for paths in paths_of(found).values())
    assert len(found["resources"]) == 4
    said = [f["problem"] for each in found["resources"] for f in each["findings"] if each["name"] == "elsewhere"]
    assert any(each.endswith(" is in europe-west4, but the job runs in us-central1.") for each in said), said


@pytest.mark.full  # tests/unit/cli/test_check.py holds the claim with a CLI that says what a test wants
def test_wrong_configuration_is_one_error_of_the_whole_run(tuning_stack: TuningStack) -> None:
    done = check(tuning_stack(MAIN, config={"gcp-tuning:deletionPolicy": "SOMETIMES"}))
    assert done.returncode == 1, done.stderr
    assert done.stdout.splitlines()[1] == "The whole stack"
    assert done.stdout.count("gcp-tuning:deletionPolicy") == 1
    assert done.stdout.splitlines()[-1] == "3 resources, 1 error, 0 warnings."


def test_a_secret_of_the_stack_is_shown_no_more_than_by_preview(tuning_stack: TuningStack) -> None:
    program = IMPORTS + (
        "hidden = pulumi.Config().require_secret('team')\n"
        "TuningDataset('training', bucket=hidden, source='train.jsonl')\n"
    )
    stack = tuning_stack(program)
    stack.run("config", "set", "--secret", "team", "Very/Secret/Team").expect_ok()
    done = check(stack)
    assert done.returncode == 1, done.stdout + done.stderr
    assert "[secret]" in done.stdout
    assert "Very/Secret/Team" not in done.stdout + done.stderr


@pytest.mark.matrix(1)
@pytest.mark.parametrize("under_way", [True, False], ids=["a check is under way", "a check has ended"])
def test_up_under_the_variable_changes_nothing(
    under_way: bool,  # noqa: FBT001
    tuning_stack: TuningStack,
    sandbox: SandboxServer,
) -> None:
    stack, before = tuning_stack(MAIN), sandbox.writes()
    with new_collection() as collection:
        env = {VARIABLE: str(collection.path if under_way else collection.path.with_name("other.jsonl"))}
        stack.up(env=env).expect_failure("this run only checks", VARIABLE)
        if not under_way:
            stack.write("__main__.py", WRONG)
            stack.up(env=env).expect_failure("has a problem")
    assert sandbox.writes() == before
    assert stack.resources == []


@pytest.mark.full  # tests/unit/test_checking_door.py holds the claim
def test_what_exists_survives_up_and_destroy_under_the_variable(after_up: AfterUp) -> None:
    stack, sandbox = after_up(MAIN)
    before, state = sandbox.writes(), [(each["urn"], each["id"]) for each in stack.resources]
    with new_collection() as collection:
        env = {VARIABLE: str(collection.path)}
        stack.write("__main__.py", MAIN.replace('"team": "support"', '"team": "sales"'))
        stack.up(env=env).expect_failure("this run only checks")
        stack.destroy(env=env).expect_failure("this run only checks")
    assert sandbox.writes() == before
    assert [(each["urn"], each["id"]) for each in stack.resources] == state
