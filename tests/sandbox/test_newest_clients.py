"""One program with Google's clients of the lock, of the newest major, of Node and of Go."""

from __future__ import annotations

import json
import subprocess
import sys
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from google import genai

from sandbox.running import AS_OF, run_sandbox
from sandbox.vertex_support import make_data
from support.client_environments import CLIENTS, NotAvailableError, make_go, make_node, make_python
from tuning_sandbox.app import create_app
from tuning_sandbox.kernel.sandbox import Config, parse_as_of

if TYPE_CHECKING:
    from collections.abc import Callable

PROGRAM = CLIENTS / "program.py"


def made(make: Callable[[], Path]) -> Path:
    """What an environment provides; the test is skipped where the machine cannot have it."""
    try:
        return make()
    except NotAvailableError as reason:
        pytest.skip(str(reason))


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
    assert json.loads(seen["json"]) == {"label": "billing"}
    assert seen["elsewhere"] == "NOT_FOUND"


def test_google_genai_of_the_lock_does_it_all() -> None:
    check(run_program(sys.executable, PROGRAM, "{url}", "{training}"))


@pytest.mark.full
def test_google_genai_of_the_newest_major_does_it_all() -> None:
    # It cannot be installed beside google-cloud-aiplatform 2.7, which asks for an older one.
    seen = run_program(made(partial(make_python, "genai-newest")), PROGRAM, "{url}", "{training}")
    assert seen["version"].partition(".")[0] > genai.__version__.partition(".")[0]
    check(seen)


@pytest.mark.full
def test_googles_clients_for_node_do_it_all_and_upload_with_their_defaults() -> None:
    seen = run_program("node", CLIENTS / "program.mjs", "{url}", made(make_node))
    check(seen)
    assert seen["downloaded"]


@pytest.mark.full
def test_googles_client_for_go_does_it_all() -> None:
    check(run_program(made(make_go), "{url}", "{training}"))
