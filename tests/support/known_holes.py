"""What is known to go wrong in the matrices, each with its row of the lifecycle cases. One list for all of them.

A hole that no cell of a column falls into any more fails the tests on the handlers: then its line is deleted, and that of
the CLI's matrix with it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

_A6: Final = "A6: what a killed or broken `up` has made, `destroy` neither takes nor names; `gcp-tuning audit` names it"


@dataclass(frozen=True)
class Hole:
    """Cells of the columns that match ``where``, where ``what`` goes wrong; both are patterns of the whole text."""

    matrix: str
    where: str
    what: str
    row: str

    def explains(self, seen: str) -> bool:
        return re.fullmatch(f"WRONG: {self.what}", seen) is not None


HOLES: Final = (
    Hole("handlers", r"[\w ]+: up, then destroy: kill .*", r"left without a word: .*", _A6),
    Hole(
        "handlers",
        r"continued: up, then destroy: kill after the effect",
        r"destroy again fails: The model \S+ is not deleted, because the tuning job \S+ trains on from it\..*",
        _A6,
    ),
)


def holes_of(matrix: str, column: str) -> list[Hole]:
    """The known holes of a column, or of a single cell of the CLI's matrix."""
    return [hole for hole in HOLES if hole.matrix == matrix and re.fullmatch(hole.where, column)]
