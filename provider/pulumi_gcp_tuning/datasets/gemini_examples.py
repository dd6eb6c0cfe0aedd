"""The examples of a tuned model of the Gemini API: a JSONL file of pairs, one line each, which is sent whole."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from pulumi_gcp_tuning.datasets.report import type_of
from pulumi_gcp_tuning.gemini_names import MOST_INPUT, MOST_OUTPUT
from pulumi_gcp_tuning.grammar import counted
from pulumi_gcp_tuning.regular_files import open_regular

if TYPE_CHECKING:
    from pathlib import Path

_FIELDS: Final = {"text_input": MOST_INPUT, "output": MOST_OUTPUT}
_MOST_BYTES: Final = 256 << 20


@dataclass(frozen=True)
class GeminiExamples:
    """The pairs of a file, the hash of its bytes, and what is wrong with it; a problem never quotes a row.

    ``malformed`` are the problems of lines that are no pair, so that they cannot be sent.
    """

    pairs: tuple[tuple[str, str], ...]
    sha256: str
    problems: tuple[str, ...] = ()
    malformed: tuple[str, ...] = ()


def read_gemini_examples(path: Path) -> GeminiExamples:
    """Reads the file once. Raises OSError if it cannot be read. Lines of one cause give one problem with their number."""
    with open_regular(path) as stream:
        data = stream.read(_MOST_BYTES + 1)
    sha256 = hashlib.sha256(data).hexdigest()
    if len(data) > _MOST_BYTES:
        too_large = ("the file is larger than 256 MiB",)
        return GeminiExamples((), sha256, too_large, too_large)
    pairs: list[tuple[str, str]] = []
    wrong: dict[str, list[int]] = {}
    broken: dict[str, list[int]] = {}
    for number, raw in enumerate(data.split(b"\n"), start=1):
        if not raw.strip():
            continue
        row = _read_row(raw)
        if isinstance(row, str):
            broken.setdefault(row, []).append(number)
            continue
        pairs.append((row["text_input"], row["output"]))
        for problem in _problems(row):
            wrong.setdefault(problem, []).append(number)
    malformed = [_located(problem, lines) for problem, lines in broken.items()]
    if not pairs and not malformed:
        malformed.append("the file has no examples")
    problems = [*malformed, *(_located(problem, lines) for problem, lines in wrong.items())]
    return GeminiExamples(tuple(pairs), sha256, tuple(problems), tuple(malformed))


def wire_examples(pairs: tuple[tuple[str, str], ...]) -> dict[str, Any]:
    """The pairs as ``trainingData`` of a request."""
    return {"examples": {"examples": [{"textInput": question, "output": answer} for question, answer in pairs]}}


def _read_row(raw: bytes) -> dict[str, Any] | str:
    """The row, or why the line is no pair."""
    try:
        row = json.loads(raw)
    except (ValueError, RecursionError):
        return "it is not JSON"
    if not isinstance(row, dict):
        return "it is not a JSON object"
    if "contents" in row or "messages" in row:
        return 'it has turns of a chat; the Gemini API tunes on pairs of "text_input" and "output" only'
    for field in _FIELDS:
        if row.get(field) is None:
            return f'it has no "{field}"'
        if not isinstance(row[field], str):
            return f'its "{field}" is {type_of(row[field])}, not a string'
    return row


def _problems(row: dict[str, Any]) -> Iterator[str]:
    for field, most in _FIELDS.items():
        if not row[field].strip():
            yield f'its "{field}" is empty'
        elif len(row[field]) > most:
            yield f'its "{field}" has more than {most:,} characters'
    if set(row) - _FIELDS.keys():
        yield 'it has fields other than "text_input" and "output"'


def _located(problem: str, lines: list[int]) -> str:
    more = len(lines) - 1
    return f"line {lines[0]}: {problem}" + (f" (and {counted(more, 'more line')})" if more else "")
