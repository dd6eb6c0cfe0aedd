"""Writes the pictures of docs/pictures/: from the golden reviews, the golden recording of `make up`, and trainings of the sandbox.

    python scripts/draw_pictures.py

`make docs` does this too. SVG files are written without a browser. A test draws them again and compares.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, Final
from xml.etree import ElementTree as ET

from markdown_it import MarkdownIt
from pydantic import TypeAdapter

from draw_recording import draw_recording, read
from pulumi_gcp_tuning.review.curve_picture import curves_of, draw_curves
from pulumi_gcp_tuning.review.drawing import Element, add, picture, standalone
from pulumi_gcp_tuning.review.flow_picture import Box, add_box, add_tip, draw_wide
from pulumi_gcp_tuning.review.html import page
from pulumi_gcp_tuning.review.report import Curve, Review
from pulumi_gcp_tuning.review.scales import ACCURACIES, LOSSES, points_of

CHECKOUT: Final = Path(__file__).resolve().parent.parent
PICTURES: Final = CHECKOUT / "docs" / "pictures"
GOLDEN: Final = CHECKOUT / "tests" / "golden" / "review"
COMMENT_STYLE: Final = """
:root{color-scheme:light dark}
body{margin:0;padding:12px;box-sizing:border-box;background:light-dark(#fff,#0d1117);color:light-dark(#1f2328,#f0f6fc);
font:14px/1.5 -apple-system,"Segoe UI","Noto Sans",Helvetica,Arial,sans-serif;overflow-wrap:anywhere}
.comment{border:1px solid light-dark(#d1d9e0,#3d444d);border-radius:6px}
.by{margin:0;padding:8px 16px;background:light-dark(#f6f8fa,#151b23);border-bottom:1px solid light-dark(#d1d9e0,#3d444d);
border-radius:6px 6px 0 0}
.by i{font-style:normal;color:light-dark(#59636e,#9198a1)}
.text{padding:4px 16px 12px}
h3{font-size:17px;margin:18px 0 8px}p,ul{margin:8px 0}ul{padding-left:24px}
code{font:12px ui-monospace,SFMono-Regular,Menlo,Consolas,monospace;background:light-dark(#818b981f,#656c7633);
padding:2px 5px;border-radius:6px}
table{border-collapse:collapse;width:100%;font-size:13px}th,td{border:1px solid light-dark(#d1d9e0,#3d444d);padding:5px 10px}
th,td{text-align:left;vertical-align:top}summary{font-weight:600}details{margin:10px 0}
"""
_NUMBER: Final = re.compile(r"-?\d+(?:\.\d+)?")
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


def draw_flow() -> str:
    """What the main job declares, and which of it is paid for."""
    boxes = [
        Box(key="data", kind="dataset", name="tickets", note="checked before you pay"),
        Box(key="job", kind="tuning job", name="support", note="paid here, once", needs=("data",)),
        Box(key="model", kind="tuned model", name="support", needs=("job",)),
        Box(key="endpoint", kind="endpoint", name="support", note="paid per token", needs=("model",)),
    ]
    made = [replace(box, change="create") for box in boxes]
    return standalone(draw_wide(made, "From the dataset to the job, its model and the endpoint"))


def draw_review() -> str:
    """The HTML report of a golden review, with the curves of a real training in the sandbox."""
    review = _golden("retrain-by-data")
    steps = _train(TRAININGS["in use: 2 epochs"])
    curves = tuple(
        Curve(
            job="router",
            of="in use",
            metric=key.strip("/"),
            points=tuple((int(x), y) for x, y in points_of(steps, key)),
        )
        for key, _ in (*LOSSES, *ACCURACIES)
    )
    shown = ET.XML(page(replace(review, curves=curves)).partition("<!doctype html>")[2])
    # A picture has one width, whatever the width of the screen is.
    still = re.sub(r"@media [^{]*\{(?:[^{}]*\{[^{}]*\})*\s*\}", "", shown.findtext("head/style", ""))
    return _framed(still, shown[1], 1000, 1500, "A review as HTML")


def draw_comment() -> str:
    """The Markdown report of a golden review, as a forge shows it in a comment."""
    text = _text_of("retrain-by-data.md")
    made = MarkdownIt("commonmark", {"xhtmlOut": True}).enable("table").render(text)
    said = '<p class="by"><b>github-actions</b> <i>bot commented on this pull request</i></p>'
    body = ET.XML(f'<body><div class="comment">{said}<div class="text">{made}</div></div></body>')
    return _framed(COMMENT_STYLE, body, 900, 860, "A review as a comment on a pull request")


def draw_make_up() -> str:
    """The terminal during `make up`, as a test recorded it."""
    text = (GOLDEN.parent / "make-up.json").read_text(encoding="utf-8")
    return draw_recording(read(text), "make up", "A terminal: make up brings the stack up, and the tuned model answers")


def _framed(style: str, body: ET.Element, width: int, height: int, label: str) -> str:
    """A part of a web page as a picture; what is lower than the picture is cut off."""
    root = picture(width, height, label)
    root.set("xmlns", "http://www.w3.org/2000/svg")
    root.set("class", "frame")  # the style of pictures is for those inside
    add(root, "style").text = style
    body.set("xmlns", "http://www.w3.org/1999/xhtml")
    body.set("style", f"height:{height}px;overflow:hidden")
    for inner in body.iter("svg"):
        inner.set("xmlns", "http://www.w3.org/2000/svg")
    add(root, "foreignObject", width=width, height=height).append(body)
    return ET.tostring(root, encoding="unicode") + "\n"


def _text_of(name: str) -> str:
    """A golden report. It names no duration, because each run of a sandbox has its own."""
    return (GOLDEN / name).read_text(encoding="utf-8").replace("SOME TIME", "1 h")


def _golden(name: str) -> Review:
    read = json.loads(_text_of(f"{name}.json"))
    del read["schema"]
    return TypeAdapter(Review).validate_python(read)


DRAWN: Final[Mapping[str, Callable[[], str]]] = {
    "flow.svg": draw_flow,
    "training.svg": draw_training,
    "review.svg": draw_review,
    "comment.svg": draw_comment,
    "environments.svg": draw_environments,
    "make-up.svg": draw_make_up,
}
"""The SVG files, each with the function that draws it."""


def are_alike(kept: str, drawn: str) -> bool:
    """Whether two pictures differ at most in the last digit of a training, which depends on the processor."""
    pairs = zip(_NUMBER.findall(kept), _NUMBER.findall(drawn), strict=False)
    return _NUMBER.sub("0", kept) == _NUMBER.sub("0", drawn) and all(abs(float(a) - float(b)) <= 0.5 for a, b in pairs)


def main() -> None:
    """Writes the pictures that have changed."""
    PICTURES.mkdir(exist_ok=True)
    for name, draw in DRAWN.items():
        file, drawn = PICTURES / name, draw()
        if not file.exists() or not are_alike(file.read_text(encoding="utf-8"), drawn):
            file.write_text(drawn, encoding="utf-8")
            print(f"Drawn again: {file.relative_to(CHECKOUT)}")


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
