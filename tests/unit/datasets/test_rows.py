"""Every rule of a row: one row that breaks it, with line, field and way out, and a neighbour that passes."""

from __future__ import annotations

import copy
import json
from io import BytesIO
from typing import Any

import pytest

from pulumi_gcp_tuning.catalog import shipped
from pulumi_gcp_tuning.datasets import RULES, Report, Source, validate

JPEG = "data:image/jpeg;base64,/9j/4AAQSkZJRgABAQ=="


def said(role: str, *parts: Any) -> dict[str, Any]:
    return {"role": role, "parts": [{"text": part} if isinstance(part, str) else part for part in parts]}


def file_part(mime: str = "image/png", uri: str = "gs://shop/a.png") -> dict[str, Any]:
    return {"fileData": {"mimeType": mime, "fileUri": uri}}


def completion(score: Any, text: str, role: str = "model") -> dict[str, Any]:
    return {"score": score, "completion": said(role, text)}


def image(url: Any, **more: Any) -> dict[str, Any]:
    return {"type": "image_url", "image_url": {"url": url, **more}}


def message(role: str, content: Any, key: str = "role") -> dict[str, Any]:
    return {key: role, "content": content}


GOOD: dict[str, dict[str, Any]] = {
    "gemini-contents": {
        "systemInstruction": {"role": "system", "parts": [{"text": "Be brief."}]},
        "contents": [said("user", "Where is it?", file_part()), said("model", "shipping")],
    },
    "gemini-messages": {
        "messages": [message("system", "Classify."), message("user", "Invest"), message("model", "business")]
    },
    "code-pairs": {"input_text": "Write the code in Python: sum", "output_text": "sum(nums)"},
    "chat-messages": {
        "context": "You help with code.",
        "messages": [message("user", "How?", "author"), message("assistant", "So.", "author")],
    },
    "gemini-api-pairs": {"text_input": "1", "output": "2"},
    "prompt-completion": {"prompt": "One", "completion": "two"},
    "messages": {
        "messages": [
            message("system", "Be brief."),
            message(
                "user", [{"type": "text", "text": "What is it?"}, image("gs://shop/a.jpeg", detail="low"), image(JPEG)]
            ),
            message("assistant", [{"type": "text", "text": "A shoe."}]),
        ]
    },
    "generate-content": {
        "systemInstruction": {"parts": [{"text": "Be brief."}]},
        "contents": [
            said("user", "What?", {"file_data": {"mime_type": "image/jpeg", "file_uri": "gs://shop/a.jpeg"}}),
            said("assistant", "A shoe."),
        ],
    },
    "preference-pairs": {
        "contents": [said("user", "My favourite?")],
        "completions": [completion(1, "Apple!"), completion(0, "Your favourite is apple.")],
    },
}


def changed(form: str, *path: Any, to: Any = ..., **keys: Any) -> dict[str, Any]:
    """The good row of a format with one thing changed; ``...`` removes it."""
    row: Any = copy.deepcopy(GOOD[form])
    at = row
    for key in path[:-1]:
        at = at[key]
    if path and to is ...:
        del at[path[-1]]
    elif path:
        at[path[-1]] = to
    return {**row, **keys}


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


C = "gemini-contents"
M = "gemini-messages"
OPEN = "messages"
G = "generate-content"
P = "preference-pairs"
DEEP: Any = "x"
for _ in range(120):
    DEEP = [DEEP]

TOOL = {"functionDeclarations": [{"name": "find"}]}
CALL: dict[str, Any] = {"functionCall": {"name": "find", "args": {}}}
PDF = file_part("application/pdf", "gs://shop/a.pdf")
CLIP: dict[str, Any] = file_part("video/mp4", "gs://shop/a.mp4")


def asked(*parts: Any, **more: Any) -> dict[str, Any]:
    """The good row of contents with another question."""
    return {**changed(C, "contents", 0, to=said("user", "?", *parts)), **more}


def called(call: Any, role: str = "model", **more: Any) -> dict[str, Any]:
    """A row that ends with a call."""
    return {
        **GOOD[C],
        "contents": [said("user", "?"), said(role, call), *([] if role == "model" else [said("model", "a")])],
        **more,
    }


PART = "contents[0].parts[1]"
DECLARES = "functionDeclarations"
FUNCTION = f"tools[0].{DECLARES}[0]"
RESPONSE: dict[str, Any] = {"functionResponse": {"name": "find", "response": {}}}


def declared(properties: dict[str, Any]) -> dict[str, Any]:
    """The good row of contents with a function that has these parameters."""
    return asked(tools=[{DECLARES: [{"name": "find", "parameters": {"properties": properties}}]}])


def replied(*responses: Any) -> dict[str, Any]:
    """A row with one call and these responses."""
    contents = [said("user", "?"), said("model", CALL), said("user", *responses), said("model", "Sent.")]
    return {"contents": contents, "tools": [TOOL]}


BROKEN: list[tuple[str, str, Any, str, str]] = [
    ("too-many-documents", C, asked(*[PDF] * 5), "", "fewer PDF files"),
    (
        "offset",
        C,
        asked({**CLIP, "videoMetadata": {"endOffset": 5}}),
        "contents[0].parts[1].videoMetadata.endOffset",
        "5s",
    ),
    (
        "offset",
        C,
        asked({**CLIP, "videoMetadata": {"endOffset": "5"}}),
        "contents[0].parts[1].videoMetadata.endOffset",
        "5s",
    ),
    ("video-length", C, asked({**CLIP, "videoMetadata": {"startOffset": "1s", "endOffset": "302s"}}), "", "5 minutes"),
    (
        "resolution-value",
        C,
        asked(generation_config={"media_resolution": "LOW"}),
        "generation_config.media_resolution",
        "MEDIA_RESOLUTION_LOW",
    ),
    (
        "resolution-video",
        C,
        asked({**CLIP, "mediaResolution": {"level": "MEDIA_RESOLUTION_ULTRA_HIGH"}}),
        "contents[0].parts[1].mediaResolution",
        "MEDIA_RESOLUTION_HIGH",
    ),
    (
        "resolution-differs",
        C,
        asked(file_part(), generationConfig={"mediaResolution": "MEDIA_RESOLUTION_LOW"}),
        "",
        "in line 1 it is MEDIA_RESOLUTION_HIGH",
    ),
    (
        "clip-order",
        C,
        asked({**CLIP, "video_metadata": {"start_offset": "5s", "end_offset": "5s"}}),
        f"{PART}.video_metadata",
        "the later",
    ),
    ("clip-of-file", C, asked({**PDF, "videoMetadata": {}}), f"{PART}.videoMetadata", "videos only"),
    ("frame-rate", C, asked({**CLIP, "videoMetadata": {"fps": 0}}), f"{PART}.videoMetadata.fps", "then it is 1"),
    ("missing-key", C, asked({"fileData": {"mimeType": "image/png"}}), f"{PART}.fileData.fileUri", "Give fileUri"),
    ("file-uri", C, asked(file_part(uri="gs://shop/images/")), f"{PART}.fileData.fileUri", "OBJECT"),
    (
        "function-twice",
        C,
        asked(tools=[TOOL, {"function_declarations": [{"name": "find"}]}]),
        "tools[1].function_declarations[0].name",
        "once",
    ),
    (
        "too-many-functions",
        C,
        asked(tools=[{DECLARES: [{"name": f"f{n}"} for n in range(513)]}]),
        f"tools[0].{DECLARES}",
        "fewer functions",
    ),
    ("parameter-name", C, declared({"a b": {}}), f"{FUNCTION}.parameters.properties", "at most 64"),
    (
        "schema-type",
        C,
        declared({"ids": {"type": "array", "items": {"type": "str"}}}),
        f"{FUNCTION}.parameters.properties.ids.items.type",
        "STRING",
    ),
    (
        "two-schemas",
        C,
        asked(tools=[{DECLARES: [{"name": "find", "response": {}, "responseJsonSchema": {}}]}]),
        f"{FUNCTION}.responseJsonSchema",
        "one of",
    ),
    (
        "call-mode",
        C,
        asked(tool_config={"function_calling_config": {"mode": "any"}}),
        "tool_config.function_calling_config.mode",
        "ANY",
    ),
    ("misplaced-key", C, asked(functionDeclarations=[]), "functionDeclarations", "into tools"),
    ("answers-differ", C, replied(RESPONSE, RESPONSE), "contents[2]", "Answer each functionCall"),
    (
        "answer-of-another",
        C,
        replied({"functionResponse": {"name": "send", "response": {}}}),
        "contents[2].parts[0].functionResponse.name",
        "was called",
    ),
    ("call-by-user", C, called(CALL, "user", tools=[TOOL]), "contents[1].parts[0].functionCall", "a turn of model"),
    ("call-undeclared", C, called(CALL), "contents[1].parts[0].functionCall.name", "Declare it"),
    (
        "answer-without-call",
        C,
        called({"functionResponse": {"name": "find", "response": {}}}, "user", tools=[TOOL]),
        "contents[1].parts[0].functionResponse",
        "before it",
    ),
    (
        "function-name",
        C,
        called(CALL, tools=[TOOL, {"functionDeclarations": [{"name": "a b"}]}]),
        "tools[1].functionDeclarations[0].name",
        "at most 128",
    ),
    (
        "tools",
        C,
        called(CALL, tools=[{"type": "function", "function": {"name": "find"}}]),
        "tools",
        "functionDeclarations",
    ),
    ("missing-key", C, called({"functionCall": {"args": {}}}), "contents[1].parts[0].functionCall.name", "Give name"),
    (
        "wrong-type",
        C,
        called({"functionCall": {"name": "find", "args": "{}"}}, tools=[TOOL]),
        "contents[1].parts[0].functionCall.args",
        "an object",
    ),
    ("wrong-type", C, asked({"text": 1}), "contents[0].parts[1].text", "it is a number, not a string"),
    (
        "wrong-type",
        OPEN,
        changed(OPEN, "messages", 1, "content", 1, "image_url", to="gs://shop/a.png"),
        "messages[1].content[1].image_url",
        "an object",
    ),
    ("mime-type", C, asked(file_part("audio/midi", "gs://shop/a.mid")), "contents[0].parts[1].fileData", "audio/mp3"),
    (
        "mime-type",
        C,
        asked(file_part("application/vnd.openxmlformats-officedocument.wordprocessingml.document", "gs://shop/a.docx")),
        "contents[0].parts[1].fileData",
        "the MIME type is application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    ),
    ("not-utf8", C, b'{"contents": "\xff"}', "", "UTF-8"),
    ("not-json", C, b'{"contents": [}', "", "one JSON object"),
    ("not-an-object", C, b"[1]", "", "one JSON object"),
    ("too-deep", C, changed(C, tools=[{"x": DEEP}]), "", "Flatten"),
    ("mixed-format", C, GOOD["code-pairs"], "", "one format"),
    ("unknown-format", C, {"question": "a"}, "", 'it has question. Write each row like this: {"contents"'),
    ("missing-key", "code-pairs", {"input_text": "a"}, "output_text", "Give output_text"),
    ("missing-key", "prompt-completion", {"prompt": "a"}, "completion", "Give completion"),
    ("missing-key", "gemini-api-pairs", {"text_input": "a"}, "output", "Give output"),
    ("missing-key", C, changed(C, "contents", 0, "parts"), "contents[0].parts", "Give parts"),
    ("missing-key", M, changed(M, "messages", 1, "content"), "messages[1]", "Give content"),
    ("missing-key", P, changed(P, "completions", 0, "completion"), "completions[0]", "Give completion"),
    ("wrong-type", "code-pairs", changed("code-pairs", "output_text", to=4), "output_text", "a string"),
    ("wrong-type", C, changed(C, "contents", to={}), "contents", "a list"),
    ("wrong-type", C, changed(C, "contents", 0, to="hi"), "contents[0]", "an object"),
    ("wrong-type", C, changed(C, "contents", 0, "parts", 0, to="hi"), "contents[0].parts[0]", "an object"),
    ("wrong-type", M, changed(M, "messages", 1, "content", to=["x"]), "messages[1].content", "a string"),
    ("wrong-type", "chat-messages", changed("chat-messages", "context", to=1), "context", "a string"),
    ("no-turns", C, changed(C, "contents", to=[]), "contents", "a question and its answer"),
    ("unknown-role", C, changed(C, "contents", 0, "role", to="human"), "contents[0].role", "user, model"),
    (
        "unknown-role",
        C,
        changed(C, "contents", to=[said("system", "a"), said("user", "b"), said("model", "c")]),
        "contents[0].role",
        "Use one of: user, model; an instruction belongs in systemInstruction, next to contents",
    ),
    ("unknown-role", M, changed(M, "messages", 2, "role", to="assistant"), "messages[2].role", "system, user, model"),
    (
        "unknown-role",
        OPEN,
        changed(OPEN, "messages", 1, "role", to="model"),
        "messages[1].role",
        "system, user, assistant",
    ),
    ("unknown-role", G, changed(G, "contents", 0, "role", to="model"), "contents[0].role", "user, assistant"),
    (
        "unknown-role",
        "chat-messages",
        changed("chat-messages", "messages", 1, "author", to="bot"),
        "messages[1].author",
        "user, assistant",
    ),
    (
        "system-not-first",
        M,
        {"messages": [message("user", "a"), message("system", "b"), message("model", "c")]},
        "messages[1].role",
        "the first",
    ),
    (
        "first-turn",
        C,
        changed(C, "contents", to=[said("model", "a"), said("user", "b"), said("model", "c")]),
        "contents[0].role",
        "Begin with a turn of user",
    ),
    (
        "role-order",
        M,
        {"messages": [message("user", "a"), message("user", "b"), message("model", "c")]},
        "messages[1].role",
        "Alternate user and model",
    ),
    (
        "turns-together",
        C,
        changed(C, "contents", to=[said("user", "a"), said("user", "b"), said("model", "c")]),
        "contents[1].role",
        "Join them",
    ),
    ("last-turn", C, changed(C, "contents", to=[said("user", "a")]), "contents[0].role", "End with a turn of model"),
    (
        "last-turn",
        P,
        changed(P, "contents", to=[said("user", "a"), said("model", "b")]),
        "contents[1].role",
        "End with a turn of user",
    ),
    ("no-question", C, changed(C, "contents", to=[said("model", "a")]), "contents", "a turn of user before"),
    ("empty-answer", C, changed(C, "contents", 1, to=said("model", " ")), "contents[1].parts", "Write the answer"),
    ("empty-answer", M, changed(M, "messages", 2, "content", to=""), "messages[2].content", "Write the answer"),
    ("empty-answer", "code-pairs", changed("code-pairs", "output_text", to="\n"), "output_text", "Write the answer"),
    ("empty-answer", OPEN, changed(OPEN, "messages", 2, "content", to=[]), "messages[2].content", "Write the answer"),
    ("empty-turn", C, changed(C, "systemInstruction", "parts", 0, "text", to=""), "systemInstruction", "remove it"),
    ("empty-turn", C, changed(C, "contents", 0, to=said("user", "")), "contents[0].parts", "remove it"),
    ("no-parts", C, changed(C, "contents", 0, "parts", to=[]), "contents[0].parts", '[{"text": ...}]'),
    ("no-parts", C, changed(C, "systemInstruction", to={"parts": []}), "systemInstruction", '[{"text": ...}]'),
    (
        "wrong-type",
        C,
        changed(C, "systemInstruction", to="Be brief."),
        "systemInstruction",
        'it is a string, not an object: {"parts"',
    ),
    ("unknown-part", C, changed(C, "contents", 0, "parts", 0, to={"txt": "a"}), "contents[0].parts[0]", "fileData"),
    (
        "unknown-part",
        C,
        changed(C, "contents", 0, "parts", 1, to={"inlineData": {"data": "AA=="}}),
        "contents[0].parts[1]",
        "fileData",
    ),
    (
        "unknown-part",
        OPEN,
        changed(OPEN, "messages", 1, "content", 0, to={"type": "audio"}),
        "messages[1].content[0]",
        "image_url",
    ),
    (
        "file-uri",
        C,
        changed(C, "contents", 0, "parts", 1, to=file_part(uri="/a.png")),
        "contents[0].parts[1].fileData.fileUri",
        "gs://",
    ),
    (
        "file-uri",
        G,
        changed(G, "contents", 0, "parts", 1, "file_data", "file_uri", to="https://a.b/c.png"),
        "contents[0].parts[1].file_data.file_uri",
        "gs://BUCKET/OBJECT",
    ),
    (
        "file-uri",
        OPEN,
        changed(OPEN, "messages", 1, "content", 1, to=image("https://a.b/c.png")),
        "messages[1].content[1].image_url.url",
        "data:image/jpeg;base64",
    ),
    (
        "mime-type",
        C,
        changed(C, "contents", 0, "parts", 1, to=file_part("image/tiff")),
        "contents[0].parts[1].fileData",
        "pdf",
    ),
    (
        "mime-type",
        G,
        changed(G, "contents", 0, "parts", 1, "file_data", "mime_type", to="image/gif"),
        "contents[0].parts[1].file_data",
        "image/webp",
    ),
    (
        "mime-type",
        OPEN,
        changed(OPEN, "messages", 1, "content", 1, to=image("gs://shop/a.gif")),
        "messages[1].content[1].image_url.url",
        ".webp",
    ),
    (
        "image-encoding",
        OPEN,
        changed(OPEN, "messages", 1, "content", 2, to=image("data:image/png;base64,/9j/4AAQ")),
        "messages[1].content[2].image_url.url",
        "Encode",
    ),
    (
        "image-encoding",
        OPEN,
        changed(OPEN, "messages", 1, "content", 2, to=image("data:image/jpeg;base64,/9j/*")),
        "messages[1].content[2].image_url.url",
        "gs://",
    ),
    (
        "image-detail",
        OPEN,
        changed(OPEN, "messages", 1, "content", 1, to=image("gs://shop/a.png", detail="ultra")),
        "messages[1].content[1].image_url.detail",
        "auto, low or high",
    ),
    (
        "media-in-answer",
        C,
        changed(C, "contents", 1, to=said("model", "a", file_part())),
        "contents[1].parts[1]",
        "only questions",
    ),
    ("text-only", P, changed(P, "contents", 0, to=said("user", "a", file_part())), "contents[0].parts[1]", "text only"),
    (
        "file-uri",
        C,
        changed(C, "contents", 0, "parts", 1, to=file_part(uri="https://a.b/c d.png")),
        "contents[0].parts[1].fileData.fileUri",
        "a public URL",
    ),
    ("tools", C, changed(C, tools={}), "tools", "functionDeclarations"),
    ("tools", C, changed(C, tools=[{"functionDeclarations": {"name": "find"}}]), "tools", "functionDeclarations"),
    ("tools", C, changed(C, tools=[{"function_declarations": ["find"]}]), "tools", "functionDeclarations"),
    ("two-completions", P, changed(P, "completions", 1), "completions", "exactly two"),
    ("score", P, changed(P, "completions", 0, "score", to=0.5), "completions", "Score the preferred completion 1"),
    ("score", P, changed(P, "completions", 0, "score", to=0), "completions", "the other 0"),
    (
        "same-completions",
        P,
        changed(P, "completions", 1, to=completion(0, "Apple!")),
        "completions",
        "two different answers",
    ),
    (
        "blank-part",
        C,
        changed(C, "contents", 0, to=said("user", "a", " ")),
        "contents[0].parts",
        "Remove the blank one",
    ),
    ("role-spelling", C, changed(C, "contents", 0, "role", to="USER"), "contents[0].role", "lower case"),
    ("unknown-key", C, changed(C, system="x"), "system", "spelling"),
    ("unknown-key", M, changed(M, "messages", 0, "name", to="x"), "messages[0].name", "spelling"),
    (
        "input-too-long",
        "gemini-api-pairs",
        changed("gemini-api-pairs", "text_input", to="a" * 40_001),
        "",
        "Shorten",
    ),
    ("output-too-long", "gemini-api-pairs", changed("gemini-api-pairs", "output", to="a" * 5_001), "", "Shorten"),
    ("too-many-tokens", OPEN, changed(OPEN, "messages", 1, to=message("user", "a " * 32_800)), "", "cut off"),
    ("too-many-images", C, changed(C, "contents", 0, to=said("user", "a", *[file_part()] * 31)), "", "fewer images"),
    (
        "too-many-audio-files",
        C,
        changed(C, "contents", 0, to=said("user", "a", *[file_part("audio/mp3", "gs://shop/a.mp3")] * 2)),
        "",
        "one audio file",
    ),
]


@pytest.mark.parametrize(("kind", "form", "row", "field", "way_out"), BROKEN)
def test_a_broken_row_is_told_with_its_line_field_and_way_out(
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
        (C, called(CALL, tools=[{"function_declarations": [{"name": "find"}]}])),
        (OPEN, changed(OPEN, "messages", 1, "content", 2, to=image("data:image/webp;base64,UklGRiIA"))),
        (P, changed(P, "completions", 0, "score", to=1.0)),
        (P, changed(P, "contents", to=[said("user", "a"), said("model", "b"), said("user", "c")])),
    ],
)
def test_what_is_just_within_a_rule_passes(form: str, row: Any) -> None:
    assert of_rows(judge(row, form=form)) == []


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
