"""Wrong configurations of the second list: files of preference tuning and of open models, given to ``gcp-tuning validate``."""

from __future__ import annotations

from typing import Any, Final

from preflight.list_row import Row, turn
from preflight.second_list import OPEN, PREFERENCE, PREFERENCE_DATA, Page
from preflight.second_list_rows import ANSWER, QUESTION
from support.preflight_case import Tree, lines

LLAMA: Final = "meta/llama3_1@llama-3.1-8b"
SCOUT: Final = "meta/llama4@llama-4-scout-17b-16e-instruct"


def of_file(rows: list[Any], model: str, *more: str) -> dict[str, Any]:
    """A file beside the command, and the command."""
    return {"given": {"files": {"rows.jsonl": lines(*rows)}}, "command": ("rows.jsonl", "--model", model, *more)}


def liked(number: int, **more: Any) -> Tree:
    """A good row of preference data."""
    both = [
        {"score": score, "completion": turn("model", f"{text} {number}")} for score, text in ((1, "Yes"), (0, "No"))
    ]
    return {"contents": [turn("user", f"Is order {number} sent?")], "completions": both, **more}


def chat(number: int, *more: Any) -> Tree:
    """A good row of messages for an open model."""
    asked = {"role": "user", "content": f"Where is order {number}?"}
    return {"messages": [asked, *(more or ({"role": "assistant", "content": f"On the way, {number}."},))]}


LIKED: Final = [liked(n) for n in range(100)]
CHATS: Final = [chat(n) for n in range(100)]
OTHER: Final = {"score": 0, "completion": turn("model", "No.")}


def commanded(page: Page, id: str, says: str, rows: list[Any], model: str, *names: str) -> Row:  # noqa: A002
    """A row about a file that ``gcp-tuning validate`` reads."""
    made = of_file(rows, model)
    return page.wrong(id, says, made["given"], *names, command=made["command"])


FLASH: Final = "gemini-2.5-flash"
WRONG: Final = (
    commanded(PREFERENCE, "preference data for Gemini 3.1 Flash-Lite", "Gemini 2.5 Flash and Flash-Lite take it.",
              LIKED, "gemini-3.1-flash-lite", "gemini-3.1-flash-lite", "preference"),
    commanded(PREFERENCE_DATA, "preference data that ends with the model", "contents end with a turn of the user.",
              [*LIKED, liked(200, contents=[QUESTION, ANSWER])], FLASH, "101", "user"),
    commanded(PREFERENCE_DATA, "a score of a half", "A score is zero or one.",
              [*LIKED, liked(200, completions=[{"score": 0.5, "completion": turn("model", "Yes.")}, OTHER])],
              FLASH, "101", "score"),
    commanded(PREFERENCE_DATA, "a completion of the user", "A completion is a single turn of the model.",
              [*LIKED, liked(200, completions=[{"score": 1, "completion": turn("user", "Yes.")}, OTHER])],
              FLASH, "101", "role"),
    commanded(PREFERENCE_DATA, "a completion of two turns", "A completion is a single turn of the model.",
              [*LIKED, liked(200, completions=[{"score": 1, "completion": [ANSWER, ANSWER]}, OTHER])],
              FLASH, "101", "completion"),
    commanded(OPEN, "an assistant's content that is null", "content is a string.",
              [*CHATS, chat(200, {"role": "assistant", "content": None})], LLAMA, "101", "content"),
    commanded(OPEN, "a message of a tool", "Roles are system, user and assistant.",
              [*CHATS, chat(200, {"role": "tool", "content": "sent"}, {"role": "assistant", "content": "Sent."})],
              LLAMA, "101", "tool"),
    commanded(OPEN, "messages without an assistant", "An example is a prompt and its answer.",
              [*CHATS, chat(200, {"role": "system", "content": "Be brief."})], LLAMA, "101", "assistant"),
    commanded(OPEN, "an empty completion", "An example is a prompt and its answer.",
              [*({"prompt": f"Order {n}?", "completion": f"Sent {n}."} for n in range(100)), {"prompt": "?", "completion": ""}],
              LLAMA, "101", "completion"),
    commanded(OPEN, "an image's URL as plain text", 'image_url is an object: {"url": ...}.',
              [{"messages": [
                  {"role": "user", "content": [{"type": "text", "text": f"What is {n}?"},
                                               {"type": "image_url", "image_url": "gs://shop-data/a.png"}]},
                  {"role": "assistant", "content": f"A cat, {n}."}]} for n in range(100)],
              SCOUT, "image_url"),
)  # fmt: skip
