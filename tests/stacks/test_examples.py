"""Every example goes up, stands still and comes down, with nothing changed but where its API is."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
import yaml  # type: ignore[import-untyped]

from support.pulumi_stack import CHECKOUT, Result
from support.sandbox_server import AS_OF, REGION, SandboxServer

EXAMPLES = CHECKOUT / "docs" / "examples"


@dataclass(frozen=True)
class Case:
    """One run of an example: further configuration, the day at which the sandbox plays, where its models end up."""

    example: str
    models_in: Mapping[str, str]
    config: Mapping[str, str] = field(default_factory=dict)
    as_of: str = AS_OF

    def __str__(self) -> str:
        return "-".join([self.example, *self.config.values()])


CASES = [
    Case("gemini-sft", {"shop": "us"}),
    Case("gemini-sft", {"shop": "us-central1"}, config={"baseModel": "gemini-1.5-pro-002"}, as_of="2025-03-01"),
    Case("cmek", {"shop": "us-central1"}, as_of="2026-06-01"),
    Case("own-endpoint", {"shop": "us"}),
    Case("two-projects", {"shop-dev": "us", "shop-prod": "eu"}),
]
PIPELINE = Case("pipeline", {"shop": "us-central1"}, as_of="2024-09-01")


class Example:
    """A copy of an example's folder, on a sandbox of its own day."""

    def __init__(self, case: Case, folder: Path, cli: Path, home: Path, sandbox: SandboxServer) -> None:
        shutil.copytree(EXAMPLES / case.example, folder)
        (folder / ".state").mkdir()
        self.case, self.folder, self.cli, self.sandbox = case, folder, cli, sandbox
        told = {name: text for name, text in sandbox.env.items() if name != "GCP_TUNING_AS_OF"}
        self.env = os.environ | told | {
            "PULUMI_HOME": str(home),
            "PULUMI_BACKEND_URL": (folder / ".state").as_uri(),
            "PULUMI_CONFIG_PASSPHRASE": "",
        }  # fmt: skip
        self.run("stack", "init", "dev").expect_ok()
        own = yaml.safe_load((folder / "Pulumi.yaml").read_text()).get("config", {})
        config = {"gcp:project": "shop", **case.config}
        if case.as_of != AS_OF and "gcp-tuning:asOf" not in own:
            config["gcp-tuning:asOf"] = case.as_of
        for key, value in config.items():
            self.run("config", "set", key, value).expect_ok()

    def run(self, *arguments: str) -> Result:
        """One command of the CLI in the example's folder."""
        command = [str(self.cli), *arguments, "--non-interactive", "--color", "never"]
        done = subprocess.run(command, cwd=self.folder, env=self.env, capture_output=True, text=True, check=False)
        return Result(" ".join(command), done.returncode, done.stdout, done.stderr)

    def jobs(self, project: str) -> list[dict[str, Any]]:
        """The tuning jobs of a project, in whatever region."""
        regions = ("us-central1", "europe-west4")
        return [job for region in regions for job in self.sandbox.jobs(project, region)]


@pytest.fixture(params=CASES, ids=str)
def example(request: pytest.FixtureRequest, tmp_path: Path, pulumi_cli: Path, pulumi_home: Path) -> Iterator[Example]:
    case: Case = request.param
    with SandboxServer("--as-of", case.as_of) as sandbox:
        sandbox.reset()
        yield Example(case, tmp_path / case.example, pulumi_cli, pulumi_home, sandbox)


def test_an_example_goes_up_stands_still_and_comes_down(example: Example) -> None:
    example.run("up", "--yes", "--skip-preview").expect_ok()
    for project, location in example.case.models_in.items():
        assert len(example.sandbox.models(location, project)) == 1
        assert [job["state"] for job in example.jobs(project)] == ["JOB_STATE_SUCCEEDED"]
    example.run("preview", "--expect-no-changes").expect_ok()
    example.run("destroy", "--yes", "--skip-preview").expect_ok()
    for project, location in example.case.models_in.items():
        assert example.sandbox.models(location, project) == []
        assert example.sandbox.endpoints(location, project) == []


@pytest.mark.parametrize("example", [case for case in CASES if case.example == "cmek"], indirect=True, ids=str)
def test_one_key_encrypts_the_data_and_the_job_of_the_cmek_example(example: Example) -> None:
    example.run("up", "--yes", "--skip-preview").expect_ok()
    key = example.run("stack", "output", "key").expect_ok().stdout.strip()
    job = example.jobs("shop")[0]
    bucket, _, name = job["supervisedTuningSpec"]["trainingDatasetUri"].removeprefix("gs://").partition("/")
    data = example.sandbox.call("GET", f"storage/v1/b/{bucket}/o/{quote(name, safe='')}")
    assert job["encryptionSpec"]["kmsKeyName"] == key
    assert data["kmsKeyName"].startswith(f"{key}/")


@pytest.mark.parametrize("example", [PIPELINE], indirect=True, ids=str)
def test_the_pipeline_example_tunes_a_code_model_that_answers_and_leaves_nothing(example: Example) -> None:
    sandbox, rows = example.sandbox, (example.folder / "data" / "train.jsonl").read_text(encoding="utf-8").splitlines()
    example.run("up", "--yes", "--skip-preview").expect_ok()
    (pipeline,) = sandbox.jobs("shop", collection="pipelineJobs")
    assert pipeline["state"] == "PIPELINE_STATE_SUCCEEDED"
    assert pipeline["templateUri"].endswith("/tune-large-model/v3.0.0")
    endpoint = example.run("stack", "output", "endpoint").expect_ok().stdout.strip()
    pairs = [json.loads(row) for row in rows[::5]]
    asked = {"instances": [{"prefix": pair["input_text"]} for pair in pairs], "parameters": {"temperature": 0}}
    answers = sandbox.call("POST", f"v1/{endpoint}:predict", asked)["predictions"]
    assert [answer["content"] for answer in answers] == [pair["output_text"] for pair in pairs]
    example.run("preview", "--expect-no-changes").expect_ok()
    example.run("refresh", "--yes", "--expect-no-changes").expect_ok()
    example.run("destroy", "--yes", "--skip-preview").expect_ok()
    left = (sandbox.jobs("shop", collection="pipelineJobs"), sandbox.models(REGION), sandbox.endpoints(REGION))
    assert left == ([], [], [])


def test_every_example_is_run() -> None:
    assert {case.example for case in (*CASES, PIPELINE)} == {
        folder.name for folder in EXAMPLES.iterdir() if folder.is_dir()
    }
