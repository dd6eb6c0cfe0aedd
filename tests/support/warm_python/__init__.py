"""A Python for the tests of the CLI that starts as the fork of a process which has imported everything.

A command of Pulumi starts four to six Python processes, and importing was two thirds of the time of these tests.
``warm_python()`` runs a fork server and makes a ``python`` that asks it for a fork with its own arguments, variables,
folder, streams and parent. Signals go to the fork, its exit comes back, and a kill of either ends both. Whatever is no
start of a provider, a program, a language host, a sandbox or `gcp-tuning` is the real Python, and so is a start that has a
terminal, or one under the fixture ``real_start``.
"""

from __future__ import annotations

import atexit
import functools
import subprocess
import sys
import tempfile
from pathlib import Path

REAL_START = "TEST_REAL_START"
"""The variable under which the real Python starts."""
_HERE = Path(__file__).resolve().parent


class WarmPython:
    """A running fork server and the ``python`` that stands in front of it."""

    def __init__(self) -> None:
        self._folder = tempfile.TemporaryDirectory(prefix="warm-")  # a path of a socket has about 100 characters
        folder = Path(self._folder.name)
        socket = folder / "socket"
        self.python = folder / "bin" / "python"
        self.python.parent.mkdir()
        # The packages of an environment are looked for beside its Python.
        (folder / "lib").symlink_to(Path(sys.prefix) / "lib")
        text = (_HERE / "launcher.py").read_text(encoding="utf-8")
        text = text.replace('"REAL"', repr(sys.executable)).replace('"SOCKET"', repr(str(socket)))
        self.python.write_text(f"#!{sys.executable} -IS\n{text}", encoding="utf-8")
        self.python.chmod(0o755)
        self.python.with_name("python3").symlink_to("python")
        command = [sys.executable, "-u", str(_HERE / "fork_server.py"), str(socket)]
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, start_new_session=True)
        assert self.process.stdout is not None
        assert self.process.stdout.readline() == b"ready\n", "the fork server did not start"

    def close(self) -> None:
        self.process.communicate()  # it ends when its stdin does
        self._folder.cleanup()


@functools.cache
def warm_python() -> Path:
    """The Python of this worker's tests, until it ends. macOS has libraries that do not stand a fork."""
    if sys.platform == "darwin":
        return Path(sys.executable)
    warm = WarmPython()
    atexit.register(warm.close)
    return warm.python


def gcp_tuning(*arguments: str) -> list[str]:
    """The command line of ``gcp-tuning``, as the installed package has it."""
    return [str(warm_python()), "-u", str(Path(sys.executable).parent / "gcp-tuning"), *arguments]
