"""Every rule that a dataset can break: its message, remedy, evidence and source."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from pulumi_gcp_tuning.errors import Severity


@dataclass(frozen=True)
class Rule:
    """``problem`` and ``remedy`` are templates over names, never over the text of a row.

    ``source`` is the rule's source: a seed document (``seed 002``), Google's documentation (``docs``), users (``report``),
    nobody (``assumed``), or us (``policy``).
    """

    kind: str
    severity: Severity
    problem: str
    remedy: str
    source: str


def _rules(severity: Severity, source: str, *texts: tuple[str, str, str]) -> list[Rule]:
    return [Rule(kind, severity, problem, remedy, source) for kind, problem, remedy in texts]


_LINES = _rules(
    "error",
    "docs",
    ("unreadable", "the file cannot be read: {reason}", "Use the path of a readable file."),
    ("empty-file", "the file has no examples", "Write one JSON object per line."),
    ("not-jsonl", "the file is {found}", "Make it JSON Lines in UTF-8, one object per line: {way_out}."),
    ("not-utf8", "the line is not UTF-8 (byte {byte})", "Save the file as UTF-8."),
    (
        "not-json",
        "the line is not JSON (column {column}: {reason})",
        "Write each example as one JSON object on one line.",
    ),
    ("not-an-object", "the line is {found}, not an object", "Write each example as one JSON object on one line."),
    ("too-deep", "the row is nested too deeply", "Flatten it; Google's parsers stop at about 100 levels."),
    (
        "unknown-format",
        "the row has none of the known formats; it has {keys}",
        "Write each row like this: {example}.",
    ),
    ("mixed-format", "the row is {found}, the file is {expected}", "Keep one format in one file."),
    ("missing-key", "{key} is missing", "Give {key}."),
    ("wrong-type", "it is {found}, not {expected}", "Give {expected}."),
    ("no-turns", "there are no turns", "Give at least a question and its answer."),
    ("too-large", "the file has {size} bytes; the limit is {limit}", "Use fewer or shorter examples."),
)
_TURNS = _rules(
    "error",
    "docs",
    ("unknown-role", "the role is {found}", "Use one of: {expected}."),
    ("system-not-first", "a system turn is not the first turn", "Move the system turn to the start, or remove it."),
    ("first-turn", "the conversation begins with {found}", "Begin with a turn of {expected}."),
    ("role-order", "two turns of {found} follow each other", "Alternate {asks} and {answers}."),
    ("last-turn", "the conversation ends with {found}", "End with a turn of {expected}: the model learns that turn."),
    ("no-question", "nothing is asked before the answer", "Put a turn of {expected} before the answer."),
    (
        "empty-answer",
        "the answer is empty",
        "Write the answer, or remove the row: the model would learn to answer nothing.",
    ),
    ("empty-turn", "the text is empty", "Write the text, or remove it."),
)
_PARTS = _rules(
    "error",
    "docs",
    ("no-parts", "the turn has no parts", 'Give parts, for example [{{"text": ...}}].'),
    ("unknown-part", "the part holds {found}", "Use {expected}."),
    ("file-uri", "the file is not named by a URI that Google can fetch", "Use {expected}."),
    ("mime-type", "the MIME type is {found}", "Use {expected}."),
    ("too-many-images", "the row has {count} images; the limit is {limit}", "Use fewer images in one row."),
    ("too-many-audio-files", "the row has {count} audio files; the limit is {limit}", "Use one audio file in one row."),
    (
        "image-encoding",
        "the image is not valid base64 of {expected}",
        "Encode the image's bytes, or name a gs:// object.",
    ),
    ("image-detail", "detail is {found}", "Use auto, low or high."),
    ("media-in-answer", "an answer contains a file", "Answer in text; only questions may contain files."),
    ("text-only", "the row contains a file", "Use text only: {why}."),
    ("tools", "tools is not a list of declarations", 'Give [{{"functionDeclarations": [...]}}].'),
    ("too-many-documents", "the row has {count} PDF files; the limit is {limit}", "Use fewer PDF files in one row."),
    ("offset", "it is {found}, not a duration as text", 'Give seconds as text, for example "5s".'),
    ("clip-order", "endOffset is not after startOffset", "Let endOffset be the later one, or leave it out."),
    ("clip-of-file", "videoMetadata is beside {found}", "Use it beside videos only."),
    ("frame-rate", "fps is not a number above 0 and up to 24", "Give such a number, or leave it out: then it is 1."),
    ("resolution-value", "mediaResolution is {found}", "Use one of {expected}."),
    ("resolution-video", "ULTRA_HIGH is for images, and the row has a video", "Use MEDIA_RESOLUTION_HIGH."),
    (
        "resolution-differs",
        "mediaResolution is {found}, in {first} it is {other}",
        "Use one mediaResolution in every row of training and validation (a row without it counts as HIGH).",
    ),
    (
        "videos-dropped",
        "{count} of {total} rows have a video part of more than {minutes} minutes and are dropped; from 10 % on the job fails",
        "Shorten the parts (videoMetadata), or use MEDIA_RESOLUTION_LOW for up to 20 minutes.",
    ),
)
_CALLS = _rules(
    "error",
    "docs",
    ("call-by-user", "a functionCall is in a turn of the user", "Put it into a turn of model: the model calls."),
    (
        "function-name",
        "the name of a function has other characters than Google takes",
        "Use at most {limit} letters, digits, _, ., : and -, beginning with a letter or _.",
    ),
    ("function-twice", "a function is declared twice ({name})", "Declare it once."),
    ("too-many-functions", "a tool declares {count} functions; the limit is {limit}", "Declare fewer functions."),
    (
        "parameter-name",
        "the name of a parameter ({name}) has other characters than Google takes",
        "Use at most {limit} letters, digits and _, beginning with a letter or _.",
    ),
    ("schema-type", "the type is {found}", "Use one of {expected}."),
    ("two-schemas", "there are {first} and {second}", "Give one of them."),
    ("call-mode", "the mode of function calls is {found}", "Use one of {expected}."),
)
_PREFERENCE = _rules(
    "error",
    "docs",
    ("two-completions", "there are {count} completions", "Give exactly two: a preferred and a dispreferred one."),
    ("score", "the scores are not one 1 and one 0", "Score the preferred completion 1 and the other 0."),
    ("same-completions", "both completions are the same", "Give two different answers, or remove the row."),
)
_COUNTS = [
    *_rules(
        "error",
        "seed 002",
        ("too-few-examples", "there are {count} examples; the least is {limit}", "Add examples."),
        ("too-many-examples", "there are {count} examples; the most is {limit}", "Use the best {limit} of them."),
        ("too-many-authors", "there are {count} authors in all messages; the most is {limit}", "Use fewer messages."),
        (
            "evaluation-size",
            "there are {count} examples; an evaluation set has {least} to {limit}",
            "Take {least} to {limit}.",
        ),
        ("no-evaluation", "chat models take no evaluation set", "Leave it out."),
    ),
    *_rules(
        "error",
        "docs",
        (
            "validation-size",
            "there are {count} examples; a validation set has at most {limit}",
            "Take {limit} at most.",
        ),
        (
            "validation-share",
            "there are {count} examples, {share} % of the training set's {training}; the most is {limit} %",
            "Take fewer validation examples.",
        ),
        (
            "validation-bytes",
            "the file has {share} % of the training file's bytes; the most is {limit} %",
            "Take fewer validation examples.",
        ),
        ("many-examples", "there are {count} examples; the most is {limit}", "Use the best of them."),
        ("other-format", "the file is {found}, the training file is {expected}", "Write both files in one format."),
    ),
    *_rules(
        "error",
        "seed 003",
        ("input-too-long", "the input has {count} characters; the most is {limit}", "Shorten it."),
        ("output-too-long", "the output has {count} characters; the most is {limit}", "Shorten it."),
    ),
    *_rules(
        "error",
        "policy",
        (
            "line-too-long",
            "the line is longer than {limit} bytes",
            "Put images into a bucket and name them by gs:// URI.",
        ),
        (
            "format-of-model",
            "{model} does not take rows with {keys}{images}",
            "Write each row like this: {example}.",
        ),
    ),
]
_ADVICE = [
    *_rules(
        "warn",
        "seed 001",
        (
            "few-examples",
            "there are {count} examples, fewer than {limit}",
            "Try a prompt first (a few of these examples in it): tuning helps from about {limit} labelled examples.",
        ),
    ),
    *_rules(
        "warn",
        "seed 002",
        (
            "fewer-than-recommended",
            "there are {count} examples; {limit} are recommended",
            "Add examples if you can.",
        ),
        (
            "instruction-missing",
            "the instruction that {with_it} of {count} rows have is missing",
            "Use it in every row, as in production.",
        ),
        (
            "instruction-differs",
            "the instruction differs from that of {with_it} of {count} rows",
            "Use the same in every row, as in production, unless the row belongs to another task.",
        ),
        (
            "layout-differs",
            "a label that begins a line in {with_it} of {count} inputs is missing",
            "Lay out every input as in production: the same labels in the same order.",
        ),
    ),
    *_rules(
        "warn",
        "docs",
        (
            "too-many-tokens",
            "the row has about {count} tokens; everything after {limit} is cut off",
            "Shorten or split it.",
        ),
        (
            "video-length",
            "the row has a video part of {seconds} seconds; the most is {minutes} minutes at {resolution}, so it is dropped",
            "Shorten the part (videoMetadata), or use MEDIA_RESOLUTION_LOW for up to 20 minutes.",
        ),
        (
            "call-undeclared",
            "a function is called ({name}) that the row's tools do not declare",
            "Declare it in tools of the row, with the same name.",
        ),
        (
            "answer-without-call",
            "a functionResponse answers no functionCall before it",
            "Put the model's turn with the functionCall before it.",
        ),
        ("turns-together", "two turns of {found} follow each other", "Join them, or alternate {asks} and {answers}."),
        (
            "answer-of-another",
            "a functionResponse is of a function ({name}) that no functionCall before it calls",
            "Name the function that was called.",
        ),
    ),
    *_rules(
        "warn",
        "report",
        (
            "calls-fail",
            "function calls are in {rows}; users report that jobs of {model} with such rows fail (python-aiplatform#6127)",
            "Try a job with few rows first.",
        ),
        (
            "answers-differ",
            "a turn has functionCall {calls} times, and the next turn has functionResponse {answers} times",
            "Answer each functionCall with one functionResponse: Google refuses other numbers in requests (gemini-cli#4217).",
        ),
    ),
    *_rules(
        "warn",
        "seed 004",
        (
            "text-rows-dropped",
            "an image is missing in {rows}; a set with images drops them",
            "Put them into a set of their own, or add an image to each.",
        ),
    ),
    *_rules(
        "warn",
        "assumed",
        (
            "not-public",
            "the URL is not public: {host} asks for a login or a key, or is on a local network",
            "Use gs://BUCKET/OBJECT, or a URL that anyone can open.",
        ),
    ),
    *_rules(
        "warn",
        "policy",
        (
            "format-use",
            "the rows are {found}, which {use}",
            "For a Gemini model write each row like this: {example}.",
        ),
        ("unknown-key", "{key} is not a known key", "Remove it, or check its spelling."),
        ("misplaced-key", "{key} is not a key of the row", "Move it into {place}."),
        ("blank-part", "one of the texts is blank", "Remove the blank one."),
        ("role-spelling", "the role is spelled {found}", "Write it in lower case."),
        ("duplicate", "the row repeats line {first}", "Remove it: a repeated row counts twice and costs twice."),
        (
            "leakage",
            "the row is in the training file too (line {first})",
            "Remove it from one file: it makes the score too good.",
        ),
        (
            "one-sided",
            "one answer makes up {share} % of the rows",
            "Balance the answers, or expect the model to prefer that one.",
        ),
        ("unchecked", "only the first {limit} rows were compared for duplicates", "Nothing to do, if that is enough."),
    ),
]

RULES: Final = {rule.kind: rule for rule in [*_LINES, *_TURNS, *_PARTS, *_CALLS, *_PREFERENCE, *_COUNTS, *_ADVICE]}
ONCE: Final = frozenset({"duplicate", "leakage", "not-utf8", "unknown-format", "video-length"})
"""Kinds with one cause that affects many lines: the first line is shown, with the number of the others."""
