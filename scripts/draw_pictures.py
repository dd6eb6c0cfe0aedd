"""Writes the pictures of docs/pictures/: from the golden reviews, and from trainings of the sandbox on the data of stacks/.

    python scripts/draw_pictures.py

SVG files are written without a browser. A test draws them again and compares.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from pulumi_gcp_tuning.review.curve_picture import curves_of, draw_curves
from pulumi_gcp_tuning.review.drawing import Element, add, picture, standalone
from pulumi_gcp_tuning.review.flow_picture import Box, add_box, add_tip
from pulumi_gcp_tuning.review.scales import ACCURACIES, LOSSES

CHECKOUT: Final = Path(__file__).resolve().parent.parent
PICTURES: Final = CHECKOUT / "docs" / "pictures"
TRAININGS: Final = {"in use: 2 epochs": 2, "candidate: 4 epochs": 4}


def draw_training() -> str:
    """Loss and accuracy of two real trainings in the sandbox."""
    steps = {name: _train(epochs) for name, epochs in TRAININGS.items()}
    drawn = [
        draw_curves(
            title,
            [curve for at, name in enumerate(steps) for curve in curves_of(steps[name], metrics, name, at)],
            percent=percent,
        )
        for title, metrics, percent in (("Loss", LOSSES, False), ("Accuracy of the next token", ACCURACIES, True))
    ]
    root = picture(752, 278, "Loss and accuracy of the model in use and of the candidate")
    for at, name in enumerate(steps):
        add(root, "line", class_=f"curve series-{at}", x1=20 + at * 190, x2=42 + at * 190, y1=22, y2=22)
        add(root, "text", name, x=50 + at * 190, y=26)
    add(root, "line", class_="curve dashed", x1=410, x2=432, y1=22, y2=22, stroke="currentColor")
    add(root, "text", "dotted: evaluation on the validation data", x=440, y=26)
    for at, each in enumerate(drawn):
        each.set("x", str(18 + at * 366))
        each.set("y", "46")
        root.append(each)
    return standalone(root)


def draw_environments() -> str:
    """How the model that dev made gets to staging and prod: by its name, without another training."""
    root = picture(942, 330, "From dev to prod: the model is trained once, and a reviewed line names it elsewhere")
    add_tip(root)
    for at, name in enumerate(("dev", "staging", "prod")):
        add(root, "rect", class_="card", x=14 + at * 348, y=14, width=218, height=302, rx=12)
        add(root, "text", name, class_="heading", x=34 + at * 348, y=40)
    dev = [
        Box(key="", kind="dataset", name="tickets", change="create"),
        Box(key="", kind="tuning job", name="support", change="create", note="paid here, once"),
        Box(key="", kind="tuned model", name="support", change="create"),
    ]
    for at, box in enumerate(dev):
        add_box(root, box, 34, 58 + at * 86)
        if at:
            _add_line(root, f"M123 {58 + at * 86 - 20}V{58 + at * 86 - 3}")
    for at, file in enumerate(("Pulumi.staging.yaml", "Pulumi.prod.yaml"), 1):
        add_box(
            root,
            Box(key="", kind="endpoint", name="support", change="update", note="serves the same model"),
            34 + at * 348,
            230,
        )
        _add_line(root, f"M{212 + (at - 1) * 348} 263H{34 + at * 348 - 3}")
        for line, text in enumerate(("a reviewed line in", file)):
            middle = 297 + (at - 1) * 348
            add(
                root, "text", text, class_="note" if line else "kind", x=middle, y=205 + 16 * line, text_anchor="middle"
            )
    return standalone(root)


def _add_line(root: Element, path: str) -> None:
    add(root, "path", d=path, class_="line moving", marker_end="url(#arrow)")


DRAWN: Final[Mapping[str, Callable[[], str]]] = {
    "training.svg": draw_training,
    "environments.svg": draw_environments,
}
"""The SVG files, each with the function that draws it."""


def main() -> None:
    """Writes all pictures."""
    PICTURES.mkdir(exist_ok=True)
    for name, draw in DRAWN.items():
        (PICTURES / name).write_text(draw(), encoding="utf-8")
        print(PICTURES.relative_to(CHECKOUT) / name)


def _train(epochs: int) -> Sequence[Mapping[str, Any]]:
    from tuning_sandbox.learner.base import base_model
    from tuning_sandbox.learner.schedule import Recipe
    from tuning_sandbox.learner.training import train

    rows, held_out = (_rows(CHECKOUT / "stacks" / "data" / name) for name in ("train.jsonl", "validation.jsonl"))
    recipe = Recipe(epochs=epochs, seed=7, evaluate_every=10)
    return train(base_model("gemini-2.5-flash", 48), rows, recipe, held_out).metrics


def _rows(file: Path) -> list[tuple[str, str]]:
    found = []
    for line in file.read_text(encoding="utf-8").splitlines():
        said = [each["parts"][0]["text"] for each in json.loads(line)["contents"]]
        found.append((said[0], said[-1]))
    return found


if __name__ == "__main__":
    main()
