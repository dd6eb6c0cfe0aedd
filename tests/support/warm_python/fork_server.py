"""Forks Python processes that have imported what providers, programs, language hosts, sandboxes and gcp-tuning import.

``launcher.py`` asks for a process. It is a program of its own, which ends when its stdin does.
"""

from __future__ import annotations

import contextlib
import gc
import importlib
import os
import pkgutil
import runpy
import selectors
import signal
import socket
import sys
import time
import types
from dataclasses import dataclass
from pathlib import Path

# Imported before the first fork: what a process of these tests imports. None of it starts a thread or gRPC.
MODULES = (
    "argparse",
    "asyncio",
    "dill",
    "google.cloud.storage",
    "google.protobuf.json_format",
    "pulumi.dynamic",
    "pulumi.runtime.proto.language_pb2_grpc",
    "pulumi.runtime.proto.provider_pb2_grpc",
    "uvicorn.main",
)
OURS = (
    "pulumi_gcp_tuning.cli",
    "pulumi_gcp_tuning.declare",
    "pulumi_gcp_tuning.google",
    "pulumi_gcp_tuning.preflight",
    "pulumi_gcp_tuning.resources",
    "tuning_sandbox",
)


def import_modules() -> None:
    """Import what a process of the CLI's tests imports."""
    for name in (*MODULES, "pulumi_gcp_tuning.dynamic"):
        importlib.import_module(name)
    for name in OURS:
        package = importlib.import_module(name)
        for found in pkgutil.walk_packages(package.__path__, f"{name}."):
            if not found.name.endswith("__main__"):
                importlib.import_module(found.name)
    importlib.import_module("pulumi_gcp_tuning.google.gapic").load_gapic()


@dataclass(frozen=True)
class Start:
    """One start of Python: what the process inherits from the one that asks."""

    ignored: str  # the numbers of the signals that it ignores, as characters
    blocked: str
    parent: int
    mask: int
    folder: str
    command: list[str]
    environment: dict[str, str]
    streams: list[int]

    @classmethod
    def received(cls, asked: socket.socket) -> Start | None:
        """What a launcher has sent; None if it has gone."""
        data, streams, _, _ = socket.recv_fds(asked, 65536, 3)
        size = int.from_bytes(data[:4], "big")
        while data and len(data) < 4 + size:
            more = asked.recv(65536)
            if not more:
                break
            data += more
        if len(data) < 4 + size or len(streams) != 3:
            for each in streams:
                os.close(each)
            return None
        ignored, blocked, parent, mask, folder, count, *rest = [os.fsdecode(each) for each in data[4:].split(b"\0")]
        command, variables = rest[: int(count)], rest[int(count) :]
        environment = dict(each.split("=", 1) for each in variables)
        return cls(ignored, blocked, int(parent), int(mask), folder, command, environment, streams)

    def inherit(self) -> None:
        """Make this process the one that was asked for, before its program runs."""
        for target, stream in enumerate(self.streams):
            os.dup2(stream, target)
            os.close(stream)
        os.setpgid(0, 0)
        for number in signal.valid_signals() - {signal.SIGKILL, signal.SIGSTOP}:
            usual = signal.default_int_handler if number == signal.SIGINT else signal.SIG_DFL
            signal.signal(number, signal.SIG_IGN if chr(number) in self.ignored else usual)
        signal.pthread_sigmask(signal.SIG_SETMASK, [ord(each) for each in self.blocked])
        os.environ.clear()
        os.environ.update(self.environment)
        os.chdir(self.folder)
        os.umask(self.mask)
        time.tzset()
        os.getppid = lambda: self.parent  # the launcher's: the server is no process of the command
        sys.dont_write_bytecode = "PYTHONDONTWRITEBYTECODE" in self.environment
        on_path = [each for each in self.environment.get("PYTHONPATH", "").split(os.pathsep) if each]
        sys.path[:1] = ["", *on_path]
        sys.path_importer_cache.clear()
        importlib.invalidate_caches()
        for each in on_path:
            if Path(each, "sitecustomize.py").exists():
                sys.modules.pop("sitecustomize", None)
                importlib.import_module("sitecustomize")

    def run(self) -> None:
        """``python -u ...``, as Python itself does it."""
        sys.executable, _, *rest = sys.orig_argv = self.command
        main = types.ModuleType("__main__")
        main.__dict__["__builtins__"] = sys.modules["builtins"]
        sys.modules["__main__"] = main
        if rest[0] == "-m":
            sys.path[0] = self.folder
            sys.argv = rest[:1] + rest[2:]
            runpy._run_module_as_main(rest[1])  # type: ignore[attr-defined]
        else:
            sys.argv = rest
            sys.path[0] = str(Path(rest[0]).resolve().parent)
            main.__dict__.update(__file__=rest[0], __cached__=None)
            exec(compile(Path(rest[0]).read_bytes(), rest[0], "exec"), main.__dict__)  # noqa: S102


class ForkServer:
    """Waits for launchers, for signals that they hand on, and for the end of the forks."""

    def __init__(self, path: str) -> None:
        self._listening = socket.socket(socket.AF_UNIX)
        self._listening.bind(path)
        self._listening.listen(128)
        self._forks: dict[int, socket.socket] = {}
        self._ended, wake = os.pipe()
        os.set_blocking(wake, False)
        signal.set_wakeup_fd(wake)
        self._wake = wake
        signal.signal(signal.SIGCHLD, lambda *_: None)
        self._waited = selectors.DefaultSelector()
        self._waited.register(0, selectors.EVENT_READ)
        self._waited.register(self._ended, selectors.EVENT_READ)
        self._waited.register(self._listening, selectors.EVENT_READ)

    def serve(self) -> Start | None:
        """In a fork, what it was asked to be; None in the server, when it is over."""
        while True:
            for key, _ in self._waited.select():
                if key.fd == 0:
                    for child in self._forks:
                        os.kill(child, signal.SIGKILL)
                    return None
                if key.fd == self._ended:
                    os.read(self._ended, 4096)
                    self._tell_ends()
                elif key.fileobj is self._listening:
                    if start := self._fork():
                        return start
                else:
                    self._hand_on(key.data)

    def _fork(self) -> Start | None:
        asked, _ = self._listening.accept()
        try:
            start = Start.received(asked)
        except OSError:
            start = None
        if start is None:
            asked.close()
            return None
        child = os.fork()
        if child == 0:
            self._leave(asked)
            return start
        for each in start.streams:
            os.close(each)
        self._forks[child] = asked
        self._waited.register(asked, selectors.EVENT_READ, child)
        return None

    def _leave(self, asked: socket.socket) -> None:
        """What only the server has is closed in the fork."""
        signal.set_wakeup_fd(-1)
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        self._waited.close()
        for each in (self._listening, asked, *self._forks.values()):
            each.close()
        os.close(self._ended)
        os.close(self._wake)

    def _hand_on(self, child: int) -> None:
        launcher = self._forks.get(child)
        if launcher is None:
            return  # it has ended since
        try:
            numbers = launcher.recv(64)
        except OSError:
            numbers = b""
        for number in numbers or (signal.SIGKILL,):  # without a word, the launcher was killed
            os.kill(child, number)
        if not numbers:
            self._waited.unregister(launcher)

    def _tell_ends(self) -> None:
        while self._forks:
            child, status = os.waitpid(-1, os.WNOHANG)
            if not child:
                return
            launcher = self._forks.pop(child)
            with contextlib.suppress(OSError):
                launcher.send(os.waitstatus_to_exitcode(status).to_bytes(2, "big", signed=True))
            with contextlib.suppress(KeyError):
                self._waited.unregister(launcher)
            launcher.close()


def main() -> Start | None:
    os.environ["GRPC_ENABLE_FORK_SUPPORT"] = "0"  # no fork has a running gRPC to look after
    import_modules()
    server = ForkServer(sys.argv[1])
    gc.collect()
    gc.freeze()
    sys.stdout.write("ready\n")
    return server.serve()


if __name__ == "__main__":
    asked = main()
    if asked:
        own = sys.modules["__main__"]  # stays alive while the fork's own `__main__` runs
        asked.inherit()
        asked.run()
