"""The formats of rows, and how a row's format is recognised."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final, Literal

Product = Literal["gemini", "pipeline", "open", "gemini-api"]


@dataclass(frozen=True, kw_only=True)
class Format:
    """One row format: ``keys`` are required, ``also`` are optional keys; ``example`` is a valid row."""

    id: str
    title: str
    product: Product
    keys: tuple[str, ...]
    also: tuple[str, ...] = ()
    asks: str = "user"
    answers: str = "model"
    example: str

    @cached_property
    def required(self) -> frozenset[str]:
        """The keys that every row has."""
        return frozenset(self.keys)

    @cached_property
    def known(self) -> frozenset[str]:
        """The keys that a row may have."""
        return frozenset({*self.keys, *self.also})


GEMINI_CONTENTS: Final = Format(
    id="gemini-contents",
    title="Gemini contents",
    product="gemini",
    keys=("contents",),
    also=(
        "systemInstruction",
        "system_instruction",
        "tools",
        "toolConfig",
        "tool_config",
        "labels",
        "generationConfig",
        "generation_config",
    ),
    example='{"contents": [{"role": "user", "parts": [{"text": "..."}]}, {"role": "model", "parts": [{"text": "..."}]}]}',
)
GEMINI_MESSAGES: Final = Format(
    id="gemini-messages",
    title="Gemini 1.0 messages",
    product="gemini",
    keys=("messages",),
    example='{"messages": [{"role": "user", "content": "..."}, {"role": "model", "content": "..."}]}',
)
CODE_PAIRS: Final = Format(
    id="code-pairs",
    title="input_text and output_text",
    product="pipeline",
    keys=("input_text", "output_text"),
    example='{"input_text": "...", "output_text": "..."}',
)
CHAT_MESSAGES: Final = Format(
    id="chat-messages",
    title="chat messages with authors",
    product="pipeline",
    keys=("messages",),
    also=("context",),
    answers="assistant",
    example='{"messages": [{"author": "user", "content": "..."}, {"author": "assistant", "content": "..."}]}',
)
GEMINI_API_PAIRS: Final = Format(
    id="gemini-api-pairs",
    title="Gemini API text_input and output",
    product="gemini-api",
    keys=("text_input", "output"),
    example='{"text_input": "...", "output": "..."}',
)
PROMPT_COMPLETION: Final = Format(
    id="prompt-completion",
    title="prompt and completion",
    product="open",
    keys=("prompt", "completion"),
    example='{"prompt": "...", "completion": "..."}',
)
MESSAGES: Final = Format(
    id="messages",
    title="messages of an open model",
    product="open",
    keys=("messages",),
    answers="assistant",
    example='{"messages": [{"role": "user", "content": "..."}, {"role": "assistant", "content": "..."}]}',
)
GENERATE_CONTENT: Final = Format(
    id="generate-content",
    title="GenerateContent of an open model",
    product="open",
    keys=("contents",),
    also=("systemInstruction", "system_instruction"),
    answers="assistant",
    example=(
        '{"contents": [{"role": "user", "parts": [{"text": "..."}]}, {"role": "assistant", "parts": [{"text": "..."}]}]}'
    ),
)
PREFERENCE_PAIRS: Final = Format(
    id="preference-pairs",
    title="preference pairs",
    product="gemini",
    keys=("contents", "completions"),
    also=("systemInstruction", "system_instruction"),
    example=(
        '{"contents": [{"role": "user", "parts": [{"text": "..."}]}], "completions": [{"score": 1, "completion": '
        '{"role": "model", "parts": [{"text": "..."}]}}, {"score": 0, "completion": ...}]}'
    ),
)

FORMATS: Final = {
    each.id: each
    for each in (
        GEMINI_CONTENTS,
        GEMINI_MESSAGES,
        CODE_PAIRS,
        CHAT_MESSAGES,
        GEMINI_API_PAIRS,
        PROMPT_COMPLETION,
        MESSAGES,
        GENERATE_CONTENT,
        PREFERENCE_PAIRS,
    )
}
# The multimodal forms are the same rows with images in them.
ALIASES: Final = {"messages-multimodal": MESSAGES, "generate-content-multimodal": GENERATE_CONTENT}
FORMAT_IDS: Final = (*FORMATS, *ALIASES)

PAIRS: Final = {
    "code-pairs": ("input_text", "output_text"),
    "gemini-api-pairs": ("text_input", "output"),
    "prompt-completion": ("prompt", "completion"),
}


@dataclass(frozen=True)
class Detected:
    """A format and the keys that identify it."""

    format: Format
    evidence: str


def find_format(name: str) -> Format | None:
    """The format with that id."""
    return FORMATS.get(name) or ALIASES.get(name)


def detect(row: Mapping[str, Any], prefers: Product | None = None) -> Detected | None:
    """The format of one row, by its keys, its authors and its roles; None if nothing fits.

    ``prefers`` decides if a row could belong to two products.
    """
    for id_, (prompt, answer) in PAIRS.items():
        if prompt in row and answer in row:
            return Detected(FORMATS[id_], f"keys {prompt}, {answer}")
    if "contents" in row:
        return _of_contents(row, prefers)
    if "messages" in row:
        return _of_messages(row, prefers)
    return None


def _of_contents(row: Mapping[str, Any], prefers: Product | None) -> Detected:
    if "completions" in row:
        return Detected(PREFERENCE_PAIRS, "keys contents, completions")
    roles = _values(row["contents"], "role")
    if "assistant" in roles:
        return Detected(GENERATE_CONTENT, "key contents, role assistant")
    if prefers == "open" and "model" not in roles:
        return Detected(GENERATE_CONTENT, "key contents")
    return Detected(GEMINI_CONTENTS, "key contents, role model" if "model" in roles else "key contents")


def _of_messages(row: Mapping[str, Any], prefers: Product | None) -> Detected:
    messages = row["messages"]
    if _values(messages, "author"):
        return Detected(CHAT_MESSAGES, "key messages, authors")
    roles = _values(messages, "role")
    if "assistant" in roles:
        return Detected(MESSAGES, "key messages, role assistant")
    if "model" in roles:
        return Detected(GEMINI_MESSAGES, "key messages, role model")
    fallback = {"pipeline": CHAT_MESSAGES, "gemini": GEMINI_MESSAGES}.get(prefers or "", MESSAGES)
    return Detected(fallback, "key messages")


def _values(turns: Any, key: str) -> set[str]:
    if not isinstance(turns, list):
        return set()
    return {turn[key] for turn in turns if isinstance(turn, dict) and isinstance(turn.get(key), str)}
