"""The examples of a tuned model of the Gemini API: a JSONL file of pairs, one line each, which is sent whole."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from pulumi_gcp_tuning.grammar import counted
from pulumi_gcp_tuning.regular_files import open_regular

if TYPE_CHECKING:
    from pathlib import Path

MOST_INPUT: Final = 40_000
MOST_OUTPUT: Final = 5_000
_FIELDS: Final = {"text_input": MOST_INPUT, "output": MOST_OUTPUT}
_MOST_BYTES: Final = 256 << 20


@dataclass(frozen=True)
class GeminiExamples:
    """The pairs of a file, the hash of its bytes, and what is wrong with it; a problem never quotes a row."""

    pairs: tuple[tuple[str, str], ...]
    sha256: str
    problems: tuple[str, ...] = ()


def read_gemini_examples(path: Path) -> GeminiExamples:
    """Reads the file once. Raises OSError if it cannot be read. Lines of one cause give one problem with their number."""
    with open_regular(path) as stream:
        data = stream.read(_MOST_BYTES + 1)
    if len(data) > _MOST_BYTES:
        return GeminiExamples((), hashlib.sha256(data).hexdigest(), ("the file is larger than 256 MiB",))
    pairs: list[tuple[str, str]] = []
    wrong: dict[str, list[int]] = {}
    for number, raw in enumerate(data.split(b"\n"), start=1):
        if not raw.strip():
            continue
        found = _read_row(raw)
        if isinstance(found, str):
            wrong.setdefault(found, []).append(number)
        else:
            pairs.append(found)
    problems = [_located(problem, lines) for problem, lines in wrong.items()]
    if not pairs and not problems:
        problems.append("the file has no examples")
    return GeminiExamples(tuple(pairs), hashlib.sha256(data).hexdigest(), tuple(problems))


def wire_examples(pairs: tuple[tuple[str, str], ...]) -> dict[str, Any]:
    """The pairs as ``trainingData`` of a request."""
    return {"examples": {"examples": [{"textInput": question, "output": answer} for question, answer in pairs]}}


def _read_row(raw: bytes) -> tuple[str, str] | str:
    """The pair, or why the line is none."""
    try:
        row = json.loads(raw)
    except (ValueError, RecursionError):
        return "it is not JSON"
    if not isinstance(row, dict):
        return "it is not a JSON object"
    return next(_problems(row), None) or (row["text_input"], row["output"])


def _problems(row: dict[str, Any]) -> Iterator[str]:
    if "contents" in row or "messages" in row:
        yield 'it has turns of a chat; the Gemini API tunes on pairs of "text_input" and "output" only'
    for field, most in _FIELDS.items():
        text = row.get(field)
        if not isinstance(text, str):
            yield f'it has no text "{field}"'
        elif not text.strip():
            yield f'its "{field}" is empty'
        elif len(text) > most:
            yield f'its "{field}" has more than {most:,} characters'
    if set(row) - _FIELDS.keys():
        yield 'it has fields other than "text_input" and "output"'


def _located(problem: str, lines: list[int]) -> str:
    more = len(lines) - 1
    return f"line {lines[0]}: {problem}" + (f" (and {counted(more, 'more line')})" if more else "")
