"""What is known to go wrong in the matrices, each with its row of the lifecycle cases. One list for all of them.

A hole that no cell of a column falls into any more fails the tests on the handlers: then its line is deleted, and that of
the CLI's matrix with it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

_A6: Final = (
    "A6: `destroy` calls no provider about what has no entry in the state and no entry depends on, so neither takes nor names "
    "it; Pulumi's warning of pending operations names the resource, and `gcp-tuning audit` the object"
)


@dataclass(frozen=True)
class Hole:
    """Cells of the columns that match ``where``, where ``what`` goes wrong; both are patterns of the whole text."""

    matrix: str
    where: str
    what: str
    row: str

    def explains(self, seen: str) -> bool:
        return re.fullmatch(f"WRONG: {self.what}", seen) is not None


HOLES: Final = (Hole("handlers", r"[\w ]+: up, then destroy: kill .*", r"left without a word: .*", _A6),)


def holes_of(matrix: str, column: str) -> list[Hole]:
    """The known holes of a column, or of a single cell of the CLI's matrix."""
    return [hole for hole in HOLES if hole.matrix == matrix and re.fullmatch(hole.where, column)]
