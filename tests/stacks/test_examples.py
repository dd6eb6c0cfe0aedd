"""Every example goes up, stands still and comes down, with nothing changed but where its API is."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
import yaml  # type: ignore[import-untyped]

from support.pulumi_stack import CHECKOUT, Stack
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


SHOWN_IN_DOCS = [Case("gemini-sft", {"shop": "us"}), Case("own-endpoint", {"shop": "us"})]
CASES = [
    Case("gemini-sft", {"shop": "us-central1"}, config={"baseModel": "gemini-1.5-pro-002"}, as_of="2025-03-01"),
    Case("cmek", {"shop": "us-central1"}, as_of="2026-06-01"),
    Case("two-projects", {"shop-dev": "us", "shop-prod": "eu"}),
    Case("fine-tuned-model", {"shop": "us"}),
]
CONTINUOUS = Case("gemini-continuous", {"shop": "us"})
GEMINI_API = Case("gemini-api", {}, as_of="2024-11-20")
PIPELINE = Case("pipeline", {"shop": "us-central1"}, as_of="2024-09-01")
OPEN_MODEL = Case("open-model", {})
OPEN_COMPONENT = Case("fine-tuned-open-model", {})
Start = Callable[[Case], tuple[Stack, SandboxServer]]


def jobs(sandbox: SandboxServer, project: str) -> list[dict[str, Any]]:
    """The tuning jobs of a project, in any region."""
    regions = ("us-central1", "europe-west4")
    return [job for region in regions for job in sandbox.jobs(project, region)]


def make_stack(case: Case, folder: Path, cli: Path, home: Path, sandbox: SandboxServer) -> Stack:
    """A copy of an example's folder, on a sandbox of its own day."""
    shutil.copytree(EXAMPLES / case.example, folder)
    env = {name: text for name, text in sandbox.env.items() if name != "GCP_TUNING_AS_OF"}
    stack = Stack.of(folder, cli=cli, home=home, env=env)
    own = yaml.safe_load((folder / "Pulumi.yaml").read_text()).get("config", {})
    dated = case.as_of != AS_OF and "gcp-tuning:asOf" not in own
    stack.configure({"gcp:project": "shop", **case.config, **({"gcp-tuning:asOf": case.as_of} if dated else {})})
    return stack


@pytest.fixture
def start(tmp_path: Path, pulumi_cli: Path, pulumi_home: Path) -> Iterator[Start]:
    """Makes the stack of an example, and an empty sandbox for it that runs until the test ends."""
    with ExitStack() as running:

        def of_case(case: Case) -> tuple[Stack, SandboxServer]:
            sandbox = running.enter_context(SandboxServer("--as-of", case.as_of))
            sandbox.reset()
            return make_stack(case, tmp_path / case.example, pulumi_cli, pulumi_home, sandbox), sandbox

        yield of_case


def examples_in(stack: Stack, name: str) -> list[Any]:
    """The rows of a file of the example's data."""
    text = (stack.folder / "data" / name).read_text(encoding="utf-8")
    return [json.loads(row) for row in text.splitlines()]


def stand_still_and_come_down(stack: Stack) -> None:
    stack.preview("--expect-no-changes").expect_ok()
    stack.refresh("--expect-no-changes").expect_ok()
    stack.destroy().expect_ok()


@pytest.mark.matrix(1, kind="an example")
@pytest.mark.parametrize("case", CASES, ids=str)
def test_an_example_goes_up_stands_still_and_comes_down(case: Case, start: Start) -> None:
    live_and_leave_nothing(case, start)


# docs/sandbox.md does the same with these, and tests/stacks/test_docs.py runs its commands.
@pytest.mark.full
@pytest.mark.parametrize("case", SHOWN_IN_DOCS, ids=str)
def test_an_example_of_the_docs_goes_up_stands_still_and_comes_down(case: Case, start: Start) -> None:
    live_and_leave_nothing(case, start)


def live_and_leave_nothing(case: Case, start: Start) -> None:
    stack, sandbox = start(case)
    stack.up().expect_ok()
    for project, location in case.models_in.items():
        assert len(sandbox.models(location, project)) == 1
        assert [job["state"] for job in jobs(sandbox, project)] == ["JOB_STATE_SUCCEEDED"]
    if case.example == "cmek":
        assert_one_key_encrypts_data_and_job(stack, sandbox)
    assert_loss_falls(stack)
    assert_answers_are_learned(stack, sandbox)
    stand_still_and_come_down(stack)
    for project, location in case.models_in.items():
        assert sandbox.models(location, project) == []
        assert sandbox.endpoints(location, project) == []


def assert_loss_falls(stack: Stack) -> None:
    trained = [
        each["outputs"]["metrics"]["trainTotalLoss"] for each in stack.resources if each["type"].endswith(":TunedModel")
    ]
    assert trained
    assert all(loss["final"] < loss["first"] for loss in trained)


def assert_answers_are_learned(stack: Stack, sandbox: SandboxServer) -> None:
    endpoints = [value for name, value in stack.outputs().items() if name.endswith("endpoint")]
    assert endpoints
    rows = examples_in(stack, "train.jsonl")[::6]
    for endpoint in endpoints:
        right = 0
        for row in rows:
            body = {**row, "contents": row["contents"][:1], "generationConfig": {"temperature": 0}}
            (answer,) = sandbox.call("POST", f"v1/{endpoint}:generateContent", body)["candidates"]
            right += answer["content"]["parts"] == row["contents"][1]["parts"]
        assert right >= 0.8 * len(rows)


def assert_one_key_encrypts_data_and_job(stack: Stack, sandbox: SandboxServer) -> None:
    key, (job,) = stack.outputs()["key"], jobs(sandbox, "shop")
    bucket, _, name = job["supervisedTuningSpec"]["trainingDatasetUri"].removeprefix("gs://").partition("/")
    data = sandbox.call("GET", f"storage/v1/b/{bucket}/o/{quote(name, safe='')}")
    assert job["encryptionSpec"]["kmsKeyName"] == key
    assert data["kmsKeyName"].startswith(f"{key}/")


def last_losses(sandbox: SandboxServer, board: str) -> dict[str, float]:
    """The last training loss of each experiment of a TensorBoard, by the name of its pipeline."""
    found: dict[str, float] = {}
    for experiment in sandbox.call("GET", f"v1/{board}/experiments")["tensorboardExperiments"]:
        run = f"v1/{experiment['name']}/runs/tuning/timeSeries"
        names = {each["displayName"]: each["name"] for each in sandbox.call("GET", run)["tensorboardTimeSeries"]}
        assert "/eval_total_loss" in names
        values = sandbox.call("GET", f"v1/{names['/train_total_loss']}:read")["timeSeriesData"]["values"]
        found[experiment["displayName"]] = values[-1]["scalar"]["value"]
    return found


@pytest.mark.matrix(1, kind="an example")
def test_the_pipeline_example_tunes_a_sweep_and_a_chat_and_leaves_nothing(start: Start) -> None:
    stack, sandbox = start(PIPELINE)
    place = f"v1/projects/shop/locations/{REGION}"
    board = sandbox.call("POST", f"{place}/tensorboards", {"displayName": "sweep"})["response"]["name"]
    stack.configure({"tensorboard": board})
    stack.up().expect_ok()
    outputs, pipelines = stack.outputs(), sandbox.jobs("shop", collection="pipelineJobs")
    assert {each["state"] for each in pipelines} == {"PIPELINE_STATE_SUCCEEDED"}
    templates = sorted(each["templateUri"].split("/")[-2] for each in pipelines)
    assert templates == ["tune-large-chat-model", *["tune-large-model"] * 3]
    assert [outputs[f"epochs-{steps}"] for steps in (100, 200, 500)] == [8, 16, 40]  # 100 examples, 8 in a step
    loss = last_losses(sandbox, board)
    assert {steps: found["trainTotalLoss"]["final"] for steps, found in outputs["metrics"].items()} == {
        steps: loss[f"code-{steps}"] for steps in ("100", "200", "500")
    }
    assert loss["code-100"] > loss["code-200"] > loss["code-500"]
    pairs = examples_in(stack, "train.jsonl")[::5]
    asked = {"instances": [{"prefix": pair["input_text"]} for pair in pairs], "parameters": {"temperature": 0}}
    answers = sandbox.call("POST", f"v1/{outputs['endpoints']['500']}:predict", asked)["predictions"]
    assert [answer["content"] for answer in answers] == [pair["output_text"] for pair in pairs]
    for row in examples_in(stack, "chat.jsonl")[:10]:
        said = {"context": row.get("context", "You answer with Python."), "messages": row["messages"][:1]}
        body = {"instances": [said], "parameters": {"temperature": 0}}
        (talk,) = sandbox.call("POST", f"v1/{outputs['chat']}:predict", body)["predictions"]
        assert talk["candidates"][0]["content"] == row["messages"][1]["content"]
    stand_still_and_come_down(stack)
    left = (sandbox.jobs("shop", collection="pipelineJobs"), sandbox.models(REGION), sandbox.endpoints(REGION))
    assert left == ([], [], [])


@pytest.mark.matrix(1, kind="an example")
@pytest.mark.parametrize("case", [OPEN_MODEL, pytest.param(OPEN_COMPONENT, marks=pytest.mark.full)], ids=str)
def test_the_open_model_example_serves_weights_that_answer_and_leaves_no_machine(start: Start, case: Case) -> None:
    stack, sandbox = start(case)
    stack.up().expect_ok()
    (job,) = sandbox.jobs("shop")
    assert (job["state"], "tunedModel" in job) == ("JOB_STATE_SUCCEEDED", False)
    pairs = examples_in(stack, "train.jsonl")[::10]
    asked = [{"prompt": pair["prompt"], "temperature": 0, "max_tokens": 20, "raw_response": True} for pair in pairs]
    answer = sandbox.call("POST", f"v1/{stack.outputs()['endpoint']}:predict", {"instances": asked})
    assert answer["predictions"] == [pair["completion"] for pair in pairs]
    stack.preview("--expect-no-changes").expect_ok()
    stack.refresh().expect_ok()
    stack.preview("--expect-no-changes").expect_ok()
    loss = stack.resource_of("TuningJob", "tickets")["outputs"]["metrics"]["trainTotalLoss"]
    assert loss["final"] < loss["first"]
    if case is OPEN_MODEL:
        assert stack.outputs()["metrics"]["trainTotalLoss"] == loss
        assert f"/v1/{stack.outputs()['endpoint']}:predict" in stack.outputs()["ask"]["curl"]
    stack.destroy().expect_ok()
    assert (sandbox.models(REGION), sandbox.endpoints(REGION)) == ([], [])


ASKED = "My gift card 4711 was declined at checkout."
SAMPLING = {"temperature": 0, "topP": 0.95, "topK": 20, "maxOutputTokens": 64}


def ask(sandbox: SandboxServer, endpoint: str) -> str:
    """The answer to a ticket of the new team, with the generation config of seed 000."""
    instruction = "You route support tickets of an online shop. Answer with the team and the priority, nothing else."
    body = {
        "contents": [{"role": "user", "parts": [{"text": ASKED}]}],
        "systemInstruction": {"parts": [{"text": instruction}]},
        "generationConfig": SAMPLING,
    }
    answer = sandbox.call("POST", f"v1/{endpoint}:generateContent", body)
    return str(answer["candidates"][0]["content"]["parts"][0]["text"])


@pytest.mark.matrix(1, kind="an example")
def test_a_tuned_model_is_tuned_further_evaluated_and_leaves_nothing(start: Start) -> None:
    stack, sandbox = start(CONTINUOUS)
    stack.up().expect_ok()
    outputs = stack.outputs()
    assert outputs["tuned_model"] == outputs["parent"].replace("@1", "@2")
    assert ask(sandbox, outputs["endpoint"]) == "team: gift cards; priority: normal"
    assert "gift cards" not in ask(sandbox, outputs["parent_endpoint"])
    loss = outputs["metrics"]["trainTotalLoss"]
    assert loss["final"] < loss["first"]
    (run,) = outputs["evaluation"]
    exact, rouge = run["evaluateDatasetResponse"]["aggregationOutput"]["aggregationResults"]
    assert exact["exactMatchMetricValue"]["score"] > 0.5
    assert rouge["rougeMetricValue"]["score"] >= exact["exactMatchMetricValue"]["score"]
    stand_still_and_come_down(stack)
    assert (sandbox.models("us", "shop"), sandbox.endpoints("us", "shop")) == ([], [])


@pytest.mark.matrix(1, kind="an example")
def test_the_gemini_api_example_tunes_a_model_that_answers_and_leaves_nothing(start: Start) -> None:
    stack, sandbox = start(GEMINI_API)
    stack.up().expect_ok()
    (model,) = sandbox.call("GET", "v1beta/tunedModels")["tunedModels"]
    outputs = stack.outputs()
    assert (model["name"], model["state"]) == (outputs["model"], "ACTIVE")
    assert outputs["mean_loss"] == model["tuningTask"]["snapshots"][-1]["meanLoss"]
    assert outputs["loss"]["best"] <= outputs["loss"]["final"] == outputs["mean_loss"] < outputs["loss"]["first"]
    asked = {"contents": [{"parts": [{"text": "seven"}]}], "generationConfig": {"temperature": 0}}
    answer = sandbox.call("POST", f"v1beta/{model['name']}:generateContent", asked)["candidates"][0]
    assert answer["content"]["parts"][0]["text"]
    assert "ninety nine" not in stack.state_file.read_text(encoding="utf-8")
    stand_still_and_come_down(stack)
    assert sandbox.call("GET", "v1beta/tunedModels").get("tunedModels", []) == []


def test_every_example_is_run() -> None:
    assert {
        case.example for case in (*CASES, *SHOWN_IN_DOCS, PIPELINE, CONTINUOUS, GEMINI_API, OPEN_MODEL, OPEN_COMPONENT)
    } == {folder.name for folder in EXAMPLES.iterdir() if folder.is_dir()}
