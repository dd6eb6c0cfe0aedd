"""Rows in which the model calls functions, as Google's page on tuning function calls writes them."""

from __future__ import annotations

import json
from io import BytesIO
from typing import Any

import pytest

from pulumi_gcp_tuning.datasets import Report, Source, validate

TOOLS = [{"functionDeclarations": [{"name": "find"}]}]
CALL = {"functionCall": {"name": "find", "args": {"order": 1}}}
RESPONSE = {"functionResponse": {"name": "find", "response": {"output": "sent"}}}
ASKED = {"role": "user", "parts": [{"text": "Where is it?"}]}


def called(*parts: Any, answered: dict[str, Any] | None = None) -> dict[str, Any]:
    """A row whose answer is a call; between two calls stands the first one's answer, in a turn of no role."""
    call = {"role": "model", "parts": list(parts)}
    return {"contents": [ASKED, call, answered or {"parts": [RESPONSE]}, call], "tools": TOOLS}


def judge(*rows: Any) -> Report:
    lines = b"\n".join(json.dumps(row).encode() for row in rows)
    return validate(Source("t.jsonl", lambda: BytesIO(lines)), format="gemini-contents")


def size(value: Any) -> int:
    return len(json.dumps(value, separators=(",", ":")))


@pytest.mark.parametrize(
    "row",
    [
        called(CALL),
        called(CALL, CALL, answered={"parts": [RESPONSE, RESPONSE]}),
        called({**CALL, "thoughtSignature": "AA=="}),
        called({"text": "Let me see."}, CALL),
        called(CALL, answered={"role": "user", "parts": [RESPONSE]}),
        called(CALL, answered={"parts": [{"function_response": {"name": "find", "response": {}}}]}),
    ],
)
def test_a_call_is_an_answer_and_its_answer_needs_no_role(row: dict[str, Any]) -> None:
    assert judge(row).counts == {"few-examples": 1}


@pytest.mark.parametrize(
    ("kind", "row", "field"),
    [
        ("wrong-type", called({"functionCall": "find"}), "contents[1].parts[0].functionCall"),
        ("unknown-part", called({**CALL, **RESPONSE}), "contents[1].parts[0]"),
        ("unknown-part", called({**CALL, "text": "find"}), "contents[1].parts[0]"),
        ("unknown-role", called(CALL, answered={"parts": [{"text": "sent"}]}), "contents[2].role"),
        ("unknown-role", called(CALL, answered={"parts": [RESPONSE, {"text": "sent"}]}), "contents[2].role"),
        ("unknown-role", called(CALL, answered={"role": "tool", "parts": [RESPONSE]}), "contents[2].role"),
    ],
)
def test_what_is_neither_a_call_nor_its_answer_is_refused(kind: str, row: dict[str, Any], field: str) -> None:
    assert (kind, field) in {(each.kind, each.field) for each in judge(row).findings}


def test_calls_are_told_apart_and_counted_as_the_json_they_are() -> None:
    rows = [called({"functionCall": {"name": "find", "args": {"order": index}}}) for index in range(100)]
    report = judge(*rows)
    assert report.counts == {}
    assert judge(*rows, rows[41]).counts == {"duplicate": 1}
    answers = sum(2 * size(row["contents"][1]["parts"][0]) for row in rows)
    asked = 100 * (len("Where is it?") + size(RESPONSE) + size(TOOLS))
    assert (report.training.answer_characters, report.training.characters) == (answers, answers + asked)


def test_tools_are_tokens_too() -> None:
    turns = [[ASKED, {"role": "model", "parts": [{"text": f"Answer {index}"}]}] for index in range(100)]
    without = judge(*[{"contents": each} for each in turns])
    with_tools = judge(*[{"contents": each, "tools": TOOLS} for each in turns])
    assert with_tools.training.characters - without.training.characters == 100 * size(TOOLS)
