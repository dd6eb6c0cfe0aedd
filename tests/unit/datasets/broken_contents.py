"""Rows of Gemini's contents that break a rule: kind of the finding, format, row, field and a part of the way out."""

from __future__ import annotations

from typing import Any

from unit.datasets.made_rows import CALL, CLIP, GOOD, PDF, TOOL, C, asked, called, changed, file_part, said

DEEP: Any = "x"
for _ in range(120):
    DEEP = [DEEP]

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


BROKEN_CONTENTS: list[tuple[str, str, Any, str, str]] = [
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
    ("missing-key", C, changed(C, "contents", 0, "parts"), "contents[0].parts", "Give parts"),
    ("wrong-type", C, changed(C, "contents", to={}), "contents", "a list"),
    ("wrong-type", C, changed(C, "contents", 0, to="hi"), "contents[0]", "an object"),
    ("wrong-type", C, changed(C, "contents", 0, "parts", 0, to="hi"), "contents[0].parts[0]", "an object"),
    ("no-turns", C, changed(C, "contents", to=[]), "contents", "a question and its answer"),
    ("unknown-role", C, changed(C, "contents", 0, "role", to="human"), "contents[0].role", "user, model"),
    (
        "unknown-role",
        C,
        changed(C, "contents", to=[said("system", "a"), said("user", "b"), said("model", "c")]),
        "contents[0].role",
        "Use one of: user, model; an instruction belongs in systemInstruction, next to contents",
    ),
    (
        "first-turn",
        C,
        changed(C, "contents", to=[said("model", "a"), said("user", "b"), said("model", "c")]),
        "contents[0].role",
        "Begin with a turn of user",
    ),
    (
        "turns-together",
        C,
        changed(C, "contents", to=[said("user", "a"), said("user", "b"), said("model", "c")]),
        "contents[1].role",
        "Join them",
    ),
    ("last-turn", C, changed(C, "contents", to=[said("user", "a")]), "contents[0].role", "End with a turn of model"),
    ("no-question", C, changed(C, "contents", to=[said("model", "a")]), "contents", "a turn of user before"),
    ("empty-answer", C, changed(C, "contents", 1, to=said("model", " ")), "contents[1].parts", "Write the answer"),
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
    ("wrong-type", C, changed(C, "systemInstruction", to=[said("system", "a")]), "systemInstruction", "it is a list"),
    ("wrong-type", C, changed(C, "systemInstruction", to={"parts": "a"}), "systemInstruction.parts", "it is a string"),
    ("unknown-part", C, changed(C, "systemInstruction", to={"parts": ["a"]}), "systemInstruction.parts[0]", "Use text"),
    ("wrong-type", C, changed(C, "contents", 0, to=None), "contents[0]", "it is null"),
    ("wrong-type", C, asked({"fileData": ["gs://a/b"]}), f"{PART}.fileData", "it is a list"),
    (
        "not-public",
        C,
        asked(file_part("image/png", "https://storage.cloud.google.com/shop/a.png")),
        f"{PART}.fileData.fileUri",
        "storage.cloud.google.com asks for a login",
    ),
    (
        "not-public",
        C,
        asked(file_part("image/png", "http://localhost:80/a.png")),
        f"{PART}.fileData.fileUri",
        "gs://",
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
        "file-uri",
        C,
        changed(C, "contents", 0, "parts", 1, to=file_part(uri="/a.png")),
        "contents[0].parts[1].fileData.fileUri",
        "gs://",
    ),
    (
        "mime-type",
        C,
        changed(C, "contents", 0, "parts", 1, to=file_part("image/tiff")),
        "contents[0].parts[1].fileData",
        "pdf",
    ),
    (
        "media-in-answer",
        C,
        changed(C, "contents", 1, to=said("model", "a", file_part())),
        "contents[1].parts[1]",
        "only questions",
    ),
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
    (
        "blank-part",
        C,
        changed(C, "contents", 0, to=said("user", "a", " ")),
        "contents[0].parts",
        "Remove the blank one",
    ),
    ("role-spelling", C, changed(C, "contents", 0, "role", to="USER"), "contents[0].role", "lower case"),
    ("unknown-key", C, changed(C, system="x"), "system", "spelling"),
    ("too-many-images", C, changed(C, "contents", 0, to=said("user", "a", *[file_part()] * 31)), "", "fewer images"),
    (
        "too-many-audio-files",
        C,
        changed(C, "contents", 0, to=said("user", "a", *[file_part("audio/mp3", "gs://shop/a.mp3")] * 2)),
        "",
        "one audio file",
    ),
]
