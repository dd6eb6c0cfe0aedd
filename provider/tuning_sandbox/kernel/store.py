"""Documents by name, in memory or in one SQLite file; each request is one transaction."""

from __future__ import annotations

import json
from bisect import bisect_left, insort
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tuning_sandbox.kernel.disk import Disk

Doc = dict[str, Any]
_KEEP_CHANGES = 4
_KEEP_DOCS = 5_000


class Collection:
    """Documents of one kind by name. A read returns a copy; only put changes the store."""

    def __init__(self, store: Store, kind: str) -> None:
        self._store = store
        self.kind = kind
        self._docs: dict[str, str] = {}
        self._sorted: list[str] = []

    def _view(self) -> dict[str, str]:
        return self._store.view_of(self.kind, self._docs)

    def __contains__(self, name: str) -> bool:
        return name in self._view()

    def __len__(self) -> int:
        return len(self._view())

    def get(self, name: str) -> Doc | None:
        """The document, or None."""
        text = self._view().get(name)
        return None if text is None else json.loads(text)

    def put(self, name: str, doc: Doc) -> None:
        """Write the document under the name, new or not."""
        self._set(name, json.dumps(doc, separators=(",", ":")))

    def delete(self, name: str) -> bool:
        """Remove it; False if there was none."""
        if name not in self._docs:
            return False
        self._set(name, None)
        return True

    def names(self, prefix: str = "") -> list[str]:
        """Names that start with the prefix, sorted."""
        view = self._view()
        if view is not self._docs:
            return sorted(name for name in view if name.startswith(prefix))
        start, end = self._range(prefix)
        return self._sorted[start:end]

    def count(self, prefix: str) -> int:
        """The number of names that start with the prefix."""
        if self._view() is not self._docs:
            return len(self.names(prefix))
        start, end = self._range(prefix)
        return end - start

    def _range(self, prefix: str) -> tuple[int, int]:
        start = bisect_left(self._sorted, prefix)
        end = bisect_left(self._sorted, prefix + "\U0010ffff", start) if prefix else len(self._sorted)
        return start, end

    def all(self, prefix: str = "") -> list[Doc]:
        """Documents whose name starts with the prefix, in the order of their first put."""
        return [json.loads(text) for name, text in self._view().items() if name.startswith(prefix)]

    def _set(self, name: str, text: str | None) -> None:
        self._store.note(self.kind, name, self._docs.get(name), text)
        self.restore(name, text)

    def restore(self, name: str, text: str | None) -> None:
        """Set without recording the write (for loading and rollback)."""
        if text is None:
            self._docs.pop(name, None)
            at = bisect_left(self._sorted, name)
            if at < len(self._sorted) and self._sorted[at] == name:
                del self._sorted[at]
        else:
            if name not in self._docs:
                insort(self._sorted, name)
            self._docs[name] = text


class Blobs:
    """Bytes by key; on disk if the sandbox has a data folder."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._memory: dict[str, bytes] = {}

    def get(self, key: str) -> bytes | None:
        """The bytes, or None."""
        disk = self._store.disk
        return disk.read_blob(key) if disk is not None else self._memory.get(key)

    def put(self, key: str, data: bytes) -> None:
        """Write the bytes under the key."""
        disk = self._store.disk
        if disk is not None:
            disk.write_blob(key, data)
            return
        old = self._memory.get(key)
        self._store.undo(lambda: self._memory.pop(key, None) if old is None else self._memory.update({key: old}))
        self._memory[key] = data

    def delete(self, key: str) -> None:
        """Remove the bytes under the key, if any."""
        disk = self._store.disk
        if disk is not None:
            disk.write_blob(key, None)
            return
        old = self._memory.pop(key, None)
        if old is not None:
            self._store.undo(lambda: self._memory.update({key: old}))

    def clear(self) -> None:
        """Clear the memory."""
        self._memory.clear()


class Store:
    """All state of one sandbox."""

    def __init__(self, disk: Disk | None = None, now: Callable[[], datetime] | None = None) -> None:
        self.disk = disk
        self.blobs = Blobs(self)
        self.now = now
        self.meta: dict[str, str] = {}
        self._collections: dict[str, Collection] = {}
        self._depth = 0
        self._undo: list[Callable[[], Any]] = []
        self._dirty: dict[tuple[str, str], str | None] = {}
        self._history: dict[tuple[str, str], deque[tuple[datetime | None, str | None]]] = {}
        self._as_of: tuple[int | None, datetime | None] | None = None
        if disk is not None:
            for kind, name, text in disk.read_docs():
                self.collection(kind).restore(name, text)
            self.meta.update(disk.read_meta())

    def collection(self, kind: str) -> Collection:
        """The collection with that name; it is created on first use."""
        if kind not in self._collections:
            self._collections[kind] = Collection(self, kind)
        return self._collections[kind]

    def kinds(self) -> list[str]:
        """The names of all collections."""
        return sorted(self._collections)

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """A transaction: all writes inside happen, or none if an exception is raised."""
        self._depth += 1
        if self._depth > 1:
            try:
                yield
            finally:
                self._depth -= 1
            return
        try:
            yield
            self._commit()
        except BaseException:
            for undo in reversed(self._undo):
                undo()
            if self.disk is not None:
                self.disk.rollback()
            raise
        finally:
            self._depth -= 1
            self._undo.clear()
            self._dirty.clear()

    @contextmanager
    def as_of(self, *, changes: int | None = None, moment: datetime | None = None) -> Iterator[None]:
        """Inside, reads return each document as it was so many changes ago, or at that time."""
        self._as_of = (changes, moment)
        try:
            yield
        finally:
            self._as_of = None

    def view_of(self, kind: str, docs: dict[str, str]) -> dict[str, str]:
        """The documents that reads of a collection return: the current or the older ones."""
        if self._as_of is None:
            return docs
        changes, moment = self._as_of
        view = dict(docs)
        for (of_kind, name), past in self._history.items():
            if of_kind != kind:
                continue
            versions = [*past, (None, docs.get(name))]
            if changes is not None:
                text = versions[max(0, len(versions) - 1 - changes)][1]
            else:
                # past[i] is the value that was valid until the time of past[i]
                text = next((t for until, t in past if until and moment and moment < until), docs.get(name))
            if text is None:
                view.pop(name, None)
            else:
                view[name] = text
        return view

    def note(self, kind: str, name: str, old: str | None, new: str | None) -> None:
        """Record one write for rollback, for the disk and for stale reads."""
        if self._depth == 0:
            raise RuntimeError("a write outside of a transaction")
        collection = self._collections[kind]
        self._undo.append(lambda: collection.restore(name, old))
        self._dirty[(kind, name)] = new
        past = self._history.setdefault((kind, name), deque(maxlen=_KEEP_CHANGES))
        past.append((self.now() + timedelta() if self.now else None, old))
        while len(self._history) > _KEEP_DOCS:
            self._history.pop(next(iter(self._history)))

    def undo(self, fn: Callable[[], Any]) -> None:
        """Run fn if the current transaction is rolled back."""
        self._undo.append(fn)

    def set_meta(self, key: str, value: str) -> None:
        """One setting of the sandbox itself, kept with the documents."""
        self.meta[key] = value
        if self.disk is not None:
            self.disk.write_meta(key, value)

    def clear(self) -> None:
        """Remove everything."""
        for collection in list(self._collections.values()):
            for name in collection.names():
                collection.restore(name, None)
        self.blobs.clear()
        self._history.clear()
        if self.disk is not None:
            self.disk.clear()

    def close(self) -> None:
        """Close the file."""
        if self.disk is not None:
            self.disk.close()

    def _commit(self) -> None:
        if self.disk is None:
            return
        for (kind, name), text in self._dirty.items():
            self.disk.write_doc(kind, name, text)
        if self._dirty and self.now is not None:
            self.disk.write_meta("now", self.now().isoformat())
        self.disk.commit()
