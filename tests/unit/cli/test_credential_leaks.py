"""Whatever is wrong with a credential, no command of ``gcp-tuning`` prints a piece of it."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING

import pytest

from pulumi_gcp_tuning import cli, redaction
from pulumi_gcp_tuning.cli import entry
from support.credential_forms import leaks_in, made_up_key, right_forms, wrong_forms

if TYPE_CHECKING:
    from pathlib import Path

KEY = made_up_key()
FORMS = right_forms(KEY) | wrong_forms(KEY)
JOB = "projects/my-project/locations/us-central1/tuningJobs/1"
PULUMI = """#!/bin/sh
echo "program: KeyError: $GOOGLE_CREDENTIALS"
echo "error: config $GOOGLE_CREDENTIALS of $2" >&2
exit 1
"""


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    """A shell on a machine without a log-in; the API is at an address that nobody answers."""
    pulumi = tmp_path / "pulumi"
    pulumi.write_text(PULUMI)
    pulumi.chmod(0o755)
    (tmp_path / "rows.jsonl").write_text('{"contents": []}\n')
    monkeypatch.chdir(tmp_path)
    for name, value in {
        "HOME": str(tmp_path),
        "CLOUDSDK_CONFIG": str(tmp_path),
        "NO_GCE_CHECK": "true",
        "GCP_TUNING_BASE_URL": "https://127.0.0.1:9",
        "GCP_TUNING_PULUMI": str(pulumi),
        "GOOGLE_PROJECT": "my-project",
        "GOOGLE_REGION": "us-central1",
    }.items():
        monkeypatch.setenv(name, value)
    return Run(monkeypatch, capsys)


class Run:
    """Runs a command in this process; what it printed, and how it ended."""

    def __init__(self, patch: pytest.MonkeyPatch, capture: pytest.CaptureFixture[str]) -> None:
        self.patch, self.capture = patch, capture

    def __call__(self, *arguments: str, **env: str) -> tuple[int, str]:
        with self.patch.context() as patch:
            patch.setattr(redaction, "_known", set())
            patch.setattr(sys, "argv", ["gcp-tuning", *arguments])
            patch.setattr(os, "environ", os.environ | env)
            with pytest.raises(SystemExit) as ended:
                cli.main()
        told = self.capture.readouterr()
        return int(ended.value.code or 0), told.out + told.err


@pytest.mark.parametrize("form", wrong_forms(KEY))
def test_no_command_prints_a_piece_of_a_credential_that_it_cannot_use(form: str, run: Run) -> None:
    for command in (
        ("adopt", JOB),
        ("ask", "gemini-3.5-flash", "hello"),
        ("metrics", JOB),
        ("catalog",),
        ("catalog", "regions"),
        ("validate", "gs://shop-data/rows.jsonl"),
        ("validate", "rows.jsonl"),
    ):
        for variable in ("GOOGLE_CREDENTIALS", "GOOGLE_APPLICATION_CREDENTIALS"):
            code, told = run(*command, **{variable: FORMS[form]})
            assert leaks_in(told, KEY) == [], command
            assert code in {0, 1, 2}
            assert "Traceback" not in told


@pytest.mark.parametrize("form", FORMS)
def test_what_pulumi_says_is_told_without_a_piece_of_a_credential(form: str, run: Run) -> None:
    code, told = run("check", GOOGLE_CREDENTIALS=FORMS[form])
    assert code == 2
    assert "KeyError" in told
    assert leaks_in(told, KEY, names=form in right_forms(KEY)) == []


def test_a_credential_that_cannot_be_used_is_told_with_its_variable(run: Run) -> None:
    code, told = run("adopt", JOB, GOOGLE_CREDENTIALS=FORMS["the first half"])
    assert code == 1
    assert told == (
        "gcp-tuning: The configuration cannot be used:\n"
        "- GOOGLE_CREDENTIALS: it looks like a key file that was cut off or damaged: it is not JSON. Give the "
        "path of a key file, its full JSON, or that JSON in base64. The value is not shown.\n"
    )


@pytest.mark.parametrize("form", FORMS)
def test_a_key_that_is_given_as_an_argument_is_not_repeated(form: str, run: Run) -> None:
    text = FORMS[form]
    for command in (
        ("adopt", text),
        ("ask", text, "hello"),
        ("ask", JOB, "hello", text),
        ("ask", "gemini-3.5-flash", "hello", "--project", text),
        ("ask", "gemini-3.5-flash", "hello", "--temperature", text),
        ("ask", "gemini-3.5-flash", "--file", text),
        ("metrics", text),
        ("jobs", "get", text),
        ("jobs", "list", "--region", text),
        ("models", "get", text),
        ("models", "list", "--base-model", text),
        ("plot", text),
        ("watch", text),
        ("validate", text),
        ("validate", "rows.jsonl", "--model", text),
        ("catalog", "regions", "--as-of", text),
        ("check", "--pulumi", text),
        ("check", "--stack", text),
        (text,),
        ("version", f"--{text}"),
    ):
        _code, told = run(*command)
        assert leaks_in(told, KEY) == [], command[:2]
        assert "Traceback" not in told


def test_a_bug_is_one_line_without_frames(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(_name: str) -> str:
        raise ValueError(f"it met {KEY.in_one_line}\nand more")

    monkeypatch.setattr(entry, "version_of", fail)
    code, told = run("version")
    assert (code, told) == (1, "gcp-tuning: internal error (ValueError: it met [redacted]); this is a bug.\n")


@pytest.mark.parametrize("wrong", [("version", "more"), ("version", "--more"), ("nothing",), ("ask", "a")])
def test_a_wrong_argument_is_told_with_the_usage(wrong: tuple[str, ...], run: Run) -> None:
    code, told = run(*wrong)
    assert code == 2
    assert "Usage:" in told
    assert "─ Error ─" in told
