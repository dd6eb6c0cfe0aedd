"""The folder of a project's sandbox: its layout, and whether the sandbox answers.

Standard library only, and few of its modules, because ``scripts/pulumi`` of a checkout imports this on every call.
"""

from __future__ import annotations

import json
import os
import socket
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final, NamedTuple

NAME: Final = ".sandbox"
PROJECT_FILES: Final = ("Pulumi.yaml", "Pulumi.yml", "Pulumi.json")
_SECONDS_TO_ANSWER: Final = 2.0


class Sandbox(NamedTuple):
    """A sandbox: its address and its date; if a folder has a record of it, also how it was started."""

    address: str
    as_of: str
    pid: int = 0
    speed: float = 0.0
    keep: bool = False
    """Whether it keeps running after the last command that uses it."""

    @property
    def port(self) -> int:
        """The port it listens on."""
        return _host_and_port(self.address)[1]


class SandboxFolder:
    """``.sandbox/`` next to a project's Pulumi.yaml, or the folder that ``--data`` names."""

    def __init__(self, home: Path, data: Path | None = None) -> None:
        self.home = home
        self.data = data or home / "data"
        self.record = home / "sandbox.json"
        self.log = home / "sandbox.log"
        self.state = home / "state"
        """Where Pulumi keeps the stacks of this sandbox."""
        self.pulumi_home = home / "pulumi"
        """Pulumi's home folder for this sandbox: selected stacks and plugins."""

    def last(self) -> Sandbox | None:
        """The last sandbox that was started here, running or not; None if there was none."""
        try:
            told = json.loads(self.record.read_text(encoding="utf-8"))
            return Sandbox(
                address=str(told["address"]),
                as_of=str(told.get("as_of") or ""),
                pid=int(told["pid"]),
                speed=float(told.get("speed") or 0),
                keep=bool(told.get("keep", True)),
            )
        except (OSError, ValueError, KeyError, TypeError):
            return None

    def find(self) -> Sandbox | None:
        """The running sandbox of this folder; None if it was never started, was stopped, or does not answer."""
        last = self.last()
        return last if last is not None and is_running(last) else None


def folder_of(place: Path) -> SandboxFolder:
    """The folder of the project that ``place`` belongs to; without a project, of ``place`` itself."""
    project = find_project(place)
    return SandboxFolder((place if project is None else project.parent) / NAME)


def find_project(place: Path) -> Path | None:
    """The project file that Pulumi would use: the one in the folder or the nearest one above."""
    place = place.absolute()
    return next(
        (file for each in (place, *place.parents) for name in PROJECT_FILES if (file := each / name).exists()), None
    )


def place_of(command: Sequence[str]) -> Path:
    """The working folder of a command: the value of Pulumi's option -C or --cwd, else the current folder."""
    for number, word in enumerate(command):
        if word in ("-C", "--cwd") and number + 1 < len(command):
            return Path(command[number + 1])
        if word.startswith("--cwd="):
            return Path(word.removeprefix("--cwd="))
    return Path.cwd()


def is_running(sandbox: Sandbox) -> bool:
    """Whether the sandbox's process runs and answers."""
    try:
        os.kill(sandbox.pid, 0)
    except OSError:
        return False
    return ask_health(sandbox.address) is not None


def ask_health(address: str) -> dict[str, Any] | None:
    """The answer of a sandbox to GET /_sandbox/health; None if no sandbox answers."""
    try:
        host, port = _host_and_port(address)
        with socket.create_connection((host, port), timeout=_SECONDS_TO_ANSWER) as connection:
            connection.sendall(f"GET /_sandbox/health HTTP/1.0\r\nHost: 127.0.0.1:{port}\r\n\r\n".encode())
            answer = b"".join(iter(lambda: connection.recv(65536), b""))
        head, _, body = answer.partition(b"\r\n\r\n")
        told = json.loads(body) if head.split(b" ", 2)[1] == b"200" else None
    except (OSError, ValueError, IndexError):
        return None
    return told if isinstance(told, dict) and told.get("status") == "ok" else None


def sandbox_at(address: str) -> Sandbox | None:
    """The sandbox that answers at the user's address."""
    told = ask_health(address)
    return None if told is None else Sandbox(address.rstrip("/"), str(told.get("asOf") or ""))


def _host_and_port(address: str) -> tuple[str, int]:
    host, _, port = address.removeprefix("http://").rstrip("/").rpartition(":")
    return host.strip("[]"), int(port)
