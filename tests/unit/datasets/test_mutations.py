"""Broken in any way, a file gives findings and no exception, and the sandbox reads what passes."""

from __future__ import annotations

import json
import random
from io import BytesIO
from typing import Any

import pytest

from pulumi_gcp_tuning.datasets import FORMAT_IDS, Report, Source, validate
from tuning_sandbox.learner.dataset import read_dataset

IMAGE = {"fileData": {"mimeType": "image/png", "fileUri": "gs://shop/a.png"}}
FULL = 10_000
SAMPLE = 300


def texts(rng: random.Random) -> str:
    return rng.choice(
        ["Where is it?", "배송 언제?", 'He said "no"\n\\', "x" * 300, "é", "\U0001f600 ok", "a: b"]
    ) + str(rng.randrange(40))


def contents(rng: random.Random, answers: str = "model") -> dict[str, Any]:
    said: list[dict[str, Any]] = []
    for _ in range(rng.choice([1, 1, 1, 2, 3])):
        said.append({"role": "user", "parts": [{"text": texts(rng)}, *([IMAGE] if rng.random() < 0.1 else [])]})
        said.append({"role": answers, "parts": [{"text": texts(rng)}]})
    row: dict[str, Any] = {"contents": said}
    if rng.random() < 0.5:
        row = {"systemInstruction": {"parts": [{"text": rng.choice(["Be brief.", texts(rng)])}]}, **row}
    return row


def messages(rng: random.Random, who: str, answers: str) -> dict[str, Any]:
    said = [{who: "user", "content": texts(rng)}, {who: answers, "content": texts(rng)}]
    return {"messages": said * rng.choice([1, 1, 2])}


def preference(rng: random.Random) -> dict[str, Any]:
    turn = {"role": "user", "parts": [{"text": texts(rng)}]}
    said = [{"score": s, "completion": {"role": "model", "parts": [{"text": texts(rng)}]}} for s in (1, 0)]
    return {"contents": [turn], "completions": said}


def calls(rng: random.Random) -> dict[str, Any]:
    call = {"functionCall": {"name": "find", "args": {"order": rng.randrange(20)}}}
    said: list[dict[str, Any]] = [{"role": "user", "parts": [{"text": texts(rng)}]}, {"role": "model", "parts": [call]}]
    if rng.random() < 0.5:
        answer = {"functionResponse": {"name": "find", "response": {"output": texts(rng)}}}
        said += [{"parts": [answer]}, {"role": "model", "parts": [{"text": texts(rng)}]}]
    return {"contents": said, "tools": [{"functionDeclarations": [{"name": "find"}]}]}


def rows(rng: random.Random, count: int) -> list[dict[str, Any]]:
    makers: list[Any] = [
        contents,
        contents,
        lambda r: contents(r, "assistant"),
        lambda r: messages(r, "role", "model"),
        lambda r: messages(r, "role", "assistant"),
        lambda r: messages(r, "author", "assistant"),
        lambda r: {"input_text": texts(r), "output_text": texts(r)},
        lambda r: {"text_input": texts(r), "output": texts(r)},
        lambda r: {"prompt": texts(r), "completion": texts(r)},
        preference,
        calls,
        lambda r: r.choice([calls, contents])(r),
    ]
    make = rng.choice(makers)
    return [make(rng) for _ in range(count)]


def twist(rng: random.Random, value: Any) -> Any:
    """The value with one thing in it removed, replaced or doubled."""
    odd: list[Any] = [
        None,
        0,
        1.5,
        True,
        "",
        " ",
        [],
        {},
        "model",
        "user",
        [[]],
        {"text": "a"},
        {"parts": []},
        "gs://a",
    ]
    if isinstance(value, dict) and value and rng.random() < 0.85:
        key = rng.choice(list(value))
        kind = rng.random()
        if kind < 0.15:
            return {k: v for k, v in value.items() if k != key}
        if kind < 0.25:
            return {**value, rng.choice(["role", "parts", "x y", "contents", "text"]): rng.choice(odd)}
        return {**value, key: twist(rng, value[key])}
    if isinstance(value, list) and value and rng.random() < 0.85:
        at = rng.randrange(len(value))
        return [*value[:at], *rng.choice([[], [twist(rng, value[at])], [value[at]] * 2]), *value[at + 1 :]]
    return rng.choice(odd)


def mutated(seed: int) -> bytes:
    rng = random.Random(seed)  # noqa: S311
    made = rows(rng, rng.choice([1, 12, 60]))
    for _ in range(rng.choice([0, 0, 1, 1, 3])):
        at = rng.randrange(len(made))
        made[at] = twist(rng, made[at])
    indent = rng.choice([(", ", ": "), (",", ":")])
    data = bytearray(
        rng.choice([b"\n", b"\n", b"\r\n"]).join(
            json.dumps(row, ensure_ascii=rng.random() < 0.3, separators=indent).encode() for row in made
        )
    )
    for _ in range(rng.choice([0, 0, 0, 1, 2])):
        at = rng.randrange(len(data) + 1)
        data[at : at + rng.choice([0, 0, 1, 5])] = rng.choice(
            [
                b"",
                b"\n",
                b'"',
                b"\\",
                b"}",
                b"{",
                b",",
                b"\xff",
                b"\x00",
                b'"}]}, {"',
                b"\n\n",
                b"\\u12",
                b'", "',
                b"[1]\n",
            ]
        )
    return bytes(data)


def judge(data: bytes) -> Report:
    return validate(Source("t.jsonl", lambda: BytesIO(data)))


def hold(seeds: range) -> int:
    passed = 0
    for seed in seeds:
        data = mutated(seed)
        report = judge(data)
        if not report.errors and report.training.format == "gemini-contents":
            passed += 1
            assert len(read_dataset(data, 131_072).examples) == report.training.examples, f"seed {seed}"
    return passed


def test_a_sample_of_mutated_files_gives_findings_or_passes_and_the_sandbox_reads_what_passes() -> None:
    assert hold(range(SAMPLE)) > SAMPLE // 20


@pytest.mark.full
def test_ten_thousand_mutated_files_give_findings_or_pass_and_the_sandbox_reads_what_passes() -> None:
    assert hold(range(FULL)) > FULL // 20


@pytest.mark.parametrize("form", FORMAT_IDS)
def test_a_format_that_is_told_never_raises_for_rows_of_another(form: str) -> None:
    for seed in range(30):
        source = Source("t.jsonl", lambda seed=seed: BytesIO(mutated(seed)))  # type: ignore[misc]
        assert validate(source, format=form).training.bytes > 0
