"""Reads the JSONL of a supervised tuning job, row by row, into examples for the learner."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from tuning_sandbox.learner.rows import Limits, Row, RowError, read_row, text_of
from tuning_sandbox.learner.text import count_tokens


class DatasetError(Exception):
    """A line that cannot be used; the message says which and why."""

    def __init__(self, line: int, problem: str) -> None:
        super().__init__(f"line {line} {problem}")
        self.line = line
        self.problem = problem


@dataclass(frozen=True)
class Example:
    """One row: the prompt, the expected answer, and the sizes for the statistics."""

    prompt: str
    answer: str
    user_tokens: int
    answer_tokens: int
    user_messages: int
    characters: int
    truncated: bool = False
    messages: int = 0


@dataclass
class Dataset:
    """The rows of a file in order, all of one format, and whether any row names files; `files` are their URIs."""

    examples: list[Example] = field(default_factory=list)
    format: str = ""
    has_media: bool = False
    files: frozenset[str] = frozenset()

    @property
    def pairs(self) -> list[tuple[str, str]]:
        """Prompts and answers, as the learner takes them."""
        return [(example.prompt, example.answer) for example in self.examples]


def read_dataset(
    data: bytes, most_tokens: int, limits: Limits | None = None, read: Callable[[bytes], Row] | None = None
) -> Dataset:
    """All rows of a file, or a DatasetError for the first that cannot be used. Blank lines are ignored.

    `read` reads one row if the rows are not in Gemini's format.
    """
    limits = limits or Limits()
    rows, files = Dataset(), set[str]()
    for number, raw in enumerate(data.split(b"\n"), start=1):
        if not raw.strip():
            continue
        try:
            row = read(raw) if read is not None else read_row(raw, limits)
        except RowError as error:
            raise DatasetError(number, str(error)) from None
        if rows.format and row.format != rows.format:
            raise DatasetError(number, f'has "{row.format}" where the rows before have "{rows.format}".')
        rows.format = row.format
        rows.has_media = rows.has_media or row.has_media
        files.update(row.files)
        rows.examples.append(_example_of(row, most_tokens))
    if not rows.examples:
        raise DatasetError(1, "is missing: the file has no examples.")
    rows.files = frozenset(files)
    return rows


def prompt_of(system: Any, contents: Any) -> str:
    """The text a model sees for a request of generateContent: the instruction and every turn."""
    turns = [contents] if isinstance(contents, Mapping) else list(contents or [])
    texts = [text_of(system)] if system else []
    return "\n".join(text for text in [*texts, *(text_of(turn) for turn in turns)] if text)


def _example_of(row: Row, most_tokens: int) -> Example:
    turns = row.turns
    prompt = "\n".join(turn.text for turn in turns[:-1])
    user_tokens = sum(count_tokens(turn.text) for turn in turns if turn.role != "model")
    answer_tokens = sum(count_tokens(turn.text) for turn in turns if turn.role == "model")
    truncated = user_tokens + answer_tokens > most_tokens
    if truncated:
        prompt = prompt[: max(0, most_tokens - answer_tokens) * 4]
    return Example(
        prompt,
        turns[-1].text,
        user_tokens,
        answer_tokens,
        sum(turn.role == "user" for turn in turns),
        sum(len(turn.text) for turn in turns),
        truncated,
        sum(turn.role != "system" for turn in turns),
    )
