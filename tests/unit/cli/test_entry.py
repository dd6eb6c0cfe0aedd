"""The command: sentences, exit codes, and a declaration that is a program."""

from __future__ import annotations

import ast
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import typer
import typer.testing

from pulumi_gcp_tuning.cli import adopt, catalog, entry
from pulumi_gcp_tuning.cli.curves import show_metrics
from pulumi_gcp_tuning.commands import asking
from pulumi_gcp_tuning.errors import Refused
from support.sandbox_server import PROJECT, REGION, SandboxServer
from support.warm_python import gcp_tuning

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


@pytest.mark.parametrize("app", [entry.app, catalog.app])
def test_help_leaves_the_line_breaks_of_a_paragraph_to_the_terminal(app: typer.Typer) -> None:
    texts = {name: str(each.help) for name, each in typer.main.get_group(app).commands.items()}
    assert "Until you run this" in texts.get("claim", "Until you run this")
    assert [name for name, text in texts.items() if any("\n" in each for each in text.split("\n\n"))] == []


@pytest.mark.parametrize("name", sorted(typer.main.get_group(entry.app).commands))
def test_help_prints_every_word_of_a_docstring(name: str) -> None:
    command = typer.main.get_group(entry.app).commands[name]
    printed = typer.testing.CliRunner().invoke(entry.app, [name, "--help"], env={"COLUMNS": "200"}).output.split()
    wanted = str(command.help).replace(r"\[", "[").split()
    assert [word for word in wanted if word not in printed] == []


@pytest.fixture(scope="module")
def server() -> Iterator[SandboxServer]:
    with SandboxServer("--speed", "100000") as running:
        running.make_bucket("shop-data")
        yield running


PLACE = f"projects/{PROJECT}/locations/{REGION}"
REGISTRY = "https://us-kfp.pkg.dev/ml-pipeline/large-language-model-pipelines"


def pipeline_body(model: str = "code-bison@002", **parameters: Any) -> dict[str, Any]:
    """A pipeline as somebody starts it by hand."""
    given = {"dataset_uri": "gs://shop-data/pairs.jsonl", "large_model_reference": model, "train_steps": 20}
    return {
        "displayName": "Code helper",
        "templateUri": f"{REGISTRY}/tune-large-{'chat-' * ('chat' in model)}model/v3.0.0",
        "runtimeConfig": {
            "gcsOutputDirectory": "gs://shop-data/output",
            "parameterValues": {"project": PROJECT, "model_display_name": "helper", **given, **parameters},
        },
    }


@pytest.fixture(scope="module")
def bison_server() -> Iterator[SandboxServer]:
    """A sandbox of a day on which bison models can be tuned, with data."""
    with SandboxServer("--stepped", "--as-of", "2024-06-03") as running:
        running.make_bucket("shop-data")
        yield running


def run(*arguments: str, **env: str) -> subprocess.CompletedProcess[str]:
    command = gcp_tuning(*arguments)
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


def test_the_printed_declaration_of_a_continued_and_evaluated_job_has_its_parent_and_its_evaluation() -> None:
    model = "projects/362489073725/locations/us/models/5550001112223334445@1"
    output = {"gcsDestination": {"outputUriPrefix": "gs://b/evaluations"}}
    evaluation = {"metrics": [{"exactMatchSpec": {}}], "outputConfig": output}
    continued = {
        **{key: value for key, value in JOB.items() if key != "baseModel"},
        "preTunedModel": {"tunedModelName": model, "checkpointId": "2", "baseModel": "gemini-3.5-flash"},
        "supervisedTuningSpec": {"trainingDatasetUri": "gs://b/train.jsonl", "evaluationConfig": evaluation},
    }
    given = keywords(adopt.declaration_of(continued, project="shop"), "TuningJob")
    assert given["pre_tuned_model"] == {"tuned_model_name": model, "checkpoint_id": "2"}
    assert "base_model" not in given
    assert given["supervised_tuning_spec"]["evaluation_config"] == {
        "metrics": [{"exactMatchSpec": {}}],
        "output_config": {"gcs_destination": {"output_uri_prefix": "gs://b/evaluations"}},
    }


def test_a_job_of_another_method_is_refused() -> None:
    with pytest.raises(Refused, match="supervised"):
        adopt.declaration_of({**JOB, "supervisedTuningSpec": None}, project="shop")


def test_an_answer_without_text_says_why() -> None:
    assert asking.text_of({"candidates": [{"finishReason": "SAFETY"}]}) == "(no text; the model ended with SAFETY)"
    assert asking.text_of({"candidates": [{"content": {"parts": [{"text": "a"}, {"text": "b"}]}}]}) == "ab"


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("adopt", "4711"), "is not the name of a tuning job"),
        (("ask", "gemini-3.5-flash", "hi"), "GOOGLE_PROJECT"),
        (("ask", "projects/p-shop/locations/us/models/1", "hi"), "ask the endpoint"),
        (("metrics", f"{PLACE}/pipelineJobs/tune-1"), "tune-1"),
        (("metrics", f"{PLACE}/pipelineJobs/-"), "is not the name of a tuning pipeline"),
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


def test_the_option_prints_the_version_as_the_command_does() -> None:
    assert run("--version").stdout == run("version").stdout


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


def test_adopt_prints_a_pipeline_that_somebody_started(bison_server: SandboxServer) -> None:
    body = {**pipeline_body(), "labels": {"team": "shop"}}
    job = bison_server.call("POST", f"v1/{PLACE}/pipelineJobs", body)
    ended = run("adopt", job["name"], **bison_server.env, GOOGLE_PROJECT=PROJECT)
    assert ended.stderr == ""
    assert keywords(ended.stdout, "PipelineTuningJob") == {
        "project": PROJECT,
        "location": REGION,
        "base_model": "code-bison@002",
        "dataset_uri": "gs://shop-data/pairs.jsonl",
        "train_steps": 20,
        "gcs_output_directory": "gs://shop-data/output",
        "display_name": "Code helper",
        "model_display_name": "helper",
        "labels": {"team": "shop"},
        "adopt": job["name"],
    }


PIPELINE = {"name": f"{PLACE}/pipelineJobs/tune-1", "state": "PIPELINE_STATE_SUCCEEDED"}


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (pipeline_body(dataset_name="projects/p/datasets/1"), "dataset_name: the job has 'projects/p/datasets/1'"),
        ({**pipeline_body(), "templateUri": "https://example.com/mine"}, "template_uri: the job has"),
        ({"templateUri": "https://example.com/mine"}, "base_model: Field required"),
    ],
)
def test_a_pipeline_that_no_declaration_amounts_to_is_refused(body: dict[str, Any], said: str) -> None:
    with pytest.raises(Refused, match="cannot be declared") as refusal:
        adopt.declaration_of({**PIPELINE, **body}, project="shop")
    assert said in str(refusal.value)


@pytest.mark.parametrize("model", ["code-bison@002", "text-bison@002", "codechat-bison@002"])
def test_ask_asks_a_bison_model_in_its_own_way(bison_server: SandboxServer, model: str) -> None:
    env = {**bison_server.env, "GOOGLE_PROJECT": PROJECT, "GOOGLE_REGION": REGION}
    asked = run("ask", model, "how do I sort a list?", "--temperature", "0", **env)
    assert asked.returncode == 0, asked.stderr
    assert asked.stdout.strip()


@pytest.mark.parametrize("short", ["5738", "endpoints/5738"])
def test_ask_takes_an_endpoints_id_for_an_endpoint_and_not_for_a_base_model(server: SandboxServer, short: str) -> None:
    place = ["--project", PROJECT, "--location", "us"]
    ended = run("ask", short, "hello", *place, **server.env)
    assert ended.returncode == 1
    assert f"projects/{PROJECT}/locations/us/endpoints/5738" in ended.stderr
    assert "publishers" not in ended.stderr


@pytest.mark.parametrize("short", ["5738", "endpoints/5738"])
def test_an_endpoints_id_without_its_place_is_refused_with_what_is_missing(short: str) -> None:
    ended = run("ask", short, "hello")
    assert ended.returncode == 1
    assert f"A project and a location are needed to ask the endpoint '{short}'" in ended.stderr
    assert "--location" in ended.stderr
    assert "or give its full name (output `endpoint`)" in ended.stderr


def test_bars_follow_the_logarithm_of_the_loss_under_a_heading(capsys: pytest.CaptureFixture[str]) -> None:
    steps = [{"step": number, "/train_total_loss": loss} for number, loss in enumerate((10, 1, 0.1, 0.01), 1)]
    show_metrics(steps)
    head, *rows = capsys.readouterr().out.splitlines()
    assert head.split("  ")[-2:] == ["train loss", "train loss (log scale)"]  # nothing counted the accuracy
    assert [row.count("█") for row in rows] == [30, 20, 11, 1]


def test_the_bars_of_two_jobs_have_one_scale(capsys: pytest.CaptureFixture[str]) -> None:
    first, second = ([{"step": 1, "/train_total_loss": loss}] for loss in (10, 0.1))
    for each in (first, second):
        show_metrics(each, beside=[first, second])
    rows = [row.count("█") for row in capsys.readouterr().out.splitlines() if "█" in row]
    assert rows == [30, 1]


def test_a_loss_that_does_not_change_or_is_zero_has_bars(capsys: pytest.CaptureFixture[str]) -> None:
    show_metrics([{"step": 1, "/train_total_loss": 0.5}, {"step": 2, "/train_total_loss": 0.5}])
    show_metrics([{"step": 1, "/train_total_loss": 0.5}, {"step": 2, "/train_total_loss": 0}])
    rows = [row.count("█") for row in capsys.readouterr().out.splitlines() if "█" in row]
    assert rows == [30, 30, 30, 1]
