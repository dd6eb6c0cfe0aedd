"""Wrong configurations of the second list: rows of datasets, media and function calls."""

from __future__ import annotations

import gzip
import json
from typing import Any, Final

from preflight.list_row import file, turn
from preflight.second_list import (
    ABOUT,
    AUDIO_TYPES,
    DOCUMENT,
    DOCUMENT_TYPES,
    FUNCTION_CALLING,
    FUNCTIONS,
    IMAGE,
    IMAGE_TYPES,
    JOB,
    PREPARE,
    VIDEO,
    VIDEO_TYPES,
)
from support.preflight_case import CHECKED_DATA, SPEC, Tree, good_rows, lines

OBJECTS: Final = "world/objects"


def turns(*contents: Any, **more: Any) -> Tree:
    """A row of Gemini's contents."""
    return {"contents": list(contents), **more}


QUESTION, ANSWER = turn("user", "Where is it?"), turn("model", "In the shop.")


def among(row: Any, **objects: str) -> Tree:
    """The row in line 3 of a good file; ``objects`` are there besides."""
    rows = good_rows()
    named = {name.replace("__", "."): text for name, text in objects.items()}
    return {OBJECTS: {"train.jsonl": lines(*rows[:2], row, *rows[2:]), **named}}


def asked(*parts: Any, **objects: str) -> Tree:
    """A good file whose line 3 asks with these parts."""
    return among(turns(turn("user", "What is this?", *parts), ANSWER), **objects)


def clip(seconds: int) -> Tree:
    """A part of a video that is that long."""
    return file("video/mp4", "a.mp4", videoMetadata={"startOffset": "0s", "endOffset": f"{seconds}s"})


LINE: Final = "train.jsonl:3"
UNION: Final = "A part holds one of text, fileData, functionCall and functionResponse."

TEXT: Final = (
    PREPARE.wrong(
        "a part with a text and a file",
        UNION,
        asked(file("image/png", "a.png", text="?"), a__png="x"),
        LINE,
        "text",
        "fileData",
    ),
    PREPARE.wrong(
        "a text that is null", UNION, among(turns(turn("user", {"text": None}), ANSWER)), LINE, "contents[0].parts[0]"
    ),
    PREPARE.wrong(
        "a role of system among the contents",
        "A turn is of user or model; the instruction has a field of its own.",
        among(turns(turn("system", "Be brief."), QUESTION, ANSWER)),
        LINE,
        "system",
        "systemInstruction",
    ),
    PREPARE.wrong(
        "an instruction with a file",
        "The instruction's parts are text.",
        among(turns(QUESTION, ANSWER, systemInstruction=turn("system", file("image/png", "a.png"))), a__png="x"),
        LINE,
        "systemInstruction",
    ),
    PREPARE.wrong(
        "an instruction without parts",
        "The instruction is a content with parts.",
        among(turns(QUESTION, ANSWER, systemInstruction={"role": "system", "parts": []})),
        LINE,
        "systemInstruction",
    ),
    PREPARE.wrong(
        "a row with an instruction only",
        "contents are required.",
        among({"systemInstruction": turn("system", "Be brief.")}),
        LINE,
        "contents",
    ),
    PREPARE.wrong(
        "a compressed file",
        "The dataset is JSON Lines.",
        {
            OBJECTS: {
                "train.jsonl": gzip.compress(lines(*good_rows()).encode(), mtime=0).decode("utf-8", "surrogateescape")
            }
        },
        "train.jsonl",
        "gzip",
    ),
    PREPARE.wrong(
        "a file in UTF-16",
        "The dataset is JSON Lines, which is UTF-8.",
        {OBJECTS: {"train.jsonl": lines(*good_rows()).encode("utf-16").decode("utf-8", "surrogateescape")}},
        "train.jsonl",
        "UTF-16",
    ),
    PREPARE.wrong(
        "preference data for supervised tuning",
        "A row is contents, a systemInstruction and tools.",
        {OBJECTS: {"train.jsonl": lines(*({"contents": [QUESTION], "completions": []} for _ in range(100)))}},
        "train.jsonl",
        "preference",
    ),
    ABOUT.wrong(
        "1,100 validation examples beside 2,000 of training",
        "At most 5,000, or 30 % of the training examples where there are more than 1,000 validation examples.",
        {
            f"{SPEC}/validationDatasetUri": CHECKED_DATA,
            OBJECTS: {"train.jsonl": lines(*good_rows(2000)), "validation.jsonl": lines(*good_rows(1100, 3000))},
        },
        "1100",
        "30 %",
    ),
)

MEDIA: Final = (
    DOCUMENT.wrong(
        "five PDF files in one row",
        "At most 4 PDF files in one example.",
        asked(*(file("application/pdf", f"{n}.pdf") for n in range(5)), **{f"{n}__pdf": "x" for n in range(5)}),
        LINE,
        "5 ",
        "4",
    ),
    DOCUMENT_TYPES.wrong(
        "a web page as a document",
        "Documents are application/pdf and text/plain.",
        asked(file("text/html", "a.html"), a__html="x"),
        LINE,
        "text/html",
    ),
    IMAGE_TYPES.wrong(
        "a GIF for Gemini",
        "Images are PNG, JPEG, WEBP, HEIC and HEIF.",
        asked(file("image/gif", "a.gif"), a__gif="x"),
        LINE,
        "image/gif",
    ),
    IMAGE_TYPES.wrong(
        "a drawing in SVG",
        "Images are PNG, JPEG, WEBP, HEIC and HEIF.",
        asked(file("image/svg+xml", "a.svg"), a__svg="x"),
        LINE,
        "image/svg+xml",
    ),
    VIDEO_TYPES.wrong(
        "a Matroska video",
        "Videos are FLV, QuickTime, MPEG, MP4, WebM, WMV and 3GPP.",
        asked(file("video/x-matroska", "a.mkv"), a__mkv="x"),
        LINE,
        "video/x-matroska",
    ),
    AUDIO_TYPES.wrong(
        "a recording in AMR",
        "Audio is AAC, FLAC, MP3, M4A, MPEG, MP4, OGG, PCM, WAV and WebM.",
        asked(file("audio/amr", "a.amr"), a__amr="x"),
        LINE,
        "audio/amr",
    ),
    IMAGE.wrong(
        "a bucket for a file",
        "fileUri is a file in a bucket, or a public URL.",
        asked({"fileData": {"mimeType": "image/png", "fileUri": "gs://shop-data"}}),
        LINE,
        "gs://shop-data",
    ),
    PREPARE.wrong(
        "a file without its type",
        "fileData has mimeType and fileUri.",
        asked({"fileData": {"fileUri": "gs://shop-data/a.png"}}, a__png="x"),
        LINE,
        "mimeType",
    ),
    VIDEO.wrong(
        "one clip of twelve minutes",
        "At most 5 minutes at HIGH or MEDIUM; a longer example is dropped.",
        asked(clip(720), a__mp4="x"),
        LINE,
        "5 minutes",
        answer="warning",
    ),
    VIDEO.wrong(
        "clips of twelve minutes in every row",
        "Where 10 % of the examples or more are dropped, the job fails before the training.",
        {
            OBJECTS: {
                "train.jsonl": lines(
                    *(
                        turns(turn("user", f"What is in {n}?", clip(720)), turn("model", f"Cat {n}."))
                        for n in range(120)
                    )
                ),
                "a.mp4": "x",
            }
        },
        "5 minutes",
        "10 %",
    ),
    VIDEO.wrong(
        "an offset without its unit",
        'Offsets are durations: "5s".',
        asked(file("video/mp4", "a.mp4", videoMetadata={"startOffset": 5, "endOffset": 25}), a__mp4="x"),
        LINE,
        "startOffset",
        "5s",
    ),
    VIDEO.wrong(
        "a video of 150 MB",
        "At most 100 MB.",
        {**asked(file("video/mp4", "a.mp4"), a__mp4="x"), "world/sizes": {"a.mp4": 150_000_000}},
        LINE,
        "100 MB",
    ),
    DOCUMENT.wrong(
        "a PDF of 30 MB",
        "At most 20 MB.",
        {**asked(file("application/pdf", "a.pdf"), a__pdf="x"), "world/sizes": {"a.pdf": 30_000_000}},
        LINE,
        "20 MB",
    ),
    IMAGE.wrong(
        "a resolution in small letters",
        "mediaResolution is MEDIA_RESOLUTION_LOW, _MEDIUM or _HIGH.",
        among(
            turns(
                turn("user", "?", file("image/png", "a.png")),
                ANSWER,
                generationConfig={"mediaResolution": "media_resolution_low"},
            ),
            a__png="x",
        ),
        LINE,
        "media_resolution_low",
        "MEDIA_RESOLUTION_LOW",
    ),
)

TOOL: Final = {"functionDeclarations": [{"name": "find", "parameters": {"type": "OBJECT", "properties": {}}}]}
CALL: Final = {"functionCall": {"name": "find", "args": {"order": 1}}}
RESPONSE: Final = {"functionResponse": {"name": "find", "response": {"output": "sent"}}}


def declared(tool: Any) -> Tree:
    """A good file whose line 3 declares a tool."""
    return among(turns(QUESTION, ANSWER, tools=[tool]))


CALLS: Final = (
    FUNCTIONS.wrong(
        "a function call of the user",
        "The model calls; the user or a turn of its own gives the response.",
        among(turns(turn("user", CALL), ANSWER, tools=[TOOL])),
        LINE,
        "functionCall",
        "model",
    ),
    FUNCTIONS.wrong(
        "a function's answer that nobody asked for",
        "A functionResponse answers the functionCall before it.",
        among(turns(QUESTION, {"parts": [RESPONSE]}, ANSWER, tools=[TOOL])),
        LINE,
        "functionResponse",
        answer="warning",
    ),
    FUNCTIONS.wrong(
        "arguments as text",
        "args is an object.",
        among(turns(QUESTION, turn("model", {"functionCall": {"name": "find", "args": "{}"}}), tools=[TOOL])),
        LINE,
        "args",
    ),
    FUNCTIONS.wrong(
        "a response as text",
        "response is an object.",
        among(
            turns(
                QUESTION,
                turn("model", CALL),
                {"parts": [{"functionResponse": {"name": "find", "response": "sent"}}]},
                ANSWER,
                tools=[TOOL],
            )
        ),
        LINE,
        "response",
    ),
    FUNCTIONS.wrong(
        "a call without a name",
        "A functionCall has a name.",
        among(turns(QUESTION, turn("model", {"functionCall": {"args": {}}}), tools=[TOOL])),
        LINE,
        "name",
    ),
    FUNCTION_CALLING.wrong(
        "a function's name with a blank",
        "A name has letters, digits, underscores, dots and dashes, at most 64.",
        declared({"functionDeclarations": [{"name": "find order"}]}),
        LINE,
        "functionDeclarations[0].name",
    ),
    FUNCTION_CALLING.wrong(
        "a declaration without a name",
        "The name is required.",
        declared({"functionDeclarations": [{"description": "Finds an order."}]}),
        LINE,
        "name",
    ),
    FUNCTIONS.wrong(
        "a tool as OpenAI writes it",
        "tools is a list of functionDeclarations.",
        declared({"type": "function", "function": {"name": "find", "parameters": {"type": "object"}}}),
        LINE,
        "functionDeclarations",
    ),
)

JSON_LINES: Final = JOB.wrong(
    "two objects on one line",
    "The dataset is JSON Lines: one object on each line.",
    among(json.dumps(turns(QUESTION, ANSWER)) + json.dumps(turns(QUESTION, ANSWER))),
    LINE,
    "one",
)

WRONG: Final = (*TEXT, *MEDIA, *CALLS, JSON_LINES)
