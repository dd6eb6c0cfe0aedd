"""The length of a run: the size of a step, the number of steps, the epochs after which a checkpoint is kept."""

from __future__ import annotations

import math
from dataclasses import dataclass

BATCH = 2
MOST_STEPS_PER_EPOCH = 64


@dataclass(frozen=True)
class Recipe:
    """The length that a job asks for: epochs, or steps of a batch.

    With steps the data set is repeated as often as needed, and one checkpoint is kept: the last, or the one whose
    evaluation was best. With epochs, a batch of 0 is one that fits the number of examples.
    """

    epochs: int = 4
    adapter_size: int = 4
    rate_multiplier: float = 1.0
    seed: int = 0
    steps: int = 0
    batch: int = 0
    evaluate_every: int = 0
    stops_early: bool = False
    selects_best: bool = False


def batch_size_of(examples: int) -> int:
    """The number of examples in a step."""
    return max(BATCH, -(-examples // MOST_STEPS_PER_EPOCH))


def steps_of(examples: int, epochs: int, batch: int = 0) -> int:
    """The number of steps of a run of this size."""
    return -(-examples // (batch or batch_size_of(examples))) * epochs


def kept_epochs(epochs: int) -> list[int]:
    """The epochs after which a checkpoint is kept: each one if fewer than ten, else ten spread evenly, with the last."""
    if epochs <= 10:
        return list(range(1, epochs + 1))
    return sorted({math.ceil(epochs * part / 10) for part in range(1, 11)})


class Patience:
    """Early stopping: a run ends when evaluations no longer improve."""

    ENOUGH = 3
    LEAST_GAIN = 0.001

    def __init__(self) -> None:
        self._best = -math.inf
        self._without = 0

    def is_over(self, accuracy: float) -> bool:
        """Whether the evaluation that reached this accuracy is the third in a row without a gain."""
        gained = accuracy >= self._best + self.LEAST_GAIN
        self._without = 0 if gained else self._without + 1
        self._best = max(self._best, accuracy)
        return self._without >= self.ENOUGH
