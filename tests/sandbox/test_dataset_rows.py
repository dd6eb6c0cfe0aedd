"""The sandbox's own reading of a row: what Google's job would end over, and what it takes."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tuning_sandbox.learner.dataset import DatasetError, read_dataset
from tuning_sandbox.learner.rows import Limits, RowError, read_row
from tuning_sandbox.vertex.catalogue import MODELS
from tuning_sandbox.vertex.work import prepare

USER = {"role": "user", "parts": [{"text": "hi"}]}
ANSWER = {"role": "model", "parts": [{"text": "yo"}]}
IMAGE = {"fileData": {"mimeType": "image/png", "fileUri": "gs://shop-data/a.png"}}
AUDIO = {"fileData": {"mimeType": "audio/mp3", "fileUri": "gs://shop-data/a.mp3"}}
CALL = {"functionCall": {"name": "f", "args": {}}}
RESPONSE = {"functionResponse": {"name": "f", "response": {"output": "so"}}}
SYSTEM = {"role": "system", "parts": [{"text": "Be brief."}]}


def asked(*parts: Any) -> dict[str, Any]:
    return {"contents": [{"role": "user", "parts": list(parts)}, ANSWER]}


def answered(*parts: Any) -> dict[str, Any]:
    return {"contents": [USER, {"role": "model", "parts": list(parts)}]}


def said(*turns: tuple[str, Any]) -> dict[str, Any]:
    return {"messages": [{"role": role, "content": content} for role, content in turns]}


def nested(levels: int) -> Any:
    value: Any = "x"
    for _ in range(levels):
        value = [value]
    return value


REFUSED: dict[str, tuple[Any, str]] = {
    "not JSON": ('{"contents":', "is not valid JSON"),
    "NaN": ('{"contents": [NaN]}', "is not valid JSON"),
    "a list": ([1], "is not a JSON object"),
    "another format": ({"input_text": "a", "output_text": "b"}, 'neither "contents" nor "messages"'),
    "too deep": ({**asked({"text": "a"}), "x": nested(100)}, "100 levels"),
    "contents that are no list": ({"contents": USER}, 'has no turns in "contents"'),
    "no turns": ({"contents": []}, 'has no turns in "contents"'),
    "a turn that is no object": ({"contents": ["hi", ANSWER]}, "unknown role"),
    "no role in a chat": ({"contents": [{"parts": [{"text": "hi"}]}, ANSWER, USER, ANSWER]}, "unknown role null"),
    "no role beside what a function answers": (
        {"contents": [USER, ANSWER, {"parts": [RESPONSE, {"text": "hi"}]}, ANSWER]},
        "unknown role null",
    ),
    "the role of another product": ({"contents": [USER, {**ANSWER, "role": "assistant"}]}, 'unknown role "assistant"'),
    "no parts": ({"contents": [{"role": "user", "parts": []}, ANSWER]}, 'without "parts"'),
    "a part that is no object": (asked("hi"), "a part that is not an object"),
    "an unknown part": (asked({"sound": "hi"}), "does not hold one of"),
    "two things in a part": (asked({"text": "hi", **IMAGE}), "does not hold one of"),
    "text that is a number": (asked({"text": 1}), "whose text is not text"),
    "a file that is no object": (asked({"fileData": "gs://shop-data/a.png"}), "fileData is not an object"),
    "an empty question": (asked({"text": " "}), "empty turn of the role user"),
    "an empty answer": (answered({"text": ""}), "empty answer of the model"),
    "a file in the answer": (answered({"text": "see"}, IMAGE), "file in an answer"),
    "a file without a type": (asked({"fileData": {"fileUri": "gs://shop-data/a.png"}}), "unknown MIME type null"),
    "an unknown type": (asked({"fileData": {**IMAGE["fileData"], "mimeType": "application/zip"}}), "unknown MIME type"),
    "a local file": (asked({"fileData": {**IMAGE["fileData"], "fileUri": "a.png"}}), "not named by a gs://"),
    "31 images": (asked({"text": "a"}, *[IMAGE] * 31), "31 image files: at most 30"),
    "two audio files": (asked(AUDIO, AUDIO), "2 audio files: at most 1"),
    "the model first": ({"contents": [ANSWER, USER, ANSWER]}, "does not begin with a turn of the role user"),
    "the user last": ({"contents": [USER, ANSWER, USER]}, "does not end with a turn of the role model"),
    "nobody asks": ({"contents": [ANSWER]}, "no turn of the role user"),
    "an instruction that is a string": ({**asked({"text": "a"}), "systemInstruction": "Be brief."}, 'without "parts"'),
    "an instruction with a file": ({**asked({"text": "a"}), "systemInstruction": {"parts": [IMAGE]}}, "is not text"),
    "tools that are an object": ({**asked({"text": "a"}), "tools": {}}, '"tools"'),
    "a message that is no text": (said(("user", 1), ("model", "b")), '"content" is not text'),
    "an empty message": (said(("user", ""), ("model", "b")), "empty turn of the role user"),
    "the system later": (said(("user", "a"), ("system", "s"), ("model", "b")), "role system that is not the first"),
    "two messages of the user": (
        said(("user", "a"), ("user", "b"), ("model", "c")),
        "two turns of the role user together",
    ),
    "a message of nobody": (said(("bot", "a"), ("model", "b")), 'unknown role "bot"'),
}


@pytest.mark.parametrize("name", REFUSED)
def test_a_row_that_google_would_not_take_is_refused_with_its_reason(name: str) -> None:
    row, words = REFUSED[name]
    raw = row if isinstance(row, str) else json.dumps(row)
    with pytest.raises(RowError) as caught:
        read_row(raw.encode(), Limits())
    assert words in str(caught.value)


@pytest.mark.parametrize(
    "row",
    [
        {"contents": [USER, ANSWER]},
        {"contents": [USER, ANSWER, USER, ANSWER], "systemInstruction": SYSTEM, "labels": {"a": "b"}},
        {"contents": [USER, USER, ANSWER]},
        {"contents": [{"role": "USER", "parts": {"text": "hi"}}, ANSWER]},
        asked({"text": "what is this?"}, *[IMAGE] * 30),
        asked({"file_data": {"mime_type": "application/pdf", "file_uri": "gs://shop-data/a.pdf"}}),
        {**answered({"functionCall": {"name": "f", "args": {}}}), "tools": [{"functionDeclarations": [{"name": "f"}]}]},
        {"contents": [USER, {"role": "model", "parts": [CALL]}, {"parts": [RESPONSE]}, ANSWER]},
        asked({"fileData": {"mimeType": "image/png", "fileUri": "http://shop.example/a.png"}}),
        said(("system", "s"), ("user", "a"), ("model", "b")),
    ],
)
def test_a_row_that_google_takes_is_read(row: dict[str, Any]) -> None:
    assert read_row(json.dumps(row).encode(), Limits()).turns[-1].role == "model"


def test_bytes_that_are_no_utf_8_are_refused_and_a_byte_order_mark_is_passed_over() -> None:
    good = json.dumps({"contents": [USER, ANSWER]}).encode()
    assert len(read_dataset(b"\xef\xbb\xbf" + good, 1000).examples) == 1
    with pytest.raises(DatasetError, match="line 1 is not UTF-8"):
        read_dataset(b'{"contents": "\xff"}', 1000)


def test_a_file_without_rows_is_refused() -> None:
    with pytest.raises(DatasetError, match="the file has no examples"):
        read_dataset(b"\n\n", 1000)


def test_one_file_holds_one_format() -> None:
    rows = [{"contents": [USER, ANSWER]}, said(("user", "a"), ("model", "b"))]
    with pytest.raises(DatasetError, match='line 2 has "messages" where the rows before have "contents"'):
        read_dataset("\n".join(map(json.dumps, rows)).encode(), 1000)


def lines(row: dict[str, Any], count: int = 1) -> bytes:
    return (json.dumps(row) + "\n").encode() * count


@pytest.mark.parametrize(
    ("model", "row", "words"),
    [
        ("gemini-1.0-pro-002", said(("user", "a"), ("model", "b")), ""),
        ("gemini-1.0-pro-002", {"contents": [USER, ANSWER]}, ""),
        ("gemini-1.0-pro-002", asked({"text": "a"}, IMAGE), "text only"),
        ("gemini-3.5-flash", said(("user", "a"), ("model", "b")), "this model does not take"),
        ("gemini-3.5-flash", asked({"text": "a"}, IMAGE), ""),
    ],
)
def test_each_model_takes_its_formats(model: str, row: dict[str, Any], words: str) -> None:
    got = prepare(("gs://b/t", lines(row)), None, MODELS[model], 1)
    told = "" if got.error is None else str(got.error.message)
    assert words in told
    assert bool(words) == bool(told)


def test_a_set_with_files_has_its_own_limit_of_rows() -> None:
    from dataclasses import replace

    model = replace(MODELS["gemini-3.5-flash"], most_rows=5, most_media_rows=2)
    plain, seen = lines(asked({"text": "a"}), 3), lines(asked({"text": "a"}, IMAGE), 3)
    assert prepare(("gs://b/t", plain), None, model, 1).error is None
    error = prepare(("gs://b/t", seen), None, model, 1).error
    assert error is not None
    assert "3 examples are more than the 2" in error.message


def test_a_validation_set_has_the_format_of_its_training_set() -> None:
    files = ("gs://b/t", lines({"contents": [USER, ANSWER]})), ("gs://b/v", lines(said(("user", "a"), ("model", "b"))))
    error = prepare(*files, MODELS["gemini-1.0-pro-002"], 1).error
    assert error is not None
    assert 'its rows have "messages", those of the training dataset "contents"' in error.message


def test_the_first_bad_row_is_named_by_its_line_with_blank_lines_counted() -> None:
    with pytest.raises(DatasetError, match=r"^line 3 "):
        read_dataset(lines({"contents": [USER, ANSWER]}) + b"\n" + b"[1]\n", 1000)
