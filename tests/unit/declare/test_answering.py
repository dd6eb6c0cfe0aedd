"""How an application asks what a resource serves, under Pulumi's mocks."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pulumi
import pytest

import pulumi_gcp_tuning as tuning
from support.recorded_engine import run

ENDPOINT = "projects/123456789012/locations/us/endpoints/5"
HOST = "https://aiplatform.us.rep.googleapis.com/v1/"
GOOGLE = "https://googleapis.com"
BISON = {"google-vertex-llm-tuning-base-model-id": "codechat-bison-002"}
JOB = "projects/p/locations/us-central1/tuningJobs/1"
WEIGHTS: dict[str, Any] = {"artifacts": "gs://b/f", "machine_type": "g2-standard-12"}


class Google(pulumi.runtime.Mocks):
    """Answers each resource with these outputs, as far as it has no input of that name."""

    def __init__(self, outputs: dict[str, Any]) -> None:
        self.outputs = outputs

    def new_resource(self, args: pulumi.runtime.MockResourceArgs) -> tuple[str | None, dict[str, Any]]:
        return f"{args.name}-id", {**self.outputs, **args.inputs}

    def call(self, args: pulumi.runtime.MockCallArgs) -> Any:
        raise AssertionError(args.token)


def asked(declare: Callable[[], Any], **outputs: Any) -> Any:
    """The snippets of what is declared, if Google answers with these outputs."""
    pulumi.runtime.set_mocks(Google({"endpoint": ENDPOINT, "apiOrigin": GOOGLE, **outputs}), preview=False)
    found: list[Any] = []
    run(lambda: declare().snippets.apply(found.append))
    return found[0]


def tuned() -> tuning.TunedModel:
    return tuning.TunedModel("bot", tuning_job=JOB)


def test_a_tuned_model_says_how_it_is_asked_at_its_location() -> None:
    found = asked(tuned)
    assert 'genai.Client(vertexai=True, project="123456789012", location="us")' in found["python"]
    assert f"'{HOST}{ENDPOINT}:generateContent'" in found["curl"]
    assert found["packages"] == "google-genai"


def test_a_model_of_a_sandbox_is_asked_there() -> None:
    found = asked(tuned, apiOrigin="http://127.0.0.1:8085")
    assert 'http_options={"base_url": "http://127.0.0.1:8085"}' in found["python"]
    assert f"'http://127.0.0.1:8085/v1/{ENDPOINT}:generateContent'" in found["curl"]


def test_another_universe_is_asked_at_its_own_host(monkeypatch: pytest.MonkeyPatch) -> None:
    pulumi.runtime.set_all_config({"gcp:universeDomain": "example.goog"})
    try:
        found = asked(tuned, apiOrigin="https://example.goog")
    finally:
        pulumi.runtime.set_all_config({})
    assert "'https://aiplatform.us.rep.example.goog/v1/" in found["curl"]


@pytest.mark.parametrize("endpoint", [None, "bot-endpoint"])
def test_a_model_that_nothing_serves_has_none(endpoint: str | None) -> None:
    assert asked(tuned, endpoint=endpoint) is None


def test_a_bison_model_is_asked_with_predict() -> None:
    assert ":predict'" in asked(tuned, effectiveLabels=BISON)["curl"]


def test_a_bison_model_of_the_program_is_asked_with_predict_on_another_endpoint_too() -> None:
    deployed = lambda: tuning.ModelDeployment("own", endpoint=ENDPOINT, model=tuned())  # noqa: E731
    assert ":predict'" in asked(deployed, effectiveLabels=BISON, model="projects/p/locations/us/models/1")["curl"]
    assert ":generateContent'" in asked(deployed, model="projects/p/locations/us/models/1")["curl"]


def test_weights_on_a_machine_are_asked_with_predict() -> None:
    found = asked(lambda: tuning.ModelDeployment("own", **WEIGHTS))
    assert ":predict'" in found["curl"]
    assert '"raw_response": true' in found["curl"]
    assert '"raw_response": True' in found["python"]
    compile(found["python"], "snippet", "exec")


def test_a_tuned_model_of_the_gemini_api_is_asked_by_its_name() -> None:
    declare = lambda: tuning.GeminiApiTunedModel("bot", base_model="models/m", source=[])  # noqa: E731
    origin = "https://generativelanguage.googleapis.com"
    found = asked(declare, name="tunedModels/mine", geminiOrigin=origin)
    assert 'model="tunedModels/mine"' in found["python"]
    assert "genai.Client()" in found["python"]
    assert f"'{origin}/v1beta/tunedModels/mine:generateContent'" in found["curl"]
