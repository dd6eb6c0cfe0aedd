"""Notes that the provider processes of one operation share: which ids their resources have.

Each explicit provider of a program runs in its own process, and a pending delete goes to the process that the older
entry names. All processes of one ``up`` know the address of its engine; preview and update of one command have an
engine each. A private file for the command and the engine contains the notes: URNs, ids and hashes, nothing else. If
the file cannot be used, each process knows only its own notes; no run fails for this reason.
"""

from __future__ import annotations

import json
import os
import threading
import weakref
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final, Literal, get_args

from pulumi_gcp_tuning.resources.core.command import open_private, run_key, shared_folder

if TYPE_CHECKING:
    from pathlib import Path

What = Literal["check", "hold", "let go", "let go first", "hold again", "failure", "awaited"]
_WHATS: Final = get_args(What)


@dataclass(frozen=True)
class Held:
    """One current entry: its URN and the declared one, its id, and the other objects that it names."""

    urns: frozenset[str]
    id: str
    also: frozenset[str]


@dataclass(frozen=True)
class Note:
    """One thing that happened to a resource of this kind and URN."""

    what: What
    kind: str = ""
    urn: str = ""
    names: frozenset[str] = frozenset()
    held: Held | None = None


@dataclass
class Board:
    """The notes of one operation. ``author`` is the writer here, whose own notes are not read back. Never raises."""

    folder: Path
    operation: str
    author: str
    _read: int = field(default=0)
    _file: int | None = field(default=None)
    _opening: threading.Lock = field(default_factory=threading.Lock)

    def add(self, note: Note) -> None:
        """Writes the note for the other processes."""
        held = [sorted(note.held.urns), note.held.id, sorted(note.held.also)] if note.held else None
        line = json.dumps([self.author, note.what, note.kind, note.urn, sorted(note.names), held])
        try:
            # one append: concurrent writes of other processes stay whole
            os.write(self._descriptor(), line.encode() + b"\n")
        except OSError:
            return

    def news(self) -> Iterator[Note]:
        """The notes that others have written since the last call, oldest first."""
        try:
            descriptor = self._descriptor()
            text = os.pread(descriptor, os.fstat(descriptor).st_size - self._read, self._read)
        except OSError:
            return
        whole = text[: text.rfind(b"\n") + 1]
        self._read += len(whole)
        for line in whole.splitlines():
            author, note = _parsed(line)
            if note is not None and author != self.author:
                yield note

    def _descriptor(self) -> int:
        """The file of the board. It stays open, because each resource asks several times."""
        with self._opening:
            if self._file is None:
                with open_private(self.folder, self.operation) as file:
                    self._file = os.dup(file.fileno())
                weakref.finalize(self, os.close, self._file)
            return self._file


def board_of(operation: str | None, author: str) -> Board | None:
    """The board of the operation whose engine has this address; None if this process does not run under a CLI command."""
    key, folder = run_key() if operation else None, shared_folder()
    port = str(operation).rpartition(":")[2]
    return Board(folder, f"{key}-{port}", f"{os.getpid()}-{author}") if key and folder and port.isdigit() else None


def _parsed(line: bytes) -> tuple[str, Note | None]:
    try:
        found: Any = json.loads(line)
        author, what, kind, urn, names, held = found
        if what not in _WHATS:
            return "", None
        read = Held(frozenset(held[0]), str(held[1]), frozenset(held[2])) if held else None
        return str(author), Note(what, str(kind), str(urn), frozenset(map(str, names)), read)
    except (ValueError, TypeError, IndexError):
        return "", None
