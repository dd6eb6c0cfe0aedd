"""Changes of one endpoint take turns: Google refuses some that overlap, and each one computes the traffic split from what it read."""

from __future__ import annotations

import hashlib
import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from pulumi_gcp_tuning.names import EndpointName
from pulumi_gcp_tuning.once import Once
from pulumi_gcp_tuning.resources.core.command import private, run_key, shared_folder

if TYPE_CHECKING:
    from pulumi_gcp_tuning.google.operations import Wait
    from pulumi_gcp_tuning.resources.core.lifecycle import Call

_TURN_SECONDS: Final = 0.2
_turns: Final = Once()


@dataclass
class _Turn:
    """The turn of one thread; it may take further turns while it has one. ``file`` is locked against other processes."""

    lock: threading.RLock = field(default_factory=threading.RLock)
    depth: int = 0
    file: int | None = None


@contextmanager
def endpoint_turn(call: Call, endpoint: str) -> Iterator[None]:
    """Serialises deploying, undeploying and traffic changes on one endpoint, among all Pulumi commands of this user and machine.

    Raises WaitEnded if the call's time is over, or the user pressed ^C, before its turn.
    """
    turn = _turns.get((call.settings.api_origin, endpoint_key(endpoint)), _Turn)
    wait = lasting(call)

    def pause() -> None:
        wait.check(f"another change of {endpoint}, before this one could begin,")
        wait.pause(_TURN_SECONDS)

    while not turn.lock.acquire(blocking=False):
        pause()
    try:
        if turn.depth == 0:
            turn.file = _open(call, endpoint)
        while turn.file is not None and turn.depth == 0 and not _is_locked(turn.file):
            pause()
        turn.depth += 1
        try:
            yield
        finally:
            turn.depth -= 1
    finally:
        if turn.depth == 0 and turn.file is not None:
            os.close(turn.file)
            turn.file = None
        turn.lock.release()


def endpoint_key(name: str) -> str:
    """An endpoint's location and id. The project is left out, because Google answers with its number and people write its id."""
    read = EndpointName.parse(name)
    return f"{read.location}/{read.id}"


def lasting(call: Call) -> Wait:
    """How long this call's operations may take: ``customTimeouts``, else half an hour."""
    from pulumi_gcp_tuning.google.operations import OPERATION_SECONDS, Wait

    interval = min(call.settings.poll_interval, 10.0)
    return Wait.lasting(
        call.timeout or OPERATION_SECONDS, clock=call.clock, cancelled=call.cancelled, interval=interval
    )


def _open(call: Call, endpoint: str) -> int | None:
    """The endpoint's file in the user's private folder. None outside of a Pulumi command, or if there can be no such file."""
    folder = shared_folder()
    if folder is None or run_key() is None:
        return None
    name = hashlib.sha256(f"{call.settings.api_origin} {endpoint_key(endpoint)}".encode()).hexdigest()[:32]
    try:
        folder = private(folder) / "endpoints"
        folder.mkdir(mode=0o700, exist_ok=True)
        return os.open(folder / name, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
    except OSError:
        return None


def _is_locked(file: int) -> bool:
    """Whether this process has the lock of the file now. The kernel takes it back when the process ends."""
    import fcntl

    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    except OSError:  # a file system without locks
        return True
    return True
