"""What generateContent takes and how answers are shaped: JSON, thinking, zeros, files; asked with google-genai."""

from __future__ import annotations

import enum
import json
from typing import TYPE_CHECKING, Any

import pydantic
import pytest

from sandbox.test_vertex_clients import genai_client
from sandbox.vertex_support import MODEL, PLACE, error_of, job_body, make_bucket, make_data, succeed, upload

if TYPE_CHECKING:
    from sandbox.running import RunningSandbox

ASKED = "my invoice - refund - what now?"
BASE = f"{PLACE}/publishers/google/models/{MODEL}:generateContent"


class Label(enum.Enum):
    BILLING = "billing"
    SHIPPING = "shipping"


class Ticket(pydantic.BaseModel):
    label: Label


class Wide(pydantic.BaseModel):
    label: str
    urgency: int


@pytest.fixture
def tuned(sandbox: RunningSandbox) -> Any:
    """Asks a model that learned to label tickets; the configuration is google-genai's."""
    endpoint = succeed(sandbox, job_body(*make_data(sandbox, 200)))["tunedModel"]["endpoint"]
    client = genai_client(sandbox, "v1beta1", "us")

    def ask(**config: Any) -> Any:
        return client.models.generate_content(model=endpoint, contents=ASKED, config={"temperature": 0, **config})

    return ask


def ask(sandbox: RunningSandbox, **more: Any) -> Any:
    """A raw request to the base model."""
    turns = more.pop("contents", [{"role": "user", "parts": [{"text": "hello"}]}])
    return sandbox.post(BASE, json={"contents": turns, **more})


@pytest.mark.parametrize(
    ("schema", "said"),
    [
        (Ticket, {"label": "billing"}),
        ({"type": "OBJECT", "properties": {"reason": {"type": "STRING"}}}, {"reason": "billing"}),
        ({"type": "ARRAY", "items": {"type": "STRING"}}, ["billing"]),
        ({"type": "STRING"}, "billing"),
        ({"type": "STRING", "enum": ["Shipping", "Billing"]}, "Billing"),
        ({"anyOf": [{"type": "INTEGER"}, {"type": "STRING"}]}, "billing"),
        (
            {"type": "OBJECT", "properties": {"count": {"type": "INTEGER"}, "label": {"type": "STRING"}}},
            {"label": "billing"},
        ),
        (
            {
                "type": "OBJECT",
                "properties": {"label": {"type": "STRING"}, "note": {"type": "STRING", "nullable": True}},
                "required": ["label", "note"],
            },
            {"label": "billing", "note": None},
        ),
    ],
)
def test_what_a_model_learned_is_placed_in_the_schema(tuned: Any, schema: Any, said: Any) -> None:
    answer = tuned(response_mime_type="application/json", response_schema=schema)
    assert json.loads(answer.text) == said


def test_google_genai_parses_the_answer_into_the_class_of_the_program(tuned: Any) -> None:
    answer = tuned(response_mime_type="application/json", response_schema=Ticket)
    assert answer.parsed == Ticket(label=Label.BILLING)


def test_a_json_schema_is_a_schema_too(tuned: Any) -> None:
    schema = {"type": "object", "properties": {"label": {"$ref": "#/$defs/l"}}, "$defs": {"l": {"type": "string"}}}
    answer = tuned(response_mime_type="application/json", response_json_schema=schema)
    assert json.loads(answer.text) == {"label": "billing"}


def test_an_answer_of_an_enum_is_one_of_its_values_without_quotes(tuned: Any) -> None:
    assert tuned(response_mime_type="text/x.enum", response_schema=Label).text == "billing"


def test_json_without_a_schema_is_json(tuned: Any) -> None:
    assert json.loads(tuned(response_mime_type="application/json").text) == "billing"


@pytest.mark.parametrize(
    ("schema", "field"),
    [
        (Wide, "urgency"),
        ({"type": "STRING", "enum": ["red", "green"]}, "red, green"),
        ({"type": "ARRAY", "items": {"type": "STRING"}, "minItems": 3}, "3 to"),
        ({"type": "INTEGER"}, "no number"),
        ({"type": "STRING", "pattern": "^[0-9]+$"}, "match"),
    ],
)
def test_a_schema_that_a_tuned_model_cannot_fill_is_refused_by_the_field(tuned: Any, schema: Any, field: str) -> None:
    from google.genai import errors

    with pytest.raises(errors.ServerError) as caught:
        tuned(response_mime_type="application/json", response_schema=schema)
    assert caught.value.code == 501
    assert field in str(caught.value.message)


def test_a_model_that_learned_json_gives_its_fields_by_name(sandbox: RunningSandbox) -> None:
    rows = []
    for word, label, urgency in (("invoice", "billing", 1), ("parcel", "shipping", 2)) * 40:
        said = json.dumps({"label": label, "urgency": urgency})
        turns = [{"role": "user", "parts": [{"text": f"my {word}"}]}, {"role": "model", "parts": [{"text": said}]}]
        rows.append(json.dumps({"contents": turns}))
    uri = upload(sandbox, make_bucket(sandbox), "json.jsonl", "\n".join(rows).encode())
    endpoint = succeed(sandbox, job_body(uri))["tunedModel"]["endpoint"]
    client = genai_client(sandbox, "v1beta1", "us")
    config = {"temperature": 0, "response_mime_type": "application/json", "response_schema": Wide}
    answer = client.models.generate_content(model=endpoint, contents="my parcel", config=config)
    assert answer.parsed == Wide(label="shipping", urgency=2)


def test_a_base_model_fills_every_field_with_a_value_of_its_type(sandbox: RunningSandbox) -> None:
    client = genai_client(sandbox, "v1beta1")
    config = {"response_mime_type": "application/json", "response_schema": Wide}
    answer = client.models.generate_content(model=MODEL, contents="hello", config=config)
    assert isinstance(answer.parsed, Wide)


def test_a_base_model_chooses_the_value_that_its_prompt_names(sandbox: RunningSandbox) -> None:
    client = genai_client(sandbox, "v1beta1")
    config = {"response_mime_type": "text/x.enum", "response_schema": Label}
    for word in ("billing", "shipping"):
        asked = f"Is the question about {word}?"
        assert client.models.generate_content(model=MODEL, contents=asked, config=config).text == word


@pytest.mark.parametrize(
    ("config", "status", "said"),
    [
        ({"responseSchema": {"type": "STRING"}}, 400, "response_mime_type"),
        ({"responseMimeType": "text/x.enum"}, 400, "response_schema"),
        (
            {
                "responseMimeType": "application/json",
                "responseSchema": {"type": "STRING"},
                "responseJsonSchema": {"a": 1},
            },
            400,
            "Only one",
        ),
        ({"responseMimeType": "application/xml"}, 501, "application/xml"),
        (
            {
                "responseMimeType": "application/json",
                "responseSchema": {"type": "OBJECT", "properties": {"a": {"type": "STRING"}}, "required": ["b"]},
            },
            501,
            "b",
        ),
        (
            {"responseMimeType": "application/json", "responseSchema": {"type": "INTEGER", "minimum": 3, "maximum": 1}},
            501,
            "minimum",
        ),
        ({"presencePenalty": 0.5}, 501, "presencePenalty"),
        ({"responseLogprobs": True}, 501, "responseLogprobs"),
        ({"logprobs": 0}, 400, "setting response_logprobs to be true"),
    ],
)
def test_a_form_that_contradicts_itself_or_is_not_served_is_refused(
    sandbox: RunningSandbox, config: dict[str, Any], status: int, said: str
) -> None:
    found = error_of(ask(sandbox, generationConfig=config))
    assert found[0] == status
    assert said in found[2]


@pytest.mark.parametrize(
    "config",
    [
        {"presencePenalty": 0.0, "frequencyPenalty": 0},
        {"responseLogprobs": False},
        {"candidateCount": 0},
        {"responseMimeType": "text/plain"},
        {"responseMimeType": ""},
    ],
)
def test_what_says_nothing_changes_nothing(sandbox: RunningSandbox, config: dict[str, Any]) -> None:
    plain = ask(sandbox, generationConfig={"temperature": 0})
    answer = ask(sandbox, generationConfig={"temperature": 0, **config})
    assert answer.status_code == 200, answer.text
    assert answer.json()["candidates"] == plain.json()["candidates"]


def test_an_empty_text_is_answered_and_no_text_at_all_is_refused(sandbox: RunningSandbox) -> None:
    assert ask(sandbox, contents=[{"role": "user", "parts": [{"text": ""}]}]).status_code == 200
    assert error_of(ask(sandbox, contents=[{"role": "user", "parts": []}]))[0] == 400


@pytest.mark.parametrize(
    ("model", "thinking", "said"),
    [
        (MODEL, {"thinkingBudget": 0}, None),
        (MODEL, {"thinkingBudget": -1, "includeThoughts": True}, None),
        (MODEL, {"thinkingLevel": "LOW"}, None),
        (MODEL, {"thinkingBudget": 99_999}, "The thinking budget (99999) is invalid."),
        (MODEL, {"thinkingBudget": -2}, "is invalid"),
        (MODEL, {"thinkingBudget": 100, "thinkingLevel": "LOW"}, "one of"),
        ("gemini-2.5-pro", {"thinkingBudget": 128}, None),
        ("gemini-2.5-pro", {"thinkingBudget": 0}, "can't be disabled"),
        ("gemini-2.5-pro", {"thinkingBudget": 127}, "is invalid"),
        ("gemini-2.5-flash-lite", {"thinkingBudget": 511}, "is invalid"),
        ("gemini-2.5-flash-lite", {"thinkingBudget": 0}, None),
        ("gemini-2.5-flash", {"thinkingBudget": 24_577}, "is invalid"),
        ("gemini-2.5-flash", {"thinkingLevel": "LOW"}, None),
        ("translation-llm-002", {"thinkingBudget": 0}, "not supported"),
    ],
)
def test_a_thinking_budget_is_held_against_the_models_range(
    sandbox: RunningSandbox, march: RunningSandbox, model: str, thinking: dict[str, Any], said: str | None
) -> None:
    of_the_day = sandbox if model == MODEL else march
    body = {"contents": [{"role": "user", "parts": [{"text": "a"}]}], "generationConfig": {"thinkingConfig": thinking}}
    answer = of_the_day.post(f"{PLACE}/publishers/google/models/{model}:generateContent", json=body)
    if said is None:
        assert answer.status_code == 200, answer.text
    else:
        assert error_of(answer)[0] == 400
        assert said in error_of(answer)[2]


def test_a_file_that_a_request_names_must_be_there(sandbox: RunningSandbox) -> None:
    uri = upload(sandbox, make_bucket(sandbox), "a.png", b"png")

    def named(uri: str, **more: Any) -> Any:
        file = {"fileUri": uri, "mimeType": "image/png", **more}
        return ask(sandbox, contents=[{"role": "user", "parts": [{"text": "see"}, {"fileData": file}]}])

    assert named(uri).status_code == 200
    assert error_of(named(uri + "0"))[:2] == (404, "NOT_FOUND")
    assert uri + "0" in error_of(named(uri + "0"))[2]
    assert error_of(named(uri, mimeType=""))[0] == 400
    assert error_of(named("https://example.com/a.png"))[0] == 501


def test_an_answer_in_json_is_cut_at_its_limit(tuned: Any) -> None:
    answer = tuned(response_mime_type="application/json", response_schema=Ticket, max_output_tokens=2)
    assert answer.candidates[0].finish_reason.name == "MAX_TOKENS"
    assert len(answer.text) == 8
