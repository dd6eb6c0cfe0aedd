"""The command: sentences, exit codes, and a declaration that is a program."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from pulumi_gcp_tuning.cli import adopt, ask
from pulumi_gcp_tuning.errors import Refused
from support.sandbox_server import PROJECT, REGION, SandboxServer

if TYPE_CHECKING:
    from collections.abc import Iterator

JOB: dict[str, Any] = {
    "name": "projects/123456789012/locations/us-central1/tuningJobs/42",
    "state": "JOB_STATE_SUCCEEDED",
    "baseModel": "gemini-3.5-flash",
    "tunedModelDisplayName": "Support bot's best",
    "supervisedTuningSpec": {
        "trainingDatasetUri": "gs://b/t.jsonl",
        "hyperParameters": {"epochCount": "3", "adapterSize": "ADAPTER_SIZE_FOUR", "learningRateMultiplier": 1},
    },
    "labels": {"team": "shop", "gcp-tuning-id": "x"},
}


@pytest.fixture(scope="module")
def server() -> Iterator[SandboxServer]:
    with SandboxServer("--speed", "100000") as running:
        running.make_bucket("shop-data")
        yield running


def run(*arguments: str, **env: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "pulumi_gcp_tuning.cli", *arguments]
    return subprocess.run(command, env=env, capture_output=True, text=True, timeout=300, check=False)


def keywords(program: str, call: str) -> dict[str, Any]:
    calls = [node for node in ast.walk(ast.parse(program)) if isinstance(node, ast.Call)]
    found = next(c for c in calls if isinstance(c.func, ast.Attribute) and c.func.attr == call)
    return {
        k.arg: ast.literal_eval(k.value) for k in found.keywords if k.arg and not isinstance(k.value, ast.Attribute)
    }


def test_the_printed_declaration_is_python_and_adopts_the_job() -> None:
    program = adopt.declaration_of(JOB, project="shop")
    given = keywords(program, "TuningJob")
    assert given["adopt"] == JOB["name"]
    assert given["labels"] == {"team": "shop"}
    assert given["supervised_tuning_spec"]["hyper_parameters"] == {
        "epoch_count": 3,
        "adapter_size": "ADAPTER_SIZE_FOUR",
        "learning_rate_multiplier": 1,
    }
    assert given["tuned_model_display_name"] == "Support bot's best"
    assert "TunedModel(" in program


def test_a_job_of_another_method_is_refused() -> None:
    with pytest.raises(Refused, match="supervised"):
        adopt.declaration_of({**JOB, "supervisedTuningSpec": None}, project="shop")


def test_an_answer_without_text_says_why() -> None:
    assert ask.text_of({"candidates": [{"finishReason": "SAFETY"}]}) == "(no text; the model ended with SAFETY)"
    assert ask.text_of({"candidates": [{"content": {"parts": [{"text": "a"}, {"text": "b"}]}}]}) == "ab"


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("adopt", "4711"), "is not the name of a tuning job"),
        (("ask", "gemini-3.5-flash", "hi"), "GOOGLE_PROJECT"),
        (("ask", "projects/p-shop/locations/us/models/1", "hi"), "ask the endpoint"),
        (("adopt", f"projects/{PROJECT}1/locations/{REGION}/tuningJobs/1"), "GCP_TUNING_BASE_URL"),
    ],
)
def test_bad_input_gets_a_sentence_and_no_traceback(
    server: SandboxServer, arguments: tuple[str, ...], said: str
) -> None:
    ended = run(*arguments, **server.env)
    assert ended.returncode == 1
    assert said in ended.stderr
    assert "Traceback" not in ended.stderr
    assert len(ended.stderr.strip().splitlines()) <= 6


def test_an_import_file_does_not_overwrite_a_file(server: SandboxServer, tmp_path: Path) -> None:
    body = {"baseModel": "gemini-3.5-flash", "supervisedTuningSpec": {"trainingDatasetUri": "gs://shop-data/t.jsonl"}}
    job = server.call("POST", f"v1beta1/projects/{PROJECT}/locations/{REGION}/tuningJobs", body)
    program = tmp_path / "__main__.py"
    program.write_text("mine")
    ended = run("adopt", job["name"], "--import-file", str(program), **server.env)
    assert (ended.returncode, ended.stdout) == (1, "")
    assert "exists and was not overwritten" in ended.stderr
    assert program.read_text() == "mine"


def test_version_prints_the_version() -> None:
    assert run("version").stdout.strip().count(".") == 2


def test_adopt_prints_a_job_of_the_sandbox_and_ask_asks_it(server: SandboxServer) -> None:
    body = {"baseModel": "gemini-3.5-flash", "supervisedTuningSpec": {"trainingDatasetUri": "gs://shop-data/t.jsonl"}}
    job = server.call("POST", f"v1beta1/projects/{PROJECT}/locations/{REGION}/tuningJobs", body)
    ended = run("adopt", job["name"], **server.env, GOOGLE_PROJECT=PROJECT)
    assert ended.stderr == ""
    assert keywords(ended.stdout, "TuningJob")["project"] == PROJECT
    asked = run(
        "ask",
        "gemini-3.5-flash",
        "hello",
        "--temperature",
        "0",
        **server.env,
        GOOGLE_PROJECT=PROJECT,
        GOOGLE_REGION=REGION,
    )
    assert asked.returncode == 0, asked.stderr
    assert asked.stdout.strip()
