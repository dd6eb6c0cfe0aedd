"""Write requirements.lock: every package of the development environment, pinned with hashes, for Linux and macOS."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
LOCK = ROOT / "requirements.lock"
COMPILE = [
    "uv", "pip", "compile", "pyproject.toml", "--extra", "dev",
    "--universal", "--python-version", "3.11", "--fork-strategy", "fewest", "--generate-hashes",
    "--no-emit-index-url", "--no-annotate", "--no-header", "--no-emit-package", "pulumi-gcp-tuning",
    "--quiet", "--output-file", "requirements.lock",
]  # fmt: skip


def main() -> int:
    """Resolve again; versions that the lock already holds stay unless `--upgrade` is given."""
    command = [str(Path(sys.executable).with_name("uv")), *COMPILE[1:], *sys.argv[1:]]
    status = subprocess.run(command, cwd=ROOT, check=False, stdout=subprocess.DEVNULL).returncode
    if status == 0:
        packages = sum("==" in line for line in LOCK.read_text(encoding="utf-8").splitlines())
        print(f"requirements.lock: {packages} packages")
    return status


if __name__ == "__main__":
    sys.exit(main())
