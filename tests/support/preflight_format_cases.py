"""Cases of rows in the formats of other products: bison models, the Gemini API, open models, preference pairs.

No job of today's resources reads them; a TuningDataset may upload them. The whole validator judges.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import date
from io import BytesIO
from pathlib import Path
from typing import Any, Final
from unittest.mock import patch

from pulumi_gcp_tuning.catalog import shipped
from pulumi_gcp_tuning.datasets import Source, tally, validate
from pulumi_gcp_tuning.errors import Finding
from pulumi_gcp_tuning.preflight.datasets import findings_of
from support.preflight_case import Case, row
from support.preflight_pure_cases import CHAT, CODE, GEMINI_API, GEMMA, SCOUT, pure

ROWS: Final = "arguments/training"


def files(
    training: Sequence[Any],
    model: str | None = None,
    validation: Sequence[Any] | None = None,
    limits: Mapping[str, Any] | None = None,
) -> list[Finding]:
    """The whole validator over rows, bytes as they are."""

    def source(name: str, rows: Sequence[Any]) -> Source:
        return Source(name, lambda: BytesIO(b"".join(_line(each) for each in rows)))

    row = shipped().find_model(model) if model else None
    if row is not None and limits is not None:
        row = row.model_copy(update={"limits": row.limits.model_copy(update=dict(limits))})
    first = source("train.jsonl", training)
    second = source("validation.jsonl", validation) if validation is not None else None
    return list(findings_of(validate(first, second, model=row)))


def used(training: Sequence[Any]) -> list[Finding]:
    """The whole validator over rows of which nobody says what they are for."""
    source = Source("train.jsonl", lambda: BytesIO(b"".join(_line(each) for each in training)))
    return list(findings_of(validate(source, for_use_on=date(2026, 11, 21))))


def opened(path: str) -> list[Finding]:
    """The whole validator over a file on this machine."""
    return list(findings_of(validate(Source.of_path(Path(path), "train.jsonl"))))


def remembered(training: Sequence[Any], most: int) -> list[Finding]:
    """As :func:`files`, with another limit to how many rows are kept in mind."""
    with patch.object(tally, "MOST_REMEMBERED", most):
        return files(training)


def _line(row: Any) -> bytes:
    return row if isinstance(row, bytes) else json.dumps(row).encode() + b"\n"


def code(count: int, start: int = 0) -> list[Any]:
    """Rows of code-bison."""
    return [
        {"input_text": f"Write function {n}", "output_text": f"def f{n}(): ..."} for n in range(start, start + count)
    ]


def chat(count: int, messages: int = 2, *, who: str = "assistant") -> list[Any]:
    """Rows of codechat-bison, each with so many messages."""
    said = [("user", who)[k % 2] for k in range(messages)]
    return [{"messages": [{"author": a, "content": f"{n} {k}"} for k, a in enumerate(said)]} for n in range(count)]


def pairs(question: str = "1", answer: str = "2") -> list[Any]:
    """Rows of the Gemini API."""
    return [{"text_input": question, "output": answer}]


def shown(url: Any, **more: Any) -> list[Any]:
    """An open model's row with an image."""
    content = [{"type": "text", "text": "What is it?"}, {"type": "image_url", "image_url": {"url": url, **more}}]
    return [{"messages": [{"role": "user", "content": content}, {"role": "assistant", "content": "A shoe."}]}]


def told(count: int, *, role: str = "assistant", words: str = "") -> list[Any]:
    """An open model's rows of text."""
    return [
        {"messages": [{"role": "user", "content": f"{words}{n}?"}, {"role": role, "content": f"{n}."}]}
        for n in range(count)
    ]


def preferred(
    scores: Sequence[Any] = (1, 0), answers: Sequence[str] = ("Apple!", "Your favourite is apple."), **part: Any
) -> list[Any]:
    """A preference pair."""
    asked = {"role": "user", "parts": [{"text": "My favourite?"}, *([part] if part else [])]}
    each = zip(scores, answers, strict=True)
    made = [{"score": score, "completion": {"role": "model", "parts": [{"text": text}]}} for score, text in each]
    return [{"contents": [asked], "completions": made}]


def rows(rule: str, id: str, bad: Any, good: Any, says: str, way_out: str, **more: Any) -> Case:  # noqa: A002
    """A case of training rows; ``model`` and ``limits`` are those of the job."""
    given = {name: more.pop(name) for name in ("model", "limits", "training") if name in more}
    place = more.pop("place", "training")
    return pure(files, f"dataset/{rule}", id, path=more.pop("path", "source"), says=says, way_out=way_out,
                given={**given, place: bad}, but={place: good}, **more)  # fmt: skip


OURS: Final = Path(__file__).parents[2] / "stacks/data/train.jsonl"
IMAGE: Final = "gs://shop-data/a.jpeg"
JPEG: Final = "data:image/jpeg;base64,/9j/4AAQSkZJRgABAQ=="
FILE: Final[dict[str, Any]] = {"fileData": {"mimeType": "image/png", "fileUri": "gs://shop-data/a.png"}}
SECOND: Final = {"place": "validation", "path": "validation"}
CASES: Final = [
    rows("too-few-examples", "nine examples of code", code(9), code(10), "the least is 10", "Add examples", model=CODE),
    rows("too-many-examples", "10,001 examples of code", code(10_001), code(10_000), "the most is 10000",
         "Use the best 10000", model=CODE),
    rows("fewer-than-recommended", "499 examples of code", code(499), code(500), "500 are recommended",
         "Add examples if you can", model=CODE, severity="warn"),
    rows("evaluation-size", "nine examples of evaluation", code(9, 900), code(10, 900), "an evaluation set has 10 to 250",
         "Take 10 to 250", model=CODE, training=code(500), **SECOND),
    rows("evaluation-size", "251 examples of evaluation", code(251, 900), code(250, 900), "an evaluation set has 10 to 250",
         "Take 10 to 250", model=CODE, training=code(500), **SECOND),
    rows("no-evaluation", "an evaluation of chat", chat(10), None, "chat models take no evaluation set", "Leave it out",
         model=CHAT, training=chat(100, 4), **SECOND),
    rows("too-many-authors", "10,002 authors", chat(5001), chat(5000), "there are 10002 authors", "Use fewer messages",
         model=CHAT, path="source"),
    rows("unknown-role", "an author who is neither", chat(1, who="bot"), chat(10), "the role is bot", "Use one of: user, assistant",
         model=CHAT, also=("dataset",)),
    rows("missing-key", "code without its answer", [{"input_text": "a"}, *code(10)], code(11), "output_text is missing",
         "Give output_text", model=CODE),
    rows("input-too-long", "40,001 characters of input", pairs("a" * 40_001), pairs("a" * 40_000), "the most is 40000",
         "Shorten it", model=GEMINI_API),
    rows("output-too-long", "5,001 characters of output", pairs("a", "b" * 5_001), pairs("a", "b" * 5_000), "the most is 5000",
         "Shorten it", model=GEMINI_API),
    rows("text-rows-dropped", "text beside images", [*shown(IMAGE), *told(1)], shown(IMAGE), "an image is missing in 1 row;",
         "Put them into a set of their own", model=SCOUT, severity="warn"),
    rows("text-only", "images for a model that reads text", shown(IMAGE), told(1), "the row contains a file", "Use text only",
         model=GEMMA, also=("dataset",)),
    rows("mime-type", "a GIF", shown("gs://shop-data/a.gif"), shown(IMAGE), "the MIME type is", ".webp", model=SCOUT),
    rows("image-encoding", "an image that is none", shown("data:image/png;base64,/9j/4AAQ"), shown(JPEG), "is not valid base64",
         "Encode the image's bytes", model=SCOUT),
    rows("image-detail", "a detail that there is not", shown(IMAGE, detail="ultra"), shown(IMAGE, detail="low"), "detail is ultra",
         "Use auto, low or high", model=SCOUT),
    rows("unknown-role", "a model where an assistant belongs", told(1, role="model") + told(3), told(3), "the role is model",
         "system, user, assistant", model=GEMMA),
    rows("too-many-tokens", "more than a sequence", told(1, words="word " * 8_000), told(1), "everything after 8192 is cut off",
         "Shorten or split it", model=GEMMA, severity="warn"),
    rows("validation-bytes", "a validation file of a third", told(40), told(20), "the most is 25 %", "Take fewer validation examples",
         model=GEMMA, training=told(120), **SECOND),
    rows("validation-size", "5,001 rows of validation", told(5_001), told(4_000), "at most 5000", "Take 5000 at most",
         model=GEMMA, training=told(20_004), **SECOND),
    rows("two-completions", "three completions", preferred((1, 0, 0), ("a", "b", "c")), preferred((1, 0), ("a", "b")),
         "there are 3 completions", "Give exactly two", model="gemini-2.5-flash"),
    rows("score", "two that are preferred", preferred((1, 1)), preferred((1, 0)), "not one 1 and one 0",
         "Score the preferred completion 1", model="gemini-2.5-flash"),
    rows("same-completions", "the same twice", preferred(answers=("a", "a")), preferred(answers=("a", "b")),
         "both completions are the same", "Give two different answers", model="gemini-2.5-flash"),
    rows("text-only", "a preference on an image", preferred(**FILE), preferred(), "the row contains a file",
         "Use text only: preference tuning reads no files", model="gemini-2.5-flash"),
    rows("too-large", "a file over the limit", told(20), told(1), "the limit is 200", "Use fewer or shorter examples",
         model=GEMMA, limits={"max_file_bytes": 200}),
    rows("many-examples", "more rows than Gemini reads", code(0) + preferred(answers=("a", "b")) * 3, preferred(), "the most is 2",
         "Use the best of them", model="gemini-2.5-flash", limits={"max_text_examples": 2}),
    pure(remembered, "dataset/unchecked", "more rows than are kept in mind", path="source", severity="warn",
         says="rows were compared for duplicates", way_out="Nothing to do, if that is enough",
         given={"training": told(9_000), "most": 1}, but={"most": 9_000}),
    pure(used, "dataset/format-use", "rows that tune no Gemini model", path="source", severity="warn",
         says="the rows are messages of an open model of user and assistant, which tune", way_out="For a Gemini model write",
         given={"training": told(120)}, but={"training": [row(n) for n in range(120)]}),
    pure(used, "dataset/format-use", "rows that tune nothing", path="source", severity="warn",
         says="which no model that can be tuned on 2026-11-21 takes", way_out="For a Gemini model write",
         given={"training": pairs() * 120}, but={"training": [row(n) for n in range(120)]}),
    pure(opened, "dataset/unreadable", "a file that nobody may read", path="source", says="cannot be read: No such file",
         way_out="Use the path of a readable file", given={"path": "no/such.jsonl"}, but={"path": str(OURS)},
         also=("dataset",)),
    rows("line-too-long", "a line without an end", [b'{"prompt": "' + b"a" * (20 << 20)], told(1), "the line is longer than",
         "Put images into a bucket", model=GEMMA, also=("dataset",)),
]  # fmt: skip
