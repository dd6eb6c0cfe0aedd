"""``gcp-tuning doctor``: each line is a call, and each of these tests lets one call fail."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from pulumi_gcp_tuning.cli.doctor import PERMISSIONS
from pulumi_gcp_tuning.cli.entry import app
from pulumi_gcp_tuning.errors import ApiError
from pulumi_gcp_tuning.resources.registry import lifecycle_of
from support.declared_tuning_job import checked
from support.fake_pulumi import CONFIG, FakePulumi
from support.hand_made_google import Desk, gone, refused, urn

JOB = lifecycle_of("tuning_job")


class Clinic:
    """The stack ``dev`` of the project ``shop`` with nothing wrong, until a test breaks something."""

    def __init__(self, folder: Path, patch: pytest.MonkeyPatch) -> None:
        self.desk, self.patch, self.cli = Desk(), patch, FakePulumi(folder, "it does not work")
        self.google = self.desk.google
        patch.setattr("pulumi_gcp_tuning.cli.doctor.google_of", lambda _settings: self.google)
        patch.setenv("GCP_TUNING_BASE_URL", "http://127.0.0.1:8085")
        stack = {"urn": "urn:pulumi:dev::shop::pulumi:pulumi:Stack::shop-dev", "type": "pulumi:pulumi:Stack"}
        self.deployment: dict[str, Any] = {"resources": [stack]}
        self.answers = self.cli.answers
        self.answers["version"] = "v3.999.0"

    def fail(self, call: str, error: Exception) -> None:
        """This lookup fails from now on."""
        self.answer(call, error)

    def answer(self, call: str, answer: Any) -> None:
        """What a lookup answers from now on."""

        def say(_self: object, *_asked: object) -> Any:
            if isinstance(answer, Exception):
                raise answer
            return answer

        self.patch.setattr(f"support.hand_made_lookups.HandMadeLookups.{call}", say)

    def run(self, *arguments: str) -> Result:
        self.answers.setdefault("export", {"deployment": self.deployment})
        return CliRunner().invoke(app, ["doctor", "--pulumi", self.cli.write(), *arguments])

    def lines(self, *arguments: str) -> dict[str, dict[str, str]]:
        return {line["about"]: line for line in json.loads(self.run("--json", *arguments).stdout)}

    def line(self, about: str, *arguments: str) -> tuple[str, str]:
        found = self.lines(*arguments)[about]
        return found["verdict"], found["text"]


@pytest.fixture
def clinic(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Clinic:
    return Clinic(tmp_path, monkeypatch)


def test_a_stack_without_fault_has_only_ok_and_exits_0(clinic: Clinic) -> None:
    done = clinic.run()
    assert done.exit_code == 0
    said = dict(line.split(": ", 1) for line in done.stdout.splitlines())
    assert {about.split()[0] for about in said} == {"ok"}
    assert said["ok     stack"] == "shop/dev, 0 resources of this package in its state"
    assert said["ok     quota"] == "Global concurrent tuning jobs: need 1, in use 0 in us-central1, limit 10, free 10"
    assert said["ok     what is kept"] == "0 kept"


Break = Callable[[Clinic], None]
BROKEN: dict[str, tuple[str, Break, str]] = {
    "no CLI": ("Pulumi CLI", lambda c: c.cli.path.unlink(), "GCP_TUNING_PULUMI"),
    "a CLI that does not run": ("Pulumi CLI", lambda c: c.answers.update(version=None), "does not run: error"),
    "an unknown key": (
        "configuration",
        lambda c: c.answers.update(config={**CONFIG, "gcp-tuning:maxcost": {"value": "1"}}),
        "did you mean 'gcp-tuning:maxCost'?",
    ),
    "no project": ("configuration", lambda c: c.answers.update(config={}), "pulumi config set gcp:project PROJECT"),
    "no region": (
        "configuration",
        lambda c: c.answers.update(config={"gcp:project": {"value": "shop-dev"}}),
        "pulumi config set gcp:region us-central1",
    ),
    "no credentials": (
        "credentials",
        lambda c: c.fail("get_project", ApiError("There are none.", http_status=0, status="UNAUTHENTICATED")),
        "There are none.",
    ),
    "no connection": (
        "connection",
        lambda c: c.fail("get_project", ApiError("It does not answer.", http_status=0, status="UNAVAILABLE")),
        "It does not answer.",
    ),
    "no such project": ("project", lambda c: c.fail("get_project", gone("shop-dev")), "There is no project shop-dev"),
    "an API that is off": (
        "APIs",
        lambda c: c.answer("get_services", [{"name": "x/aiplatform.googleapis.com", "state": "DISABLED"}]),
        "gcloud services enable aiplatform.googleapis.com",
    ),
    "no billing": ("billing", lambda c: c.answer("get_billing_info", {}), "gcloud billing projects link"),
    "a permission that is missing": (
        "permissions",
        lambda c: c.answer("test_iam_permissions", frozenset(PERMISSIONS) - {"aiplatform.models.delete"}),
        "You lack aiplatform.models.delete on project shop-dev.",
    ),
    "a quota of none": ("quota", lambda c: setattr(c.google, "limit", 0), "it would never start"),
}


@pytest.mark.parametrize("case", BROKEN)
def test_what_is_broken_is_said_with_what_to_do_and_exits_1(clinic: Clinic, case: str) -> None:
    about, breaks, text = BROKEN[case]
    breaks(clinic)
    done = clinic.run("--json")
    said = {line["about"]: line for line in json.loads(done.stdout)}[about]
    assert (done.exit_code, said["verdict"]) == (1, "broken")
    assert text in said["text"]


DENIED = refused("PERMISSION_DENIED", "You may not.")
WARNED: dict[str, tuple[str, Break, str]] = {
    "a CLI older than the SDK": ("Pulumi CLI", lambda c: c.answers.update(version="v3.1.0"), "older than the SDK"),
    "no stack yet": ("stack", lambda c: c.answers.update({"--show-name": None}), "the Pulumi CLI"),
    "a project that cannot be read": ("project", lambda c: c.fail("get_project", DENIED), "roles/browser"),
    "APIs that cannot be read": ("APIs", lambda c: c.fail("get_services", DENIED), "serviceusage.services.get"),
    "billing that cannot be read": ("billing", lambda c: c.fail("get_billing_info", DENIED), "Cloud Billing API"),
    "permissions that cannot be read": (
        "permissions",
        lambda c: c.fail("test_iam_permissions", DENIED),
        "Cloud Resource Manager API",
    ),
    "quotas that cannot be read": ("quota", lambda c: c.fail("list_quota_infos", DENIED), "cloudquotas.quotas.get"),
}


@pytest.mark.parametrize("case", WARNED)
def test_what_cannot_be_seen_is_a_warning_and_the_rest_is_checked(clinic: Clinic, case: str) -> None:
    about, breaks, text = WARNED[case]
    breaks(clinic)
    if case == "no stack yet":
        clinic.patch.setenv("GOOGLE_PROJECT", "shop-dev")
        clinic.patch.setenv("GOOGLE_REGION", "us-central1")
        text = "The current stack is unknown"
    lines = clinic.lines()
    assert lines[about]["verdict"] == "warn"
    assert text in lines[about]["text"]
    assert "what is kept" in lines


def test_a_stack_that_was_named_and_cannot_be_read_is_broken(clinic: Clinic) -> None:
    clinic.answers["config"] = None
    assert clinic.line("stack", "--stack", "dev")[0] == "broken"


def test_nothing_is_asked_of_google_without_credentials(clinic: Clinic) -> None:
    clinic.fail("get_project", ApiError("There are none.", http_status=0, status="UNAUTHENTICATED"))
    assert list(clinic.lines())[-1] == "credentials"
    assert clinic.google.journal == []


def test_a_state_of_another_address_is_broken_before_anything_is_asked(clinic: Clinic) -> None:
    job = JOB.create(clinic.desk.call(), checked(clinic.desk))
    _keep(clinic, "TuningJob", job.id, {**job.outputs, "apiOrigin": "https://googleapis.com"})
    clinic.google.journal.clear()
    assert clinic.line("configuration")[0] == "broken"
    assert clinic.google.journal == []


def test_a_pending_operation_is_named_with_the_commands_that_clear_it(clinic: Clinic) -> None:
    entry = {"urn": urn("TuningJob"), "type": urn("TuningJob").split("::")[2], "inputs": {}}
    clinic.deployment["pending_operations"] = [{"type": "creating", "resource": entry}]
    verdict, text = clinic.line("pending operations")
    assert verdict == "warn"
    assert "TuningJob 'bot'" in text
    assert "pulumi refresh --clear-pending-creates" in text


def test_orphans_and_kept_models_are_named(clinic: Clinic) -> None:
    first = JOB.create(clinic.desk.call(), checked(clinic.desk))
    clinic.google.succeed(first.id)
    clinic.google.facts.clear()
    inputs = checked(clinic.desk, baseModel="gemini-3.1-flash-lite", checks={"model": "off"})
    second = JOB.create(clinic.desk.call(), inputs)
    _keep(clinic, "TuningJob", second.id, second.outputs)
    verdict, text = clinic.line("what is kept")
    (model,) = clinic.google.models
    assert (verdict, f"not in the state: {model}" in text) == ("warn", True)


def test_what_another_stack_of_the_backend_has_is_no_orphan(clinic: Clinic) -> None:
    """``pulumi state move`` leaves the label of the stack that it came from."""
    moved = JOB.create(clinic.desk.call(), checked(clinic.desk))
    _keep(clinic, "TuningJob", moved.id, moved.outputs)
    (entry,) = (each for each in clinic.deployment["resources"] if "outputs" in each)
    clinic.deployment["resources"].remove(entry)
    verdict, text = clinic.line("what is kept")
    assert (verdict, moved.id in text) == ("warn", True)
    clinic.answers["ls"] = [{"name": name} for name in ("dev", "organization/shop/prod")]
    theirs = {**entry, "urn": entry["urn"].replace(":dev:", ":prod:")}
    clinic.answers["export.organization-shop-prod"] = {"deployment": {"resources": [theirs]}}
    assert clinic.line("what is kept") == ("ok", "0 kept")


def test_a_place_that_cannot_be_listed_is_a_warning(clinic: Clinic) -> None:
    def refuse(_self: object, _parent: str) -> None:
        raise DENIED

    clinic.patch.setattr("support.hand_made_google.HandMadeVertex.list_models", refuse)
    verdict, text = clinic.line("what is kept")
    assert (verdict, "aiplatform.models.list" in text) == ("warn", True)


def _keep(clinic: Clinic, kind: str, id: str, outputs: dict[str, Any]) -> None:  # noqa: A002
    token = urn(kind).split("::")[2]
    clinic.deployment["resources"].append({"urn": urn(kind), "type": token, "id": id, "outputs": outputs})
