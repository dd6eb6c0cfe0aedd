"""What the workers of a run make once and share, in a folder that all of them have."""

from __future__ import annotations

import fcntl
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def one_at_a_time(folder: Path) -> Iterator[None]:
    """Workers of pytest-xdist share the folder: one makes what is in it, the others wait."""
    folder.parent.mkdir(parents=True, exist_ok=True)
    with folder.with_suffix(".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def build_wheel_once(checkout: Path, folder: Path) -> Path:
    """The wheel of a checkout, built from a copy because setuptools writes beside the source."""
    with one_at_a_time(folder):
        if not folder.exists():
            source = folder.with_name("source-of-wheel")
            shutil.copytree(checkout / "provider", source / "provider", ignore=shutil.ignore_patterns("*.egg-info"))
            for name in ("pyproject.toml", "README.md", "LICENSE"):
                shutil.copy(checkout / name, source / name)
            command = [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", str(folder), str(source)]
            done = subprocess.run(command, capture_output=True, text=True, check=False)
            assert done.returncode == 0, done.stdout + done.stderr
    (wheel,) = folder.glob("*.whl")
    return wheel
