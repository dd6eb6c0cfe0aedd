from __future__ import annotations

import os
import subprocess
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

TARGETS = ("up", "down", "drift", "test", "test-full", "lint", "lock", "docs", "sandbox", "clean", "wheel")


def test_make_alone_lists_every_target_with_one_line(checkout: Path) -> None:
    said = subprocess.run(["make"], cwd=checkout, capture_output=True, text=True, check=True).stdout
    listed = {line.split()[1]: line for line in said.splitlines()}
    assert set(TARGETS) <= set(listed)
    assert all(len(line.split()) > 3 for line in listed.values())


def test_ci_runs_what_make_test_runs(checkout: Path) -> None:
    script = checkout / ".ci" / "run"
    assert os.access(script, os.X_OK)
    assert "exec make test" in script.read_text(encoding="utf-8")


def test_a_machine_without_python_is_told_what_to_install(checkout: Path, tmp_path: Path) -> None:
    done = subprocess.run(
        ["/bin/sh", str(checkout / "scripts" / "find-python"), "anything.py"],
        env={"PATH": str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1
    assert "Python 3.11 or later" in done.stderr
    assert "apt-get install" in done.stderr
