"""``gcp-tuning check`` with a CLI that says what a test wants: what it prints, and its exit codes."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import pytest
import typer
from typer.testing import CliRunner, Result

from pulumi_gcp_tuning.cli import check as check_command
from pulumi_gcp_tuning.cli.check_report import report_of, secrets_in
from pulumi_gcp_tuning.collecting import Note
from pulumi_gcp_tuning.errors import Printed
from support import fake_cli
from support.fake_cli import preview, urn

app = typer.Typer()
app.command()(check_command.check)

JOB, DATA = urn("TuningJob", "router"), urn("TuningDataset", "training")
NETWORK = "urn:pulumi:dev::shop::gcp:compute/network:Network::net"
ERROR = Printed(
    path="location", problem="mars is no region.", remedy="Use us-central1.", check="region", evidence="seed"
)
WARNING = Printed(path="labels", problem="Odd.", remedy="Change it.", check="schema", severity="warn")
SHARED = Printed(
    path="location", problem="Quotas could not be read.", remedy="Ask.", check="schema", severity="warn", shared=True
)


class FakeCli(fake_cli.FakeCli):
    def check(self, *arguments: str, previews: Sequence[dict[str, Any]], config: Any = {}) -> Result:  # noqa: B006
        """``gcp-tuning check`` against it."""
        return self.invoke(app, *arguments, previews=previews, config=config)


@pytest.fixture
def cli(tmp_path: Path) -> FakeCli:
    return FakeCli(tmp_path)


def test_a_clean_stack_exits_0_and_says_so(cli: FakeCli) -> None:
    done = cli.check(previews=[preview(Note(urn=JOB), Note(urn=DATA))])
    assert done.exit_code == 0
    assert done.stdout == (
        "Stack dev\nTuningDataset training: nothing wrong\nTuningJob router: nothing wrong\n2 resources, nothing wrong.\n"
    )
    assert done.stderr == ""


def test_findings_stand_under_their_resource_with_path_and_source_errors_first(cli: FakeCli) -> None:
    job = Note(urn=JOB, findings=(WARNING, ERROR), told=("cost: about $1.20",))
    done = cli.check(previews=[preview(job, Note(urn=DATA, findings=(WARNING,)))])
    assert done.exit_code == 1
    assert done.stdout.splitlines() == [
        "Stack dev",
        "TuningDataset training",
        "  warn  labels: Odd. Change it. [schema, policy]",
        "TuningJob router",
        "  error location: mars is no region. Use us-central1. [region, seed]",
        "  warn  labels: Odd. Change it. [schema, policy]",
        "  info  cost: about $1.20",
        "2 resources, 1 error, 2 warnings.",
    ]


def test_a_terminal_gets_the_same_words(cli: FakeCli, monkeypatch: pytest.MonkeyPatch) -> None:
    from rich.console import Console

    console = Console(force_terminal=True, width=60, color_system=None, record=True)
    monkeypatch.setattr("pulumi_gcp_tuning.cli.check_report._console", lambda: console)
    long = Printed(path="a", problem="word " * 30, remedy="[bold]kept[/bold]")
    cli.check(previews=[preview(Note(urn=JOB, findings=(long,), told=("cost",)))])
    text = console.export_text()
    assert " ".join(text.split()).count("word") == 30
    assert "[bold]kept[/bold]" in text
    assert all(len(line) <= 60 for line in text.splitlines())


def test_warnings_fail_only_a_strict_run(cli: FakeCli) -> None:
    noted = [preview(Note(urn=JOB, findings=(WARNING,)))]
    assert cli.check(previews=noted).exit_code == 0
    assert cli.check("--strict", previews=noted).exit_code == 1
    assert cli.check("--strict", previews=[preview(Note(urn=JOB))]).exit_code == 0


def test_json_is_all_that_stdout_holds(cli: FakeCli) -> None:
    done = cli.check("--json", previews=[preview(Note(urn=JOB, findings=(ERROR, SHARED), told=("cost",)))])
    assert done.exit_code == 1
    assert json.loads(done.stdout) == {
        "stack": "dev",
        "complete": True,
        "resources": [
            {"urn": JOB, "type": "TuningJob", "name": "router", "findings": [asdict(ERROR)], "told": ["cost"]}
        ],
        "shared": [asdict(SHARED) | {"path": ""}],
        "errors": 1,
        "warnings": 1,
    }


def test_what_holds_for_all_resources_is_told_and_counted_once_and_without_a_path(cli: FakeCli) -> None:
    done = cli.check(previews=[preview(*(Note(urn=each, findings=(SHARED,)) for each in (JOB, DATA)))])
    assert done.exit_code == 0
    assert done.stdout.splitlines() == [
        "Stack dev",
        "The whole stack",
        "  warn  Quotas could not be read. Ask. [schema, policy]",
        "TuningDataset training: nothing wrong",
        "TuningJob router: nothing wrong",
        "2 resources, 0 errors, 1 warning.",
    ]


def test_nothing_is_called_clean_under_an_error_that_holds_for_all(cli: FakeCli) -> None:
    broken = Printed(path="", problem="gcp-tuning:asOf is no date.", remedy="", check="", shared=True)
    done = cli.check(previews=[preview(*(Note(urn=each, findings=(broken,)) for each in (JOB, DATA)))])
    assert done.exit_code == 1
    assert "nothing wrong" not in done.stdout
    assert "TuningJob router: not checked\n" in done.stdout
    assert done.stdout.endswith("2 resources, 1 error, 0 warnings.\n")


def test_a_fact_that_two_checks_missed_is_told_once(cli: FakeCli) -> None:
    missed = (replace(SHARED, check="quota", evidence="seed"), replace(SHARED, check="cmek", evidence="thread"))
    done = cli.check(previews=[preview(Note(urn=JOB, findings=missed))])
    assert done.stdout.count("Quotas could not be read.") == 1
    assert done.stdout.endswith("1 resource, 0 errors, 1 warning.\n")


def test_a_program_without_resources_of_ours_is_clean(cli: FakeCli) -> None:
    read = {"op": "read", "urn": JOB}
    done = cli.check(previews=[preview(steps=[{"op": "create", "urn": NETWORK}, read])])
    assert (done.exit_code, done.stdout) == (0, "The program declares no resource of pulumi_gcp_tuning.\n")


def test_resources_that_nobody_checked_are_no_clean_stack(cli: FakeCli) -> None:
    done = cli.check(previews=[preview(steps=[{"op": "create", "urn": JOB}])])
    assert done.exit_code == 2
    assert "another release of the package" in done.stderr


def test_a_preview_that_fails_exits_2_with_pulumis_words_and_the_findings_so_far(cli: FakeCli) -> None:
    failing = preview(Note(urn=JOB, findings=(ERROR,)), code=1, errors=[("", "Program failed: boom")])
    done = cli.check(previews=[failing])
    assert done.exit_code == 2
    assert "location: mars is no region." in done.stdout
    assert "error: Program failed: boom" in done.stderr
    assert "may be more" in done.stderr
    done = cli.check("--json", previews=[failing])
    assert done.exit_code == 2
    assert json.loads(done.stdout)["complete"] is False
    assert json.loads(done.stdout)["errors"] == 1


def test_a_cli_that_does_not_come_as_far_as_a_preview_is_quoted(cli: FakeCli) -> None:
    done = cli.check(previews=[preview(code=255, stderr="error: no stack named 'prod' found") | {"stdout": ""}])
    assert (done.exit_code, done.stdout) == (2, "")
    assert "error: no stack named 'prod' found" in done.stderr


def test_a_cli_that_fails_in_silence_is_no_clean_stack(cli: FakeCli) -> None:
    done = cli.check(previews=[preview(code=3) | {"stdout": ""}])
    assert done.exit_code == 2
    assert "exited with code 3" in done.stderr


def test_a_resource_of_another_provider_that_fails_hides_nothing_of_ours(cli: FakeCli) -> None:
    first = preview(Note(urn=DATA, told=("quota: others take 1",)), code=1, errors=[(NETWORK, "no such network")])
    second = preview(Note(urn=DATA, told=("quota: others take 0",)), Note(urn=JOB, findings=(ERROR,)))
    done = cli.check("--stack", "dev", previews=[first, second])
    assert done.exit_code == 2
    assert "location: mars is no region." in done.stdout
    assert "others take 1" not in done.stdout
    assert f"{NETWORK}\nerror: no such network" in done.stderr
    assert cli.asked[1][:8] == [
        "preview", "--json", "--stack", "dev", "--exclude", NETWORK, "--exclude-dependents", "--non-interactive",
    ]  # fmt: skip


def test_a_resource_that_fails_although_it_is_left_out_ends_the_attempts(cli: FakeCli) -> None:
    failing = preview(code=1, errors=[(NETWORK, "no such network")])
    done = cli.check(previews=[failing, failing])
    assert done.exit_code == 2
    assert done.stderr.count("no such network") == 1
    assert len(cli.asked) == 2


def test_an_error_of_the_program_itself_is_not_tried_again(cli: FakeCli) -> None:
    stack = "urn:pulumi:dev::shop::pulumi:pulumi:Stack::shop-dev"
    done = cli.check(previews=[preview(code=1, errors=[(stack, "boom")])])
    assert done.exit_code == 2
    assert "boom" in done.stderr
    assert len(cli.asked) == 1


def test_the_attempts_are_bounded(cli: FakeCli) -> None:
    each = [preview(code=1, errors=[(f"{NETWORK}{number}", f"no {number}")]) for number in range(20)]
    assert cli.check(previews=each).exit_code == 2
    assert len(cli.asked) == 10


def test_secrets_of_the_stack_do_not_stand_in_the_findings(cli: FakeCli) -> None:
    finding = Printed(path='labels["hunter2"]', problem="'hunter2' and 'deep-secret' are odd.", remedy="Not hunter2.")
    config = {
        "shop:plain": {"value": "odd", "secret": False},
        "shop:password": {"value": "hunter2", "secret": True},
        "shop:short": {"value": "a", "secret": True},
        "shop:object": {"value": '{"a":["deep-secret"]}', "objectValue": {"a": ["deep-secret"]}, "secret": True},
    }
    noted = [preview(Note(urn=JOB, findings=(finding,), told=("hunter2",)))]
    for arguments in ((), ("--json",)):
        done = cli.check(*arguments, previews=noted, config=config)
        assert "hunter2" not in done.output
        assert "deep-secret" not in done.output
        assert "'[secret]' and '[secret]' are odd." in done.stdout
    assert cli.asked[1][:3] == ["config", "--show-secrets", "--json"]
    assert cli.collecting == [True, False, True, False]


def test_findings_are_not_shown_where_it_is_not_known_what_is_secret(cli: FakeCli) -> None:
    done = cli.check(previews=[preview(Note(urn=JOB, findings=(ERROR,)))], config=None)
    assert (done.exit_code, done.stdout) == (2, "")
    assert "secret" in done.stderr


def test_place_and_stack_are_handed_on_and_nothing_else(cli: FakeCli, tmp_path: Path) -> None:
    cli.check("--cwd", str(tmp_path), "--stack", "prod", previews=[preview()])
    rest = ["--non-interactive", "--color", "never"]
    assert cli.asked == [["preview", "--json", "--cwd", str(tmp_path), "--stack", "prod", *rest]]


def test_the_stack_that_was_asked_for_is_named_although_it_has_nothing() -> None:
    assert report_of([], stack="prod").stack == "prod"


def test_without_a_cli_it_exits_2_and_says_how_to_name_one(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    for arguments in ([], ["--pulumi", "/nowhere/pulumi"]):
        done = CliRunner().invoke(app, arguments)
        assert (done.exit_code, done.stdout) == (2, "")
        assert "--pulumi or GCP_TUNING_PULUMI" in done.stderr


def test_the_cli_comes_from_the_option_then_the_variable_then_path(
    cli: FakeCli, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    cli.check(previews=[preview(), preview()])
    monkeypatch.setenv("PATH", str(tmp_path))
    assert CliRunner().invoke(app, []).exit_code == 0
    cli.check(previews=[preview()])
    monkeypatch.setenv("PATH", os.devnull)
    assert CliRunner(env={"GCP_TUNING_PULUMI": str(cli.file)}).invoke(app, []).exit_code == 2  # no answer is left
    assert len(cli.asked) == 4


def test_an_interrupt_waits_for_the_cli_and_changes_nothing(tmp_path: Path) -> None:
    slow = tmp_path / "pulumi"
    slow.write_text(
        f"#!{sys.executable}\nimport pathlib, signal, sys\n"
        f"done = pathlib.Path({str(tmp_path / 'done')!r})\n"
        "signal.signal(signal.SIGINT, lambda *_: (done.write_text('x'), sys.exit(1)))\n"
        f"pathlib.Path({str(tmp_path / 'ready')!r}).write_text('x')\n"
        "signal.pause()\n"
    )
    slow.chmod(0o755)
    command = [str(Path(sys.executable).parent / "gcp-tuning"), "check", "--pulumi", str(slow)]
    signal.signal(signal.SIGINT, signal.default_int_handler)  # a test run in the background is started with it ignored
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True, start_new_session=True) as running:
        while not (tmp_path / "ready").exists():
            assert running.poll() is None
        os.killpg(running.pid, signal.SIGINT)
        _, stderr = running.communicate(timeout=30)
    assert running.returncode == 2
    assert "Interrupted; nothing was changed." in stderr
    assert (tmp_path / "done").exists()


def test_a_finding_that_two_calls_told_stands_once_and_as_an_error() -> None:
    weak = Printed(**{**asdict(ERROR), "severity": "warn"})
    report = report_of([Note(urn=JOB, findings=(weak, WARNING)), Note(urn=JOB, findings=(ERROR,))], stack=None)
    assert report.resources[0].findings == (ERROR, WARNING)
    assert (report.errors, report.warnings) == (1, 1)


def test_a_resource_below_a_component_bears_its_own_type_and_whole_name() -> None:
    below = "urn:pulumi:dev::shop::shop:index:Bot$pulumi-python:dynamic/gcptuning:TuningJob::a::b"
    (judged,) = report_of([Note(urn=below)], stack=None).resources
    assert (judged.type, judged.name) == ("TuningJob", "a::b")


def test_what_holds_no_secret_gives_none() -> None:
    assert secrets_in({"a": {"value": "x", "secret": False}, "b": "odd", "c": {"secret": True, "value": None}}) == []
