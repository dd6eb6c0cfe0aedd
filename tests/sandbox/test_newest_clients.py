"""google-genai as it is in the lock and in its newest major, from an environment of its own."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from sandbox.running import AS_OF, run_sandbox
from sandbox.vertex_support import make_data
from support.genai_tests import make_environment
from tuning_sandbox.app import create_app
from tuning_sandbox.kernel.sandbox import Config, parse_as_of

# It cannot be installed beside google-cloud-aiplatform 2.7, which asks for an older one.
NEWEST = "3.6.1"
PROGRAM = Path(__file__).parents[1] / "support" / "genai_program.py"


def run_program(python: Path) -> dict[str, Any]:
    """What the program saw, on a clock on which a job takes a second."""
    app = create_app(Config(mode="scaled", scale=6000, as_of=parse_as_of(AS_OF), seed=7))
    with run_sandbox(app) as sandbox:
        training, _ = make_data(sandbox, 200)
        command = [python, PROGRAM, sandbox.url, training]
        ran = subprocess.run(command, capture_output=True, text=True, check=False, timeout=300)
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
    assert json.loads(seen["json"]) == {"label": "billing"}


def test_google_genai_of_the_lock_does_it_all() -> None:
    check(run_program(Path(sys.executable)))


@pytest.mark.full
def test_google_genai_of_the_newest_major_does_it_all() -> None:
    seen = run_program(make_environment(NEWEST) / "bin" / "python")
    assert seen["version"] == NEWEST
    check(seen)
