"""Google's clients that the lock does not have, each in an environment of its own in the cache folder, made once."""

from __future__ import annotations

import os
import shutil
import subprocess
import venv
from hashlib import sha256
from pathlib import Path

CLIENTS = Path(__file__).parent / "clients"
NODE_PACKAGES = ("@google/genai@3.3.0", "@google-cloud/storage@8.4.0")


def make_python(version: str, *packages: str) -> Path:
    """The folder of a virtual environment with this version of google-genai."""
    folder = _folder(f"google-genai-{version}")
    if not (folder / "done").exists():
        venv.create(folder, with_pip=True, clear=True)
        _run(folder / "bin" / "pip", "install", "--quiet", f"google-genai=={version}", *packages)
        (folder / "done").touch()
    return folder


def make_node() -> Path:
    """The folder with Google's packages for Node."""
    folder = _folder(f"node-clients-{sha256(' '.join(NODE_PACKAGES).encode()).hexdigest()[:12]}")
    if not (folder / "done").exists():
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        _run("npm", "install", "--silent", "--no-fund", "--no-audit", "--prefix", folder, *NODE_PACKAGES)
        (folder / "done").touch()
    return folder


def make_go() -> Path:
    """The program in Go, built with the modules of its go.sum."""
    sources = [CLIENTS / name for name in ("go.mod", "go.sum", "program.go")]
    recipe = sha256(b"".join(path.read_bytes() for path in sources)).hexdigest()[:12]
    folder = _folder(f"go-clients-{recipe}")
    if not (folder / "program").exists():
        folder.mkdir(parents=True, exist_ok=True)
        _run("go", "build", "-C", CLIENTS, "-o", folder / "program", "program.go")
    return folder / "program"


def _folder(name: str) -> Path:
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "pulumi-gcp-tuning" / name


def _run(*command: str | Path) -> None:
    subprocess.run([str(part) for part in command], check=True, stdout=subprocess.DEVNULL)
