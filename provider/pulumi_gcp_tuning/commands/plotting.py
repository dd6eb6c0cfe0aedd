"""Pictures of the training of jobs, drawn by matplotlib, which the extra ``plot`` installs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from importlib import import_module
from pathlib import Path
from typing import Any, Final

from pulumi_gcp_tuning.errors import Refused
from pulumi_gcp_tuning.review.scales import ACCURACIES, LOSSES, SMALLEST, points_of

FORMATS: Final = (".svg", ".png")
_HOW_TO_INSTALL: Final = "Pictures need matplotlib: pip install 'pulumi-gcp-tuning[plot]'."
_LINES: Final = {"training": "-", "evaluation": "--"}


def check_picture(file: Path) -> None:
    """Raises Refused if no picture can be written to this path: another format, no folder, or no matplotlib."""
    if file.suffix.lower() not in FORMATS:
        raise Refused(f"{file} is neither SVG nor PNG. Give it a name that ends in {' or '.join(FORMATS)}.")
    if not file.parent.is_dir():
        raise Refused(f"{file} cannot be written, because the folder {file.parent} does not exist.")
    _figure_module()


def draw_metrics(jobs: Mapping[str, Sequence[Mapping[str, Any]]], file: Path) -> None:
    """Draws the loss (log scale) and the accuracy of jobs, by title, over their steps, into an SVG or PNG file.

    An existing file is replaced. Raises Refused as :func:`check_picture` does, or if the file cannot be written.
    """
    check_picture(file)
    figure = _figure_module().Figure(figsize=(9, 7), layout="constrained")
    losses, accuracies = figure.subplots(2, 1, sharex=True)
    losses.set_yscale("log")
    for number, (title, steps) in enumerate(jobs.items()):
        for axes, curves, least in ((losses, LOSSES, SMALLEST), (accuracies, ACCURACIES, None)):
            for key, what in curves:
                points = points_of(steps, key, least=least)
                if points:
                    x, y = zip(*points, strict=True)
                    axes.plot(
                        x, y, _LINES[what], color=f"C{number % 10}", label=f"{_plain(title)}, {what}", marker=_mark(x)
                    )
    for axes, label in ((losses, "loss (log scale)"), (accuracies, "accuracy of the next token")):
        axes.set_ylabel(label)
        axes.grid(visible=True, which="both", alpha=0.3)
        if axes.lines:
            axes.legend(fontsize="small")
    accuracies.set_ylim(0, 1.02)
    accuracies.set_xlabel("step")
    try:
        figure.savefig(file, format=file.suffix.lower().removeprefix("."), dpi=150)
    except OSError as error:
        raise Refused(f"{file} cannot be written ({error.strerror or type(error).__name__}).") from None


def _figure_module() -> Any:
    """Without pyplot, because that keeps state and may look for a display."""
    try:
        return import_module("matplotlib.figure")
    except ModuleNotFoundError:
        raise Refused(_HOW_TO_INSTALL) from None


def _plain(title: str) -> str:
    """A title in which matplotlib sees no formula."""
    return title.replace("$", r"\$")


def _mark(x: Sequence[float]) -> str:
    return "o" if len(x) == 1 else ""
