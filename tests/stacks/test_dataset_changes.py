"""A dataset that changes between the preview of ``pulumi up`` and its update is not what was looked at: the run stops."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
import requests

from support.tuning_programs import IMPORTS, rows

if TYPE_CHECKING:
    from stacks.conftest import TuningStack
    from support.sandbox_server import SandboxServer

OBJECT = (
    IMPORTS
    + """
if not pulumi.runtime.is_dry_run() and __import__("pathlib").Path("meddle").exists():
    import os, requests
    requests.post(os.environ["GCP_TUNING_BASE_URL"] + "/upload/storage/v1/b/shop-data/o?uploadType=media&name=tickets.jsonl",
                  data=open("other.jsonl", "rb"), timeout=30).raise_for_status()
TuningJob("router", base_model="gemini-3.1-flash-lite",
          supervised_tuning_spec={"training_dataset_uri": "gs://shop-data/tickets.jsonl"})
"""
)
FILE = (
    IMPORTS
    + """
if not pulumi.runtime.is_dry_run() and __import__("pathlib").Path("meddle").exists():
    open("train.jsonl", "w").write(open("other.jsonl").read())
training = TuningDataset("training", bucket="shop-data", source="train.jsonl")
TuningJob("router", base_model="gemini-3.1-flash-lite",
          supervised_tuning_spec={"training_dataset_uri": training.uri})
"""
)


def put(sandbox: SandboxServer, text: str) -> None:
    url = f"{sandbox.url}/upload/storage/v1/b/shop-data/o?uploadType=media&name=tickets.jsonl"
    requests.post(url, data=text.encode(), timeout=30).raise_for_status()


@pytest.mark.parametrize(("program", "subject"), [(OBJECT, "gs://shop-data/tickets.jsonl"), (FILE, "train.jsonl")])
def test_what_changes_between_preview_and_update_stops_the_run_until_it_is_looked_at_again(
    tuning_stack: TuningStack, sandbox: SandboxServer, program: str, subject: str
) -> None:
    put(sandbox, rows())
    stack = tuning_stack(program)
    stack.write("other.jsonl", rows(salt="other"))
    stack.write("meddle", "")
    stopped = stack.run("up", "--yes").expect_failure(f"{subject} changed while this command ran")
    assert "Run the command again" in stopped.text
    assert sandbox.jobs() == []
    (stack.folder / "meddle").unlink()
    stack.run("up", "--yes").expect_ok()
    assert len(sandbox.jobs()) == 1
