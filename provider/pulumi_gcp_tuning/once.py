"""Values that are made once for all threads."""

from __future__ import annotations

import threading
from collections.abc import Callable, Hashable
from concurrent.futures import Future
from typing import Any, TypeVar

T = TypeVar("T")


class Once:
    """One value per key: the first thread that asks makes it, and the others wait for it.

    A failure is kept too and raised for every later caller. A failure of a type in ``forgets``, or one that is no
    Exception (such as ^C), is raised only for the threads that waited for it: the next caller tries again.
    """

    def __init__(self, *forgets: type[Exception]) -> None:
        self._forgets = forgets
        self._lock = threading.Lock()
        self._answers: dict[Hashable, Future[Any]] = {}

    def __contains__(self, key: Hashable) -> bool:
        """Whether there is a value, or a thread is making it."""
        return key in self._answers

    def get(self, key: Hashable, make: Callable[[], T], *, fresh: bool = False) -> T:
        """The value, made by ``make`` if there is none. ``fresh`` replaces it, unless a thread is making it."""
        with self._lock:
            answer = self._answers.get(key)
            is_mine = answer is None or (fresh and answer.done())
            if answer is None or is_mine:
                answer = self._answers[key] = Future()
        if is_mine:
            try:
                answer.set_result(make())
            except BaseException as error:
                if isinstance(error, self._forgets) or not isinstance(error, Exception):
                    self._forget(key, answer)
                answer.set_exception(error)
                raise
        made: T = answer.result()
        return made

    def drop(self, key: Hashable, value: object) -> None:
        """Removes the value, so that the next caller makes it again, if it is still ``value``."""
        with self._lock:
            answer = self._answers.get(key)
            if answer is not None and answer.done() and answer.exception() is None and answer.result() is value:
                del self._answers[key]

    def _forget(self, key: Hashable, answer: Future[Any]) -> None:
        with self._lock:
            if self._answers.get(key) is answer:
                del self._answers[key]
