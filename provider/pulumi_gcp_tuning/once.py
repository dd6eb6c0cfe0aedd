"""What is made once for all threads."""

from __future__ import annotations

import threading
from collections.abc import Callable, Hashable
from concurrent.futures import Future
from typing import Any, TypeVar

T = TypeVar("T")


class Once:
    """One answer per key: whoever asks first makes it, and those who ask meanwhile wait for it.

    A failure is an answer too, and raised for all who ask, but one of the types in ``forgets`` is only raised for those
    who waited for it: the next who asks tries again. So it is with what is no Exception, such as ^C.
    """

    def __init__(self, *forgets: type[Exception]) -> None:
        self._forgets = forgets
        self._lock = threading.Lock()
        self._answers: dict[Hashable, Future[Any]] = {}

    def __contains__(self, key: Hashable) -> bool:
        """Whether there is an answer, or somebody is making it."""
        return key in self._answers

    def get(self, key: Hashable, make: Callable[[], T], *, fresh: bool = False) -> T:
        """The answer, made by ``make`` where there is none. ``fresh`` replaces it, unless it is being made just now."""
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
        """Lets the next who asks make it again, if ``value`` is the answer still."""
        with self._lock:
            answer = self._answers.get(key)
            if answer is not None and answer.done() and answer.exception() is None and answer.result() is value:
                del self._answers[key]

    def _forget(self, key: Hashable, answer: Future[Any]) -> None:
        with self._lock:
            if self._answers.get(key) is answer:
                del self._answers[key]
