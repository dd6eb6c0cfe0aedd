"""How long a run is: the size of a step, the number of steps, the epochs after which a checkpoint is kept."""

from __future__ import annotations

import math
from dataclasses import dataclass

BATCH = 2
MOST_STEPS_PER_EPOCH = 64


@dataclass(frozen=True)
class Recipe:
    """What a job asks of the learner."""

    epochs: int = 4
    adapter_size: int = 4
    rate_multiplier: float = 1.0
    seed: int = 0


def batch_size_of(examples: int) -> int:
    """How many examples a step takes."""
    return max(BATCH, -(-examples // MOST_STEPS_PER_EPOCH))


def steps_of(examples: int, epochs: int) -> int:
    """How many steps a run of this size has."""
    return -(-examples // batch_size_of(examples)) * epochs


def kept_epochs(epochs: int) -> list[int]:
    """After which epochs a checkpoint is kept: each one below ten, else ten spread evenly, the last among them."""
    if epochs <= 10:
        return list(range(1, epochs + 1))
    return sorted({math.ceil(epochs * part / 10) for part in range(1, 11)})
