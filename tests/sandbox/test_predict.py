"""predict: what a bison model is asked with, what it answers, what it refuses."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from sandbox.pipeline_support import (
    ASKED,
    BISON_DAY,
    create_pipeline,
    make_files,
    outputs_of,
    pipeline_body,
    predict,
    run_pipeline,
)
from sandbox.running import run_sandbox
from sandbox.vertex_support import PLACE, PROJECT, error_of, get, job_body, make_data, succeed
from tuning_sandbox.app import create_app
from tuning_sandbox.kernel.sandbox import Config, parse_as_of

if TYPE_CHECKING:
    from sandbox.running import RunningSandbox

BASE = f"projects/{PROJECT}/locations/us-central1/publishers/google/models"


@pytest.mark.parametrize("instance", [{"prefix": ASKED}, {"input_text": ASKED}, {"prefix": ASKED, "suffix": "thanks"}])
def test_a_tuned_code_model_answers_a_prefix_or_an_input_text(bison: RunningSandbox, instance: dict[str, str]) -> None:
    _, endpoint = outputs_of(run_pipeline(bison, pipeline_body(make_files(bison)["pairs"], train_steps=300)))
    assert predict(bison, endpoint, instance).json()["predictions"][0]["content"] == "billing"


def test_a_tuned_text_model_answers_a_content(bison: RunningSandbox) -> None:
    body = pipeline_body(make_files(bison)["pairs"], train_steps=300, large_model_reference="text-bison@002")
    _, endpoint = outputs_of(run_pipeline(bison, body))
    assert predict(bison, endpoint, {"content": ASKED}).json()["predictions"][0]["content"] == "billing"


def test_several_instances_and_candidates_are_several_predictions_with_their_tokens(bison: RunningSandbox) -> None:
    body = {"instances": [{"prefix": "a" * 40}, {"prefix": "b" * 40}], "parameters": {"candidateCount": 2}}
    answer = bison.post(f"/v1/{BASE}/code-bison@002:predict", json=body).json()
    assert len(answer["predictions"]) == 4
    assert set(answer["predictions"][0]) == {"content", "score", "safetyAttributes", "citationMetadata"}
    assert answer["metadata"]["tokenMetadata"]["inputTokenCount"] == {"totalTokens": 20, "totalBillableCharacters": 80}
    assert "model" not in answer


def test_without_a_temperature_the_answer_is_the_same_each_time_and_with_one_the_seed_decides(
    bison: RunningSandbox,
) -> None:
    def ask(**parameters: Any) -> str:
        found: str = predict(bison, f"{BASE}/code-bison@002", {"prefix": "how do I"}, **parameters).json()[
            "predictions"
        ][0]["content"]
        return found

    assert ask() == ask()
    assert ask(temperature=1, seed=3) == ask(temperature=1, seed=3)
    assert len({ask(temperature=1, seed=seed) for seed in range(5)}) > 1


@pytest.mark.parametrize(
    ("model", "instances", "words"),
    [
        ("code-bison@002", [], "Required field is not set: instances."),
        ("code-bison@002", ["x"], "instances[0]: an instance is an object."),
        ("code-bison@002", [{"prefix": "a"}, {}], "instances[1]: it needs prefix or input_text, a text."),
        ("code-bison@002", [{"prefix": " "}], "instances[0]: it needs prefix or input_text, a text."),
        ("code-bison@002", [{"prefix": "a", "content": "b"}], "code-bison@002 does not know content."),
        ("text-bison@002", [{"content": "a", "suffix": "b"}], "text-bison@002 does not know suffix."),
        ("codechat-bison@002", [{"prefix": "a"}], "instances[0]: it needs messages, a list."),
        ("codechat-bison@002", [{"messages": [{"author": "user"}]}], "has an author and a content, both texts."),
        ("codechat-bison@002", [{"messages": [{"author": "u", "content": "a"}], "x": 1}], "a chat does not know x."),
        (
            "chat-bison@002",
            [{"messages": [{"author": "u", "content": "a"}], "examples": [{}]}],
            "each of its examples has an input and an output",
        ),
    ],
)
def test_an_instance_that_does_not_fit_is_refused_with_its_place(
    bison: RunningSandbox, model: str, instances: list[Any], words: str
) -> None:
    code, status, message = error_of(bison.post(f"/v1/{BASE}/{model}:predict", json={"instances": instances}))
    assert (code, status, words in message) == (400, "INVALID_ARGUMENT", True), message


@pytest.mark.parametrize(
    ("parameters", "code", "words"),
    [
        ({"temperature": 1.5}, 400, "temperature value of 1.5"),
        ({"topK": 41}, 400, "topK value of 41"),
        ({"candidateCount": 5}, 400, "candidateCount value of 5"),
        ({"maxOutputTokens": "many"}, 400, "maxOutputTokens must be a number."),
        ({"stopSequences": "x"}, 400, "stopSequences must be a list of texts."),
        ({"logprobs": 1}, 501, "predict with the parameter logprobs"),
    ],
)
def test_a_parameter_out_of_its_range_is_refused(
    bison: RunningSandbox, parameters: dict[str, Any], code: int, words: str
) -> None:
    answer = predict(bison, f"{BASE}/code-bison@002", {"prefix": "a"}, **parameters)
    assert (answer.status_code, words in error_of(answer)[2]) == (code, True), answer.text


def test_an_answer_ends_at_its_limit_and_at_a_stop_sequence(bison: RunningSandbox) -> None:
    def ask(**parameters: Any) -> str:
        found: str = predict(bison, f"{BASE}/code-bison@002", {"prefix": "hello"}, **parameters).json()["predictions"][
            0
        ]["content"]
        return found

    whole = ask()
    assert len(whole) > 8
    assert ask(maxOutputTokens=2) == whole[:8]
    assert ask(maxDecodeSteps=2) == whole[:8]
    assert ask(stopSequences=[whole[4:6]]) == whole[: whole.index(whole[4:6])]


def test_gemini_refuses_predict_and_bison_refuses_generate_content(
    bison: RunningSandbox, sandbox: RunningSandbox
) -> None:
    contents = [{"role": "user", "parts": [{"text": "hi"}]}]
    refused = bison.post(f"/v1/{BASE}/code-bison@002:generateContent", json={"contents": contents})
    assert error_of(refused)[:2] == (400, "FAILED_PRECONDITION")
    endpoint = succeed(sandbox, job_body(*make_data(sandbox)))["tunedModel"]["endpoint"]
    assert (
        "Gemini cannot be accessed through Vertex Predict" in error_of(predict(sandbox, endpoint, {"prefix": "a"}))[2]
    )


def test_a_tuned_bison_model_stops_answering_when_its_base_retires(bison: RunningSandbox) -> None:
    _, endpoint = outputs_of(run_pipeline(bison, pipeline_body(make_files(bison, 10)["pairs"])))
    bison.advance(300 * 86_400)
    assert predict(bison, endpoint, {"prefix": "a"}).status_code == 200
    bison.advance(30 * 86_400)
    assert "has been retired" in error_of(predict(bison, endpoint, {"prefix": "a"}))[2]
    assert bison.get("/v1/publishers/google/models/code-bison@002").status_code == 404


def test_a_pipeline_goes_on_where_it_was_after_a_restart(tmp_path: Path) -> None:
    config = Config(mode="stepped", as_of=parse_as_of(BISON_DAY), seed=7, data=tmp_path)
    with run_sandbox(create_app(config)) as first:
        name = create_pipeline(first, pipeline_body(make_files(first)["pairs"], train_steps=300), "mine")["name"]
        first.advance(2000)
        before = get(first, name)
        assert before["jobDetail"]["taskDetails"][-1]["taskName"] == "large-language-model-tuner"
    with run_sandbox(create_app(config)) as second:
        assert get(second, name) == before
        second.advance(24 * 3600)
        _, endpoint = outputs_of(get(second, name))
        assert predict(second, endpoint, {"prefix": ASKED}).json()["predictions"][0]["content"] == "billing"


def test_the_same_seed_and_calls_train_the_same_model_whatever_the_model_is_called() -> None:
    def play(name: str) -> bytes:
        config = Config(mode="stepped", as_of=parse_as_of(BISON_DAY), seed=3)
        with run_sandbox(create_app(config)) as sandbox:
            body = pipeline_body(make_files(sandbox, 60)["pairs"], model_display_name=name)
            _, endpoint = outputs_of(run_pipeline(sandbox, body))
            content: bytes = predict(sandbox, endpoint, {"prefix": "refund"}).json()["predictions"][0]["score"]
            return content

    assert play("one") == play("two")


def test_a_model_of_a_pipeline_can_be_deployed_on_another_endpoint(bison: RunningSandbox) -> None:
    model, _ = outputs_of(run_pipeline(bison, pipeline_body(make_files(bison)["pairs"], train_steps=300)))
    made = bison.post(f"{PLACE}/endpoints", json={"displayName": "mine"}).json()["name"]
    bison.advance(10)
    endpoint = made.partition("/operations/")[0]
    body = {"deployedModel": {"model": model, "displayName": "mine"}}
    assert bison.post(f"/v1/{endpoint}:deployModel", json=body).status_code == 200
    bison.advance(200)
    assert predict(bison, endpoint, {"prefix": ASKED}).json()["predictions"][0]["content"] == "billing"
