"""Every rule of a row: one row that breaks it, with line, field and way out, and a neighbour that passes."""

from __future__ import annotations

import json
from io import BytesIO
from typing import Any

import pytest

from pulumi_gcp_tuning.catalog import shipped
from pulumi_gcp_tuning.datasets import RULES, Report, Source, validate
from unit.datasets.broken_contents import BROKEN_CONTENTS
from unit.datasets.broken_others import BROKEN_OTHERS
from unit.datasets.made_rows import (
    CALL,
    CLIP,
    GOOD,
    OPEN,
    PDF,
    TOOL,
    C,
    P,
    asked,
    called,
    changed,
    file_part,
    image,
    said,
)

BROKEN = (*BROKEN_CONTENTS, *BROKEN_OTHERS)


def judge(*rows: Any, form: str = "auto", model: str | None = None) -> Report:
    lines = [row if isinstance(row, bytes) else json.dumps(row).encode() for row in rows]
    source = Source("t.jsonl", lambda: BytesIO(b"\n".join(lines) + b"\n"))
    row = shipped().find_model(model) if model else None
    assert model is None or row is not None
    return validate(source, format=form, model=row)


def of_rows(report: Report) -> list[tuple[str, int | None, str]]:
    return [(each.kind, each.line, each.field) for each in report.findings if each.line is not None]


@pytest.mark.parametrize("form", GOOD)
def test_a_good_row_of_each_format_passes_and_is_recognised(form: str) -> None:
    report = judge(GOOD[form])
    assert of_rows(report) == []
    assert (report.training.format or "").removesuffix("-multimodal") == form
    assert report.training.evidence.startswith("key")


@pytest.mark.parametrize(("kind", "form", "row", "field", "way_out"), BROKEN)
def test_a_broken_row_is_reported_with_its_line_field_and_way_out(
    kind: str, form: str, row: Any, field: str, way_out: str
) -> None:
    # the good rows before and after it are its passing neighbours
    good = GOOD[form]
    report = judge(good, row, good, form="auto" if kind in {"mixed-format", "unknown-format"} else form)
    found = [each for each in report.findings if each.kind == kind]
    assert [(each.line, each.field) for each in found] == [(2, field)]
    assert way_out in f"{found[0].problem}. {found[0].remedy}"
    # line 3 repeats line 1, and nothing else is wrong with it
    assert {(kind, line) for kind, line, _ in of_rows(report) if line != 2} <= {("duplicate", 3)}
    assert report.counts["duplicate"] == 1 + any(
        each.kind == "duplicate" and each.line == 2 for each in report.findings
    )


@pytest.mark.parametrize(
    ("form", "row"),
    [
        ("gemini-api-pairs", changed("gemini-api-pairs", "text_input", to="a" * 40_000)),
        ("gemini-api-pairs", changed("gemini-api-pairs", "output", to="a" * 5_000)),
        (C, changed(C, "contents", 0, to=said("user", "a", *[file_part()] * 30))),
        (C, changed(C, "contents", 0, to=said("user", "a", file_part("audio/mp3", "gs://shop/a.mp3")))),
        (C, changed(C, "contents", 0, to=said("user", "a", file_part("application/pdf", "https://a.b/c.pdf")))),
        (C, changed(C, "contents", 0, to=said("user", "a", file_part("Image/PNG", "http://a.b/c.png")))),
        (C, changed(C, tools=[{"functionDeclarations": []}])),
        (C, changed(C, "contents", 1, "role")),
        (C, changed(C, "contents", 1, "role", to="")),
        (C, asked(*[PDF] * 4)),
        (C, asked({**CLIP, "video_metadata": {"start_offset": "1.5s", "end_offset": "300s"}})),
        (C, asked(file_part(), generation_config={"media_resolution": "MEDIA_RESOLUTION_HIGH"})),
        (C, called(CALL, tools=[TOOL])),
        (C, changed(C, systemInstruction=None, tools=None, generationConfig=None)),
        (C, asked({**file_part(), "text": None, "videoMetadata": None})),
        (C, changed(C, "contents", 0, "parts", 0, to={"text": "a", "fileData": None})),
        (C, called({"functionCall": {"name": "find", "args": {"order": None}}}, tools=[TOOL])),
        (C, called(CALL, tools=[{"function_declarations": [{"name": "find"}]}])),
        (OPEN, changed(OPEN, "messages", 1, "content", 2, to=image("data:image/webp;base64,UklGRiIA"))),
        (P, changed(P, "completions", 0, "score", to=1.0)),
        (P, changed(P, "contents", to=[said("user", "a"), said("model", "b"), said("user", "c")])),
    ],
)
def test_what_is_just_within_a_rule_passes(form: str, row: Any) -> None:
    assert of_rows(judge(row, form=form)) == []


@pytest.mark.parametrize("value", ["NaN", "-Infinity"])
def test_numbers_that_json_has_not_are_named(value: str) -> None:
    row = json.dumps(GOOD[C])[:-1] + f', "generationConfig": {{"temperature": {value}}}}}'
    found = [each.problem for each in judge(GOOD[C], row.encode()).findings if each.kind == "not-json"]
    assert len(found) == 1
    assert f"JSON has no {value}" in found[0]


def test_a_model_that_reads_no_videos_refuses_them() -> None:
    row = asked(CLIP)
    assert ("text-only", 1, "") in of_rows(judge(row, model="gemini-1.5-flash-002"))
    assert ("text-only", 1, "") not in of_rows(judge(row, model="gemini-2.5-flash"))


def test_a_model_that_reads_text_only_refuses_files() -> None:
    refused = judge(GOOD[OPEN], model="google/gemma3@gemma-3-27b-it", form=OPEN)
    assert ("text-only", 1, "") in of_rows(refused)
    passing = judge(GOOD[OPEN], model="meta/llama4@llama-4-scout-17b-16e-instruct", form=OPEN)
    assert of_rows(passing) == []


def test_no_finding_repeats_what_a_row_says() -> None:
    secret = "secret prompt, of 4711"
    rows = [{secret: 1}, {"contents": [{"role": secret, "parts": [{secret: secret}]}], secret: secret}, secret]
    report = judge(GOOD[C], *rows)
    assert report.errors >= 3
    assert "4711" not in report.to_json()
    assert "4711" not in " ".join(map(str, report.findings))


def test_every_rule_is_tried() -> None:
    elsewhere = {
        "unreadable", "not-jsonl", "empty-file", "too-large", "too-few-examples", "too-many-examples", "too-many-authors",
        "evaluation-size", "no-evaluation", "validation-size", "validation-share", "validation-bytes", "other-format",
        "line-too-long", "format-of-model", "few-examples", "fewer-than-recommended", "instruction-missing", "instruction-differs",
        "layout-differs", "many-examples", "videos-dropped", "calls-fail",
        "format-use", "text-rows-dropped", "duplicate", "leakage", "one-sided", "unchecked",
    }  # fmt: skip
    assert {kind for kind, *_ in BROKEN} | elsewhere == set(RULES)
