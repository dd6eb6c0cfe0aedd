"""The facts of one row, and the words for a finding about it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import NamedTuple

Say = Callable[..., None]
"""Takes the kind, the field and the names in its text."""


class NamedFile(NamedTuple):
    """A file that a row names by a URI: an ``image``, ``audio``, ``video``, ``pdf`` or ``text``."""

    uri: str
    kind: str


@dataclass(slots=True)
class Facts:
    """What a row without errors adds to the counts. ``texts`` are all strings except the instruction, in order."""

    texts: list[str] = field(default_factory=list)
    answer: str = ""
    answer_characters: int = 0
    system: str | None = None
    turns: int = 0
    images: int = 0
    audio_files: int = 0
    videos: int = 0
    documents: int = 0
    pdfs: int = 0  # of the documents
    files: list[NamedFile] = field(default_factory=list)
    clip: float | None = None  # seconds of the longest part of a video, if the row gives them
    resolution: str | None = None  # mediaResolution as the row gives it
    links: int = 0  # characters of URIs among the texts, which are not tokens
    calls: int = 0  # function calls and their answers, which are among the texts as JSON
    declared: int = 0  # characters of the tools
    characters: int = 0  # everything the model reads or writes for this row

    @property
    def shown(self) -> int:
        """The files whose tokens depend on ``resolution``."""
        return self.images + self.videos + self.pdfs

    @property
    def first_words(self) -> str:
        """The first text that is not the URI of a file."""
        uris = {file.uri for file in self.files}
        return next((text for text in self.texts if text not in uris), "")
