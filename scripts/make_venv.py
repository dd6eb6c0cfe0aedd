"""Create `.venv` from requirements.lock and install this checkout into it, editable.

Standard library only, because this runs first on a new machine.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
import time
import venv
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
HOME = ROOT / ".venv"
# Every file needs a hash; nothing is resolved, because the lock is complete.
FROM_LOCK = [
    "install",
    "--require-hashes",
    "--no-deps",
    "--only-binary",
    ":all:",
    "-r",
    str(ROOT / "requirements.lock"),
]
THIS_CHECKOUT = ["install", "--no-deps", "--no-build-isolation", "--editable", str(ROOT)]


def say(text: str) -> None:
    """Progress on stderr, so that it is not mixed with Make's output."""
    print(text, file=sys.stderr, flush=True)


def is_current_python(home: Path) -> bool:
    """Whether the environment works and has the Python version that runs this."""
    python = home / "bin" / "python"
    if not python.exists():
        return False
    ask = [str(python), "-c", "import sys, pip; print(sys.version_info[:2])"]
    said = subprocess.run(ask, capture_output=True, text=True, check=False)
    return said.stdout.strip() == str(tuple(sys.version_info[:2]))


def locked(lock: Path) -> int:
    """The number of packages in the lock."""
    return sum("==" in line for line in lock.read_text(encoding="utf-8").splitlines())


def pip(arguments: list[str]) -> None:
    """Run the environment's pip; its output is shown only if it fails. Exits with a remedy."""
    command = [str(HOME / "bin" / "python"), "-m", "pip", "--disable-pip-version-check", "--quiet", *arguments]
    status = subprocess.run(command, stdout=sys.stderr.fileno(), check=False).returncode
    if status:
        say("Could not install the packages; pip says why above. Correct that and run the command again.")
        raise SystemExit(status)


def main() -> None:
    """Create the environment, or update the existing one to the lock."""
    started = time.monotonic()
    if not is_current_python(HOME):
        shutil.rmtree(HOME, ignore_errors=True)
        say(f"Making .venv with Python {sys.version.split()[0]} ...")
        venv.create(HOME, with_pip=True)
    say(f"Installing {locked(ROOT / 'requirements.lock')} locked packages into .venv ...")
    pip(FROM_LOCK)
    pip(THIS_CHECKOUT)
    (HOME / ".installed").touch()
    say(f"Done in {time.monotonic() - started:.0f} s.")


if __name__ == "__main__":
    main()
