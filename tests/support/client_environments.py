"""Google's clients that the lock does not have, each in an environment of its own in the cache folder, made once.

Each is installed from a lock file in `clients/`, which has the hash of every package. `make lock` writes those of Python again.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from setup_pulumi import cache_home
from support.sharing import one_at_a_time

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

CLIENTS = Path(__file__).parent / "clients"
# What pip, npm and go print where they reach no registry; anything else that goes wrong is a fault of ours.
_UNREACHABLE = (
    "ENOTFOUND", "EAI_AGAIN", "ECONNREFUSED", "ECONNRESET", "ETIMEDOUT", "ENETUNREACH",
    "NewConnectionError", "NameResolutionError", "ConnectTimeoutError",
    "dial tcp", "no such host", "i/o timeout",
)  # fmt: skip


class NotAvailableError(Exception):
    """A client cannot be had on this machine: its tool is not installed, or no package registry is reached."""


def make_python(lock: str, env: Mapping[str, str] = os.environ) -> Path:
    """The Python of an environment with what `clients/LOCK.lock` holds."""

    def build(folder: Path) -> None:
        _run([sys.executable, "-m", "venv", str(folder)], env)
        options = ["--quiet", "--disable-pip-version-check", "--require-hashes", "--no-deps", "--only-binary", ":all:"]
        _run(
            [str(folder / "bin" / "python"), "-m", "pip", "install", *options, "-r", str(CLIENTS / f"{lock}.lock")], env
        )

    return _made(lock, [f"{lock}.lock"], build, env) / "bin" / "python"


def make_node(env: Mapping[str, str] = os.environ) -> Path:
    """The folder with Google's packages for Node."""

    def build(folder: Path) -> None:
        for name in ("package.json", "package-lock.json"):
            shutil.copy(CLIENTS / name, folder)
        quiet = ["--no-audit", "--no-fund", "--loglevel", "error"]
        _run([_tool("npm", env), "ci", "--ignore-scripts", *quiet, "--prefix", str(folder)], env)

    return _made("node-clients", ["package-lock.json"], build, env)


def make_go(env: Mapping[str, str] = os.environ) -> Path:
    """The program in Go, built with the modules of its go.sum."""

    def build(folder: Path) -> None:
        # No workspace or flag of the user's may change what is built; without CGO no C compiler is needed.
        plain = {**env, "GOWORK": "off", "GOFLAGS": "", "CGO_ENABLED": "0"}
        _run([_tool("go", env), "build", "-C", str(CLIENTS), "-trimpath", "-o", str(folder), "program.go"], plain)

    return _made("go-clients", ["go.mod", "go.sum", "program.go"], build, env) / "program"


def _made(name: str, recipe: list[str], build: Callable[[Path], None], env: Mapping[str, str]) -> Path:
    """The folder that `build` fills, named by the files of its recipe; nobody ever sees half of it."""
    digest = hashlib.sha256(b"".join((CLIENTS / file).read_bytes() for file in recipe)).hexdigest()[:12]
    home = cache_home(env) / f"{name}-{digest}"
    if home.exists():
        return home
    with one_at_a_time(home.parent / name):
        if not home.exists():
            with tempfile.TemporaryDirectory(dir=home.parent, prefix="building-") as work:
                made = Path(work) / "made"
                made.mkdir()
                build(made)
                made.rename(home)
    return home


def _tool(name: str, env: Mapping[str, str]) -> str:
    found = shutil.which(name, path=env.get("PATH", os.defpath))
    if found is None:
        raise NotAvailableError(f"{name} is not installed")
    return found


def _run(command: list[str], env: Mapping[str, str]) -> None:
    done = subprocess.run(command, env=dict(env), capture_output=True, text=True, check=False)
    if done.returncode == 0:
        return
    said = done.stdout + done.stderr
    named = next((word for word in _UNREACHABLE if word in said), None)
    if named:
        raise NotAvailableError(f"{Path(command[0]).name} reaches no package registry ({named})")
    raise AssertionError(f"{' '.join(command)} failed:\n{said[-3000:]}")
