"""``gcp-tuning review`` with a CLI that says what a test wants: exit codes, sentences, and what no report may hold."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
import typer
from typer.testing import CliRunner

from pulumi_gcp_tuning.cli import review as review_command
from pulumi_gcp_tuning.collecting import Note
from pulumi_gcp_tuning.errors import Printed
from support.fake_cli import FakeCli, preview, urn
from support.planned_steps import COST, JOB, JOB_INPUTS, UNKNOWN, answer, step

app = typer.Typer()
app.command()(review_command.review)

ROUTER = urn("TuningJob", "router")
NEW_JOB = step("create", "TuningJob", new=JOB_INPUTS)
AGAIN = step("replace", "TuningJob", old=JOB_INPUTS, new=JOB_INPUTS | {"baseModel": "gemini-3.5-flash"}, id_=JOB)
MAY_TRAIN = step("update", "TuningJob", old=JOB_INPUTS, new=JOB_INPUTS | {"baseModel": UNKNOWN}, id_=JOB)
PRICED = Note(urn=ROUTER, facts={"cost": COST})
WARNING = Printed(path="labels", problem="Odd.", remedy="", check="schema", severity="warn")
ERROR = Printed(path="location", problem="mars is no region.", remedy="Use us-central1.", check="region")


@pytest.fixture
def cli(tmp_path: Path) -> FakeCli:
    return FakeCli(tmp_path)


@pytest.mark.parametrize(
    ("fail_on", "step_", "findings", "code"),
    [
        ("cost", NEW_JOB, (), 3),
        ("cost", step("update", "TunedModel"), (), 0),
        ("cost", MAY_TRAIN, (), 3),
        ("retrain", MAY_TRAIN, (), 3),
        ("destroy", MAY_TRAIN, (), 0),
        ("destroy", step("update", "ModelDeployment", old={"endpoint": "a"}, new={"endpoint": UNKNOWN}), (), 3),
        ("retrain", NEW_JOB, (), 0),
        ("retrain", AGAIN, (), 3),
        ("destroy", AGAIN, (), 0),
        ("destroy", step("delete", "TunedModel"), (), 3),
        (
            "destroy",
            {"op": "delete", "urn": "urn:pulumi:dev::shop::gcp:kms/cryptoKey:CryptoKey::k", "oldState": {}},
            (),
            3,
        ),
        ("warning", NEW_JOB, (), 0),
        ("warning", NEW_JOB, (WARNING,), 3),
        ("warning", NEW_JOB, (ERROR,), 1),
    ],
)
def test_fail_on_ends_with_3_and_an_error_with_1(
    cli: FakeCli, fail_on: str, step_: dict[str, Any], findings: tuple[Printed, ...], code: int
) -> None:
    note = Note(urn=step_["urn"], findings=findings)
    done = cli.invoke(app, "--fail-on", fail_on, previews=[preview(note, steps=[step_])])
    assert done.exit_code == code, done.output


@pytest.mark.parametrize("stdout", ["", "null", "warning: a new version\n{}", '{"steps": [', "[]"])
def test_an_answer_that_cannot_be_read_is_never_ok(cli: FakeCli, stdout: str) -> None:
    done = cli.invoke(app, previews=[preview(PRICED) | {"stdout": stdout}])
    assert done.exit_code == 2, done.output
    assert done.stdout.startswith("⛔ **BLOCK**: The preview did not finish")


@pytest.mark.parametrize(
    "secret",
    ["s3cret " * 30, "hunter2 line of it\n  second line of it", 'hunter2 "quotes" in it', "ünï-côdé", "hunter2\\slash"],
)
@pytest.mark.parametrize("inside", [False, True])
@pytest.mark.parametrize("form", ["md", "json", "html"])
def test_no_part_of_a_secret_of_the_configuration_is_shown(
    cli: FakeCli, secret: str, form: str, *, inside: bool
) -> None:
    value = {"a": [secret]} if inside else secret
    changed = step("update", "TunedModel", old={"description": "old"}, new={"description": value})
    finding = Printed(path="labels", problem=f"{secret!r} is odd; {json.dumps(secret)} too.", remedy="", check="schema")
    note = Note(urn=changed["urn"], findings=(finding,))
    config = {"shop:token": {"value": secret, "secret": True}}
    plain = cli.invoke(app, "--format", form, previews=[preview(note, steps=[changed])], config={}).stdout
    hidden = cli.invoke(app, "--format", form, previews=[preview(note, steps=[changed])], config=config).stdout
    part = re.split(r"[\W_]+", secret.strip())[0]
    assert part in plain
    assert part not in hidden
    assert "[secret]" in hidden.replace("\\", "")


@pytest.mark.parametrize("form", ["md", "json", "html"])
def test_half_a_character_in_a_name_and_a_mark_before_the_file_are_read(tmp_path: Path, form: str) -> None:
    changed = step("update", "TunedModel", "a\ud800b", old={"labels": {"x": "1"}}, new={"labels": {"x": "\udfff"}})
    file = tmp_path / "preview.json"
    file.write_text(json.dumps({"steps": [changed]}), encoding="utf-8-sig")
    report = tmp_path / "report"
    done = CliRunner().invoke(app, ["--preview-json", str(file), "--format", form, "-o", str(report)])
    assert done.exit_code == 0, done.output
    assert "a?b" in report.read_text()


def test_facts_of_the_checks_are_in_the_report(cli: FakeCli) -> None:
    done = cli.invoke(app, previews=[preview(PRICED, steps=[NEW_JOB])])
    assert done.stdout.startswith("✅ **OK** of stack `dev`: This merge trains 1 model (about $12.90), ")
    assert done.exit_code == 0


def test_the_report_can_be_a_file_and_json(cli: FakeCli, tmp_path: Path) -> None:
    file = tmp_path / "review.json"
    done = cli.invoke(app, "--format", "json", "-o", str(file), previews=[preview(PRICED, steps=[NEW_JOB])])
    assert (done.exit_code, done.stdout) == (0, "")
    read = json.loads(file.read_text())
    assert (read["schema"], read["verdict"], read["trainings"][0]["cost"]["usd"]) == (1, "OK", 12.9)


def test_a_folder_that_does_not_exist_is_one_sentence(cli: FakeCli, tmp_path: Path) -> None:
    done = cli.invoke(app, "-o", str(tmp_path / "no" / "r.md"), previews=[preview(PRICED, steps=[NEW_JOB])])
    assert "could not be written" in str(done.exception)


def test_a_preview_that_failed_ends_with_2_and_a_report_that_says_so(cli: FakeCli) -> None:
    failed = preview(PRICED, code=1, steps=[NEW_JOB], errors=[("", "boom")])
    done = cli.invoke(app, previews=[failed])
    assert done.exit_code == 2
    assert "incomplete" in done.stdout.splitlines()[0]
    assert "boom" in done.stdout


def test_a_stack_that_does_not_exist_ends_with_6(cli: FakeCli) -> None:
    failed = preview(code=255, stderr="error: no stack named 'prod' found")
    done = cli.invoke(app, "--stack", "prod", previews=[failed])
    assert (done.exit_code, done.stdout) == (6, "")
    assert done.stderr.startswith("gcp-tuning: error: no stack named 'prod' found\n`pulumi stack ls` names")


def test_a_folder_without_a_program_is_said_in_pulumis_words(cli: FakeCli) -> None:
    failed = preview(code=255, stderr="error: no Pulumi.yaml project file found") | {"stdout": ""}
    done = cli.invoke(app, previews=[failed], config=None)
    assert (done.exit_code, done.stdout) == (2, "")
    assert done.stderr == "gcp-tuning: There is no preview. Pulumi said:\nerror: no Pulumi.yaml project file found\n"


def test_a_cli_that_is_missing_ends_with_7(tmp_path: Path) -> None:
    done = CliRunner().invoke(app, ["--pulumi", str(tmp_path / "nowhere")])
    assert (done.exit_code, done.stdout) == (7, "")
    assert done.stderr.startswith("gcp-tuning: ")


def test_a_stack_whose_secrets_cannot_be_read_is_not_shown(cli: FakeCli) -> None:
    done = cli.invoke(app, previews=[preview(PRICED, steps=[NEW_JOB])], config=None)
    assert (done.exit_code, done.stdout) == (2, "")


@pytest.mark.parametrize("form", ["md", "json", "html"])
def test_no_secret_of_the_configuration_is_in_a_report(cli: FakeCli, form: str) -> None:
    config = {"shop:key": {"value": "hunter2222", "secret": True}}
    inputs = JOB_INPUTS | {"labels": {"team": "hunter2222"}, "tunedModelDisplayName": "a hunter2222 b"}
    noted = Note(
        urn=ROUTER,
        findings=(Printed(path="labels", problem="hunter2222 is odd.", remedy="", severity="warn"),),
        facts={"cost": COST | {"reckoning": "hunter2222"}, "quota": {
            "name": "hunter2222", "need": 1, "in_use": 0, "limit": 1, "fits": True, "before": [], "ahead": 0, "on_quota": "wait"}},
    )  # fmt: skip
    changed = step("replace", "TuningJob", old=JOB_INPUTS, new=inputs, id_="hunter2222")
    gone = step("delete", "TunedModel", "hunter2222", id_="hunter2222")
    failed = preview(noted, steps=[changed, gone], code=1, errors=[("", "Traceback: hunter2222")])
    done = cli.invoke(app, "--format", form, previews=[failed], config=config)
    assert "hunter2222" not in done.stdout + done.stderr
    assert "[secret]" in done.stdout.replace("\\", "")


def write(folder: Path, text: str) -> str:
    file = folder / "preview.json"
    file.write_text(text)
    return str(file)


MARKED = {"4dabf18193072939515e22adb298388d": "1b47061264138c4ac30d75fd1eb44270", "plaintext": '"hunter2222"'}


@pytest.mark.parametrize("form", ["md", "json", "html"])
@pytest.mark.parametrize(
    "state",
    [
        {"inputs": {"token": MARKED}},
        {"inputs": {"deep": [{"token": {**MARKED, "plaintext": '{"a": ["hunter2222"]}'}}]}},
        {"inputs": {"token": "hunter2222"}, "outputs": {"token": "hunter2222"}, "additionalSecretOutputs": ["token"]},
        {"inputs": {}, "outputs": {"token": ["hunter2222"]}, "additionalSecretOutputs": ["token"]},
    ],
)
def test_no_secret_that_the_file_marks_is_in_a_report(tmp_path: Path, state: dict[str, Any], form: str) -> None:
    changed = step("update", "TunedModel", "of-hunter2222", new={"description": "a hunter2222 b", "token": "other"})
    changed["oldState"] |= state
    said = {"severity": "warning", "urn": changed["urn"], "message": "hunter2222 is odd"}
    file = write(tmp_path, json.dumps(answer(changed, diagnostics=[said])))
    done = CliRunner().invoke(app, ["--preview-json", file, "--format", form])
    assert done.exit_code == 0, done.output
    assert "hunter2222" not in done.output
    assert "[secret]" in done.stdout.replace("\\", "")


def test_a_short_secret_is_hidden_by_its_mark(tmp_path: Path) -> None:
    changed = step("update", "TunedModel", old={"pin": "7"}, new={"pin": "8"})
    for state in ("oldState", "newState"):
        changed[state]["additionalSecretOutputs"] = ["pin"]
    done = CliRunner().invoke(app, ["--preview-json", write(tmp_path, json.dumps(answer(changed)))])
    assert "- `pin` changes: `[secret]` → `[secret]`" in done.stdout


def test_a_change_of_what_the_cli_hides_is_named(tmp_path: Path) -> None:
    old, new = {"labels": {"a": "[secret]"}}, {"labels": {"a": "[secret]"}}
    changed = step("update", "TunedModel", old=old, new=new) | {"detailedDiff": {"labels.a": {"kind": "update"}}}
    done = CliRunner().invoke(app, ["--preview-json", write(tmp_path, json.dumps(answer(changed)))])
    assert "- `labels.a` changes: `[secret]` → `[secret]`" in done.stdout


def test_a_file_names_the_machines_that_it_makes_and_why_no_cost_is_known(tmp_path: Path) -> None:
    inputs = {"machineType": "g2-standard-12", "acceleratorType": "NVIDIA_L4", "acceleratorCount": 1.0}
    machine = step("create", "ModelDeployment", "support", new=inputs)
    kept = step("same", "ModelDeployment", "other", old=inputs, new=inputs)
    file = write(tmp_path, json.dumps(answer(machine, kept, NEW_JOB)))
    done = CliRunner().invoke(app, ["--preview-json", file, "--fail-on", "cost"])
    assert done.exit_code == 3
    assert "trains 1 model (cost not known: no check was run)" in done.stdout
    assert "- ModelDeployment `support`: 1 x g2-standard-12 with 1 NVIDIA\\_L4, billed by the hour" in done.stdout
    assert "the catalogue has no price" in done.stdout
    assert "`other`" not in done.stdout


def test_a_file_of_a_preview_is_reviewed_alone_and_is_never_ok(tmp_path: Path) -> None:
    done = CliRunner().invoke(app, ["--preview-json", write(tmp_path, json.dumps(answer()))])
    assert done.exit_code == 0
    assert done.stdout.startswith("⚠️ **WARN**")
    assert "Missing: findings of the checks, cost, quota, end of life, rows of the data, policies." in done.stdout


def test_the_file_of_a_preview_that_failed_ends_with_2(tmp_path: Path) -> None:
    said = answer(NEW_JOB, diagnostics=[{"severity": "error", "message": "boom"}])
    done = CliRunner().invoke(app, ["--preview-json", write(tmp_path, json.dumps(said))])
    assert done.exit_code == 2
    assert "boom" in done.stdout


@pytest.mark.parametrize("text", ["", "{", '{"steps": 3}', "[]", '{"result": "succeeded"}', "\x00"])
def test_a_file_that_is_cut_off_or_of_another_version_ends_with_4_and_one_sentence(tmp_path: Path, text: str) -> None:
    done = CliRunner().invoke(app, ["--preview-json", write(tmp_path, text)])
    assert (done.exit_code, done.stdout) == (4, "")
    assert done.stderr.startswith(f"gcp-tuning: {tmp_path}")
    assert len(done.stderr.splitlines()) == 1


def test_a_file_that_is_missing_ends_with_4(tmp_path: Path) -> None:
    done = CliRunner().invoke(app, ["--preview-json", str(tmp_path / "nowhere.json")])
    assert (done.exit_code, done.stdout) == (4, "")
