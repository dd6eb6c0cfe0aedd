"""What the preview of this ``pulumi up`` saw of a dataset. If the update sees different content, the run stops.

Preview and update of one command run in different provider processes, but under one CLI process. They share a small
file per CLI process, in a private folder of the system's temporary folder. It contains hashes, generations and the
earlier name of a renamed stack, nothing else. If the file cannot be used, a process compares only with what it saw
itself; no run fails for this reason.
"""

from __future__ import annotations

import hashlib
import json
import os
from dataclasses import dataclass, field
from functools import cache
from typing import TYPE_CHECKING, Any, Final

from pulumi_gcp_tuning.errors import Finding
from pulumi_gcp_tuning.preflight.change import UNCHANGED
from pulumi_gcp_tuning.resources.core.command import open_private, run_key, shared_folder
from pulumi_gcp_tuning.wording import PropertyPath, advise

if TYPE_CHECKING:
    from pathlib import Path

    from pulumi_gcp_tuning.resources.core.lifecycle import Call

_MOST_BYTES: Final = 4 << 20


@dataclass(frozen=True)
class Memo:
    """The first value noted under a key by any process with the same ``run_key``. Never raises."""

    folder: Path
    run_key: str

    def first(self, key: str, value: str) -> str:
        """The value that was noted first for ``key``. If there is none, notes ``value`` and returns it."""
        try:
            with open_private(self.folder, self.run_key) as file:
                found = _read(file).get(key)
                if found is None:
                    # one short append: concurrent writes of other processes stay whole
                    os.write(file.fileno(), json.dumps([key, value]).encode() + b"\n")
                return value if found is None else found
        except (OSError, ValueError):
            return value

    def noted(self, key: str) -> str | None:
        """The value that was noted for ``key``; None if there is none."""
        try:
            with open_private(self.folder, self.run_key) as file:
                return _read(file).get(key)
        except (OSError, ValueError):
            return None


@dataclass
class Seen:
    """The values that this process saw, by subject."""

    values: dict[str, str] = field(default_factory=dict)


def find_change(
    call: Call, path: PropertyPath, subject: str, value: str, *, memo: Memo | None = None
) -> Finding | None:
    """A finding if an earlier check of this command saw a value of ``subject`` other than ``value``.

    ``path`` is the property that names the subject. Messages show ``value`` (``generation 17``), which contains nothing
    of the content.
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
    """The memo of the CLI process that this process runs under; None without one, or if it runs more than one update."""
    key = run_key()
    folder = shared_folder()
    return Memo(folder, key) if key and folder else None


def _read(file: Any) -> dict[str, str]:
    noted: dict[str, str] = {}
    for line in file.read(_MOST_BYTES).splitlines():
        try:
            key, value = json.loads(line)
        except ValueError:
            continue  # a line that another process is writing
        noted.setdefault(str(key), str(value))
    return noted
