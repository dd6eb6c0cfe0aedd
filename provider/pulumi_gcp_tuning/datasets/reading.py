"""A file to read, in pieces of whole lines."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any, Final

from pulumi_gcp_tuning.regular_files import open_regular

CHUNK: Final = 1 << 18
PIECE: Final = 1 << 16
LONGEST_LINE: Final = 20 << 20

_MAGIC: Final = {
    b"\x1f\x8b": ("compressed (gzip)", "unpack it"),
    b"PK\x03\x04": ("a zip archive, or a spreadsheet", "unpack or export it"),
    b"PAR1": ("Parquet", "export it"),
    b"\xff\xfe": ("text in UTF-16", "save it again"),
    b"\xfe\xff": ("text in UTF-16", "save it again"),
}


_NO_NUMBER: Final = re.compile(r"-?\b(?:NaN|Infinity)\b")
_FREE: Final = frozenset({"args", "response"})


@dataclass(frozen=True)
class Source:
    """A file to read: its name in findings, how it is opened, and its size if that is known."""

    name: str
    open: Callable[[], IO[bytes]]
    size: int | None = None

    @classmethod
    def of_path(cls, path: Path, name: str | None = None) -> Source:
        """A local file."""
        size = path.stat().st_size if path.is_file() else None
        return cls(name or str(path), lambda: open_regular(path), size)


def find_other_kind(head: bytes) -> tuple[str, str] | None:
    """The type of a file that is clearly not JSON Lines, by its first bytes, and the remedy; None if its lines can be checked."""
    for magic, said in _MAGIC.items():
        if head.startswith(magic):
            return said
    if b"\0" in head[:2]:
        return "not text in UTF-8", "save it again"
    lines = head.lstrip().split(b"\n", 2)
    first, more = lines[0].strip(), b"\n".join(lines[1:]).strip()
    inside = (first[1:].lstrip() or more)[:1]
    if first[:1] == b"[" and inside == b"{" and not (first[-1:] == b"]" and more):
        return "one JSON list", "jq -c '.[]' FILE does it"
    if first == b"{" and inside == b'"':
        return "JSON with line ends inside its rows", "jq -c . FILE does it"
    if first[:1] not in b"{[" and more[:1] not in b"{[" and b"," in first and b"," in more.partition(b"\n")[0]:
        return "CSV, or other text", "write each record as an object with its own keys"
    return None


def without_nulls(value: Any) -> Any:
    """A row without the keys whose value is null: in JSON of protobuf they are not set. Arguments of calls are kept."""
    if isinstance(value, list):
        return [without_nulls(each) for each in value]
    if not isinstance(value, dict):
        return value
    kept = {key: below for key, below in value.items() if below is not None}
    return {key: below if key in _FREE else without_nulls(below) for key, below in kept.items()}


def no_number(line: bytes, at: int) -> str | None:
    """The problem if the line has NaN or Infinity near ``at``: Python and JavaScript write them, but JSON does not allow them."""
    found = _NO_NUMBER.search(line.decode()[max(0, at - 2) : at + 10])
    return f"JSON has no {found[0]}" if found else None


def read_pieces(file: IO[bytes], on_chunk: Callable[[bytes], None]) -> Iterator[tuple[bytes, bool]]:
    """Pieces of whole lines without the last line end, and whether the piece is a line that is too long to keep.

    Only the beginning of such a line is returned. ``on_chunk`` receives every byte of the file, in order.
    """
    carry: list[bytes] = []
    carried = 0
    while chunk := file.read(CHUNK):
        on_chunk(chunk)
        at = 0
        while at < len(chunk):
            end = chunk.rfind(b"\n", at, at + PIECE)
            if end < 0:
                end = chunk.find(b"\n", at + PIECE)
            if end < 0:
                break
            if carried > LONGEST_LINE:
                end = chunk.find(b"\n", at)
                yield b"".join(carry), True
            else:
                yield (b"".join(carry) + chunk[at:end] if carry else chunk[at:end]), False
            carry.clear()
            carried = 0
            at = end + 1
        rest = chunk[at:]
        if rest and carried <= LONGEST_LINE:
            carry.append(rest)
        carried += len(rest)
    if carried:
        yield b"".join(carry), carried > LONGEST_LINE
