"""``gcp-tuning audit`` names what belongs to another stack of the backend, and never deletes it."""

from __future__ import annotations

import json
from collections.abc import Sequence
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from pulumi_gcp_tuning.cli.entry import app
from pulumi_gcp_tuning.label_keys import STACK_LABEL
from pulumi_gcp_tuning.names import stack_hash
from pulumi_gcp_tuning.resources.core.lifecycle import Current
from support.audited_cloud import OTHER_SPEC, Cloud, entry
from support.fake_pulumi import FakePulumi
from support.hand_made_google import urn

PROD = "organization/shop/prod"


class Shops:
    """The stacks ``dev`` and ``prod`` of one backend. Only ``dev`` is audited."""

    def __init__(self, folder: Path, patch: pytest.MonkeyPatch) -> None:
        self.cloud, self.cli = Cloud(), FakePulumi(folder, "no such stack")
        patch.setattr(self.cloud.google, "clock", self.cloud.desk.clock, raising=False)
        patch.setattr("pulumi_gcp_tuning.cli.audit.google_of", lambda _settings: self.cloud.google)
        patch.setenv("GCP_TUNING_BASE_URL", "http://127.0.0.1:8085")
        own = self.cloud.job()
        self.cli.answers["export"] = exported([entry("TuningJob", own)])
        self.stacks("dev")

    def stacks(self, *names: str) -> None:
        self.cli.answers["ls"] = [{"name": name, "current": name == "dev"} for name in names]

    def job_of_prod(self) -> Current:
        """A job that runs, with the label of the stack ``prod``."""
        made = self.cloud.job(retry="prod", **OTHER_SPEC)
        of_prod = urn("TuningJob").replace(":dev:", ":prod:")
        labels = self.cloud.google.jobs[made.id]["labels"]
        labels |= {STACK_LABEL: stack_hash(of_prod), "gcp-tuning-id": "of-prod"}
        return Current(id=made.id, outputs={**made.outputs, "effectiveLabels": deepcopy(labels)}, inputs=made.inputs)

    def run(self, *arguments: str) -> Result:
        return CliRunner().invoke(app, ["audit", "--stack", "dev", "--pulumi", self.cli.write(), *arguments])

    def item(self, *arguments: str) -> Any:
        (found,) = json.loads(self.run("--json", *arguments).stdout)["items"]
        return found


def exported(resources: Sequence[Any]) -> Any:
    return {"version": 3, "deployment": {"resources": [*resources]}}


def of_prod(resource: dict[str, Any]) -> dict[str, Any]:
    return {**resource, "urn": resource["urn"].replace(":dev:", ":prod:")}


@pytest.fixture
def shops(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Shops:
    return Shops(tmp_path, monkeypatch)


def test_what_another_stack_has_is_named_and_cannot_be_deleted(shops: Shops) -> None:
    job = shops.job_of_prod()
    shops.stacks("dev", PROD)
    shops.cli.answers[f"export.{PROD.replace('/', '-')}"] = exported([of_prod(entry("TuningJob", job))])
    item = shops.item()
    assert (item["name"], item["why"], item["stack"]) == (job.id, "other stack", "shop/prod")
    assert (item["reason"], item["can_be_deleted"]) == ("it is in the state of shop/prod", False)
    done = shops.run("--delete", job.id)
    assert done.exit_code != 0
    assert job.id in shops.cloud.google.jobs
    assert shops.run("--fail-on", "unknown").exit_code == 0


def test_what_a_killed_run_of_another_stack_left_is_not_an_orphan_of_this_one(shops: Shops) -> None:
    job = shops.job_of_prod()
    shops.stacks("dev", PROD)
    shops.cli.answers[f"export.{PROD.replace('/', '-')}"] = exported([])
    item = shops.item()
    assert (item["name"], item["why"], item["stack"]) == (job.id, "other stack", "shop/prod")
    assert item["reason"] == "shop/prod made it, and the state of that stack does not have it"


def test_an_orphan_that_another_stack_has_is_not_an_orphan(shops: Shops) -> None:
    """``pulumi state move`` leaves the label of the stack that it came from."""
    moved = shops.cloud.job(retry="moved", **OTHER_SPEC)
    shops.cloud.google.jobs[moved.id]["labels"]["gcp-tuning-stack"] = stack_hash(urn("TuningJob"))
    assert shops.item()["why"] in ("orphan", "overtaken")
    shops.stacks("dev", PROD)
    shops.cli.answers[f"export.{PROD.replace('/', '-')}"] = exported([of_prod(entry("TuningJob", moved))])
    assert (shops.item()["why"], shops.item()["can_be_deleted"]) == ("other stack", False)
    assert shops.run("--fail-on", "orphans").exit_code == 0


def test_what_no_readable_state_has_is_of_an_unknown_stack_and_fails_for_ci(shops: Shops) -> None:
    shops.job_of_prod()
    shops.stacks("dev", PROD)
    shops.cli.answers["export"] = None
    shops.cli.answers["export.dev"] = exported([])
    done = shops.run("--fail-on", "unknown", "--region", "us-central1", "--project", "shop-dev")
    assert done.exit_code == 3
    assert "the state of the stack organization/shop/prod cannot be read" in " ".join(done.stderr.split()).lower()
    assert shops.run("--fail-on", "orphans").exit_code == 0


def test_a_state_that_was_made_at_another_api_names_nothing(shops: Shops) -> None:
    job = shops.job_of_prod()
    elsewhere = Current(id=job.id, outputs={**job.outputs, "apiOrigin": "http://127.0.0.1:1"}, inputs=job.inputs)
    shops.stacks("dev", PROD)
    shops.cli.answers[f"export.{PROD.replace('/', '-')}"] = exported([of_prod(entry("TuningJob", elsewhere))])
    assert shops.item()["why"] == "unknown stack"


def test_stacks_that_cannot_be_listed_are_no_failure(shops: Shops) -> None:
    shops.job_of_prod()
    shops.cli.answers["ls"] = "no JSON"
    done = shops.run()
    assert (done.exit_code, "Other stacks were not read" in done.stderr) == (0, True)
