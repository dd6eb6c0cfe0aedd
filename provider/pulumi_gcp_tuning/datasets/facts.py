"""The facts of one row, and the words for a finding about it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

Say = Callable[..., None]
"""Takes the kind, the field and the names in its words."""


@dataclass(slots=True)
class Facts:
    """What a row without errors adds to the counts. ``texts`` are all strings but the instruction, in order."""

    texts: list[str] = field(default_factory=list)
    answer: str = ""
    answer_characters: int = 0
    system: str | None = None
    turns: int = 0
    images: int = 0
    audio_files: int = 0
    documents: int = 0
    links: int = 0  # characters of URIs among the texts: no tokens
    calls: int = 0  # function calls and their answers, which stand among the texts as JSON
    declared: int = 0  # characters of the tools

    @property
    def characters(self) -> int:
        """Everything the model reads or writes for this row."""
        return sum(map(len, self.texts)) + len(self.system or "") + self.declared - self.links
