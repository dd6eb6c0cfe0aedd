"""A command on a terminal, and the lines that a person sees on it."""

from __future__ import annotations

import codecs
import fcntl
import os
import pty
import re
import select
import struct
import subprocess
import sys
import termios
import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

_ESCAPES = re.compile(r"\x1b\[[0-9;?]*[ -/]*[@-~]|\x1b[()][A-Z0-9]|\x1b[=>78]")
_OWN_IT = (
    "import fcntl, os, sys, termios\n"
    "fcntl.ioctl(0, termios.TIOCSCTTY, 0)\n"
    "os.execv(sys.argv[1], sys.argv[1:])"
)  # fmt: skip


def run_on_terminal(
    command: Sequence[str], folder: Path, env: Mapping[str, str], *, columns: int = 120, timeout: float = 600
) -> tuple[int, list[str]]:
    """The exit code and every line that was drawn, without colours, in the order of drawing."""
    code, drawn = record_terminal(command, folder, env, columns=columns, timeout=timeout)
    text = _ESCAPES.sub("", "".join(part for _, part in drawn))
    return code, [line.rstrip() for line in re.split(r"[\r\n]+", text) if line.strip()]


def record_terminal(
    command: Sequence[str], folder: Path, env: Mapping[str, str], *, columns: int = 120, timeout: float = 600
) -> tuple[int, list[tuple[float, str]]]:
    """The exit code and what the terminal got, with the seconds since the start."""
    terminal, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 50, columns, 0, 0))
    process = subprocess.Popen(
        [sys.executable, "-c", _OWN_IT, *command], cwd=folder, env={**env, "TERM": "xterm-256color"},
        stdin=theirs, stdout=theirs, stderr=theirs, start_new_session=True,
    )  # fmt: skip
    os.close(theirs)
    try:
        drawn = list(_read(terminal, time.monotonic(), timeout))
        code = process.wait(60)
    finally:
        process.kill()
        os.close(terminal)
    return code, drawn


def _read(terminal: int, begin: float, timeout: float) -> Iterator[tuple[float, str]]:
    decode = codecs.getincrementaldecoder("utf-8")("replace").decode
    while (at := time.monotonic() - begin) < timeout:
        if not select.select([terminal], [], [], 1)[0]:
            continue
        try:
            part = os.read(terminal, 65536)
        except OSError:  # nothing has the terminal any more: the command has ended
            return
        yield at, decode(part)
