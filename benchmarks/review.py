"""Compares `gcp-tuning review` with the preview that it is made of.

    python benchmarks/review.py [--count N] [--rounds N]

A stack declares N resources (2,000 if not given), half of them tuning jobs and half their models, and nothing exists yet.
`pulumi preview --json` and `gcp-tuning review` alternate against a local sandbox. Prints the ratio of the two, review over
preview, per round, as the median and the range: of clock time, and of the CPU time of the command and all its processes
(the sandbox is not counted); and the most memory that the review's own process used, without the CLI and its plugins.
The goal is at most 1.2 of clock time. Times do not make it fail: the machine may be busy.
"""

from __future__ import annotations

import argparse
import os
import re
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from preview import AS_OF, NOT_INHERITED, OURS, SETTINGS, SPEED, Stack, fill, told
from preview import environment as command_line_environment

from pulumi_gcp_tuning.cli.sandbox_environment import command_environment, sandbox_environment
from pulumi_gcp_tuning.cli.sandbox_folder import SandboxFolder
from pulumi_gcp_tuning.cli.sandbox_process import Wanted, use_sandbox

from setup_pulumi import set_up  # isort: skip  # in scripts/, which preview adds to the path

WANTED: Final = 1.2
REVIEW: Final = str(Path(sys.executable).parent / "gcp-tuning")
_PEAK: Final = re.compile(r"VmHWM:\s+(\d+) kB")


@dataclass(frozen=True)
class Used:
    """The times of one command in seconds, and the most memory of its first process in MB."""

    wall: float
    cpu: float
    megabytes: float


def run(stack: Stack, command: list[str], output: Path) -> Used:
    """Run a command in the stack's folder; ends the benchmark if it fails."""
    begin = time.monotonic()
    with output.open("wb") as file, output.with_suffix(".err").open("wb") as errors:
        child = subprocess.Popen(  # noqa: S603
            command, cwd=stack.folder, env=dict(stack.env), stdin=subprocess.DEVNULL, stdout=file, stderr=errors
        )
        peak = 0.0
        while True:
            peak = max(peak, _peak_of(child.pid))
            pid, status, used = os.wait4(child.pid, os.WNOHANG)
            if pid:
                break
            time.sleep(0.05)
    child.returncode = os.waitstatus_to_exitcode(status)
    if child.returncode:
        text = output.read_text(encoding="utf-8")[:2000] + output.with_suffix(".err").read_text(encoding="utf-8")
        sys.exit(f"{' '.join(command)} ended with {child.returncode}:\n{text}")
    return Used(time.monotonic() - begin, used.ru_utime + used.ru_stime, peak)


def _peak_of(pid: int) -> float:
    try:
        found = _PEAK.search(Path(f"/proc/{pid}/status").read_text(encoding="utf-8"))
    except OSError:
        return 0.0
    return int(found[1]) / 1024 if found else 0.0


def declare(folder: Path, env: dict[str, str], count: int) -> Stack:
    """A stack of jobs and models that nobody has brought up."""
    folder.mkdir()
    (folder / "__main__.py").write_text("\n".join(line[4:] for line in OURS.format(count=count).splitlines()), "utf-8")
    (folder / "Pulumi.yaml").write_text(f"name: {folder.name}\nruntime: python\n", encoding="utf-8")
    stack = Stack(folder, env)
    stack.run("stack", "init", "dev")
    with (folder / "Pulumi.dev.yaml").open("a", encoding="utf-8") as file:
        file.write("config:\n" + "".join(f"  {key}: {value}\n" for key, value in SETTINGS.items()))
    return stack


def main() -> None:
    """Measure, and print the ratios."""
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--count", type=int, default=2000)
    arguments.add_argument("--rounds", type=int, default=3)
    given = arguments.parse_args()
    with tempfile.TemporaryDirectory() as name:
        home = Path(name).resolve()
        folder = SandboxFolder(home / "sandbox")
        with use_sandbox(folder, Wanted(speed=SPEED, as_of=AS_OF)) as (sandbox, _):
            fill(sandbox.address, given.count // 2)
            inherited = {key: value for key, value in os.environ.items() if not key.startswith(NOT_INHERITED)}
            env = command_line_environment(
                command_environment(inherited), Path(sys.executable), set_up(os.environ), None
            )
            env = sandbox_environment(env, sandbox, folder)
            folder.state.mkdir()
            stack = declare(home / "ours", env, given.count // 2)
            file, report = home / "preview.json", home / "review.md"
            preview = ["pulumi", "preview", "--json", "--non-interactive"]
            review = [REVIEW, "review", "--stack", "dev"]
            run(stack, preview, file)  # the first run compiles bytecode and fills the caches
            rounds = [(run(stack, review, report), run(stack, preview, file)) for _ in range(given.rounds)]
            print(f"resources: {given.count}, rounds: {given.rounds}")
            print(told("clock", [(one.wall, other.wall) for one, other in rounds]), f" (at most {WANTED} is wanted)")
            print(told("processor time", [(one.cpu, other.cpu) for one, other in rounds]))
            most = max(one.megabytes for one, _ in rounds)
            print(f"memory of the review: {most:.0f} MB; the preview's JSON has {file.stat().st_size / 1e6:.1f} MB")
            print(f"report: {len(report.read_text(encoding='utf-8')):,} characters")


if __name__ == "__main__":
    main()
