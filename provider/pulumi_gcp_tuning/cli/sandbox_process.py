"""The process of a project's sandbox: started when a command needs it, and ended with the last command that uses it."""

from __future__ import annotations

import fcntl
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, Final

from pulumi_gcp_tuning.cli.sandbox_folder import Sandbox, SandboxFolder, is_running
from pulumi_gcp_tuning.errors import Refused

SPEED: Final = 600.0
"""Sandbox seconds per real second: a tuning job of 45 minutes takes 4.5 seconds."""
_SECONDS_TO_STOP: Final = 10.0
_started: Final[dict[int, subprocess.Popen[str]]] = {}  # children of this process, which exist until it waits for them


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """The options of a sandbox; None means the folder's own value, or the default."""

    port: int | None = None
    speed: float | None = None
    as_of: str | None = None
    keep: bool = False


@contextmanager
def use_sandbox(folder: SandboxFolder, wanted: Wanted) -> Iterator[tuple[Sandbox, bool]]:
    """The folder's sandbox while the block runs, and whether the block started it.

    A sandbox without ``keep`` ends with the last command that uses it. Its data and its port stay, because Pulumi's state
    holds the address that made each resource.
    """
    _make(folder)
    with (folder.home / "in-use").open("w") as use:
        with _alone(folder):
            sandbox, started = start_sandbox(folder, wanted)
            fcntl.flock(use, fcntl.LOCK_SH)
        try:
            yield sandbox, started
        finally:
            with _alone(folder):
                last = folder.last()
                if last is not None and not last.keep and _is_only_user(use):
                    end_process(last)


def start_sandbox(folder: SandboxFolder, wanted: Wanted) -> tuple[Sandbox, bool]:
    """The folder's running sandbox, and whether this call started it. Raises Refused, with the sandbox's message, if it cannot start."""
    last = folder.last()
    if last is not None and wanted.as_of and last.as_of and wanted.as_of != last.as_of:
        raise Refused(
            f"The sandbox in {folder.home} has the date {last.as_of}, like its jobs and models. For "
            f"{wanted.as_of} (--as-of or GCP_TUNING_AS_OF) use another folder with --data, or remove {folder.home} "
            "(with the state of its stacks)."
        )
    if last is not None and is_running(last):
        _check_started_so(folder, last, wanted)
        if wanted.keep and not last.keep:
            last = last._replace(keep=True)
            _write(folder, last)
        return last, False
    _make(folder)
    as_of = wanted.as_of or (last.as_of if last else "") or datetime.now(UTC).date().isoformat()
    port = wanted.port if wanted.port is not None else last.port if last else 0
    speed = wanted.speed if wanted.speed is not None else SPEED
    sandbox = Sandbox(*_start(folder, port, as_of, speed), speed=speed, keep=wanted.keep)
    _write(folder, sandbox)
    return sandbox, True


def stop_sandbox(folder: SandboxFolder) -> Sandbox | None:
    """End the folder's sandbox; None if none runs. Its data stays."""
    if not folder.home.is_dir():
        return None
    with _alone(folder):
        running = folder.find()
        if running is not None:
            end_process(running)
    return running


def end_process(sandbox: Sandbox) -> None:
    """Ends the sandbox's process and waits for its end."""
    deadline = time.monotonic() + _SECONDS_TO_STOP
    number: int = signal.SIGTERM
    while _signal(sandbox.pid, number):
        number = signal.SIGKILL if time.monotonic() > deadline else 0
        time.sleep(0.02)
    _started.pop(sandbox.pid, None)


def _signal(pid: int, number: int) -> bool:
    """Sends the signal; false if the process no longer exists."""
    if pid in _started:
        _started[pid].poll()
    try:
        os.kill(pid, number)
    except OSError:
        return False
    return True


def _start(folder: SandboxFolder, port: int, as_of: str, speed: float) -> tuple[str, str, int]:
    command = [sys.executable, "-m", "tuning_sandbox", "--port", str(port), "--data", str(folder.data)]
    command += ["--speed", f"{speed:g}", "--as-of", as_of]
    with folder.log.open("wb") as log:
        process = subprocess.Popen(  # noqa: S603
            command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=log, start_new_session=True, text=True
        )
    try:
        with process.stdout or Path(os.devnull).open() as said:
            address = said.readline().rpartition(" ")[2].strip()
    except BaseException:  # ^C while it starts
        process.kill()
        process.wait()
        raise
    if not address.startswith("http"):
        code = process.wait()
        said_why = folder.log.read_text(encoding="utf-8").strip()
        raise Refused(_explained(said_why or f"The sandbox ended with code {code} and no message.", folder))
    _started[process.pid] = process
    return address, as_of, process.pid


def _explained(said: str, folder: SandboxFolder) -> str:
    said = said.splitlines()[-1].partition("error: ")[2] or said  # argparse prints its error below the usage
    if "another version" in said or "not a sandbox's data file" in said:
        return f"{said}\n`rm -r {folder.home}` removes the sandbox's data and the state of its stacks together."
    return said


def _check_started_so(folder: SandboxFolder, running: Sandbox, wanted: Wanted) -> None:
    """Refuses options that a running sandbox cannot follow."""
    differing = [
        f"{option} {value:g}"
        for option, value, has in (("--port", wanted.port, running.port), ("--speed", wanted.speed, running.speed))
        if value and value != has
    ]
    if differing:
        raise Refused(
            f"The sandbox in {folder.home} is already running at {running.address} with speed {running.speed:g}. "
            f"To use {' and '.join(differing)}, stop it first: gcp-tuning sandbox --stop"
        )


def _make(folder: SandboxFolder) -> None:
    try:
        folder.home.mkdir(parents=True, exist_ok=True)
        ignore = folder.home / ".gitignore"
        if not ignore.exists():
            ignore.write_text("# made by gcp-tuning sandbox\n*\n", encoding="utf-8")
    except OSError as error:
        raise Refused(f"{folder.home} cannot be used: {error.strerror}. Use another folder with --data.") from None


def _write(folder: SandboxFolder, sandbox: Sandbox) -> None:
    fresh = folder.record.with_name(f".{folder.record.name}.{os.getpid()}")
    fresh.write_text(json.dumps(sandbox._asdict()) + "\n", encoding="utf-8")
    fresh.replace(folder.record)


@contextmanager
def _alone(folder: SandboxFolder) -> Iterator[None]:
    """A lock: only one command at a time looks for the sandbox, starts it, or ends it."""
    with (folder.home / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _is_only_user(use: IO[str]) -> bool:
    try:
        fcntl.flock(use, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
