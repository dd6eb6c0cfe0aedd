"""What cells of the matrices were seen to do, kept until ``docs/reliability.md`` is written.

``.cells/KIND.jsonl`` of the checkout has one line for each run of a cell; the last one counts.
"""

from __future__ import annotations

import json
import subprocess
from functools import cache
from pathlib import Path
from typing import Any

CHECKOUT = Path(__file__).resolve().parents[2]
FOLDER = CHECKOUT / ".cells"


@cache
def commit() -> str:
    """What is checked out, with a plus where it was changed since."""
    told = subprocess.run(
        ["git", "describe", "--always", "--abbrev=10", "--dirty=+"],
        cwd=CHECKOUT, capture_output=True, text=True, check=False,
    )  # fmt: skip
    return told.stdout.strip() or "unknown"


def record(kind: str, cell: str, seen: str | dict[str, str], *, folder: Path = FOLDER) -> None:
    """Keep what a cell was seen to do, or each call of a column of cells."""
    folder.mkdir(exist_ok=True)
    line = json.dumps({"cell": cell, "seen": seen, "commit": commit()})
    with (folder / f"{kind}.jsonl").open("a", encoding="utf-8") as file:
        file.write(line + "\n")


def recorded(kind: str, *, folder: Path = FOLDER) -> dict[str, dict[str, Any]]:
    """The last line of each cell that ran."""
    file = folder / f"{kind}.jsonl"
    lines = file.read_text(encoding="utf-8").splitlines() if file.exists() else []
    return {each["cell"]: each for each in map(json.loads, lines)}
