"""The axes of curves: which values are drawn, on which scale, and where on it."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

SMALLEST: Final = 1e-6
"""The lowest loss that a log scale shows; a loss of zero is drawn as this."""
LOSSES: Final = (("/train_total_loss", "training"), ("/eval_total_loss", "evaluation"))
"""Google's names of the losses, and what each is of."""
ACCURACIES: Final = (
    ("/train_fraction_of_correct_next_step_preds", "training"),
    ("/eval_fraction_of_correct_next_step_preds", "evaluation"),
)
"""Google's names of the accuracies of the next token, and what each is of."""
_LOG_FROM: Final = 8.0
"""A log scale is used from this ratio of the highest to the lowest value."""


@dataclass(frozen=True)
class Scale:
    """An axis from ``lowest`` to ``highest``, both drawn."""

    lowest: float
    highest: float
    logarithmic: bool = False

    def share(self, value: float) -> float:
        """Where a value is, from 0 (lowest) to 1 (highest); 1 if the axis has no length. Values outside are moved to its ends."""
        low, value, high = (self._drawn(each) for each in (self.lowest, value, self.highest))
        return min(1.0, max(0.0, (value - low) / (high - low))) if high > low else 1.0

    def ticks(self, most: int = 5) -> list[float]:
        """Round values to label, in order, at most about ``most``, all of them on the axis."""
        found = self._log_ticks(most) if self.logarithmic else self._linear_ticks(most)
        return [each for each in found if self.lowest * (1 - 1e-9) <= each <= self.highest * (1 + 1e-9)]

    def _drawn(self, value: float) -> float:
        return math.log(max(value, SMALLEST)) if self.logarithmic else value

    def _linear_ticks(self, most: int) -> list[float]:
        step = _round_step((self.highest - self.lowest) / max(1, most - 1))
        first = math.ceil(self.lowest / step - 1e-9)
        return [round(number * step, 12) for number in range(first, math.floor(self.highest / step + 1e-9) + 1)]

    def _log_ticks(self, most: int) -> list[float]:
        low, high = (math.log10(max(each, SMALLEST)) for each in (self.lowest, self.highest))
        exponents = range(math.floor(low), math.ceil(high) + 1)
        for factors in ((1, 2, 5), (1, 3), (1,)):
            found = [factor * 10.0**exponent for exponent in exponents for factor in factors]
            inside = [each for each in found if low - 1e-9 <= math.log10(each) <= high + 1e-9]
            if len(inside) <= most:
                return inside
        return inside[:: -(-len(inside) // most)]


def scale_of(values: Iterable[float], *, log: bool | None = None) -> Scale:
    """The axis that shows all these values. ``log`` None takes a log scale for positive values of several magnitudes.

    Without values, or if all are equal, the axis is one around them.
    """
    drawn = [max(each, SMALLEST) if log else each for each in values if math.isfinite(each)] or [0.0, 1.0]
    lowest, highest = min(drawn), max(drawn)
    if log is None:
        log = lowest > 0 and highest / lowest >= _LOG_FROM
    if lowest == highest:
        lowest, highest = (
            (lowest / 2, highest * 2) if log else (lowest - abs(lowest or 1) / 2, highest + abs(highest or 1) / 2)
        )
    return Scale(lowest, highest, log)


def points_of(steps: Sequence[Mapping[str, Any]], key: str, *, least: float | None = None) -> list[tuple[float, float]]:
    """The steps that have a value of that metric, with it; ``least`` replaces lower values, which a log scale cannot show."""
    found = [(float(step.get("step", number)), step.get(key)) for number, step in enumerate(steps, 1)]
    return [(x, float(y) if least is None else max(float(y), least)) for x, y in found if isinstance(y, int | float)]


def _round_step(least: float) -> float:
    """1, 2 or 5 times a power of ten, not less than ``least``."""
    if least <= 0:
        return 1.0
    power = 10.0 ** math.floor(math.log10(least))
    return next(factor * power for factor in (1, 2, 5, 10) if factor * power >= least * (1 - 1e-9))
