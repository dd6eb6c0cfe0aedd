"""What was asked of Google once and is remembered for the run."""

from __future__ import annotations

import threading
from concurrent.futures import Future
from typing import TYPE_CHECKING, Any, TypeVar

from pulumi_gcp_tuning.errors import NotFound

if TYPE_CHECKING:
    from collections.abc import Callable

T = TypeVar("T")


class Facts:
    """One answer per (kind, name) for all threads; callers that come while it is fetched wait for the same fetch.

    A failure is remembered too, so that hundred resources do not each run into it, but NOT_FOUND is asked again:
    what is missing now may be created by this very run.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._known: dict[tuple[str, str], Future[Any]] = {}

    def once(self, kind: str, name: str, fetch: Callable[[], T], *, fresh: bool = False) -> T:
        """The remembered answer, or that of ``fetch``. ``fresh`` asks again and remembers the new answer."""
        key = (kind, name)
        with self._lock:
            known = self._known.get(key)
            if known is not None and not (fresh and known.done()):
                mine = None
            else:
                mine = known = self._known[key] = Future()
        if mine is None:
            answer: T = known.result()
            return answer
        try:
            value = fetch()
        except BaseException as error:
            if isinstance(error, NotFound) or not isinstance(error, Exception):
                self.forget(kind, name)
            mine.set_exception(error)
            raise
        mine.set_result(value)
        return value

    def forget(self, kind: str, name: str) -> None:
        """The next :meth:`once` asks again."""
        with self._lock:
            self._known.pop((kind, name), None)
