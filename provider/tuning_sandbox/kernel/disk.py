"""One SQLite file in the data folder, opened exclusively, with a format version."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator
from pathlib import Path

from tuning_sandbox.kernel.disk_error import DiskError, damaged

FORMAT = "2"
READABLE = ("1", FORMAT)
FILE_NAME = "sandbox.sqlite3"


class Disk:
    """The file behind a store."""

    def __init__(self, folder: Path) -> None:
        """Open or create the file; DiskError if another sandbox has it open or another version wrote it."""
        try:
            folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise DiskError(
                f"the sandbox cannot use {folder} as its data folder: {error.strerror}; give another one with --data DIR"
            ) from error
        self.path = folder / FILE_NAME
        try:
            self._db = sqlite3.connect(self.path, timeout=0, isolation_level=None, check_same_thread=False)
            self._db.execute("PRAGMA locking_mode=EXCLUSIVE")
            self._db.execute("PRAGMA journal_mode=WAL")
            self._db.execute("BEGIN EXCLUSIVE")
            self._db.execute("CREATE TABLE IF NOT EXISTS meta (key TEXT PRIMARY KEY, value TEXT NOT NULL)")
            found = self._db.execute("SELECT value FROM meta WHERE key = 'format'").fetchone()
        except sqlite3.OperationalError as error:
            if "locked" in str(error):
                raise DiskError(
                    f"another sandbox is running on {folder}; stop it, or give this one another folder with --data DIR"
                ) from error
            raise DiskError(
                f"the sandbox cannot open {self.path}: {error}; give another folder with --data DIR"
            ) from error
        except sqlite3.DatabaseError as error:
            raise DiskError(
                f"{self.path} is not a sandbox's data file ({error}); remove it (rm {self.path}) or give another --data DIR"
            ) from error
        if found is not None and found[0] not in READABLE:
            self._db.close()
            raise DiskError(
                f"{folder} was written by another version of the sandbox (format {found[0]}, this one is {FORMAT}); "
                f"start afresh with: rm -r {folder}"
            )
        try:
            self._make_tables()
        except sqlite3.DatabaseError as error:
            self._db.close()
            raise damaged(folder, f"its tables are not the sandbox's ({error})") from error

    def _make_tables(self) -> None:
        self._db.execute("INSERT OR REPLACE INTO meta VALUES ('format', ?)", (FORMAT,))
        self._db.execute(
            "CREATE TABLE IF NOT EXISTS docs (id INTEGER PRIMARY KEY, kind TEXT NOT NULL, name TEXT NOT NULL, "
            "doc TEXT NOT NULL, UNIQUE (kind, name))"
        )
        self._db.execute("CREATE TABLE IF NOT EXISTS blobs (key TEXT PRIMARY KEY, data BLOB NOT NULL)")
        for columns in ("id, kind, name, doc FROM docs", "key, data FROM blobs", "key, value FROM meta"):
            self._db.execute(f"SELECT {columns} LIMIT 0")
        self._db.execute("COMMIT")

    def read_docs(self) -> Iterator[tuple[str, str, str]]:
        """(kind, name, JSON) in the order they were first written. DiskError if one is not a JSON object."""
        for kind, name, text in self._db.execute("SELECT kind, name, doc FROM docs ORDER BY id"):
            try:
                is_object = isinstance(text, str) and isinstance(json.loads(text), dict)
            except (ValueError, RecursionError):
                is_object = False
            if not is_object:
                raise damaged(self.path.parent, f"its document {name!r} of {kind} is no JSON object")
            yield kind, name, text

    def read_meta(self) -> dict[str, str]:
        """Settings of the sandbox itself."""
        return dict(self._db.execute("SELECT key, value FROM meta"))

    def read_blob(self, key: str) -> bytes | None:
        """The bytes under the key, or None."""
        row = self._db.execute("SELECT data FROM blobs WHERE key = ?", (key,)).fetchone()
        return None if row is None else bytes(row[0])

    def write_doc(self, kind: str, name: str, text: str | None) -> None:
        """Write or (None) remove one document; kept at the next commit."""
        self._begin()
        if text is None:
            self._db.execute("DELETE FROM docs WHERE kind = ? AND name = ?", (kind, name))
        else:
            self._db.execute(
                "INSERT INTO docs (kind, name, doc) VALUES (?, ?, ?) "
                "ON CONFLICT (kind, name) DO UPDATE SET doc = excluded.doc",
                (kind, name, text),
            )

    def write_blob(self, key: str, data: bytes | None) -> None:
        """Write or (None) remove bytes; kept at the next commit."""
        self._begin()
        if data is None:
            self._db.execute("DELETE FROM blobs WHERE key = ?", (key,))
        else:
            self._db.execute("INSERT OR REPLACE INTO blobs VALUES (?, ?)", (key, data))

    def write_meta(self, key: str, value: str) -> None:
        """Write one setting; kept at the next commit."""
        self._begin()
        self._db.execute("INSERT OR REPLACE INTO meta VALUES (?, ?)", (key, value))

    def clear(self) -> None:
        """Remove everything but the settings."""
        self._begin()
        self._db.execute("DELETE FROM docs")
        self._db.execute("DELETE FROM blobs")

    def commit(self) -> None:
        """Commit the writes."""
        if self._db.in_transaction:
            self._db.execute("COMMIT")

    def rollback(self) -> None:
        """Discard the writes since the last commit."""
        if self._db.in_transaction:
            self._db.execute("ROLLBACK")

    def close(self) -> None:
        """Commit and close the file."""
        self.commit()
        self._db.close()

    def _begin(self) -> None:
        if not self._db.in_transaction:
            self._db.execute("BEGIN")
