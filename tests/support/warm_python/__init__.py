"""A Python for the tests of the CLI that starts as the fork of a process which has imported everything.

A command of Pulumi starts four to six Python processes, and importing was two thirds of the time of these tests.
``WarmPython`` runs a fork server and makes a ``python`` that asks it for a fork with its own arguments, variables,
folder, streams and parent. Signals go to the fork, its exit comes back, and a kill of either ends both. Whatever is no
start of a provider, a program or the language host of this checkout is the real Python, and so is a start that has a
terminal, or one under the fixture ``real_start``.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Self

REAL_START = "TEST_REAL_START"
"""The variable under which the real Python starts."""
_HERE = Path(__file__).resolve().parent


class WarmPython:
    """A running fork server and the ``python`` that stands in front of it."""

    def __init__(self) -> None:
        self._folder = tempfile.TemporaryDirectory(prefix="warm-")  # a path of a socket has about 100 characters
        folder = Path(self._folder.name)
        self.python = folder / "bin" / "python"
        self._socket = folder / "socket"
        self.python.parent.mkdir()
        # The packages of an environment are looked for beside its Python.
        (folder / "lib").symlink_to(Path(sys.prefix) / "lib")
        text = (_HERE / "launcher.py").read_text(encoding="utf-8")
        self.python.write_text(
            f"#!{sys.executable} -IS\n"
            + text.replace('"REAL"', repr(sys.executable)).replace('"SOCKET"', repr(str(self._socket))),
            encoding="utf-8",
        )
        self.python.chmod(0o755)
        self.python.with_name("python3").symlink_to("python")

    def __enter__(self) -> Self:
        command = [sys.executable, "-u", str(_HERE / "fork_server.py"), str(self._socket)]
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, start_new_session=True)
        assert self.process.stdout is not None
        assert self.process.stdout.readline() == b"ready\n", "the fork server did not start"
        return self

    def __exit__(self, *_: object) -> None:
        self.process.communicate()  # it ends when its stdin does
        self._folder.cleanup()
