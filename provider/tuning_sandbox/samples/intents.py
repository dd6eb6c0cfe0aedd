"""Customer requests with one of 77 intents, generated from a seed; held-out requests have their own wordings."""

from __future__ import annotations

import json
import random
import re
from functools import lru_cache
from importlib.resources import files

SEED = 77
_CHOICE = re.compile(r"\[([^\]]*)\]")
_TRAINING_FRAMES = (
    "{opening} {ask}. {closing}",
    "{opening} {ask}, {closing}",
    "{ask}. {closing}",
    "{opening} {ask}",
    "{ask}",
    "{ask}!! {closing}",
)
_HELD_OUT_FRAMES = (
    "{ask}? {closing}",
    "{opening}: {ask}",
    "{opening} ... {ask} ... {closing}",
    "{ask}",
)
_TRAINING_OPENINGS = (
    "Hello,", "Hi,", "Good morning,", "Dear team,", "Hi there!", "Excuse me,", "A question:", "Hey,", "Hello again,",
    "I need your help:", "Sorry to bother you,", "Since this morning I wonder:", "Quick one:", "Can you help me?",
)  # fmt: skip
_HELD_OUT_OPENINGS = ("Good evening", "Dear support", "To whom it may concern", "Urgent", "My problem", "Hi folks")
_TRAINING_CLOSINGS = (
    "thanks", "thank you", "what can I do?", "please help", "I am a customer of many years", "please answer soon",
    "it is urgent", "best regards, Kim", "I have tried all I know", "nobody could tell me so far", "greetings from Oslo",
)  # fmt: skip
_HELD_OUT_CLOSINGS = (
    "Many thanks, Robin",
    "what shall I do now",
    "I look forward to your answer",
    "cheers",
    "tell me more",
)


@lru_cache(maxsize=1)
def wordings() -> dict[str, dict[str, list[str]]]:
    """For each label the wordings of its `training` rows and of its `held_out` rows; `[a|b]` is one of the two."""
    found: dict[str, dict[str, list[str]]] = json.loads(
        files(__package__).joinpath("intents.json").read_text(encoding="utf-8")
    )
    return found


def training_requests(count: int, seed: int = SEED) -> list[tuple[str, str]]:
    """Requests and their labels, evenly distributed; the same arguments give the same rows."""
    return _rows(
        count, random.Random(f"training {seed}"), "training", _TRAINING_FRAMES, _TRAINING_OPENINGS, _TRAINING_CLOSINGS
    )


def held_out_requests(count: int, seed: int = SEED) -> list[tuple[str, str]]:
    """Requests with wordings, frames, openings and closings that are in no training row."""
    return _rows(
        count, random.Random(f"held out {seed}"), "held_out", _HELD_OUT_FRAMES, _HELD_OUT_OPENINGS, _HELD_OUT_CLOSINGS
    )


def _rows(
    count: int,
    dice: random.Random,
    part: str,
    frames: tuple[str, ...],
    openings: tuple[str, ...],
    closings: tuple[str, ...],
) -> list[tuple[str, str]]:
    labels = list(wordings())
    rows = []
    for at in range(count):
        label = labels[at % len(labels)]
        ask = _CHOICE.sub(lambda found: dice.choice(found[1].split("|")), dice.choice(wordings()[label][part]))
        text = dice.choice(frames).format(opening=dice.choice(openings), ask=ask, closing=dice.choice(closings))
        rows.append((_with_slip(text, dice), label))
    dice.shuffle(rows)
    return rows


def _with_slip(text: str, dice: random.Random) -> str:
    """The text with two letters of one word swapped, in one row of six."""
    if dice.randrange(6):
        return text
    at = dice.randrange(len(text) - 1)
    return text[:at] + text[at + 1] + text[at] + text[at + 2 :]
