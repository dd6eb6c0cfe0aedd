"""What only a whole file, or two of them, can show."""

from __future__ import annotations

import gzip
import hashlib
import json
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest

from pulumi_gcp_tuning.catalog import shipped
from pulumi_gcp_tuning.datasets import Report, Source, reading, tally, validate
from pulumi_gcp_tuning.datasets.tokens import count_tokens

SCOUT = "meta/llama4@llama-4-scout-17b-16e-instruct"
GEMMA = "google/gemma3@gemma-3-27b-it"


def gemini(index: int, answer: str | None = None, system: str | None = None, words: str = "") -> dict[str, Any]:
    row: dict[str, Any] = {
        "contents": [
            {"role": "user", "parts": [{"text": f"Ticket {index} {words}"}]},
            {"role": "model", "parts": [{"text": answer or f"Answer {index}"}]},
        ]
    }
    return row if system is None else {"systemInstruction": {"parts": [{"text": system}]}, **row}


def pair(index: int) -> dict[str, Any]:
    return {"input_text": f"Write {index}", "output_text": f"print({index})"}


def chat(index: int) -> dict[str, Any]:
    said = [{"author": "user", "content": f"Ask {index}"}, {"author": "assistant", "content": f"Say {index}"}]
    return {"messages": said}


def completion(index: int) -> dict[str, Any]:
    return {"prompt": f"Ask {index}", "completion": f"Say {index}"}


def message(index: int, *, image: bool) -> dict[str, Any]:
    content: list[dict[str, Any]] = [{"type": "text", "text": f"What is {index}?"}]
    if image:
        content.append({"type": "image_url", "image_url": {"url": f"gs://shop/{index}.png"}})
    said = [{"role": "user", "content": content}, {"role": "assistant", "content": f"Shoe {index}."}]
    return {"messages": said}


def source(rows: list[dict[str, Any]], name: str = "train.jsonl") -> Source:
    data = "".join(json.dumps(row) + "\n" for row in rows).encode()
    return Source(name, lambda: BytesIO(data), len(data))


def judge(
    rows: list[dict[str, Any]], validation: list[dict[str, Any]] | None = None, model: str | None = None, **options: Any
) -> Report:
    row = shipped().find_model(model) if model else None
    assert model is None or row is not None
    second = None if validation is None else source(validation, "validation.jsonl")
    return validate(source(rows), second, model=row, **options)


def some(make: Any, count: int, start: int = 0) -> list[dict[str, Any]]:
    return [make(index) for index in range(start, start + count)]


LIMITS: list[tuple[str, Any, Any, Any, Any, str | None, str]] = [
    # rule, breaks: training, validation; keeps: training, validation; model; way out
    ("too-few-examples", some(pair, 9), None, some(pair, 10), None, None, "Add examples"),
    ("too-many-examples", some(pair, 10_001), None, some(pair, 10_000), None, "code-bison@002", "best 10000"),
    ("too-many-authors", some(chat, 5_001), None, some(chat, 5_000), None, "codechat-bison@002", "fewer messages"),
    ("few-examples", some(gemini, 99), None, some(gemini, 100), None, None, "Try a prompt first"),
    ("fewer-than-recommended", some(pair, 499), None, some(pair, 500), None, None, "Add examples"),
    (
        "evaluation-size",
        some(pair, 600),
        some(pair, 251, 600),
        some(pair, 600),
        some(pair, 250, 600),
        None,
        "10 to 250",
    ),
    ("evaluation-size", some(pair, 600), some(pair, 9, 600), some(pair, 600), some(pair, 10, 600), None, "10 to 250"),
    ("no-evaluation", some(chat, 500), some(chat, 20, 600), some(chat, 500), None, None, "Leave it out"),
    (
        "validation-size",
        some(gemini, 100),
        some(gemini, 5_001, 100),
        some(gemini, 100),
        some(gemini, 5_000, 100),
        "gemini-2.5-flash",
        "5000 at most",
    ),
    (
        "validation-size",
        some(gemini, 100),
        some(gemini, 257, 100),
        some(gemini, 100),
        some(gemini, 256, 100),
        "gemini-1.5-flash-002",
        "256 at most",
    ),
    (
        "validation-share",
        some(gemini, 3_001),
        some(gemini, 1_001, 4_000),
        some(gemini, 3_001),
        some(gemini, 1_000, 4_000),
        "gemini-2.5-flash",
        "fewer validation",
    ),
    (
        "validation-bytes",
        some(completion, 400),
        some(completion, 101, 500),
        some(completion, 400),
        some(completion, 90, 500),
        GEMMA,
        "fewer validation",
    ),
    (
        "validation-size",
        some(completion, 400),
        some(completion, 5_001, 500),
        some(completion, 400),
        some(completion, 5_000, 500),
        GEMMA,
        "5000 at most",
    ),
    (
        "other-format",
        some(gemini, 100),
        some(completion, 9),
        some(gemini, 100),
        some(gemini, 9, 200),
        None,
        "one format",
    ),
    ("format-of-model", some(gemini, 100), None, some(completion, 100), None, GEMMA, '{"prompt": '),
    (
        "text-rows-dropped",
        [message(index, image=index > 0) for index in range(100)],
        None,
        [message(index, image=True) for index in range(100)],
        None,
        SCOUT,
        "a set of their own",
    ),
    (
        "instruction-missing",
        [gemini(index, system=None if index == 40 else "Be brief.") for index in range(100)],
        None,
        [gemini(index, system="Be brief.") for index in range(100)],
        None,
        None,
        "in every row",
    ),
    (
        "instruction-differs",
        [gemini(index, system="Be breif." if index in {40, 70} else "Be brief.") for index in range(100)],
        None,
        [gemini(index, system="Be short." if index % 4 == 0 else "Be brief.") for index in range(100)],
        None,
        None,
        "the same in every row",
    ),
    (
        "layout-differs",
        [gemini(index, words="" if index == 7 else "\ncontext: none") for index in range(100)],
        None,
        [gemini(index, words="\ncontext: none") for index in range(100)],
        None,
        None,
        "the same labels",
    ),
    (
        "one-sided",
        [gemini(index, "good" if index else "bad") for index in range(100)],
        None,
        [gemini(index, "good" if index % 2 else "bad") for index in range(100)],
        None,
        None,
        "Balance the answers",
    ),
    ("duplicate", [*some(gemini, 100), gemini(41)], None, some(gemini, 101), None, None, "Remove it"),
    ("leakage", some(gemini, 100), [gemini(41)], some(gemini, 100), [gemini(100)], None, "too good"),
    ("empty-file", [], None, some(gemini, 100), None, None, "one JSON object per line"),
]


@pytest.mark.parametrize(("kind", "rows", "second", "good", "good_second", "model", "way_out"), LIMITS)
def test_a_limit_is_reported_where_it_is_crossed_and_not_before(
    kind: str, rows: Any, second: Any, good: Any, good_second: Any, model: str | None, way_out: str
) -> None:
    found = [each for each in judge(rows, second, model).findings if each.kind == kind]
    assert len(found) == 1
    assert way_out in found[0].remedy
    assert found[0].file == ("train.jsonl" if second is None or kind == "format-of-model" else "validation.jsonl")
    assert kind not in judge(good, good_second, model).counts


def test_lines_are_named_for_what_repeats_leaks_or_differs() -> None:
    report = judge([*some(gemini, 100), gemini(41)], [gemini(200), gemini(7)])
    places = {each.kind: (each.line, each.problem) for each in report.findings}
    assert places["duplicate"] == (101, "the row repeats line 42")
    assert places["leakage"] == (2, "the row is in the training file too (line 8)")
    rows = [gemini(index, system=None if index == 40 else "Be brief.") for index in range(100)]
    assert [each.line for each in judge(rows).findings] == [41]


def test_the_first_row_with_another_instruction_is_named_whatever_its_shape() -> None:
    rows = [gemini(index, system="Be brief.") for index in range(400)]
    for index in (90, 91, 300):
        rows[index]["contents"] += rows[index]["contents"]
        rows[index]["systemInstruction"]["parts"][0]["text"] = "Be breif."
    for index in range(5, 400, 7):
        rows[index]["contents"] += rows[index]["contents"]
    report = judge(rows)
    said = "the instruction differs from that of 397 of 400 rows"
    assert [(each.kind, each.line, each.problem) for each in report.findings] == [("instruction-differs", 91, said)]


def test_lines_stay_right_after_blank_ones_and_broken_ones() -> None:
    lines = [json.dumps(gemini(index)).encode() for index in range(300)]
    data = b"\n".join([*lines[:100], b"", b"[", *lines[100:], lines[250]])
    report = validate(Source("t.jsonl", lambda: BytesIO(data)))
    found = {(each.kind, each.line, each.problem) for each in report.findings if each.kind == "duplicate"}
    assert found == {("duplicate", 303, "the row repeats line 253")}
    assert (report.training.examples, report.training.lines) == (302, 303)


def test_repeats_are_found_in_large_files_as_in_small_ones(monkeypatch: pytest.MonkeyPatch) -> None:
    rows = [*some(gemini, 3000), *some(gemini, 25, 900), *some(gemini, 25, 900)]
    small = judge(rows)
    monkeypatch.setattr(tally, "_PASS", 20)
    assert (judge(rows).counts, judge(rows).training) == (small.counts, small.training)
    assert small.counts == {"duplicate": 50}


def test_the_hash_is_that_of_the_whole_file(tmp_path: Path) -> None:
    file = tmp_path / "t.jsonl"
    file.write_bytes(b"\xef\xbb\xbf" + b"\r\n".join(json.dumps(gemini(index)).encode() for index in range(5000)))
    report = validate(Source.of_path(file))
    assert report.training.sha256 == hashlib.sha256(file.read_bytes()).hexdigest()
    assert (report.counts, report.training.examples, report.training.bytes) == ({}, 5000, file.stat().st_size)


def _as_list(indent: int | None = None) -> bytes:
    return json.dumps(some(gemini, 100), indent=indent).encode()


LINES = b"".join(json.dumps(row).encode() + b"\n" for row in some(gemini, 100))


@pytest.mark.parametrize(
    ("data", "found", "way_out"),
    [
        (gzip.compress(LINES), "compressed (gzip)", "unpack it"),
        (b"PK\x03\x04" + LINES, "a zip archive, or a spreadsheet", "unpack or export it"),
        (b"PAR1" + LINES, "Parquet", "export it"),
        (LINES.decode().encode("utf-16"), "text in UTF-16", "save it again"),
        (LINES.decode().encode("utf-16-le"), "not text in UTF-8", "save it again"),
        (_as_list(), "one JSON list", "jq -c '.[]' FILE does it"),
        (_as_list(indent=2), "one JSON list", "jq -c '.[]' FILE does it"),
        (b"[\n" + LINES + b"]\n", "one JSON list", "jq -c '.[]' FILE does it"),
        (json.dumps(gemini(1), indent=1).encode(), "JSON with line ends inside its rows", "jq -c . FILE does it"),
    ],
)
def test_what_is_no_json_lines_at_all_is_said_once(data: bytes, found: str, way_out: str) -> None:
    report = validate(Source("t.jsonl", lambda: BytesIO(data)), Source("v.jsonl", lambda: BytesIO(LINES)))
    assert [(each.kind, each.line, each.problem) for each in report.findings] == [
        ("not-jsonl", None, f"the file is {found}")
    ]
    assert report.findings[0].remedy == f"Make it JSON Lines in UTF-8, one object per line: {way_out}."
    assert report.training.sha256 == hashlib.sha256(data).hexdigest()


@pytest.mark.parametrize("first", [b"[1]\n", b'[{"contents": []}]\n', b"{\n", b"\n", b"\xef\xbb\xbf"])
def test_one_odd_line_at_the_top_leaves_the_others_to_be_judged(first: bytes) -> None:
    report = validate(Source("t.jsonl", lambda: BytesIO(first + LINES)))
    assert report.training.format == "gemini-contents"
    assert sum(report.counts.values()) == (len(first) > 3 or first == b"{\n")


def test_what_errors_leave_out_of_the_counts_is_counted() -> None:
    file = judge([*some(gemini, 100), {"contents": []}]).training
    assert (file.examples, file.rows_with_errors) == (101, 1)


def test_the_question_of_a_preference_pair_is_billed_with_each_answer() -> None:
    said = [
        {"score": s, "completion": {"role": "model", "parts": [{"text": t * 4}]}}
        for s, t in ((1, "word "), (0, "term "))
    ]
    row = {"contents": [{"role": "user", "parts": [{"text": "word " * 8}]}], "completions": said}
    assert judge([row]).training.tokens.count == round(count_tokens("word " * (2 * 8 + 4 + 4)))


def test_a_file_that_cannot_be_read_is_a_finding(tmp_path: Path) -> None:
    report = validate(Source.of_path(tmp_path / "none.jsonl"))
    assert [(each.kind, each.problem) for each in report.findings] == [
        ("unreadable", "the file cannot be read: No such file or directory")
    ]


def test_a_line_without_end_is_not_kept_in_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reading, "LONGEST_LINE", 1 << 19)
    data = b'{"a": "' + b"x" * (1 << 20) + b'"}\n' + json.dumps(gemini(1)).encode() + b"\n"
    report = validate(Source("t.jsonl", lambda: BytesIO(data)), format="gemini-contents")
    assert [(each.kind, each.line) for each in report.findings if each.line] == [("line-too-long", 1)]
    assert (report.training.examples, report.training.lines) == (2, 2)


def test_a_file_over_the_limit_of_bytes_is_refused() -> None:
    row = shipped().find_model("gemini-2.5-flash")
    assert row is not None
    limits = row.limits.model_copy(update={"max_file_bytes": 1000, "max_text_examples": 99})
    report = validate(source(some(gemini, 100)), model=row.model_copy(update={"limits": limits}))
    assert set(report.counts) == {"too-large", "many-examples"}


def test_only_so_many_rows_are_remembered(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tally, "MOST_REMEMBERED", 100)
    assert judge(some(gemini, 5000)).counts == {"unchecked": 1}


def test_few_short_answers_are_counted_as_labels_without_their_text() -> None:
    report = judge([gemini(index, ("good", "bad", "bad")[index % 3]) for index in range(300)])
    assert report.training.answer_counts == (200, 100)
    assert report.training.labels == (("bad", 200), ("good", 100))
    assert '"bad"' not in report.to_json()
    assert judge(some(gemini, 300)).training.answer_counts is None


def test_tokens_are_estimated_by_the_models_rate_or_the_count_that_is_given() -> None:
    rows = [{"prompt": "word " * 10, "completion": "term " * 10}] * 100
    tokens = round(100 * count_tokens("word " * 20))
    found = judge(rows).training.tokens
    assert (found.count, found.source) == (tokens, "estimate")
    assert found.least == pytest.approx(tokens * 0.85, abs=1)
    assert found.most == pytest.approx(tokens * 1.15, abs=1)
    assert judge(rows, model=SCOUT).training.tokens.count == pytest.approx(tokens * 0.295 / 0.231, abs=1)
    assert judge(rows, exact_tokens=77).training.tokens.model_dump()["source"] == "exact"


def test_rows_are_kept_only_on_request_and_never_in_json() -> None:
    bad = {**gemini(1), "secret": "4711"}
    assert [each.row for each in judge([bad]).findings] == [None, None]
    report = judge([bad], show_rows=True)
    assert "4711" in (report.findings[0].row or "")
    assert "4711" not in report.to_json()


def test_a_format_that_is_told_is_not_guessed() -> None:
    report = judge([*some(completion, 3), {"prompt": "a"}], format="code-pairs")
    assert (report.training.format, report.counts["mixed-format"], report.counts["missing-key"]) == ("code-pairs", 3, 2)
    assert (
        report.findings[0].problem == "the row is prompt-completion, the file is code-pairs (and so in 2 other lines)"
    )
    with pytest.raises(ValueError, match="is not a format"):
        judge([], format="csv")


def test_the_uri_of_a_file_is_no_label() -> None:
    def shown(index: int, uri: str) -> dict[str, Any]:
        row = gemini(index)
        part = {"fileData": {"mimeType": "image/png", "fileUri": uri}}
        return {"contents": [{"role": "user", "parts": [part, *row["contents"][0]["parts"]]}, row["contents"][1]]}

    rows = [shown(index, "https://shop.example/a.png" if index == 7 else "gs://shop/a.png") for index in range(151)]
    assert judge(rows).counts == {}


def test_two_files_of_one_dataset_show_their_files_in_one_resolution() -> None:
    def shown(index: int, level: str) -> dict[str, Any]:
        row = gemini(index)
        row["contents"][0]["parts"].append({"fileData": {"mimeType": "image/png", "fileUri": "gs://shop/a.png"}})
        return {**row, "generationConfig": {"mediaResolution": f"MEDIA_RESOLUTION_{level}"}}

    training, other = [shown(n, "LOW") for n in range(100)], [shown(n, "MEDIUM") for n in range(200, 210)]
    (found,) = [each for each in judge(training, other).findings if each.kind == "resolution-differs"]
    assert (found.file, found.line) == ("validation.jsonl", 1)
    assert (
        found.problem == "mediaResolution is MEDIA_RESOLUTION_MEDIUM, in the training file it is MEDIA_RESOLUTION_LOW"
    )
    same = [shown(n, "LOW") for n in range(200, 210)]
    assert "resolution-differs" not in judge(training, same).counts
