"""The third list: rows of the data that Google refuses or ignores, each with the page that says so."""

from __future__ import annotations

from typing import Any, Final

from preflight.list_row import Row, file, turn, wrong
from preflight.third_list import (
    CALL,
    DATA_PAGE,
    DECLARATION,
    DISCOVERY,
    REPLY,
    VIDEO,
    asked,
    called,
    clip,
    declared,
    taking,
    trained_on,
)

VIDEO_PAGE: Final = "docs.cloud.google.com/gemini-enterprise-agent-platform/models/tuning/video"
JSON_PAGE: Final = "protobuf.dev/programming-guides/json"
METADATA: Final = f"{DISCOVERY}: VideoMetadata"


def wrong_row(id: str, source: str, bad: Any, *names: str, **more: Any) -> Row:  # noqa: A002
    """A row of the data that is wrong."""
    return wrong(id, source, trained_on(bad), *names, **more)


VIDEOS: Final = (
    wrong_row("thirty frames a second", f"{METADATA}.fps: (0.0, 24.0]", clip(fps=30), ":3", "fps", "24"),
    wrong_row("no frame a second", f"{METADATA}.fps: (0.0, 24.0]", clip(fps=0), ":3", "fps", "24"),
    wrong_row("frames a second as text", f"{METADATA}.fps is a number", clip(fps="one"), ":3", "fps"),
    wrong_row(
        "a part that ends before it begins",
        METADATA,
        clip(startOffset="20s", endOffset="5s"),
        ":3",
        "endOffset",
        "startOffset",
    ),
    wrong_row("an offset below zero", METADATA, clip(startOffset="-5s", endOffset="5s"), ":3", "startOffset"),
    wrong_row(
        "a part of an image",
        f"{DISCOVERY}: Part.videoMetadata, only with video data",
        asked("What?", {**file("image/png", "a.png"), "videoMetadata": {"startOffset": "1s"}}),
        ":3",
        "videoMetadata",
    ),
    wrong_row(
        "a resolution beside the contents",
        f"{VIDEO_PAGE}: mediaResolution is in generationConfig",
        asked("What?", VIDEO, mediaResolution="MEDIA_RESOLUTION_LOW"),
        ":3",
        "mediaResolution",
        "generationConfig",
        answer="warning",
    ),
)
PARTS: Final = (
    wrong_row(
        "text and a file in one part",
        f"{DATA_PAGE}: one of text and fileData",
        asked({"text": "What?", **file("image/png", "a.png")}),
        ":3",
        "text",
        "fileData",
    ),
    wrong_row(
        "bytes in the row",
        f"{DATA_PAGE}: one of text and fileData",
        asked("What?", {"inlineData": {"mimeType": "image/png", "data": "iVBORw0KGgo="}}),
        ":3",
        "inlineData",
        "fileData",
    ),
    wrong_row(
        "a file that names nothing",
        f"{DISCOVERY}: FileData.fileUri is required",
        asked("What?", {"fileData": {"mimeType": "image/png"}}),
        ":3",
        "fileUri",
    ),
    wrong_row(
        "a folder for a file",
        f"{DISCOVERY}: FileData.fileUri",
        asked("What?", file("image/png", "images/")),
        ":3",
        "fileUri",
    ),
    wrong_row(
        "a bucket for a file", f"{DISCOVERY}: FileData.fileUri", asked("What?", file("image/png", "")), ":3", "fileUri"
    ),
    wrong_row(
        "image/jpg",
        "docs.cloud.google.com/gemini-enterprise-agent-platform/models/tuning/image: image/jpeg",
        asked("What?", file("image/jpg", "a.png")),
        ":3",
        "image/jpg",
        "image/jpeg",
    ),
    wrong_row(
        "an image in the instruction",
        f"{DISCOVERY}: systemInstruction, only text should be used in parts",
        asked("What?", systemInstruction=turn("system", "Look.", file("image/png", "a.png"))),
        ":3",
        "systemInstruction",
    ),
    wrong_row(
        "one turn instead of a list",
        f"{DISCOVERY}: contents is an array",
        {"contents": turn("user", "What?")},
        ":3",
        "contents",
    ),
    wrong_row(
        "half a character",
        f"{JSON_PAGE}: a string is UTF-8",
        '{"contents": [{"role": "user", "parts": [{"text": "Where \\ud83d"}]}, '
        '{"role": "model", "parts": [{"text": "Here."}]}]}',
        ":3",
        "surrogate",
    ),
    wrong_row(
        "a number that is none",
        "RFC 8259, section 6, and " + JSON_PAGE,
        '{"contents": [{"role": "user", "parts": [{"text": "?"}]}, {"role": "model", "parts": [{"functionCall": '
        '{"name": "find", "args": {"order": NaN}}}]}]}',
        ":3",
        "JSON",
    ),
)
FUNCTIONS: Final = (
    wrong_row(
        "a parameter's name with a blank",
        f"{DECLARATION}.parameters",
        declared(taking(**{"order id": {"type": "STRING"}})),
        ":3",
        "the name of a parameter",
    ),
    wrong_row(
        "a parameter's name of 65 characters",
        f"{DECLARATION}.parameters",
        declared(taking(**{"p" * 65: {"type": "STRING"}})),
        ":3",
        "64",
    ),
    wrong_row(
        "a type that there is not", f"{DISCOVERY}: Schema.type", declared(taking(order={"type": "DICT"})), ":3", "DICT"
    ),
    wrong_row(
        "parameters in two schemas",
        f"{DECLARATION}.parametersJsonSchema: mutually exclusive with parameters",
        declared({**taking(order={"type": "STRING"}), "parametersJsonSchema": {"type": "object"}}),
        ":3",
        "parametersJsonSchema",
    ),
    wrong_row(
        "513 functions",
        f"{DISCOVERY}: Tool.functionDeclarations, at most 512",
        declared(*({"name": f"find_{number}"} for number in range(513))),
        ":3",
        "513",
        "512",
    ),
    wrong_row(
        "a function declared twice",
        "googleapis/dotnet-genai#189: Duplicate function declaration found",
        declared(taking(), taking()),
        ":3",
        "find",
        "twice",
    ),
    wrong_row(
        "a function's name of 129 characters",
        f"{DECLARATION}.name: at most 128",
        declared({"name": "f" * 129}),
        ":3",
        "128",
    ),
    wrong_row(
        "a mode of calls that there is not",
        f"{DISCOVERY}: FunctionCallingConfig.mode",
        declared(taking(), toolConfig={"functionCallingConfig": {"mode": "ALWAYS"}}),
        ":3",
        "ALWAYS",
    ),
    wrong_row(
        "two calls and one response",
        "google-gemini/gemini-cli#4217: the number of function response parts",
        called(turn("model", CALL, CALL), turn("user", REPLY)),
        ":3",
        "functionResponse",
        "functionCall",
        answer="warning",
    ),
    wrong_row(
        "a response of another function",
        "google-gemini/gemini-cli#4217; discovery: FunctionResponse.name matches FunctionCall.name",
        called(turn("model", CALL), turn("user", {"functionResponse": {"name": "send", "response": {"output": "x"}}})),
        ":3",
        "send",
        answer="warning",
    ),
)

WRONG_ROWS: Final = (*VIDEOS, *PARTS, *FUNCTIONS)
