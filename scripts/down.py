"""``make down``: destroy stack dev and stop the sandbox. Job records and the sandbox's data are kept, as at Google."""

from __future__ import annotations

import subprocess
import sys

from pulumi_gcp_tuning.cli.sandbox_process import stop_sandbox
from pulumi_gcp_tuning.errors import Refused
from run_pulumi import CHECKOUT, FOLDER
from up import start

PULUMI = str(CHECKOUT / "scripts" / "pulumi")


def main() -> int:
    """The exit code: 0 if the stack is destroyed and the sandbox is stopped."""
    if FOLDER.last() is None:
        print("Nothing to take down: this checkout has no sandbox. `make up` makes one.")
        return 0
    try:
        start()
    except Refused as error:
        print(f"The sandbox did not start, so the stack was not destroyed. {error}")
        return 1
    stacks = subprocess.run(
        [PULUMI, "stack", "ls", "--json"], cwd=CHECKOUT, text=True, capture_output=True, check=False
    )
    if '"dev"' in stacks.stdout:
        done = subprocess.run(
            [PULUMI, "destroy", "--yes", "--skip-preview", "--stack", "dev"], cwd=CHECKOUT, check=False
        )
        if done.returncode:
            print("The stack was not destroyed; the sandbox is left running so that nothing is lost.")
            return done.returncode
    stop_sandbox(FOLDER)
    print("The stack is gone and the sandbox has stopped. Tuning job records stay in it, as they do at Google.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
