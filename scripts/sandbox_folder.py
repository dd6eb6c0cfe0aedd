"""The folder in which a checkout keeps its sandbox: where it is, whether the sandbox answers, how it starts and stops."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from dataclasses import asdict, dataclass
from pathlib import Path

CHECKOUT = Path(__file__).resolve().parent.parent
FOLDER = CHECKOUT / ".sandbox"
RECORD = FOLDER / "sandbox.json"
LOG = FOLDER / "sandbox.log"
AS_OF = "2026-11-21"
"""The date at which the sandbox plays, so that the models of this checkout are live in any year."""
SPEED = "600"
"""Virtual seconds per second: a tuning job of 45 minutes takes 4.5 seconds."""


_started: dict[int, subprocess.Popen[str]] = {}  # those of this process, which goes before they do


class NotStarted(Exception):
    """The sandbox did not come up; the text says why and what to do."""


@dataclass(frozen=True)
class Sandbox:
    """A sandbox as the record on disk has it."""

    address: str
    pid: int
    as_of: str
    version: str

    @property
    def port(self) -> int:
        """The port it listens on."""
        return int(self.address.rsplit(":", 1)[1])

    def answers(self) -> bool:
        """Whether the process lives and is a sandbox."""
        try:
            os.kill(self.pid, 0)
            with urllib.request.urlopen(f"{self.address}/_sandbox/health", timeout=2) as answer:  # noqa: S310 - loopback
                return bool(json.load(answer).get("status"))
        except (OSError, urllib.error.URLError, ValueError):
            return False


def find_sandbox() -> Sandbox | None:
    """The sandbox that this checkout started last, alive or not; None where there was none."""
    try:
        return Sandbox(**json.loads(RECORD.read_text(encoding="utf-8")))
    except (OSError, ValueError, TypeError):
        return None


def start_sandbox() -> tuple[Sandbox, bool]:
    """The running sandbox and whether this call started it.

    It keeps its port over restarts, because Pulumi's state remembers the address that made each resource.
    Raises NotStarted with the sandbox's own words.
    """
    last = find_sandbox()
    if last is not None and last.answers():
        return last, False
    FOLDER.mkdir(exist_ok=True)
    port = os.environ.get("SANDBOX_PORT") or (str(last.port) if last else "0")
    command = [sys.executable, "-m", "tuning_sandbox", "--port", port, "--data", str(FOLDER / "data")]
    command += ["--speed", SPEED, "--as-of", AS_OF]
    with LOG.open("wb") as log:
        process = subprocess.Popen(
            command, stdout=subprocess.PIPE, stderr=log, cwd=CHECKOUT, start_new_session=True, text=True
        )
    _started[process.pid] = process
    if process.stdout is None:
        raise NotStarted("The sandbox has no output to read its address from.")
    with process.stdout:
        line = process.stdout.readline()
    address = line.rpartition(" ")[2].strip()
    if not address.startswith("http"):
        process.wait(timeout=10)
        said = LOG.read_text(encoding="utf-8").strip()
        raise NotStarted(explain(said or f"The sandbox ended with code {process.returncode} and said nothing."))
    with urllib.request.urlopen(f"{address}/_sandbox/health", timeout=5) as answer:  # noqa: S310 - loopback
        version = str(json.load(answer).get("version", ""))
    sandbox = Sandbox(address=address, pid=process.pid, as_of=AS_OF, version=version)
    RECORD.write_text(json.dumps(asdict(sandbox)) + "\n", encoding="utf-8")
    return sandbox, True


def explain(said: str) -> str:
    """The sandbox's own sentence, with the command that mends it in a checkout."""
    if "another version" in said or "not a sandbox's data file" in said:
        return (
            f"{said}\nIn this checkout `rm -r {FOLDER.name}` forgets the sandbox and the state of its stack together."
        )
    if "port" in said:
        return f"{said}\n`SANDBOX_PORT=0 make up` takes a free one."
    return said


def stop_sandbox() -> bool:
    """Stop the sandbox that this checkout started; False where none runs. Its data stays."""
    sandbox = find_sandbox()
    if sandbox is None or not sandbox.answers():
        return False
    os.kill(sandbox.pid, signal.SIGTERM)
    for _ in range(100):
        if not sandbox.answers():
            break
        time.sleep(0.05)
    else:
        os.kill(sandbox.pid, signal.SIGKILL)
    if process := _started.pop(sandbox.pid, None):
        process.wait(10)
    return True
