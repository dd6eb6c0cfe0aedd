"""Long work in a process of its own: in a thread, an answer would wait for the interpreter lock that the work holds.

That wait grows with the load of the machine, because a thread that holds the lock may itself wait for a processor. The
process is a fork, so it begins at once and has all data. On other systems than Linux the work stays in its thread.
"""

from __future__ import annotations

import gc
import os
import pickle
import select
import signal
import sys
from collections.abc import Callable
from typing import Any, NoReturn, TypeVar

_LOOK_SECONDS = 0.1
_PIPE = 3
_NICE = 5  # answers come first; more, and a training on a busy machine would hardly go on
Result = TypeVar("Result")


class StoppedError(Exception):
    """The work was stopped before it had a result."""


def run_apart(work: Callable[[], Result], stopped: Callable[[], bool]) -> Result:
    """The result of ``work``, which runs in a fork; StoppedError once ``stopped()`` is true."""
    if sys.platform != "linux":
        return work()
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        _be_the_child(work, writing)
    os.close(writing)
    try:
        result: Result = _read(reading, child, stopped)
        return result
    finally:
        os.close(reading)
        os.waitpid(child, 0)


def _read(reading: int, child: int, stopped: Callable[[], bool]) -> Any:
    parts: list[bytes] = []
    waiting = select.poll()
    waiting.register(reading, select.POLLIN)
    while True:
        if waiting.poll(1000 * _LOOK_SECONDS):
            part = os.read(reading, 1 << 20)
            if not part:
                break
            parts.append(part)
        elif stopped():
            os.kill(child, signal.SIGKILL)
            raise StoppedError
    if not parts:
        raise RuntimeError("the process of the work ended without a result")
    result, problem = pickle.loads(b"".join(parts))  # noqa: S301 - it is of our own process
    if problem:
        raise RuntimeError(problem)
    return result


def _be_the_child(work: Callable[[], Result], writing: int) -> NoReturn:
    try:
        signal.set_wakeup_fd(-1)
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, signal.SIG_DFL)
        # no connection of a client and no stream of the server stays open because of this process
        os.dup2(writing, _PIPE)
        os.closerange(_PIPE + 1, os.sysconf("SC_OPEN_MAX"))
        nothing = os.open(os.devnull, os.O_RDWR)
        for stream in range(_PIPE):
            os.dup2(nothing, stream)
        os.nice(_NICE)
        gc.freeze()
        try:
            told = pickle.dumps((work(), ""), 5)
        except Exception as error:  # noqa: BLE001 - it is raised again in the server
            told = pickle.dumps((None, f"{type(error).__name__}: {error}"), 5)
        with open(_PIPE, "wb") as pipe:
            pipe.write(told)
    finally:
        os._exit(0)
