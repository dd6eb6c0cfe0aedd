"""The CLI command that this process belongs to, and the small private files that its processes share.

Preview, update and each explicit provider of one command run in separate processes, under one CLI process.
"""

from __future__ import annotations

import os
import stat
import subprocess
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

_ENDED_SECONDS: Final = 600.0  # a provider may outlive its CLI for some time, and writes until then
_OLD_SECONDS: Final = 7 * 24 * 3600.0  # another process may have the id of an old command
_MOST_ANCESTORS: Final = 8


def shared_folder() -> Path | None:
    """The user's private folder in the system's temporary folder; None on a system without user ids."""
    return Path(tempfile.gettempdir()) / f"gcp-tuning-{os.getuid()}" if hasattr(os, "getuid") else None


def run_key(pid: int | None = None) -> str | None:
    """The CLI's process id and start time: the same for preview and update, different for the next command.

    None if this process does not run under a CLI, or if that CLI runs more than one update.
    """
    pid = os.getppid() if pid is None else pid
    for _ in range(_MOST_ANCESTORS):
        seen = _look_at(pid)
        if seen is None:
            return None
        # Pulumi's Python plugin is a shell script, which runs between this process and the CLI
        if seen.name == "pulumi":
            return None if "watch" in seen.arguments[1:] else f"{pid}-{seen.began}"
        pid = seen.parent
    return None


@dataclass(frozen=True)
class _Process:
    name: str
    parent: int
    began: str
    arguments: tuple[str, ...]


def _look_at(pid: int) -> _Process | None:
    if pid <= 1:
        return None
    try:
        return _from_proc(pid) if Path("/proc/self/stat").exists() else _from_ps(pid)
    except (OSError, ValueError, IndexError, subprocess.SubprocessError):
        return None


def _from_proc(pid: int) -> _Process:
    text = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace")
    name, _, rest = text.partition("(")[2].rpartition(")")
    fields = rest.split()
    arguments = Path(f"/proc/{pid}/cmdline").read_text(encoding="utf-8", errors="replace").split("\0")
    return _Process(name, int(fields[1]), fields[19], tuple(arguments))


def _from_ps(pid: int) -> _Process:
    command = ["ps", "-o", "ppid=,lstart=,command=", "-p", str(pid)]
    environment = {**os.environ, "LC_ALL": "C"}
    done = subprocess.run(command, capture_output=True, text=True, check=True, timeout=5, env=environment)  # noqa: S603
    parent, *rest = done.stdout.split()
    arguments = tuple(rest[5:])
    return _Process(os.path.basename(arguments[0]), int(parent), "-".join(rest[:5]).replace(":", ""), arguments)  # noqa: PTH119


def private(folder: Path) -> Path:
    """The folder, which is made if there is none. Raises OSError if anyone else can access it."""
    folder.mkdir(mode=0o700, exist_ok=True)
    found = folder.lstat()
    if not stat.S_ISDIR(found.st_mode) or found.st_uid != os.getuid() or stat.S_IMODE(found.st_mode) & 0o077:
        raise PermissionError(f"{folder} is not private")
    return folder


def open_private(folder: Path, name: str) -> Any:
    """The file, opened for reading and appending. Raises OSError if anyone else can access the folder."""
    path = private(folder) / f"{name}.jsonl"
    if not path.exists():
        _tidy(folder)
    return os.fdopen(os.open(path, os.O_RDWR | os.O_APPEND | os.O_CREAT | os.O_NOFOLLOW, 0o600), "rb")


def _tidy(folder: Path) -> None:
    """Deletes the files of commands that have ended."""
    now = time.time()
    for entry in os.scandir(folder):
        try:
            idle = now - entry.stat(follow_symlinks=False).st_mtime
            if idle > _OLD_SECONDS or (idle > _ENDED_SECONDS and not _is_running(entry.name.partition("-")[0])):
                os.unlink(entry.path)  # noqa: PTH108  # the folder may have thousands of files
        except OSError:
            continue


def _is_running(pid: str) -> bool:
    try:
        os.kill(int(pid), 0)
    except (ProcessLookupError, ValueError):
        return False
    except OSError:
        return True
    return True
