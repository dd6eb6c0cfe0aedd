"""A part of the tests: every test is in exactly one of the ``n`` parts of a seed, whatever else there is to run."""

from __future__ import annotations

import hashlib
import random
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self, TypeVar

T = TypeVar("T")


@dataclass(frozen=True)
class Part:
    """Part ``number`` of ``of``, counted from 1."""

    number: int
    of: int
    seed: str

    @classmethod
    def parse(cls, text: str, seed: str) -> Self:
        """``2/5``; ValueError says what is wrong with another text."""
        found = re.fullmatch(r"([1-9]\d*)/([1-9]\d*)", text)
        if not found or int(found[1]) > int(found[2]):
            raise ValueError(f"PART is {text!r}, which is no part: give one of 1/n to n/n, for example PART=2/5")
        return cls(int(found[1]), int(found[2]), seed)

    def has(self, test: str) -> bool:
        """Whether a test, named by its node id, is in this part."""
        digest = hashlib.sha256(f"{self.seed}:{test}".encode()).digest()
        return int.from_bytes(digest[:8], "big") % self.of == self.number - 1

    def __str__(self) -> str:
        return f"PART={self.number}/{self.of} SEED={self.seed}"


def leave_out(cells: Sequence[T], count: int, seed: str) -> list[T]:
    """All cells but ``count`` of them, which the seed draws."""
    drawn = set(random.Random(seed).sample(range(len(cells)), min(count, len(cells))))  # noqa: S311  # a sample
    return [cell for number, cell in enumerate(cells) if number not in drawn]


def describe_left_out(part: Part | None, others: int, full: int) -> list[str]:
    """What to say of tests that did not run: those of other parts, and those that only ``make test-full`` runs."""
    said = []
    if part and others:
        numbers = [n for n in range(1, part.of + 1) if n != part.number]
        rest = ", ".join(str(Part(n, part.of, part.seed)) for n in numbers[:3]) + (", ..." if len(numbers) > 3 else "")
        said.append(f"{part}: {others} tests of the other parts did not run. They run with {rest}.")
    if full:
        said.append(f"{full} cells of long matrices did not run. `make test-full` runs them.")
    return said
