"""The fifth list: data that Google refuses, or that does not do what it seems to."""

from __future__ import annotations

from typing import Final

from preflight.fifth_list import (
    ABOUT,
    AUDIO,
    BETA,
    DATA_PAGE,
    IMAGES,
    JSON,
    OLD_DAY,
    TRAINED_ON,
    VIDEOS,
    among,
    asked,
    clip,
)
from preflight.list_row import file, turn, wrong
from support.preflight_case import GOOD, SPEC, VALIDATION, good_rows, lines, row

MEDIA: Final = (
    wrong(
        "thirty-one images in one row",
        IMAGES,
        among(asked(*[file("image/png", "a.png")] * 31, "What are they?")),
        "30",
        "31",
    ),
    wrong(
        "two recordings in one row",
        AUDIO,
        among(asked(file("audio/mpeg", "a.mp3"), file("audio/mpeg", "a.mp3"), "Who speaks?")),
        "audio",
        "2",
    ),
    wrong(
        "clips of six minutes at the high resolution",
        VIDEOS,
        clip("0s", "360s", "MEDIA_RESOLUTION_HIGH"),
        "5 minutes",
    ),
    wrong(
        "clips of twenty-one minutes at the low resolution",
        VIDEOS,
        clip("10s", "1270s", "MEDIA_RESOLUTION_LOW"),
        "20 minutes",
    ),
    wrong(
        "an image by its suffix",
        f"{IMAGES}: image/png, image/jpeg, image/webp",
        among(asked(file("png", "a.png"), "What is it?")),
        "image/png",
    ),
    wrong(
        "a file with a blank type",
        f"{BETA}: FileData.mimeType is required",
        among(asked(file("", "a.png"), "What is it?")),
        "mimeType",
    ),
    wrong(
        "a file at Amazon",
        IMAGES,
        among(asked({"fileData": {"mimeType": "image/png", "fileUri": "s3://shop/a.png"}}, "What is it?")),
        "fileUri",
        "gs://",
    ),
    wrong(
        "a file of the Gemini API",
        IMAGES,
        among(
            asked(
                {
                    "fileData": {
                        "mimeType": "image/png",
                        "fileUri": "https://generativelanguage.googleapis.com/v1beta/files/abc",
                    }
                },
                "What is it?",
            )
        ),
        "not public",
        answer="warning",
    ),
    wrong(
        "an image for a model of texts",
        ABOUT,
        {
            "inputs/baseModel": "gemini-1.0-pro-002",
            "world/today": OLD_DAY,
            **among(asked(file("image/png", "a.png"), "What is it?")),
        },
        "gemini-1.0-pro-002",
        "image",
    ),
    wrong(
        "a video for Gemini 1.5",
        ABOUT,
        {
            "inputs/baseModel": "gemini-1.5-pro-002",
            "world/today": OLD_DAY,
            **among(asked(file("video/mp4", "a.mp4"), "What is it?")),
        },
        "gemini-1.5-pro-002",
        "video",
    ),
)
FILES: Final = (
    wrong(
        "an array in one line",
        f"{DATA_PAGE}: JSON Lines",
        {TRAINED_ON: "[" + ", ".join(lines(each).strip() for each in good_rows()) + "]\n"},
        "list",
        "line",
    ),
    wrong(
        "rows over several lines each",
        f"{DATA_PAGE}: JSON Lines",
        {TRAINED_ON: GOOD.replace('"parts":', '\n  "parts":')},
        "line",
    ),
    wrong(
        "rows in a gzip file",
        f"{DATA_PAGE}: JSON Lines",
        {TRAINED_ON: b"\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\x03\xabV*I-.Q\xb2R\n".decode("utf-8", "surrogateescape")},
        "gzip",
    ),
    wrong(
        "rows in UTF-16",
        f"{JSON}: UTF-8",
        {TRAINED_ON: GOOD.encode("utf-16").decode("utf-8", "surrogateescape")},
        "UTF-16",
    ),
    wrong(
        "a number that JSON does not have",
        f"{JSON}: numbers",
        among(lines(row(7)).strip()[:-1] + ', "generationConfig": {"temperature": NaN}}'),
        "NaN",
    ),
    wrong("a training file of no bytes", DATA_PAGE, {TRAINED_ON: ""}, "no examples"),
    wrong("a training file of blank lines", DATA_PAGE, {TRAINED_ON: "\n\n  \n"}, "no examples"),
    wrong(
        "a validation file of no bytes",
        DATA_PAGE,
        {f"{SPEC}/validationDatasetUri": "gs://shop-data/validation.jsonl", "world/objects/validation.jsonl": ""},
        VALIDATION,
        "no examples",
    ),
    wrong(
        "an instruction that is a list of turns",
        DATA_PAGE,
        among({**row(7), "systemInstruction": [turn("system", "Be short.")]}),
        "systemInstruction",
        "list",
    ),
    wrong(
        "an instruction among the turns",
        f"{DATA_PAGE}: user or model",
        among({"contents": [turn("system", "Be short."), *row(7)["contents"]]}),
        "system",
        "systemInstruction",
    ),
    wrong(
        "parts that are text",
        DATA_PAGE,
        among({"contents": [{"role": "user", "parts": "Where is it?"}, turn("model", "Here.")]}),
        "parts",
        "a string",
    ),
    wrong(
        "a part of two kinds",
        f"{DATA_PAGE}: a union field",
        among(asked({"text": "What is it?", **file("image/png", "a.png")})),
        "text",
        "fileData",
    ),
    wrong(
        "validation examples for Gemini 1.5",
        f"{ABOUT}: 256 examples",
        {
            "inputs/baseModel": "gemini-1.5-flash-002",
            "world/today": OLD_DAY,
            f"{SPEC}/validationDatasetUri": "gs://shop-data/validation.jsonl",
            "world/objects/validation.jsonl": lines(*good_rows(257, 200)),
        },
        "256",
    ),
)
WRONG: Final = (*MEDIA, *FILES)
