"""A dataset that changes between the preview of ``pulumi up`` and its update is not what was looked at: the run stops."""

from __future__ import annotations

from typing import TYPE_CHECKING

import requests

from support.tuning_programs import IMPORTS, rows

if TYPE_CHECKING:
    from stacks.conftest import TuningStack
    from support.sandbox_server import SandboxServer

PROGRAM = (
    IMPORTS
    + """
import os, pathlib, requests
def begins(change): return not pulumi.runtime.is_dry_run() and pathlib.Path(change).exists()
other = pathlib.Path("other.jsonl").read_text()
if begins("meddle-with-object"):
    requests.post(os.environ["GCP_TUNING_BASE_URL"] + "/upload/storage/v1/b/shop-data/o?uploadType=media&name=tickets.jsonl",
                  data=other, timeout=30).raise_for_status()
if begins("meddle-with-file"):
    pathlib.Path("train.jsonl").write_text(other)
training = TuningDataset("training", bucket="shop-data", source="train.jsonl")
before = training
for name, uri in (("object", "gs://shop-data/tickets.jsonl"), ("file", training.uri)):
    before = TuningJob(name, base_model="gemini-3.1-flash-lite", supervised_tuning_spec={"training_dataset_uri": uri},
                       opts=pulumi.ResourceOptions(depends_on=[before]))
"""
)


def put(sandbox: SandboxServer, text: str) -> None:
    url = f"{sandbox.url}/upload/storage/v1/b/shop-data/o?uploadType=media&name=tickets.jsonl"
    requests.post(url, data=text.encode(), timeout=30).raise_for_status()


def test_what_changes_between_preview_and_update_stops_the_run_until_it_is_looked_at_again(
    tuning_stack: TuningStack, sandbox: SandboxServer
) -> None:
    put(sandbox, rows())
    stack = tuning_stack(PROGRAM)
    stack.write("other.jsonl", rows(salt="other"))
    for changes, subject in (("file", "train.jsonl"), ("object", "gs://shop-data/tickets.jsonl")):
        meddle = stack.write(f"meddle-with-{changes}", "")
        stopped = stack.run("up", "--yes").expect_failure(f"{subject} changed while this command ran")
        assert "Run the command again" in stopped.text
        assert sandbox.jobs() == []
        meddle.unlink()
    stack.run("up", "--yes").expect_ok()
    assert len(sandbox.jobs()) == 2
