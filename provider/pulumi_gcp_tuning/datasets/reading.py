"""A file in pieces of whole lines."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import IO, Final

CHUNK: Final = 1 << 18
PIECE: Final = 1 << 16
LONGEST_LINE: Final = 20 << 20


def read_pieces(file: IO[bytes], on_chunk: Callable[[bytes], None]) -> Iterator[tuple[bytes, bool]]:
    """Pieces of whole lines without the last line end, and whether the piece is a line that is too long to keep.

    Of such a line only the beginning is given. ``on_chunk`` sees every byte of the file, in order.
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
