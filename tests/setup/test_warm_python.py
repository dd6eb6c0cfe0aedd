"""The Python of the tests of the CLI is one in all that a command of Pulumi sees of it."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from support.warm_python import REAL_START, warm_python

if TYPE_CHECKING:
    from pathlib import Path

PROGRAM = """
import atexit, os, signal, sys
import helper
atexit.register(print, "at exit")
print(sys.argv, __name__, os.getcwd(), os.getppid(), os.environ["TOLD"], sys.stdin.read(), helper.IMPORTED, sep="|")
print("pulumi_gcp_tuning.dynamic" in sys.modules, file=sys.stderr)
ignored = [each for each in signal.valid_signals() if signal.getsignal(each) == signal.SIG_IGN]
print([signal.Signals(each).name for each in sorted(ignored)])
print([signal.Signals(each).name for each in sorted(signal.pthread_sigmask(signal.SIG_BLOCK, []))])
sys.exit(7)
"""
WAITS = """
import sys
print("started")
sys.stdin.read()
"""
ANSWERS = 100


@pytest.fixture
def program(tmp_path: Path) -> Path:
    (tmp_path / "helper.py").write_text("IMPORTED = 1\n")
    file = tmp_path / "pulumi-language-python-exec"
    file.write_text(PROGRAM)
    return file


@pytest.mark.parametrize("extra", [{}, {REAL_START: "yes"}], ids=["a fork", "the real start"])
def test_a_program_sees_its_own_arguments_variables_folder_streams_and_parent(
    program: Path, tmp_path: Path, extra: dict[str, str]
) -> None:
    env = os.environ | {"TOLD": "twice"} | extra
    done = subprocess.run(
        [warm_python(), "-u", program, "--given", "ä b"], env=env, cwd=tmp_path, input="asked", capture_output=True,
        text=True, check=False, preexec_fn=ignore_and_block,  # no thread runs
    )  # fmt: skip
    seen = f"{[str(program), '--given', 'ä b']}|__main__|{tmp_path}|{os.getpid()}|twice|asked|1\n"
    seen += f"{['SIGINT', 'SIGUSR1', 'SIGPIPE', 'SIGXFSZ']}\n{['SIGUSR2']}\nat exit\n"
    assert (done.stdout, done.returncode) == (seen, 7)
    assert done.stderr == f"{not extra and sys.platform != 'darwin'}\n"


def ignore_and_block() -> None:
    """What a process inherits beside its variables and streams. Python itself ignores SIGPIPE and SIGXFSZ."""
    for number in signal.valid_signals() - {signal.SIGKILL, signal.SIGSTOP}:
        if signal.getsignal(number) == signal.SIG_IGN:
            signal.signal(number, signal.SIG_DFL)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGUSR1, signal.SIG_IGN)
    signal.pthread_sigmask(signal.SIG_SETMASK, [signal.SIGUSR2])


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
def test_a_signal_ends_both_processes(program: Path, number: signal.Signals) -> None:
    program.write_text(WAITS)
    command = [str(warm_python()), "-u", str(program), "--none"]
    with subprocess.Popen(
        command,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        preexec_fn=as_in_a_terminal,  # noqa: PLW1509  # no thread runs
    ) as running:
        assert running.stdout is not None
        assert running.stdout.readline() == b"started\n"
        running.send_signal(number)
        assert has_ended(running)
        assert running.returncode == -number
        assert running.stdout.read() == b""  # the fork holds it open while it lives


def as_in_a_terminal() -> None:
    """A shell without job control starts its background commands with SIGINT ignored, and their children inherit that."""
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.SIG_DFL)


def has_ended(running: subprocess.Popen[bytes]) -> bool:
    """Whether it has ended before other forks have started and ended ``ANSWERS`` times."""
    other = [str(warm_python()), "-u", "-m", "tuning_sandbox", "--help"]
    for _ in range(ANSWERS):
        if running.poll() is not None:
            return True
        subprocess.run(other, stdout=subprocess.DEVNULL, check=True)
    return False
