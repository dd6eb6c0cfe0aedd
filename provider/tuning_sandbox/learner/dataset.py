"""Reading the JSONL of a supervised tuning job: Gemini contents, and the messages of Gemini 1.0."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from .text import count_tokens


class DatasetError(Exception):
    """A line that cannot be used; says which and why."""

    def __init__(self, line: int, problem: str) -> None:
        super().__init__(f"line {line} {problem}")
        self.line = line
        self.problem = problem


@dataclass(frozen=True)
class Example:
    """One row: what the model sees, what it should say, and the sizes that the statistics need."""

    prompt: str
    answer: str
    user_tokens: int
    answer_tokens: int
    user_messages: int
    characters: int
    truncated: bool = False


@dataclass
class Dataset:
    """The rows of a file in order."""

    examples: list[Example] = field(default_factory=list)

    @property
    def pairs(self) -> list[tuple[str, str]]:
        """Prompts and answers, as the learner takes them."""
        return [(example.prompt, example.answer) for example in self.examples]


def read_dataset(data: bytes, most_tokens: int) -> Dataset:
    """All rows of a file, or a DatasetError for the first that cannot be used. Blank lines are passed over."""
    rows = Dataset()
    for number, raw in enumerate(data.split(b"\n"), start=1):
        if not raw.strip():
            continue
        try:
            row = json.loads(raw)
        except UnicodeDecodeError:
            raise DatasetError(number, "is not UTF-8.") from None
        except (ValueError, RecursionError):
            raise DatasetError(number, "is not valid JSON.") from None
        if not isinstance(row, dict):
            raise DatasetError(number, "is not a JSON object.")
        rows.examples.append(_example_of(row, number, most_tokens))
    if not rows.examples:
        raise DatasetError(1, "is missing: the file has no examples.")
    return rows


def prompt_of(system: Any, contents: Any) -> str:
    """The text a model sees for a request of generateContent: the instruction and every turn."""
    turns = [contents] if isinstance(contents, Mapping) else list(contents or [])
    texts = [_text_of(system)] if system else []
    return "\n".join(text for text in [*texts, *(_text_of(turn) for turn in turns)] if text)


def _example_of(row: dict[str, Any], number: int, most_tokens: int) -> Example:
    turns = _turns_of(row, number)
    if turns[-1][0] != "model":
        raise DatasetError(number, "does not end with a turn of the role model.")
    if not turns[-1][1].strip():
        raise DatasetError(number, "has an empty answer of the model.")
    prompt = "\n".join(text for _, text in turns[:-1] if text)
    if not any(role == "user" for role, _ in turns[:-1]):
        raise DatasetError(number, "has no turn of the role user before the answer.")
    said = [text for role, text in turns if role == "model"]
    asked = [text for role, text in turns if role != "model"]
    user_tokens = sum(map(count_tokens, asked))
    answer_tokens = sum(map(count_tokens, said))
    truncated = user_tokens + answer_tokens > most_tokens
    if truncated:
        prompt = prompt[: max(0, most_tokens - answer_tokens) * 4]
    return Example(
        prompt,
        turns[-1][1],
        user_tokens,
        answer_tokens,
        sum(1 for role, _ in turns if role == "user"),
        sum(len(text) for _, text in turns),
        truncated,
    )


def _turns_of(row: dict[str, Any], number: int) -> list[tuple[str, str]]:
    if "contents" in row:
        contents = row["contents"]
        if not isinstance(contents, list) or not contents:
            raise DatasetError(number, 'has no turns in "contents".')
        system = row.get("systemInstruction", row.get("system_instruction"))
        turns = [("system", _text_of(system))] if system else []
        for turn in contents:
            if not isinstance(turn, Mapping) or not turn.get("parts"):
                raise DatasetError(number, 'has a turn without "parts".')
            turns.append((_role_of(turn.get("role"), ("user", "model"), number), _text_of(turn)))
        return turns
    if "messages" in row:
        messages = row["messages"]
        if not isinstance(messages, list) or not messages:
            raise DatasetError(number, 'has no turns in "messages".')
        turns = []
        for turn in messages:
            if not isinstance(turn, Mapping) or not isinstance(turn.get("content"), str):
                raise DatasetError(number, 'has a message whose "content" is not text.')
            turns.append((_role_of(turn.get("role"), ("system", "user", "model"), number), turn["content"]))
        return turns
    raise DatasetError(number, 'has neither "contents" nor "messages".')


def _role_of(role: Any, known: tuple[str, ...], number: int) -> str:
    name = str(role).lower()
    if name not in known:
        raise DatasetError(number, f"has a turn of the unknown role {json.dumps(role)}.")
    return name


def _text_of(turn: Any) -> str:
    if isinstance(turn, str):
        return turn
    parts = turn.get("parts", []) if isinstance(turn, Mapping) else []
    parts = [parts] if isinstance(parts, Mapping) else parts
    return "\n".join(_text_of_part(part) for part in parts if isinstance(part, Mapping))


def _text_of_part(part: Mapping[str, Any]) -> str:
    if isinstance(part.get("text"), str):
        return str(part["text"])
    file = part.get("fileData", part.get("file_data"))
    if isinstance(file, Mapping):
        return (
            f"[{file.get('mimeType', file.get('mime_type', 'file'))} {file.get('fileUri', file.get('file_uri', ''))}]"
        )
    return json.dumps(part, sort_keys=True, ensure_ascii=False)
