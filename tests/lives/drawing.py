"""Lives for the real CLI, drawn by a seed: few steps, because each is a command."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from random import Random

    from lives.life import Step

ACTS: Final = (
    "delete the model",
    "delete the endpoint",
    "delete the object",
    "strip the labels",
    "add a label",
    "cancel the job",
)
DENIED: Final = (
    "list_models",
    "create_tuning_job",
    "list_tuning_jobs",
    "patch_model",
    "delete_model",
    "create_endpoint",
    "delete_endpoint",
    "deploy_model",
    "undeploy_model",
    "upload_object",
    "patch_object",
    "delete_object",
)
KINDS: Final = ("tuned_model", "endpoint", "model_deployment", "tuning_job", "tuning_dataset")
"""All kinds; the first three can be left out of a program."""
CONTENTS: Final = ("a", "b", "c")
_EDITS: Final = {
    "content": CONTENTS,
    "epochs": (2, 3, 4),
    "label": ("x", "y"),
    "keep_last": (0, 1),
    "protect": KINDS,
    "drop": KINDS[:3],
    "retry": (),
    "spelling": (),
    "rename": (),
    "rename without aliases": (),
    "move": (),
    "revert": (),
}
_OFTEN: Final = ("content", "epochs", "content", "epochs")


def draw_life(random: Random) -> list[Step]:
    """Up, one to three troubled steps, a recovery and a destroy."""
    steps: list[Step] = [("up", "refresh")]
    for _ in range(random.randint(1, 3)):
        steps += random.choice([_edited, _edited, _edited, _by_hand, _destroyed])(random)
    return [*steps, ("recover",), ("destroy",)]


def _edited(random: Random) -> list[Step]:
    what = random.choice([*sorted(_EDITS), *_OFTEN])
    to: tuple[Any, ...] = _EDITS[what]
    return [("change", what, random.choice(to)) if to else ("change", what), ("up", *_trouble(random))]


def _by_hand(random: Random) -> list[Step]:
    return [
        ("console", random.choice(ACTS)),
        random.choice([("refresh",), ("up", "refresh"), ("up", *_trouble(random))]),
    ]


def _destroyed(random: Random) -> list[Step]:
    return [("destroy", *random.choice([_kill(random), ("denied", random.choice(DENIED))]))]


def _trouble(random: Random) -> Step:
    denied = ("denied", random.choice(DENIED))
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
    return (random.choice(["before", "after", "interrupt", "cli"]), random.randint(1, 8))
