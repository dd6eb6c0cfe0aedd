"""How long a run is: the size of a step, the number of steps, the epochs after which a checkpoint is kept."""

from __future__ import annotations

import math

BATCH = 2
MOST_STEPS_PER_EPOCH = 64


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
