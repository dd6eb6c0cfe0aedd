"""Cells that are known to go wrong, with the row of the lifecycle cases that describes the fault. One list for all matrices.

Each is an expected failure and fails the tests when it goes right: then its line is deleted.
"""

from __future__ import annotations

import re
from typing import Final

HOLES: Final[tuple[tuple[str, str, str], ...]] = ()
"""``(matrix, pattern of the cells' names, row)``."""


def hole_of(matrix: str, cell: str) -> str | None:
    """The row of a known hole, None for a cell that has to go right."""
    return next((row for of, pattern, row in HOLES if of == matrix and re.fullmatch(pattern, cell)), None)
