"""tunedModels of the Gemini API: the requests of seed 003 as the document has them, and what the API refuses."""

from __future__ import annotations

import json
from typing import Any

import pytest

from sandbox.gemini_api_support import BASE, BODY, app_of_its_day, body, create, curl
from sandbox.running import RunningSandbox, run_sandbox
from tuning_sandbox.gemini_api.course import COURSE
from tuning_sandbox.vertex.outputs import weights_key

TOKEN = ("-H", "Authorization: Bearer ya29.token", "-H", "x-goog-user-project: shop")
KEY = "key=AIzaNotARealKey"


def tuned(sandbox: RunningSandbox, **options: Any) -> str:
    name: str = create(sandbox, **options)["metadata"]["tunedModel"]
    sandbox.advance(7200)
    return name


def ask(sandbox: RunningSandbox, name: str, **given: Any) -> Any:
    asked = {"contents": [{"parts": [{"text": "LXIII"}]}], **given}
    return sandbox.post(f"/v1beta/{name}:generateContent", json=asked)


def test_the_documents_create_starts_to_tune_a_model(gemini: RunningSandbox) -> None:
    made = json.loads(curl(gemini, "POST", f"v1beta/tunedModels?{KEY}", "-d", BODY))
    assert made["metadata"]["tunedModel"].startswith("tunedModels/number-generator-model-")
    assert made["metadata"]["totalSteps"] == 40


def test_commas_before_closing_braces_are_refused_where_the_switch_says_so(gemini: RunningSandbox) -> None:
    gemini.admin("POST", "policy", {"wire.trailing_commas": "refuse"})
    made = json.loads(curl(gemini, "POST", f"v1beta/tunedModels?{KEY}", "-d", BODY))
    assert made["error"]["code"] == 400


def test_an_operation_is_not_on_v1beta(gemini: RunningSandbox) -> None:
    assert gemini.get(f"/v1beta/{create(gemini)['name']}").status_code in (404, 501)


def test_a_model_that_is_created_is_in_the_documents_list(gemini: RunningSandbox) -> None:
    name = create(gemini)["metadata"]["tunedModel"]
    listed = json.loads(curl(gemini, "GET", "v1beta/tunedModels?page_size=5", *TOKEN))
    assert [(each["name"], each["state"]) for each in listed["tunedModels"]] == [(name, "CREATING")]


def test_the_next_page_begins_after_the_first(gemini: RunningSandbox) -> None:
    names = [create(gemini, f"model-{at}")["metadata"]["tunedModel"] for at in range(7)]
    first = json.loads(curl(gemini, "GET", "v1beta/tunedModels?page_size=5", *TOKEN))
    query = f"page_size=5&page_token={first['nextPageToken']}&{KEY}"
    second = json.loads(curl(gemini, "GET", f"v1beta/tunedModels?{query}"))
    assert [each["name"] for each in (*first["tunedModels"], *second["tunedModels"])] == names


def test_the_documents_second_page_has_its_key_in_the_token_and_is_refused(gemini: RunningSandbox) -> None:
    for at in range(7):
        create(gemini, f"model-{at}")
    token = json.loads(curl(gemini, "GET", "v1beta/tunedModels?page_size=5", *TOKEN))["nextPageToken"]
    answer = json.loads(curl(gemini, "GET", f"v1beta/tunedModels?page_size=5&page_token={token}?{KEY}"))
    assert answer["error"]["message"] == "Invalid page token."


def test_a_deleted_model_leaves_no_checkpoint_in_the_store(gemini: RunningSandbox) -> None:
    name = tuned(gemini)
    model = COURSE.find(gemini.state, name)
    assert model is not None
    keys = [weights_key(model.weights, found["checkpointId"]) for found in model.checkpoints]
    assert all(gemini.state.store.blobs.get(key) for key in keys)
    gemini.delete(f"/v1beta/{name}")
    assert [gemini.state.store.blobs.get(key) for key in keys] == [None] * len(keys)
    assert keys


def test_a_chosen_id_is_taken_once(gemini: RunningSandbox) -> None:
    create(gemini, "mine")
    again = gemini.post("/v1beta/tunedModels", json=body(), params={"tunedModelId": "mine"})
    assert again.json()["error"]["status"] == "ALREADY_EXISTS"


def test_no_answer_has_the_training_data(gemini: RunningSandbox) -> None:
    name = create(gemini)["metadata"]["tunedModel"]
    assert "twenty three" not in gemini.get(f"/v1beta/{name}").text


def test_more_epochs_fit_the_examples_better(gemini: RunningSandbox) -> None:
    losses = []
    for epochs in (1, 20):
        name = tuned(gemini, given=body(epochCount=epochs, batchSize=2, learningRate=0.001))
        last = gemini.get(f"/v1beta/{name}").json()["tuningTask"]["snapshots"][-1]
        losses.append(last["meanLoss"])
        assert last["epoch"] == epochs
    assert losses[1] < losses[0]


def test_after_the_withdrawal_no_model_can_be_tuned() -> None:
    with run_sandbox(app_of_its_day("2025-06-01")) as sandbox:
        assert sandbox.post("/v1beta/tunedModels", json=body()).status_code == 404


def test_a_name_of_41_characters_is_refused(gemini: RunningSandbox) -> None:
    assert gemini.post("/v1beta/tunedModels", json=body("x" * 41)).status_code == 400


@pytest.mark.parametrize(("question", "answer"), [("x" * 40_001, "y"), ("x", "y" * 5_001), ("", "y"), ("x", "")])
def test_an_example_over_the_limits_is_refused(gemini: RunningSandbox, question: str, answer: str) -> None:
    refused = gemini.post("/v1beta/tunedModels", json=body(pairs=[(question, answer)]))
    assert refused.json()["error"]["status"] == "INVALID_ARGUMENT"


def test_a_model_that_is_created_does_not_answer_yet(gemini: RunningSandbox) -> None:
    assert ask(gemini, create(gemini)["metadata"]["tunedModel"]).json()["error"]["status"] == "FAILED_PRECONDITION"


@pytest.mark.parametrize(
    "given",
    [
        {"generationConfig": {"responseMimeType": "application/json"}},
        {"contents": [{"parts": [{"text": "x" * 40_001}]}]},
        {"contents": [{"parts": [{"text": "1"}]}, {"role": "model", "parts": [{"text": "2"}]}]},
        {"contents": [{"parts": [{"inlineData": {"mimeType": "image/png", "data": ""}}]}]},
        {"systemInstruction": {"parts": [{"text": "Be brief."}]}},
    ],
    ids=["JSON mode", "too long", "two turns", "an image", "an instruction"],
)
def test_a_tuned_model_refuses_what_the_document_rules_out(gemini: RunningSandbox, given: dict[str, Any]) -> None:
    assert ask(gemini, tuned(gemini), **given).json()["error"]["status"] == "INVALID_ARGUMENT"


def test_an_unknown_field_is_refused_by_name(gemini: RunningSandbox) -> None:
    answer = gemini.post("/v1beta/tunedModels", json={**body(), "colour": "red"})
    assert 'Unknown name "colour"' in answer.json()["error"]["message"]


def test_no_key_is_in_the_journal(gemini: RunningSandbox) -> None:
    curl(gemini, "GET", f"v1beta/tunedModels?{KEY}")
    assert "AIzaNotARealKey" not in json.dumps(gemini.admin("GET", "requests"))


def test_base_models_of_others_are_not_tuned(gemini: RunningSandbox) -> None:
    refused = gemini.post("/v1beta/tunedModels", json={**body(), "baseModel": "models/gemini-2.5-flash"})
    assert BASE not in refused.json()["error"]["message"]
    assert refused.status_code == 404
