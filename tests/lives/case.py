"""A life that has failed once, as a list of steps."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from lives.life import Step
    from lives.program import Shape


@dataclass(frozen=True)
class Case:
    """One life."""

    name: str
    row: str
    steps: tuple[Step, ...]
    breaks: str | None = None
    shape: Shape = "gemini"
