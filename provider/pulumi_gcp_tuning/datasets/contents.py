"""The text of a file as contents for Google's token count: the text that a job reads, without files and calls."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from io import BytesIO
from typing import IO, Any, Final, Self

import orjson

from pulumi_gcp_tuning.datasets.formats import find_format
from pulumi_gcp_tuning.datasets.reading import read_pieces, without_nulls
from pulumi_gcp_tuning.datasets.rows import check_row

COUNTABLE: Final = "gemini-contents"
"""The format of the rows to count."""


@dataclass(frozen=True, kw_only=True)
class Words:
    """Rows as ``contents`` of a request, their number of characters, and whether the file has more rows."""

    contents: list[dict[str, Any]]
    characters: int
    more: bool


def read_words(file: IO[bytes], most_characters: int) -> Iterator[Words]:
    """The rows of a file in groups of at most ``most_characters`` (a longer row is returned alone).

    Rows that are not a JSON object, and rows without text, are skipped: the validator reports their errors.
    """
    contents: list[dict[str, Any]] = []
    characters = 0
    for texts in _texts_of_rows(file):
        length = sum(map(len, texts))
        if contents and characters + length > most_characters:
            yield Words(contents=contents, characters=characters, more=True)
            contents, characters = [], 0
        contents.append({"role": "user", "parts": [{"text": text} for text in texts]})
        characters += length
    if contents:
        yield Words(contents=contents, characters=characters, more=False)


def _texts_of_rows(file: IO[bytes]) -> Iterator[list[str]]:
    form = find_format(COUNTABLE)
    assert form is not None  # noqa: S101
    for piece, too_long in read_pieces(file, lambda _chunk: None):
        for line in () if too_long else piece.split(b"\n"):
            try:
                row = without_nulls(orjson.loads(line.removeprefix(b"\xef\xbb\xbf")))
            except orjson.JSONDecodeError:
                continue
            if not isinstance(row, dict):
                continue
            facts = check_row(form, row, lambda *_said, **_names: None)
            texts = [text for text in (facts.system or "", *facts.texts) if text]
            if texts:
                yield texts


class HeadKept:
    """A file that passes reads through and keeps the first ``most_bytes``."""

    def __init__(self, file: IO[bytes], most_bytes: int) -> None:
        self._file = file
        self._room = most_bytes
        self._chunks: list[bytes] = []

    def read(self, size: int = -1) -> bytes:
        """As the file's ``read``."""
        chunk = self._file.read(size)
        if self._room > 0:
            self._chunks.append(chunk[: self._room])
        self._room -= len(chunk)
        return chunk

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._file.close()

    def words(self, most_characters: int) -> Words | None:
        """The first rows of the kept bytes; None if they have no text."""
        head = b"".join(self._chunks)
        cut = self._room < 0
        if cut:
            head = head[: head.rfind(b"\n") + 1]
        words = next(read_words(BytesIO(head), most_characters), None)
        return words and replace(words, more=words.more or cut)
