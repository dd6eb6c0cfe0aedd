"""One program with Google's clients of the lock, of the newest major, of Node and of Go."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from sandbox.running import AS_OF, run_sandbox
from sandbox.vertex_support import make_data
from support.client_environments import CLIENTS, make_go, make_node, make_python
from tuning_sandbox.app import create_app
from tuning_sandbox.kernel.sandbox import Config, parse_as_of

# It cannot be installed beside google-cloud-aiplatform 2.7, which asks for an older one.
NEWEST = "3.6.1"
PROGRAM = CLIENTS / "program.py"


def run_program(*command: str | Path) -> dict[str, Any]:
    """What a program saw, on a clock on which a job takes a second."""
    app = create_app(Config(mode="scaled", scale=6000, as_of=parse_as_of(AS_OF), seed=7))
    with run_sandbox(app) as sandbox:
        training, _ = make_data(sandbox, 200)
        words = [str(part).format(url=sandbox.url, training=training) for part in command]
        ran = subprocess.run(words, capture_output=True, text=True, check=False, timeout=300)
    assert ran.returncode == 0, ran.stderr
    seen: dict[str, Any] = json.loads(ran.stdout)
    return seen


def check(seen: dict[str, Any]) -> None:
    """The job succeeded, was found by its name, and answers in every way."""
    assert seen["state"] == "JOB_STATE_SUCCEEDED"
    assert seen["cancelled"] in ("JOB_STATE_CANCELLING", "JOB_STATE_CANCELLED")
    assert seen["listed"] == ["tickets"]
    assert seen["models"] == ["sft"]
    assert (seen["answer"], seen["stream"]) == ("billing", "billing")


def test_google_genai_of_the_lock_does_it_all() -> None:
    seen = run_program(sys.executable, PROGRAM, "{url}", "{training}")
    check(seen)
    assert json.loads(seen["json"]) == {"label": "billing"}


@pytest.mark.full
def test_google_genai_of_the_newest_major_does_it_all() -> None:
    seen = run_program(make_python(NEWEST) / "bin" / "python", PROGRAM, "{url}", "{training}")
    assert seen["version"] == NEWEST
    check(seen)
    assert json.loads(seen["json"]) == {"label": "billing"}


@pytest.mark.full
@pytest.mark.skipif(shutil.which("npm") is None, reason="needs Node with npm")
def test_googles_clients_for_node_do_it_all_and_upload_with_their_defaults() -> None:
    seen = run_program("node", CLIENTS / "program.mjs", "{url}", make_node())
    check(seen)
    assert seen["downloaded"]


@pytest.mark.full
@pytest.mark.skipif(shutil.which("go") is None, reason="needs Go")
def test_googles_client_for_go_does_it_all() -> None:
    check(run_program(make_go(), "{url}", "{training}"))
