"""The file from which ``gcp-tuning check`` reads the findings of a preview.

The command creates the file and names it in an environment variable. All provider processes write to it, one line for
each resource and call. Its first line names the check's process, so a variable of an earlier check has no effect.
"""

from __future__ import annotations

import json
import os
import secrets
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Final

from pulumi_gcp_tuning.errors import Printed, Refused

VARIABLE: Final = "GCP_TUNING_COLLECT"
ONLY_CHECKS: Final = (
    f"Nothing was changed: this run only checks, because {VARIABLE} is set. "
    f"`gcp-tuning check` sets it for its own preview; elsewhere unset it and run the command again."
)


@dataclass(frozen=True, kw_only=True)
class Note:
    """What one call reported about one resource. ``told`` are lines of information, not warnings: cost, use of quotas.

    ``facts`` are the values behind these lines, by subject, for ``gcp-tuning review``.
    """

    urn: str
    findings: Sequence[Printed] = ()
    told: Sequence[str] = ()
    facts: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Collection:
    """The file of a running check."""

    path: Path

    def add(self, note: Note) -> None:
        """Append a note in one write, because several processes append to the file."""
        line = f"\n{json.dumps(asdict(note))}\n".encode()  # starts a new line in case another write was cut off
        try:
            file = os.open(self.path, os.O_WRONLY | os.O_APPEND)
            try:
                written = os.write(file, line)
            finally:
                os.close(file)
        except OSError as error:
            raise Refused(f"The findings could not be written for gcp-tuning check: {error}") from error
        if written != len(line):
            raise Refused("The findings could not be written for gcp-tuning check: only a part of them was written.")

    def read(self) -> list[Note]:
        """Every note so far, in the order of writing; a note that was cut off is left out."""
        lines = self.path.read_text(encoding="utf-8").splitlines()[1:]
        return [note for line in lines if (note := _note(line)) is not None]


def find_collection(env: Mapping[str, str]) -> Collection | None:
    """The collection that the environment names; None if there is none or its check has ended."""
    path = Path(env.get(VARIABLE, ""))
    try:
        with path.open(encoding="utf-8") as file:
            header = json.loads(file.readline())
        alive = isinstance(header, dict) and header.get("nonce") == path.stem and _is_alive(header.get("pid"))
    except (OSError, ValueError):
        return None
    return Collection(path) if alive else None


@contextmanager
def new_collection() -> Iterator[Collection]:
    """A collection of this process that only its user can read; it is deleted at the end of the block."""
    with tempfile.TemporaryDirectory(prefix="gcp-tuning-check-") as folder:
        nonce = secrets.token_hex(16)
        path = Path(folder) / f"{nonce}.jsonl"
        path.touch(mode=0o600)
        path.write_text(json.dumps({"nonce": nonce, "pid": os.getpid()}) + "\n", encoding="utf-8")
        yield Collection(path)


def _is_alive(pid: Any) -> bool:
    if not isinstance(pid, int) or pid <= 0:
        return False
    if os.name != "posix":  # on Windows os.kill would send a signal
        return True
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def _note(line: str) -> Note | None:
    try:
        read = json.loads(line)
        findings = tuple(Printed(**finding) for finding in read["findings"])
        return Note(urn=read["urn"], findings=findings, told=tuple(read["told"]), facts=dict(read["facts"]))
    except (ValueError, TypeError, KeyError):
        return None
