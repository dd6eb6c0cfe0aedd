"""Google's SDK for the bison models, in its last release that documents them, tunes and asks them in the sandbox."""

from __future__ import annotations

import json
import os
import subprocess
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from sandbox.pipeline_support import ASKED, BISON_DAY, CONTEXT, make_files
from sandbox.running import run_sandbox
from sandbox.test_newest_clients import made
from support.client_environments import CLIENTS, make_python
from tuning_sandbox.app import create_app
from tuning_sandbox.kernel.sandbox import Config, parse_as_of


def seen_by(python: Path) -> dict[str, Any]:
    """What the program saw, on a clock on which a pipeline takes seconds."""
    app = create_app(Config(mode="scaled", scale=6000, as_of=parse_as_of(BISON_DAY), seed=7))
    with run_sandbox(app) as sandbox:
        files = make_files(sandbox)
        # it has no setting for the address of Cloud Storage, where it looks for its bucket; without one it tries Google's for minutes
        storage = {"STORAGE_EMULATOR_HOST": sandbox.url}
        words = [sandbox.url, files["pairs"], files["evaluation"], files["chats"], ASKED, CONTEXT]
        ran = subprocess.run(
            [python, CLIENTS / "language_models.py", *words],
            capture_output=True,
            text=True,
            check=False,
            timeout=300,
            env=os.environ | storage,
        )
    assert ran.returncode == 0, ran.stderr[-3000:]
    seen: dict[str, Any] = json.loads(ran.stdout.splitlines()[-1])
    return seen


@pytest.mark.full
def test_vertexai_1_75_tunes_lists_loads_and_asks_both_models() -> None:
    seen = seen_by(made(partial(make_python, "vertexai-1")))
    assert seen["version"] == "1.75.0"
    assert seen["listed"] == [True]
    assert (seen["answer"], seen["chat"]) == ("billing", "billing")
    assert len(seen["experiments"]) == 1
