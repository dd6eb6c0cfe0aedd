"""Lives that have failed once because a kill, ^C or a refusal came between a change and its way back."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from lives.case import Case

if TYPE_CHECKING:
    from lives.program import Shape

_INTERRUPTED: Final[tuple[tuple[Shape, int, int], ...]] = (
    ("gemini", 3, 1),
    ("gemini", 5, 3),
    ("pipeline", 9, 2),
    ("continued", 3, 2),
    ("open", 2, 3),
)
_SHAPES: Final[tuple[Shape, ...]] = ("gemini", "open")

INTERRUPTED: Final = (
    Case(
        "a destroy after the job of a killed run has ended",
        "A6",
        (("up",), ("destroy",), ("up", "cli", 2), ("hours",), ("destroy",)),
    ),
    Case(
        "a retrain of a pipeline that was killed before its take-over is reverted and destroyed",
        "A6",
        (
            ("up",),
            ("change", "content", "b"),
            ("up", "before", 4),
            ("change", "revert"),
            ("up", "cli", 1),
            ("recover",),
            ("destroy",),
        ),
        shape="pipeline",
    ),
    Case(
        "a retrain that was killed at its deployment is reverted, and nothing older is kept",
        "A6",
        (
            ("up",),
            ("change", "keep_last", 0),
            ("up", "bad"),
            ("change", "epochs", 3),
            ("up", "cli", 3),
            ("change", "revert"),
            ("up", "before", 1),
            ("recover",),
            ("destroy",),
        ),
    ),
    Case(
        "a label changes after a retrain that was killed at its deployment",
        "L2",
        (("up",), ("change", "epochs", 3), ("up", "cli", 3), ("change", "label", "y"), ("up",), ("destroy",)),
    ),
    *(
        Case(
            f"two ^C around a rollback, at {first} and {second} ({shape})",
            "A1",
            (
                ("up",),
                ("change", "epochs", 3),
                ("up", "interrupt", first),
                ("change", "revert"),
                ("up", "interrupt", second),
                ("recover",),
                ("destroy",),
            ),
            shape=shape,
        )
        for shape, first, second in _INTERRUPTED
    ),
    *(
        Case(
            f"a refused undeploy around a rollback ({shape})",
            "A1",
            (
                ("up",),
                ("change", "epochs", 3),
                ("up", "denied", "undeploy_model"),
                ("change", "revert"),
                ("up", "denied", "undeploy_model"),
                ("recover",),
                ("destroy",),
            ),
            shape=shape,
        )
        for shape in _SHAPES
    ),
)
