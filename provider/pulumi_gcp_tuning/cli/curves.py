"""The loss curve of a tuning job, for ``gcp-tuning metrics``."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

from pulumi_gcp_tuning.review.scales import Scale

ROWS: Final = 10
BAR: Final = 30


def show_metrics(steps: Sequence[Mapping[str, Any]], *, beside: Iterable[Sequence[Mapping[str, Any]]] = ()) -> None:
    """Print about ten steps as a table, the last one among them, with a bar for the logarithm of the loss.

    The bars have one scale with those of the jobs ``beside`` this one.
    """
    from rich.console import Console
    from rich.table import Table

    chosen = _chosen(steps)
    losses = _losses(chosen)
    bars = _bars(losses, [*losses, *(loss for each in beside for loss in _losses(_chosen(each)))])
    evaluated: list[Mapping[str, Any]] = [step for step in steps if "/eval_total_loss" in step]
    table = Table(box=None, pad_edge=False, header_style="bold")
    accuracy, evaluation = "/train_fraction_of_correct_next_step_preds", "/eval_fraction_of_correct_next_step_preds"
    is_counted = any(accuracy in step for step in steps)
    for title in ("step", "epoch", "train loss", *(["train accuracy"] if is_counted else [])):
        table.add_column(title, justify="right")
    if evaluated:
        for title in ("eval loss", "eval accuracy"):
            table.add_column(title, justify="right")
    table.add_column("train loss (log scale)")
    for step, bar in zip(chosen, bars, strict=True):
        loss = float(step["/train_total_loss"])
        row = [str(step.get("step", "")), str(step.get("epoch", ""))]
        row += [f"{loss:.3f}", *([_percent(step.get(accuracy))] if is_counted else [])]
        if evaluated:
            seen = step.get("/eval_total_loss")
            row += ["" if seen is None else f"{float(seen):.3f}"]
            row += [_percent(step.get(evaluation))]
        table.add_row(*row, bar)
    console = Console(highlight=False, width=100)
    with console.capture() as shown:
        console.print(table)
    console.file.write("".join(f"{line.rstrip()}\n" for line in shown.get().splitlines()))


def _chosen(steps: Sequence[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    stride = max(1, -(-len(steps) // ROWS))
    return [step for number, step in enumerate(steps, 1) if number % stride == 0 or number in (1, len(steps))]


def _losses(steps: Iterable[Mapping[str, Any]]) -> list[float]:
    return [float(step["/train_total_loss"]) for step in steps]


def _bars(losses: Sequence[float], among: Sequence[float]) -> list[str]:
    """One bar for each loss, by its logarithm: the lowest ``among`` all has one block, the highest 30. A loss falls by powers of ten."""
    scale = Scale(min(among), max(among), logarithmic=True)
    return ["█" * (1 + round((BAR - 1) * scale.share(loss))) for loss in losses]


def _percent(value: object) -> str:
    return f"{float(value):.0%}" if isinstance(value, int | float) else ""
