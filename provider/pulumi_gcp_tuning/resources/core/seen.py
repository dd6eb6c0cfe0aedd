"""What the preview of this ``pulumi up`` saw of a dataset: other content in the update stops the run.

Preview and update of one command run in different provider processes, but under one CLI process. A small file for each
CLI process, in a private folder of the system's temporary folder, is what they share: hashes and generations, nothing
else. If that is not possible, only what one process saw is compared; no run fails for it.
"""

from __future__ import annotations

import hashlib
import json
import os
import stat
import subprocess
import tempfile
import time
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from pulumi_gcp_tuning.errors import Finding
from pulumi_gcp_tuning.preflight.change import UNCHANGED
from pulumi_gcp_tuning.wording import PropertyPath, advise

if TYPE_CHECKING:
    from pulumi_gcp_tuning.resources.core.lifecycle import Call

_OLD_SECONDS: Final = 24 * 3600.0
_MOST_ANCESTORS: Final = 8
_MOST_BYTES: Final = 4 << 20


@dataclass(frozen=True)
class Memo:
    """What was seen first under a key, by all processes that have the same ``run_key``. Never raises."""

    folder: Path
    run_key: str

    def first(self, key: str, value: str) -> str:
        """The value that was noted first for ``key``; where there is none, ``value``, which is noted."""
        try:
            with _open_private(self.folder, self.run_key) as file:
                found = _read(file).get(key)
                if found is None:
                    # one short write at the end of a file: what other processes write at the same time stays whole
                    os.write(file.fileno(), json.dumps([key, value]).encode() + b"\n")
                return value if found is None else found
        except (OSError, ValueError):
            return value


@dataclass
class Seen:
    """What this process saw, by subject."""

    values: dict[str, str] = field(default_factory=dict)


def find_change(
    call: Call, path: PropertyPath, subject: str, value: str, *, memo: Memo | None = None
) -> Finding | None:
    """A finding if an earlier check of this command saw ``subject`` with another value than ``value``.

    ``path`` is the property that names it; ``value`` is shown (``generation 17``) and holds nothing of its content.
    """
    key = hashlib.sha256(f"{call.urn}\n{path}\n{subject}".encode()).hexdigest()
    seen = call.run.of(Seen)
    with call.run.lock:
        if key not in seen.values:
            memo = memo or memo_of_this_command()
            seen.values[key] = memo.first(key, value) if memo is not None else value
        first = seen.values[key]
    if first == value:
        return None
    problem = f"{subject} changed while this command ran: it was {first} when first checked and is {value} now."
    remedy = advise("run it again", "Nothing was submitted. Run the command again and look at its preview.")
    return UNCHANGED.finding(path, problem, remedy)


@cache
def memo_of_this_command() -> Memo | None:
    """The memo that belongs to the CLI process above this one; None if there is none, or it runs more than one update."""
    run_key = _run_key()
    folder = f"gcp-tuning-{os.getuid()}" if hasattr(os, "getuid") else None
    return Memo(Path(tempfile.gettempdir()) / folder, run_key) if run_key and folder else None


def _run_key(pid: int | None = None) -> str | None:
    """The CLI's process id and when it began: the same for preview and update, another for the next command."""
    pid = os.getppid() if pid is None else pid
    for _ in range(_MOST_ANCESTORS):
        seen = _look_at(pid)
        if seen is None:
            return None
        # between us and the CLI is the shell script that is Pulumi's plugin for Python
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


def _open_private(folder: Path, name: str) -> Any:
    """The file, for reading and for writing at its end; OSError if the folder is not ours alone."""
    folder.mkdir(mode=0o700, exist_ok=True)
    found = folder.lstat()
    if not stat.S_ISDIR(found.st_mode) or found.st_uid != os.getuid() or stat.S_IMODE(found.st_mode) & 0o077:
        raise PermissionError(f"{folder} is not private")
    path = folder / f"{name}.jsonl"
    if not path.exists():
        _tidy(folder)
    return os.fdopen(os.open(path, os.O_RDWR | os.O_APPEND | os.O_CREAT | os.O_NOFOLLOW, 0o600), "rb")


def _read(file: Any) -> dict[str, str]:
    noted: dict[str, str] = {}
    for line in file.read(_MOST_BYTES).splitlines():
        try:
            key, value = json.loads(line)
        except ValueError:
            continue  # a line that another process is writing
        noted.setdefault(str(key), str(value))
    return noted


def _tidy(folder: Path) -> None:
    """Deletes what commands of other days left."""
    for path in folder.glob("*.jsonl"):
        try:
            if time.time() - path.stat().st_mtime > _OLD_SECONDS:
                path.unlink()
        except OSError:
            continue
