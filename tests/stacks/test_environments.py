"""Environments of one project: dev trains, staging and prod serve the model that their file names."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import requests
import yaml  # type: ignore[import-untyped]

from support.markdown import expect_shown, find_blocks

if TYPE_CHECKING:
    from collections.abc import Iterator

    from stacks.conftest import MadeUp

PAGE = Path(__file__).resolve().parents[2] / "docs" / "environments.md"
RUN_HERE = "tests/stacks/test_environments.py runs it"
COMPARED_HERE = "tests/stacks/test_environments.py compares it"
JOBS = "projects/tuning-demo/locations/us-central1/tuningJobs"


class Cloud:
    """What the sandbox of the checkout has."""

    def __init__(self, made_up: MadeUp) -> None:
        self.url = json.loads((made_up.folder / ".sandbox" / "sandbox.json").read_text())["address"]

    def get(self, path: str) -> Any:
        answer = requests.get(f"{self.url}/v1/{path}", timeout=60)
        return answer.json() if answer.ok else None

    def train_again(self) -> str:
        """A second model of the project, made by a job outside of every stack; its name with the version."""
        (job,) = self.get(JOBS)["tuningJobs"]
        keys = ("baseModel", "supervisedTuningSpec")
        body = {key: job[key] for key in keys} | {"tunedModelDisplayName": "second"}
        made = requests.post(f"{self.url}/v1/{JOBS}", json=body, timeout=60)
        assert made.ok, made.text
        while (found := self.get(made.json()["name"]))["state"] != "JOB_STATE_SUCCEEDED":
            assert not found["state"].endswith("FAILED"), found
            time.sleep(0.1)
        return str(found["tunedModel"]["model"])


class Checkout:
    """Commands in the copy of this checkout."""

    def __init__(self, made_up: MadeUp) -> None:
        self.made_up = made_up

    def run(self, text: str) -> str:
        """The output of commands of the shell, with `gcp-tuning` on PATH."""
        path = f"{Path(sys.executable).parent}:$PATH"
        done: subprocess.CompletedProcess[str] = self.made_up.run("bash", "-ec", f'export PATH="{path}"\n{text}')
        assert done.returncode == 0, f"{text}\n{done.stdout}\n{done.stderr}"
        return done.stdout.strip()

    def file_of(self, stack: str) -> Path:
        return self.made_up.folder / "stacks" / f"Pulumi.{stack}.yaml"

    def outputs(self, stack: str) -> dict[str, str]:
        """The outputs in the state, without a command."""
        file = self.made_up.folder / ".sandbox" / "state" / ".pulumi" / "stacks" / "tuned-model" / f"{stack}.json"
        resources = json.loads(file.read_text())["checkpoint"]["latest"]["resources"]
        found: dict[str, str] = next(each["outputs"] for each in resources if each["type"] == "pulumi:pulumi:Stack")
        return found

    def set(self, stack: str, key: str, value: str) -> None:
        """Change a line of the stack's file, as a pull request does."""
        settings = yaml.safe_load(self.file_of(stack).read_text())
        settings["config"][f"tuned-model:{key}"] = value
        self.file_of(stack).write_text(yaml.safe_dump(settings))


@pytest.fixture
def own_copy(bare_checkout: MadeUp) -> Iterator[MadeUp]:
    """The story counts the jobs and deploys from other stacks, so it shares no sandbox with other tests."""
    bare_checkout.up()
    yield bare_checkout
    bare_checkout.down()


@pytest.mark.full  # 35 s of processor time; the commands of the page are in the order of this story
def test_the_model_of_dev_serves_in_staging_and_prod_by_its_name_and_is_not_trained_again(own_copy: MadeUp) -> None:
    checkout, cloud = Checkout(own_copy), Cloud(own_copy)
    train, stage, produce, end = (block.text for block in find_blocks(PAGE) if block.argument == RUN_HERE)
    served, pinned = (block for block in find_blocks(PAGE) if block.argument == COMPARED_HERE)
    before = {stack: checkout.file_of(stack).read_text() for stack in ("dev", "staging", "prod")}
    checkout.run(train)
    dev = checkout.outputs("dev")
    expect_shown(served, checkout.run(stage))
    expect_shown(pinned, checkout.run(f"git init --quiet && git add --all\n{produce}"))
    for stack in ("staging", "prod"):
        file = yaml.safe_load(checkout.file_of(stack).read_text())["config"]
        assert file == yaml.safe_load(before[stack])["config"] | {"tuned-model:model": dev["model"]}
    staging, prod = checkout.outputs("staging"), checkout.outputs("prod")
    assert len({dev["endpoint"], staging["endpoint"], prod["endpoint"]}) == 3
    assert len(cloud.get(JOBS)["tuningJobs"]) == 1

    another = cloud.train_again()
    checkout.set("prod", "model", another)
    preview = json.loads(checkout.run("scripts/pulumi preview --json --stack prod"))
    assert preview["changeSummary"] == {"same": 2, "replace": 1}
    (step,) = (step for step in preview["steps"] if step["op"] == "replace")
    assert step["urn"].endswith("ModelDeployment::support")
    checkout.run("scripts/pulumi up --yes --skip-preview --stack prod")
    (deployed,) = cloud.get(prod["endpoint"])["deployedModels"]
    assert deployed["model"].partition("@")[0] == another.partition("@")[0]
    assert cloud.get(prod["endpoint"])["trafficSplit"] == {deployed["id"]: 100}
    assert checkout.outputs("prod")["endpoint"] == prod["endpoint"]

    first, _, rest = end.partition("\n")
    checkout.run(first)
    assert cloud.get(staging["endpoint"]) is None
    assert cloud.get(dev["model"]) is not None
    assert cloud.get(dev["endpoint"])["deployedModels"]

    failed = own_copy.run("scripts/pulumi", "destroy", "--yes", "--skip-preview", "--stack", "prod")
    assert failed.returncode != 0
    assert "PREVENT" in failed.stdout + failed.stderr
    assert cloud.get(prod["endpoint"]) is not None
    checkout.run(rest)
    assert cloud.get(prod["endpoint"]) is None
    for stack, text in before.items():
        checkout.file_of(stack).write_text(text)


def test_a_stack_that_serves_and_names_no_model_says_which_value_is_missing(made_up: MadeUp) -> None:
    checkout = Checkout(made_up)
    checkout.run("scripts/pulumi stack select staging --create")
    failed = made_up.run("scripts/pulumi", "preview", "--stack", "staging")
    assert failed.returncode != 0
    assert "tuned-model:model" in failed.stdout + failed.stderr
