"""Cases of a job's rows: Gemini reads them from the bucket, refuses by file, line and field, and Google fails the job."""

from __future__ import annotations

import json
from typing import Any, Final

from support.preflight_case import (
    CHECKED_DATA,
    DATA,
    SPEC,
    TRAINING,
    VALIDATION,
    Cannot,
    Case,
    JobFails,
    good_rows,
    lines,
    row,
)

NOT_LOOKED_AT: Final = Cannot("the sandbox does not look at that")
TRAINED_ON: Final = "world/objects/train.jsonl"
VALIDATED_ON: Final = "world/objects/validation.jsonl"
FIRST: Final = {"world/today": "2025-01-15", "inputs/baseModel": "gemini-1.0-pro-002"}
"""Gemini 1.0 Pro in its time: it reads messages."""
FLASH: Final = {"world/today": "2025-01-15", "inputs/baseModel": "gemini-1.5-flash-002"}
DEEP: Final[Any] = json.loads("[" * 120 + "]" * 120)


def said(role: str, *parts: Any) -> dict[str, Any]:
    """One turn."""
    return {"role": role, "parts": [{"text": each} if isinstance(each, str) else each for each in parts]}


def turns(*contents: Any, **more: Any) -> dict[str, Any]:
    """A row of Gemini's contents."""
    return {"contents": list(contents), **more}


def file(mime: str = "image/png", uri: str = "gs://shop-data/a.png") -> dict[str, Any]:
    """A part that names a file."""
    return {"fileData": {"mimeType": mime, "fileUri": uri}}


def message(number: int, *, system: str = "Classify.", answer: str = "") -> dict[str, Any]:
    """A row of Gemini 1.0's messages."""
    said = [
        {"role": "system", "content": system},
        {"role": "user", "content": f"Ticket {number}: what now?"},
        {"role": "model", "content": answer or f"team {number % 3}, order {number}"},
    ]
    return {"messages": said}


def third_row(
    kind: str, bad: Any, good: Any, field: str, words: str, way_out: str, google: str | Cannot | None, **more: Any
) -> Case:
    """A case of a row that stands in line 3; its neighbour is the same file with a better row there."""
    rows = good_rows()
    case: dict[str, Any] = {
        "id": f"row: {kind}",
        "check": "dataset", "rule": kind, "path": TRAINING, "way_out": way_out,
        "says": f"{DATA}:3: {field + ': ' if field else ''}{words}",
        "google": JobFails(f"line 3 {google}") if isinstance(google, str) else google,
        "given": {TRAINED_ON: lines(*rows[:2], bad, *rows[2:])},
        "but": {TRAINED_ON: lines(*rows[:2], good, *rows[2:])},
    }  # fmt: skip
    return Case(**{**case, **more})


QUESTION, ANSWER = said("user", "Where is it?"), said("model", "In the shop.")
GOOD_ROW: Final = turns(QUESTION, ANSWER)
CALL: Final = {"functionCall": {"name": "find", "args": {"order": 1}}}
RESPONSE: Final = {"functionResponse": {"name": "find", "response": {"output": "sent"}}}

TOOL: Final = {"functionDeclarations": [{"name": "find"}]}
SENT: Final = {"functionResponse": {"name": "send", "response": {"output": "sent"}}}
DECLARED: Final = "tools[0].functionDeclarations"


def declaring(*functions: Any) -> dict[str, Any]:
    """A row whose tools declare these functions."""
    return turns(QUESTION, ANSWER, tools=[{"functionDeclarations": list(functions)}])


def taking(name: str, kind: str) -> dict[str, Any]:
    """A function with one parameter."""
    return {"name": "find", "parameters": {"type": "OBJECT", "properties": {name: {"type": kind}}}}


def clipped(**offsets: Any) -> dict[str, Any]:
    """A row with a part of a video."""
    return turns(said("user", "?", {**file("video/mp4", "gs://shop-data/a.mp4"), "videoMetadata": offsets}), ANSWER)


def shown(resolution: str, mime: str = "image/png") -> dict[str, Any]:
    """A row with a file in a resolution."""
    config = {"mediaResolution": resolution}
    return turns(said("user", "?", file(mime)), ANSWER, generationConfig=config)


def many(each: dict[str, Any], count: int) -> str:
    """A file whose first rows are like this one."""
    return lines(
        *[{**each, "systemInstruction": said("system", f"Be {n}.")} for n in range(count)], *good_rows(120 - count)
    )


ROWS: Final = [
    third_row("not-utf8", '{"contents": "\udcff"}', GOOD_ROW, "", "the line is not UTF-8",
              "Save the file as UTF-8", "is not UTF-8"),
    third_row("not-json", '{"contents": [}', GOOD_ROW, "", "the line is not JSON",
              "one JSON object on one line", "is not valid JSON"),
    third_row("not-an-object", "[1]", GOOD_ROW, "", "the line is a list, not an object", "one JSON object on one line",
              "is not a JSON object"),
    third_row("too-deep", turns(QUESTION, ANSWER, tools=[{"x": DEEP}]), turns(QUESTION, ANSWER, tools=[{}]), "",
              "the row is nested too deeply", "Flatten it", "is nested more than 100 levels deep"),
    third_row("mixed-format", message(3), GOOD_ROW, "", "the row is", "Keep one format in one file",
              'has "messages", which this model does not take'),
    third_row("missing-key", turns({"role": "user"}, ANSWER), GOOD_ROW, "contents[0].parts",
              "parts is missing", "Give parts", 'has a turn without "parts"'),
    third_row("wrong-type", turns(said("user", "?") | {"parts": ["text"]}, ANSWER), GOOD_ROW, "contents[0].parts[0]",
              "it is a string, not an object", "Give an object", "has a part that is not an object"),
    third_row("no-turns", turns(), GOOD_ROW, "contents", "there are no turns", "Give at least a question",
              'has no turns in "contents"'),
    third_row("unknown-role", turns(said("human", "?"), ANSWER), GOOD_ROW, "contents[0].role", "the role is human",
              "Use one of: user, model", "has a turn of the unknown role"),
    third_row("first-turn", turns(said("model", "Hello."), QUESTION, ANSWER), GOOD_ROW, "contents[0].role",
              "the conversation begins with model", "Begin with a turn of user",
              "does not begin with a turn of the role user"),
    third_row("last-turn", turns(QUESTION), GOOD_ROW, "contents[0].role", "the conversation ends with user",
              "End with a turn of model", "does not end with a turn of the role model"),
    third_row("no-question", turns(ANSWER), GOOD_ROW, "contents", "nothing is asked before the answer",
              "Put a turn of user before the answer", "has no turn of the role user before the answer", also=("dataset",)),
    third_row("empty-answer", turns(QUESTION, said("model", " ")), GOOD_ROW, "contents[1].parts",
              "the answer is empty", "Write the answer", "has an empty answer of the model"),
    third_row("empty-turn", turns(said("user", ""), ANSWER), GOOD_ROW, "contents[0].parts", "the text is empty",
              "Write the text", "has an empty turn of the role user"),
    third_row("no-parts", turns({"role": "user", "parts": []}, ANSWER), GOOD_ROW, "contents[0].parts",
              "the turn has no parts", '[{"text": ...}]', 'has a turn without "parts"'),
    third_row("unknown-part", turns(said("user", {"inlineData": {"data": "AA=="}}), ANSWER), GOOD_ROW,
              "contents[0].parts[0]", "the part holds inlineData", "Use text or fileData (file_data)",
              "has a part that does not hold one of text"),
    third_row("file-uri", turns(said("user", "?", file(uri="/a.png")), ANSWER), turns(said("user", "?", file()), ANSWER),
              "contents[0].parts[1].fileData.fileUri", "the file is not named by a URI that Google can fetch", "gs://",
              "has a file that is not named by a"),
    third_row("mime-type", turns(said("user", "?", file("image/tiff")), ANSWER), turns(said("user", "?", file()), ANSWER),
              "contents[0].parts[1].fileData", "the MIME type is image/tiff", "Use image/jpeg, image/png",
              "has a file of the unknown MIME type"),
    third_row("media-in-answer", turns(QUESTION, said("model", "This.", file())), GOOD_ROW, "contents[1].parts[1]",
              "an answer contains a file", "only questions may contain files", "has a file in an answer of the model"),
    third_row("unknown-role", turns({"parts": [{"text": "?"}]}, ANSWER, QUESTION, ANSWER),
              turns(QUESTION, said("model", CALL), {"parts": [RESPONSE]}, ANSWER), "contents[0].role", "the role is missing",
              "Use one of: user, model", "has a turn of the unknown role", id="row: a turn of nobody, but for a function's answer"),
    third_row("tools", turns(QUESTION, ANSWER, tools={}), turns(QUESTION, ANSWER, tools=[]), "tools",
              "tools is not a list of declarations", "functionDeclarations",
              'has "tools" that are not a list of declarations'),
    third_row("too-many-images", turns(said("user", "?", *[file()] * 31), ANSWER),
              turns(said("user", "?", *[file()] * 30), ANSWER), "", "the row has 31 images; the limit is 30",
              "Use fewer images in one row", "has 31 image files: at most 30 are allowed"),
    third_row("too-many-audio-files", turns(said("user", "?", *[file("audio/mp3", "gs://shop-data/a.mp3")] * 2), ANSWER),
              turns(said("user", "?", file("audio/mp3", "gs://shop-data/a.mp3")), ANSWER), "", "the row has 2 audio files; the limit is 1",
              "Use one audio file in one row", "has 2 audio files: at most 1 are allowed"),
    third_row("too-many-documents", turns(said("user", "?", *[file("application/pdf", "gs://shop-data/a.pdf")] * 5), ANSWER),
              turns(said("user", "?", *[file("application/pdf", "gs://shop-data/a.pdf")] * 4), ANSWER), "",
              "the row has 5 PDF files; the limit is 4", "Use fewer PDF files", NOT_LOOKED_AT),
    third_row("offset", clipped(startOffset=5), clipped(startOffset="5s"), "contents[0].parts[1].videoMetadata.startOffset",
              "it is a number, not a duration", 'for example "5s"', NOT_LOOKED_AT),
    third_row("resolution-value", shown("LOW"), shown("MEDIA_RESOLUTION_HIGH"), "generationConfig.mediaResolution",
              "mediaResolution is LOW", "MEDIA_RESOLUTION_LOW", NOT_LOOKED_AT),
    third_row("resolution-video", shown("MEDIA_RESOLUTION_ULTRA_HIGH", "video/mp4"), shown("MEDIA_RESOLUTION_ULTRA_HIGH"),
              "generationConfig.mediaResolution", "ULTRA_HIGH is for images", "MEDIA_RESOLUTION_HIGH", NOT_LOOKED_AT),
    third_row("call-by-user", turns(said("user", CALL), ANSWER, tools=[TOOL]), turns(QUESTION, said("model", CALL), tools=[TOOL]),
              "contents[0].parts[0].functionCall", "a functionCall is in a turn of the user", "Put it into a turn of model", NOT_LOOKED_AT),
    third_row("function-name", turns(QUESTION, ANSWER, tools=[{"functionDeclarations": [{"name": "find order"}]}]),
              turns(QUESTION, ANSWER, tools=[TOOL]), "tools[0].functionDeclarations[0].name",
              "the name of a function has other characters", "at most 128 letters", NOT_LOOKED_AT),
    third_row("clip-order", clipped(startOffset="9s", endOffset="5s"), clipped(startOffset="1s", endOffset="5s"),
              "contents[0].parts[1].videoMetadata", "endOffset is not after startOffset", "the later one", NOT_LOOKED_AT),
    third_row("clip-of-file", turns(said("user", "?", {**file(), "videoMetadata": {}}), ANSWER), clipped(),
              "contents[0].parts[1].videoMetadata", "videoMetadata is beside an image", "beside videos only", NOT_LOOKED_AT),
    third_row("frame-rate", clipped(fps=25), clipped(fps=24), "contents[0].parts[1].videoMetadata.fps",
              "fps is not a number above 0", "leave it out", NOT_LOOKED_AT),
    third_row("function-twice", declaring({"name": "find"}, {"name": "find"}), declaring({"name": "find"}, {"name": "send"}),
              f"{DECLARED}[1].name", "a function is declared twice (find)", "Declare it once", NOT_LOOKED_AT),
    third_row("too-many-functions", declaring(*({"name": f"f{n}"} for n in range(513))),
              declaring(*({"name": f"f{n}"} for n in range(512))), DECLARED,
              "a tool declares 513 functions; the limit is 512", "Declare fewer", NOT_LOOKED_AT),
    third_row("parameter-name", declaring(taking("order-id", "STRING")), declaring(taking("order_id", "STRING")),
              f"{DECLARED}[0].parameters.properties", "the name of a parameter (order-id)", "at most 64 letters", NOT_LOOKED_AT),
    third_row("schema-type", declaring(taking("order", "DICT")), declaring(taking("order", "object")),
              f"{DECLARED}[0].parameters.properties.order.type", "the type is DICT", "Use one of STRING", NOT_LOOKED_AT),
    third_row("two-schemas", declaring({**taking("order", "STRING"), "parametersJsonSchema": {}}),
              declaring({"name": "find", "parametersJsonSchema": {}}), f"{DECLARED}[0].parametersJsonSchema",
              "there are parameters and parametersJsonSchema", "Give one of them", NOT_LOOKED_AT),
    third_row("call-mode", turns(QUESTION, ANSWER, toolConfig={"functionCallingConfig": {"mode": "ALL"}}),
              turns(QUESTION, ANSWER, toolConfig={"functionCallingConfig": {"mode": "ANY"}}), "toolConfig.functionCallingConfig.mode",
              "the mode of function calls is ALL", "Use one of AUTO", NOT_LOOKED_AT),
    third_row("misplaced-key", turns(QUESTION, ANSWER, mediaResolution="MEDIA_RESOLUTION_LOW"),
              turns(QUESTION, ANSWER, generationConfig={"mediaResolution": "MEDIA_RESOLUTION_LOW"}), "mediaResolution",
              "mediaResolution is not a key of the row", "Move it into generationConfig", None, severity="warn"),
    third_row("answers-differ", turns(QUESTION, said("model", CALL, CALL), {"parts": [RESPONSE]}, ANSWER, tools=[TOOL]),
              turns(QUESTION, said("model", CALL, CALL), {"parts": [RESPONSE, RESPONSE]}, ANSWER, tools=[TOOL]), "contents[2]",
              "a turn has functionCall 2 times", "Answer each functionCall", None, severity="warn"),
    third_row("answer-of-another", turns(QUESTION, said("model", CALL), {"parts": [SENT]}, ANSWER, tools=[TOOL]),
              turns(QUESTION, said("model", CALL), {"parts": [RESPONSE]}, ANSWER, tools=[TOOL]),
              "contents[2].parts[0].functionResponse.name", "a functionResponse is of a function (send)", "that was called", None,
              severity="warn"),
    third_row("call-undeclared", turns(QUESTION, said("model", CALL)), turns(QUESTION, said("model", CALL), tools=[TOOL]),
              "contents[1].parts[0].functionCall.name", "a function is called (find) that the row's tools do not declare",
              "Declare it in tools", None, severity="warn"),
    third_row("answer-without-call", turns(QUESTION, said("model", "?"), {"parts": [RESPONSE]}, ANSWER, tools=[TOOL]),
              turns(QUESTION, said("model", CALL), {"parts": [RESPONSE]}, ANSWER, tools=[TOOL]),
              "contents[2].parts[0].functionResponse", "a functionResponse answers no functionCall",
              "Put the model's turn", None, severity="warn"),
    third_row("video-length", clipped(endOffset="301s"), clipped(endOffset="300s"), "",
              "the row has a video part of 301 seconds; the most is 5 minutes", "MEDIA_RESOLUTION_LOW", None, severity="warn"),
    third_row("turns-together", turns(QUESTION, said("user", "Well?"), ANSWER), GOOD_ROW, "contents[1].role",
              "two turns of user follow each other", "Join them", None, severity="warn"),
    third_row("not-public", turns(said("user", file(uri="https://storage.cloud.google.com/shop/a.png"), "?"), ANSWER),
              turns(said("user", file(uri="https://example.com/a.png"), "?"), ANSWER), "contents[0].parts[0].fileData.fileUri",
              "the URL is not public: storage.cloud.google.com asks for a login", "a URL that anyone can open", None,
              severity="warn"),
    third_row("blank-part", turns(said("user", "?", " "), ANSWER), GOOD_ROW, "contents[0].parts",
              "one of the texts is blank", "Remove the blank one", None, severity="warn"),
    third_row("role-spelling", turns(said("USER", "?"), ANSWER), GOOD_ROW, "contents[0].role", "the role is spelled USER",
              "Write it in lower case", None, severity="warn"),
    third_row("unknown-key", turns(QUESTION, ANSWER, system="x"), GOOD_ROW, "system", "system is not a known key",
              "check its spelling", None, severity="warn"),
    third_row("too-many-tokens", row(3, question="word " * 130_000), row(3), "", "the row has about 133",
              "Shorten or split it", None, severity="warn"),
    third_row("duplicate", row(0), row(500), "", "the row repeats line 1", "costs twice", None, severity="warn"),
]  # fmt: skip


def messages(*rows: Any) -> str:
    """A file of Gemini 1.0's messages, other rows in lines 3 and on."""
    good = [message(number) for number in range(120)]
    return lines(*good[:2], *rows, *good[2:])


def _without_system_first() -> dict[str, Any]:
    bad = message(3)["messages"]
    return {"messages": [bad[1], bad[0], bad[2]]}


def _two_questions() -> dict[str, Any]:
    bad = message(3)["messages"]
    return {"messages": [bad[0], bad[1], bad[1], bad[2]]}


MESSAGES: Final = [
    Case(
        id="row: system-not-first", check="dataset", rule="system-not-first", path=TRAINING,
        says="a system turn is not the first turn", way_out="Move the system turn to the start",
        google=JobFails("line 3 has a turn of the role system that is not the first"),
        given={**FIRST, TRAINED_ON: messages(_without_system_first())}, but={TRAINED_ON: messages(message(3))},
    ),
    Case(
        id="row: role-order", check="dataset", rule="role-order", path=TRAINING,
        says="two turns of user follow each other", way_out="Alternate user and model",
        google=JobFails("line 3 has two turns of the role user together"),
        given={**FIRST, TRAINED_ON: messages(_two_questions())}, but={TRAINED_ON: messages(message(3))},
    ),
    Case(
        id="row: text-only", check="dataset", rule="text-only", path=TRAINING,
        says="the row contains a file", way_out="Use text only: gemini-1.0-pro-002 reads no image files", also=("dataset",),
        google=JobFails("has a file, and this model is tuned on text only"),
        given={**FIRST, TRAINED_ON: lines(*good_rows(2), turns(said("user", "?", file()), ANSWER), *good_rows(100, 2))},
        but={TRAINED_ON: messages()},
    ),
]  # fmt: skip

VALIDATED: Final = {f"{SPEC}/validationDatasetUri": CHECKED_DATA}


def validated(kind: str, training: str, bad: str, good: str, words: str, way_out: str, **more: Any) -> Case:
    """A case of the validation file."""
    case: dict[str, Any] = {
        "id": f"validation: {kind}",
        "check": "dataset", "rule": kind, "path": VALIDATION, "says": words, "way_out": way_out,
        "given": {**VALIDATED, TRAINED_ON: training, VALIDATED_ON: bad, **more.pop("world", {})},
        "but": {VALIDATED_ON: good},
    }  # fmt: skip
    return Case(**{**case, **more})


MANY: Final = lines(*good_rows(3001))
FILES: Final = [
    Case(
        id="rows in no format", check="dataset", rule="unknown-format", path=TRAINING,
        says="the row has none of the known formats; it has question, reply", way_out='like this: {"contents": [',
        google=JobFails('has neither "contents" nor "messages"'),
        given={TRAINED_ON: lines({"question": "a", "reply": "b"})}, but={TRAINED_ON: lines(*good_rows())},
    ),
    Case(
        id="a list instead of lines", check="dataset", rule="not-jsonl", path=TRAINING,
        says="the file is one JSON list", way_out="Make it JSON Lines in UTF-8", google=JobFails("line 1 is not a JSON object"),
        given={TRAINED_ON: json.dumps(good_rows())}, but={TRAINED_ON: lines(*good_rows())},
    ),
    Case(
        id="an empty file", check="dataset", rule="empty-file", path=TRAINING,
        says="the file has no examples", way_out="Write one JSON object per line", google=JobFails("has no examples"),
        given={TRAINED_ON: "\n"}, but={TRAINED_ON: lines(*good_rows())},
    ),
    Case(
        id="rows in the form of another model", check="dataset", rule="format-of-model", path=TRAINING,
        says="gemini-3.1-flash-lite does not take rows with messages of user and model", way_out='Write each row like this: {"contents"',
        google=JobFails('has "messages", which this model does not take'),
        given={TRAINED_ON: messages()}, but={TRAINED_ON: lines(*good_rows())},
    ),
    Case(
        id="fewer than a hundred examples", check="dataset", rule="few-examples", path=TRAINING,
        says="there are 99 examples, fewer than 100", way_out="Try a prompt first", severity="warn",
        given={TRAINED_ON: lines(*good_rows(99))}, but={TRAINED_ON: lines(*good_rows(100))},
    ),
    Case(
        id="an instruction that some rows lack", check="dataset", rule="instruction-missing", path=TRAINING,
        says="the instruction that 119 of 120 rows have is missing", way_out="Use it in every row",
        severity="warn",
        given={TRAINED_ON: lines(*[{**r, "systemInstruction": said("system", "Be brief.")} for r in good_rows(119)], row(119))},
        but={TRAINED_ON: lines(*[{**r, "systemInstruction": said("system", "Be brief.")} for r in good_rows()])},
    ),
    Case(
        id="an instruction that differs in some rows", check="dataset", rule="instruction-differs", path=TRAINING,
        says="the instruction differs from that of 119 of 120 rows", way_out="Use the same in every row",
        severity="warn",
        given={TRAINED_ON: lines(*[{**r, "systemInstruction": said("system", "Be brief.")} for r in good_rows(119)],
                                 {**row(119), "systemInstruction": said("system", "Be breif.")})},
        but={TRAINED_ON: lines(*[{**r, "systemInstruction": said("system", "Be brief.")} for r in good_rows()])},
    ),
    Case(
        id="one answer in nearly all rows", check="dataset", rule="one-sided", path=TRAINING,
        says="one answer makes up 95 % of the rows", way_out="Balance the answers", severity="warn",
        given={TRAINED_ON: lines(*[row(n, answer="yes" if n % 20 else "no") for n in range(120)])},
        but={TRAINED_ON: lines(*[row(n, answer="yes" if n % 2 else "no") for n in range(120)])},
    ),
    Case(
        id="files in two resolutions", check="dataset", rule="resolution-differs", path=TRAINING,
        says="mediaResolution is MEDIA_RESOLUTION_MEDIUM, in line 1 it is MEDIA_RESOLUTION_LOW",
        google=NOT_LOOKED_AT, way_out="Use one mediaResolution in every row",
        given={TRAINED_ON: lines(shown("MEDIA_RESOLUTION_LOW"), shown("MEDIA_RESOLUTION_MEDIUM"), *good_rows(118))},
        but={TRAINED_ON: lines(shown("MEDIA_RESOLUTION_LOW"), shown("MEDIA_RESOLUTION_LOW"), *good_rows(118))},
    ),
    Case(
        id="a tenth of the rows with too long a video", check="dataset", rule="videos-dropped", path=TRAINING,
        says="12 of 120 rows have a video part of more than 5 minutes", google=NOT_LOOKED_AT, way_out="Shorten the parts",
        given={TRAINED_ON: many(clipped(endOffset="301s"), 12)}, but={TRAINED_ON: many(clipped(endOffset="301s"), 11)},
    ),
    Case(
        id="calls for a model with reports of failures", check="dataset", rule="calls-fail", path=TRAINING,
        says="function calls are in 2 rows; users report that jobs of gemini-3.1-flash-lite", way_out="Try a job with few rows",
        severity="warn",
        given={TRAINED_ON: many(turns(QUESTION, said("model", CALL), tools=[TOOL]), 2)}, but={TRAINED_ON: lines(*good_rows())},
    ),
    Case(
        id="a file that there is not", check="dataset", rule="files of rows exist", path=TRAINING,
        says="train.jsonl:1: the row names a file that does not exist (1 of 1 file that rows name were looked up)",
        way_out="Upload the files first", google=NOT_LOOKED_AT,
        given={TRAINED_ON: many(turns(said("user", "?", file(uri="gs://shop-data/none.png")), ANSWER), 1)},
        but={TRAINED_ON: many(turns(said("user", "?", file()), ANSWER), 1)},
    ),
    Case(
        id="an image of 21 MB", check="dataset", rule="files of rows within the limits", path=TRAINING,
        says="train.jsonl:1: the row names an image of 21 MB; the most is 20 MB", way_out="Make the file smaller",
        google=NOT_LOOKED_AT,
        given={TRAINED_ON: many(turns(said("user", "?", file()), ANSWER), 1), "world/objects/a.png": "x" * (21 << 20)},
        but={"world/objects/a.png": "x"},
    ),
    Case(
        id="inputs in two layouts", check="dataset", rule="layout-differs", path=TRAINING,
        says="a label that begins a line in", way_out="Lay out every input as in production", severity="warn",
        given={TRAINED_ON: lines(*[row(n, question=f"Question: how {n}?" if n else "how?") for n in range(120)])},
        but={TRAINED_ON: lines(*[row(n, question=f"Question: how {n}?") for n in range(120)])},
    ),
    validated("validation-size", lines(*good_rows(1000)), lines(*good_rows(257, 2000)), lines(*good_rows(256, 2000)),
              "a validation set has at most 256", "Take 256 at most", world=FLASH, google=JobFails("256")),
    validated("validation-share", MANY, lines(*good_rows(1001, 4000)), lines(*good_rows(1000, 4000)),
              "the most is 30 %", "Take fewer validation examples", google=JobFails("30")),
    validated("other-format", lines(*good_rows()), lines(*[message(n) for n in range(200, 210)]),
              lines(*good_rows(10, 200)), "the file is gemini-messages, the training file is gemini-contents",
              "Write both files in one format", also=("dataset",), google=JobFails('"messages"')),
    validated("leakage", lines(*good_rows()), lines(*good_rows(10, 115)), lines(*good_rows(10, 200)),
              "the row is in the training file too (line 116)", "it makes the score too good",
              severity="warn"),
    validated("rows", lines(*good_rows()), lines(*good_rows(5, 200), turns(QUESTION)), lines(*good_rows(5, 200)),
              "validation.jsonl:6", "End with a turn of model", rule="last-turn",
              google=JobFails("line 6")),
    validated("object", lines(*good_rows()), "", lines(*good_rows(5, 200)), f"The object {CHECKED_DATA} does not exist",
              "Upload it first", rule="object exists", google=JobFails("does not exist"),
              given={**VALIDATED, TRAINED_ON: lines(*good_rows())}),
]  # fmt: skip

CASES: Final = [*ROWS, *MESSAGES, *FILES]
