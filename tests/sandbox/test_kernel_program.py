"""`python -m tuning_sandbox` as a person starts it."""

from __future__ import annotations

import re
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import requests

from tuning_sandbox.app import load_apis
from tuning_sandbox.fidelity import describe

READY = re.compile(r"sandbox ready at (http://127\.0\.0\.1:\d+)\n")


@contextmanager
def started(*arguments: str) -> Iterator[tuple[subprocess.Popen[str], str]]:
    command = [sys.executable, "-m", "tuning_sandbox", *arguments]
    program = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    assert program.stdout is not None
    try:
        line = program.stdout.readline()
        match = READY.fullmatch(line)
        assert match, line + (program.stderr.read() if program.stderr and program.poll() is not None else "")
        yield program, match[1]
    finally:
        program.kill()
        program.communicate()


def refused(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "tuning_sandbox", *arguments], capture_output=True, text=True, timeout=300, check=False
    )


def test_the_help_calls_the_command_by_its_name() -> None:
    assert refused("--help").stdout.startswith("usage: tuning-sandbox ")


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_it_prints_one_line_once_it_answers_and_ends_cleanly(number: signal.Signals) -> None:
    with started("--stepped", "--as-of", "2025-01-02") as (program, url):
        session = requests.Session()
        health = session.get(f"{url}/_sandbox/health", timeout=300).json()
        assert health["now"] == "2025-01-02T00:00:00.000000Z"
        program.send_signal(number)
        out, err = program.communicate(timeout=300)
        session.close()
        assert (out, err, program.returncode) == ("", "", 0)


def test_a_port_in_use_is_one_sentence() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        got = refused("--port", str(taken.getsockname()[1]))
    assert got.returncode == 1
    assert re.fullmatch(r"port \d+ cannot be used on 127\.0\.0\.1 \(.*\); .*--port N.*\n", got.stderr)
    assert got.stdout == ""


def test_a_folder_in_use_is_one_sentence(tmp_path: Path) -> None:
    with started("--data", str(tmp_path)):
        got = refused("--data", str(tmp_path))
    assert got.returncode == 1
    assert got.stderr.startswith("another sandbox is running on ")
    assert got.stderr.count("\n") == 1


@pytest.mark.parametrize(
    "arguments", [("--as-of", "yesterday"), ("--speed", "0"), ("--speed", "2", "--stepped"), ("--port", "70000")]
)
def test_wrong_arguments_are_refused(arguments: tuple[str, ...]) -> None:
    got = refused(*arguments)
    assert got.returncode == 2
    assert "Traceback" not in got.stderr


def test_state_in_a_folder_outlives_kill_dash_nine(tmp_path: Path) -> None:
    data = ("--data", str(tmp_path), "--stepped")
    with started(*data) as (program, url):
        requests.post(
            f"{url}/storage/v1/b?project=my-project", json={"name": "my-bucket"}, timeout=300
        ).raise_for_status()
        upload = f"{url}/upload/storage/v1/b/my-bucket/o?uploadType=media&name=a"
        first = requests.post(upload, data=b"hello", timeout=300).json()
        requests.patch(f"{url}/storage/v1/b/my-bucket", json={"labels": {"a": "b"}}, timeout=300).raise_for_status()
        requests.post(f"{url}/_sandbox/clock", json={"advance_seconds": 3600}, timeout=300).raise_for_status()
        now = requests.get(f"{url}/_sandbox/health", timeout=300).json()["now"]
        program.kill()
        program.communicate()
    with started(*data) as (_, url):
        got = requests.get(f"{url}/download/storage/v1/b/my-bucket/o/a?alt=media", timeout=300)
        assert (got.content, got.headers["x-goog-generation"]) == (b"hello", first["generation"])
        assert requests.get(f"{url}/storage/v1/b/my-bucket", timeout=300).json()["labels"] == {"a": "b"}
        assert requests.get(f"{url}/_sandbox/health", timeout=300).json()["now"] == now


def test_fidelity_md_is_what_the_marks_in_the_code_say(checkout: Path) -> None:
    page = checkout / "docs" / "fidelity.md"
    assert page.read_text(encoding="utf-8") == describe(load_apis()), (
        "docs/fidelity.md is not current; write it again: python -m tuning_sandbox.fidelity > docs/fidelity.md"
    )
