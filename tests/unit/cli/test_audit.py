"""``gcp-tuning audit`` before a Google made by hand, with a Pulumi CLI that says what a test wants."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from pulumi_gcp_tuning.cli.entry import app
from pulumi_gcp_tuning.label_keys import STACK_LABEL
from pulumi_gcp_tuning.names import stack_hash
from pulumi_gcp_tuning.resources.core.lifecycle import Current
from pulumi_gcp_tuning.resources.registry import lifecycle_of
from support.declared_tuning_job import checked
from support.fake_pulumi import FakePulumi
from support.hand_made_google import Desk, refused, urn

JOB = lifecycle_of("tuning_job")


class Shop:
    """The stack ``dev`` of the project ``shop``: a job of its state, and one that the job overtook."""

    def __init__(self, folder: Path, patch: pytest.MonkeyPatch) -> None:
        self.desk = Desk()
        self.google = self.desk.google
        self.first = self._job()
        self.google.succeed(self.first.id)
        self.second = self._job(baseModel="gemini-3.1-flash-lite")
        self.model = str(self.google.jobs[self.first.id]["tunedModel"]["model"]).partition("@")[0]
        patch.setattr(self.google, "clock", self.desk.clock, raising=False)
        patch.setattr("pulumi_gcp_tuning.cli.audit.google_of", lambda _settings: self.google)
        patch.setenv("GCP_TUNING_BASE_URL", "http://127.0.0.1:8085")
        self.cli = FakePulumi(folder, "no such stack")
        token = urn("TuningJob").split("::")[2]
        entry = {"urn": urn("TuningJob"), "type": token, "id": self.second.id, "outputs": self.second.outputs}
        self.cli.answers["export"] = {"version": 3, "deployment": {"resources": [entry]}}

    def _job(self, **changed: Any) -> Current:
        self.google.facts.clear()
        return JOB.create(self.desk.call(), checked(self.desk, checks={"model": "off"}, **changed))

    def run(self, *arguments: str, text: str | None = None) -> Result:
        """``gcp-tuning audit``; ``text`` is what the user types."""
        return CliRunner().invoke(app, ["audit", "--pulumi", self.cli.write(), *arguments], input=text)

    def document(self, *arguments: str) -> Any:
        return json.loads(self.run("--json", *arguments).stdout)


@pytest.fixture
def shop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Shop:
    return Shop(tmp_path, monkeypatch)


@pytest.fixture
def terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pulumi_gcp_tuning.cli.audit._is_terminal", lambda: True)


def test_the_report_names_the_orphan_its_cost_and_what_can_be_done(shop: Shop) -> None:
    done = shop.run("--stack", "dev")
    said = " ".join(done.stdout.split())
    assert done.exit_code == 0
    assert "Stack shop/dev" in said
    assert f"{shop.model} what: model; why: overtaken; age:" in said
    assert "costs: per request; reason: a tuning job of 'bot' with another specification" in said
    assert f"made by {shop.first.id}; with 2 endpoints; delete: yes" in said
    assert said.endswith("1 orphan, 0 kept, 0 of an unknown stack; 0 in the state.")


def test_json_holds_the_same_and_nothing_else_is_on_stdout(shop: Shop) -> None:
    document = shop.document()
    (item,) = document["items"]
    assert {"complete": True, "orphans": 1, "deleted": [], "problems": []}.items() <= document.items()
    assert document["stacks"][0]["stack"] == "shop/dev"
    assert (item["name"], item["job"], item["can_be_deleted"]) == (shop.model, shop.first.id, True)
    assert item["cost"] == {"text": "per request", "usd_per_hour": 0.0, "machines": []}
    assert len(item["endpoints"]) == 2


def test_a_project_without_a_stack_needs_no_cli_and_has_no_orphans(shop: Shop) -> None:
    shop.cli.answers = {}
    document = shop.document("--project", "shop-dev", "--region", "us-central1")
    assert {item["why"] for item in document["items"]} == {"unknown stack"}
    assert (document["orphans"], document["stacks"]) == (0, [])


def test_a_project_without_a_region_is_refused(shop: Shop) -> None:
    done = shop.run("--project", "shop-dev")
    assert done.exit_code == 2
    assert "--project needs --region" in done.stderr


def test_fail_on_orphans_exits_3_where_there_are_any(shop: Shop) -> None:
    assert shop.run("--fail-on", "orphans").exit_code == 3
    shop.google.models.clear()
    shop.google.endpoints.clear()
    assert shop.run("--fail-on", "orphans").exit_code == 0


def test_delete_removes_what_is_named_and_the_report_has_what_is_left(shop: Shop) -> None:
    document = shop.document("--fail-on", "orphans", "--delete", shop.model)
    assert (document["deleted"], document["items"], document["orphans"]) == ([shop.model], [], 0)
    assert (shop.google.models, shop.google.endpoints) == ({}, {})


def test_a_model_can_be_named_by_its_job(shop: Shop) -> None:
    assert shop.run("--delete", shop.first.id).exit_code == 0
    assert shop.google.models == {}


@pytest.mark.usefixtures("terminal")
def test_a_terminal_asks_for_each_and_no_deletes_nothing(shop: Shop) -> None:
    done = shop.run("--delete", shop.model, text="n\n")
    assert f"Delete the model {shop.model} with 2 endpoints?" in done.stderr
    assert list(shop.google.models) == [shop.model]


@pytest.mark.usefixtures("terminal")
def test_a_terminal_without_names_asks_for_every_orphan(shop: Shop) -> None:
    shop.run("--delete", text="y\n")
    assert shop.google.models == {}


def test_without_a_terminal_names_are_needed(shop: Shop) -> None:
    done = shop.run("--delete")
    assert "without a terminal, --delete needs names" in str(done.exception)
    assert list(shop.google.models) == [shop.model]


def test_names_without_delete_are_refused(shop: Shop) -> None:
    assert "NAME needs --delete" in str(shop.run(shop.model).exception)


@pytest.mark.parametrize(
    ("name", "why"),
    [("second", "it is in a state"), ("unknown", "the audit does not list it")],
)
def test_one_wrong_name_deletes_nothing(shop: Shop, name: str, why: str) -> None:
    wrong = shop.second.id if name == "second" else f"{shop.first.id}00"
    done = shop.run("--delete", shop.model, wrong)
    assert f"{wrong} is not deleted: {why}" in str(done.exception)
    assert list(shop.google.models) == [shop.model]


def test_a_project_deletes_nothing_because_no_state_was_read(shop: Shop) -> None:
    done = shop.run("--project", "shop-dev", "--region", "us-central1", "--delete", shop.model)
    assert "it belongs to a stack whose state was not read" in str(done.exception)
    assert list(shop.google.models) == [shop.model]


def test_a_stack_that_cannot_be_read_exits_2_with_the_words_of_pulumi(shop: Shop) -> None:
    shop.cli.answers["export"] = None
    done = shop.run("--stack", "nowhere")
    assert done.exit_code == 2
    assert "The state of the stack nowhere cannot be read. Pulumi said:\nerror: no such stack" in done.stderr


def test_a_state_of_another_address_is_refused_before_anything_is_listed(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GCP_TUNING_BASE_URL", "http://127.0.0.1:9999")
    shop.google.journal.clear()
    done = shop.run("--delete", shop.model)
    assert done.exit_code == 2
    assert "was made through http://127.0.0.1:8085" in done.stderr
    assert shop.google.journal == []


def test_an_empty_state_is_looked_at_where_the_configuration_says(shop: Shop, tmp_path: Path) -> None:
    (tmp_path / "Pulumi.yaml").write_text("name: shop\nruntime: python\n")
    shop.cli.answers["export"] = {"deployment": {}}
    shop.google.models[shop.model]["labels"][STACK_LABEL] = stack_hash(urn("TuningJob"))
    document = shop.document("--cwd", str(tmp_path))
    assert document["stacks"][0]["stack"] == "shop/dev"
    assert (shop.model, "orphan") in [(item["name"], item["why"]) for item in document["items"]]


def test_a_place_that_cannot_be_listed_exits_2_and_the_report_is_not_complete(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(_self: object, parent: str) -> None:
        raise refused("PERMISSION_DENIED")

    monkeypatch.setattr("support.hand_made_google.HandMadeVertex.list_endpoints", refuse)
    done = shop.run("--json", "--fail-on", "orphans")
    assert done.exit_code == 2
    assert json.loads(done.stdout)["complete"] is False
    assert "This needs aiplatform.endpoints.list." in done.stderr


def test_a_failed_delete_exits_1_and_the_thing_stays_listed(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(_self: object, name: str, *, wait: Any = None) -> None:
        raise refused("PERMISSION_DENIED", "you may not")

    monkeypatch.setattr("support.hand_made_google.HandMadeVertex.delete_model", refuse)
    done = shop.run("--json", "--delete", shop.model)
    assert done.exit_code == 1
    assert [item["name"] for item in json.loads(done.stdout)["items"]] == [shop.model]
    assert "you may not" in done.stderr
