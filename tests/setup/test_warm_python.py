"""The Python of the tests of the CLI is one in all that a command of Pulumi sees of it."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from typing import TYPE_CHECKING

import pytest

from support.warm_python import REAL_START, warm_python

if TYPE_CHECKING:
    from pathlib import Path

PROGRAM = """
import atexit, os, sys
import helper
atexit.register(print, "at exit")
print(sys.argv, __name__, os.getcwd(), os.getppid(), os.environ["TOLD"], sys.stdin.read(), helper.IMPORTED, sep="|")
print("pulumi_gcp_tuning.dynamic" in sys.modules, file=sys.stderr)
sys.exit(7)
"""
WAITS = """
import os, time
print(os.getpid())
time.sleep(600)
"""


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
        text=True, check=False,
    )  # fmt: skip
    seen = f"{[str(program), '--given', 'ä b']}|__main__|{tmp_path}|{os.getpid()}|twice|asked|1\nat exit\n"
    assert (done.stdout, done.returncode) == (seen, 7)
    assert done.stderr == f"{not extra and sys.platform != 'darwin'}\n"


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGKILL])
def test_a_signal_ends_both_processes(program: Path, number: signal.Signals) -> None:
    program.write_text(WAITS)
    command = [str(warm_python()), "-u", str(program), "--none"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as running:
        assert running.stdout is not None
        fork = int(running.stdout.readline())
        running.send_signal(number)
        assert running.wait() == -number
        assert running.stdout.read() == ""  # the fork holds it open while it lives
    end = time.monotonic() + 60
    while is_alive(fork):
        assert time.monotonic() < end
        time.sleep(0.01)


def is_alive(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    return True
