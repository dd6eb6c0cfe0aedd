"""Write the lock files: every package of the development environment, and of the clients that conflict with it.

All are pinned with hashes, for Linux and macOS.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
CLIENTS = Path("tests", "support", "clients")
OPTIONS = [
    "--universal", "--python-version", "3.11", "--fork-strategy", "fewest", "--generate-hashes",
    "--no-emit-index-url", "--no-annotate", "--no-header", "--no-emit-package", "pulumi-gcp-tuning", "--quiet",
]  # fmt: skip
# The input and constraints of each lock. google-genai's own tests run with the versions of the first lock.
LOCKS = {
    Path("requirements.lock"): ["pyproject.toml", "--extra", "dev"],
    CLIENTS / "genai-newest.lock": [str(CLIENTS / "genai-newest.in")],
    CLIENTS / "vertexai-1.lock": [str(CLIENTS / "vertexai-1.in")],
    CLIENTS / "genai-tests.lock": [str(CLIENTS / "genai-tests.in"), "--constraint", "requirements.lock"],
}


def main() -> int:
    """Resolve again; versions in a lock are kept unless `--upgrade` is given."""
    uv = str(Path(sys.executable).with_name("uv"))
    for lock, source in LOCKS.items():
        command = [uv, "pip", "compile", *source, *OPTIONS, "--output-file", str(lock), *sys.argv[1:]]
        status = subprocess.run(command, cwd=ROOT, check=False, stdout=subprocess.DEVNULL).returncode
        if status:
            return status
        packages = sum("==" in line for line in (ROOT / lock).read_text(encoding="utf-8").splitlines())
        print(f"{lock}: {packages} packages")
    return 0


if __name__ == "__main__":
    sys.exit(main())
