"""Lives for the real CLI, drawn by a seed: few steps, because each is a command."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from lives.console import ACTS
from lives.program import CONTENTS, KINDS, LEFT_OUT
from lives.real import REFUSED

if TYPE_CHECKING:
    from random import Random

    from lives.life import Step
    from lives.program import Shape

_EDITS: Final = {
    "content": CONTENTS,
    "epochs": (2, 3, 4),
    "label": ("x", "y"),
    "keep_last": (0, 1),
    "protect": KINDS,
    "drop": LEFT_OUT,
    "retry": (),
    "spelling": (),
    "rename": (),
    "rename without aliases": (),
    "move": (),
    "revert": (),
}
_OFTEN: Final = ("content", "epochs", "content", "epochs")
_ALWAYS_WRITE: Final = (("content", "b"), ("epochs", 3), ("label", "y"), ("retry",))


def draw_life(random: Random) -> list[Step]:
    """Up, one to three troubled steps, a recovery and a destroy."""
    steps: list[Step] = [("up", "refresh")]
    for _ in range(random.randint(1, 3)):
        steps += random.choice([_edited, _edited, _edited, _by_hand, _destroyed])(random)
    return [*steps, ("recover",), ("destroy",)]


def draw_life_of_dying_providers(random: Random, shape: Shape) -> list[Step]:
    """Up, edited twice and destroyed; each time the provider alone dies at an early write, where there is one."""
    writes = 1 if shape == "gemini api" else 3  # a model of the Gemini API is a single write

    def dies() -> Step:
        return ("provider", random.randint(1, writes))

    steps: list[Step] = [random.choice([("up",), ("up", *dies())])]
    for edit in random.sample(_ALWAYS_WRITE, 2):
        steps += [("change", *edit), ("up", *dies())]
    return [*steps, ("recover",), ("destroy", *dies()), ("destroy",)]


def _edited(random: Random) -> list[Step]:
    return [_edit(random, random.choice([*sorted(_EDITS), *_OFTEN])), ("up", *_trouble(random))]


def _edit(random: Random, what: str) -> Step:
    to: tuple[Any, ...] = _EDITS[what]
    return ("change", what, random.choice(to)) if to else ("change", what)


def _by_hand(random: Random) -> list[Step]:
    return [
        ("console", random.choice(ACTS)),
        random.choice([("refresh",), ("up", "refresh"), ("up", *_trouble(random))]),
    ]


def _destroyed(random: Random) -> list[Step]:
    return [("destroy", *random.choice([_kill(random), ("denied", random.choice(list(REFUSED)))]))]


def _trouble(random: Random) -> Step:
    denied = ("denied", random.choice(list(REFUSED)))
    lost = ("lost", random.randint(1, 4))
    return random.choice(
        [
            _kill(random),
            _kill(random),
            ("bad",),
            ("bad",),
            lost,
            denied,
            ("job fails",),
            ("target", random.choice(KINDS)),
        ]
    )


def _kill(random: Random) -> Step:
    return (random.choice(["before", "after", "interrupt", "cli", "provider"]), random.randint(1, 8))
