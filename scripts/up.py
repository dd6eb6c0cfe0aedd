"""``make up``: starts the sandbox, runs ``pulumi up`` on stack dev, then compares the tuned and the base model."""

from __future__ import annotations

import json
import os
import subprocess
import sys

from rich.console import Console

from pulumi_gcp_tuning.cli.sandbox_folder import Sandbox
from pulumi_gcp_tuning.cli.sandbox_process import Wanted, start_sandbox
from pulumi_gcp_tuning.errors import Refused
from run_pulumi import CHECKOUT, FOLDER

STACK = "dev"
AS_OF = "2026-11-21"
"""The date of a new sandbox, so that the models of this checkout are live in any year."""
PULUMI = str(CHECKOUT / "scripts" / "pulumi")
TUNING = [sys.executable, "-m", "pulumi_gcp_tuning.cli"]
SYSTEM = "You route support tickets of an online shop. Answer with the team and the priority, nothing else."
QUESTION = "Urgent: My parcel 8812 has been in the depot for 41 days."
NEXT = {
    "source .venv/bin/activate": "puts gcp-tuning on PATH",
    "scripts/pulumi preview --stack dev --diff": "what a change would do, before you pay for it",
    "scripts/pulumi stack --stack dev --show-ids": "all resources, with Google's names",
    "make down": "destroys the stack and stops the sandbox",
    "docs/first-pull-request.md": "change the data, review it, merge it, and go back",
}
console = Console(highlight=False, soft_wrap=True)


def run_pulumi(*arguments: str, capture: bool = False) -> str:
    """One Pulumi command on the checkout's project; if it fails, the program ends with Pulumi's exit code."""
    done = subprocess.run([PULUMI, *arguments], cwd=CHECKOUT, text=True, capture_output=capture, check=False)
    if done.returncode:
        if capture:
            console.print(done.stderr or done.stdout, markup=False)
        raise SystemExit(done.returncode)
    return done.stdout or ""


def run_tuning(address: str, *arguments: str) -> str:
    """The output of a gcp-tuning command on the sandbox."""
    env = os.environ | {"GCP_TUNING_BASE_URL": address}
    done = subprocess.run([*TUNING, *arguments], cwd=CHECKOUT, text=True, capture_output=True, check=False, env=env)
    return (done.stdout or done.stderr).strip()


def show_answers(address: str, outputs: dict[str, str], project: str) -> None:
    """Ask both models the same question, which is in neither data file."""
    console.rule("[bold]The same unseen question to both models", align="left")
    console.print(f"question     {QUESTION}", markup=False)
    where = ["--project", project, "--location", "us-central1"]
    for label, target in (("base model", outputs["base_model"]), ("tuned model", outputs["endpoint"])):
        answer = run_tuning(address, "ask", target, QUESTION, "--system", SYSTEM, "--temperature", "0", *where)
        console.print(f"{label:<12} {answer}", markup=False)


def start() -> tuple[Sandbox, bool]:
    """The checkout's sandbox, which keeps running afterwards, and whether this call started it. Refused if it does not start."""
    port = os.environ.get("SANDBOX_PORT")
    last = FOLDER.last()
    wanted = Wanted(port=int(port) if port else None, as_of=(last.as_of if last else "") or AS_OF, keep=True)
    try:
        return start_sandbox(FOLDER, wanted)
    except Refused as error:
        remedy = "\n`SANDBOX_PORT=0 make up` takes a free port." if "--port" in str(error) else ""
        raise Refused(f"{error}{remedy}") from None


def main() -> int:
    """The exit code: 0 if the stack is up and both models answered."""
    try:
        sandbox, started = start()
    except Refused as error:
        console.print(f"The sandbox did not start. {error}", style="red", markup=False)
        return 1
    console.print(
        f"sandbox      {'started' if started else 'already running'} at {sandbox.address}, playing {sandbox.as_of}"
    )
    run_pulumi("stack", "select", STACK, "--create", "--non-interactive", capture=True)
    run_pulumi("up", "--yes", "--skip-preview", "--suppress-outputs", "--stack", STACK)
    history = json.loads(run_pulumi("stack", "history", "--json", "--page-size", "1", "--stack", STACK, capture=True))
    changes = {op: count for op, count in history[0].get("resourceChanges", {}).items() if op != "same"}
    if changes:
        console.print("changed      " + ", ".join(f"{count} {op}" for op, count in sorted(changes.items())))
    else:
        console.print("changed      nothing: everything is as declared")
    outputs = json.loads(run_pulumi("stack", "output", "--json", "--stack", STACK, capture=True))
    project = run_pulumi("config", "get", "gcp:project", "--stack", STACK, capture=True).strip()
    show_answers(sandbox.address, outputs, project)
    console.rule("[bold]Loss curve", align="left")
    console.print(run_tuning(sandbox.address, "metrics", outputs["tuning_job"]), markup=False)
    console.rule("[bold]Outputs", align="left")
    for name, value in outputs.items():
        console.print(f"{name:<12} {value}", markup=False)
    console.rule("[bold]Next", align="left")
    for command, meaning in NEXT.items():
        console.print(f"{command:<44} {meaning}", markup=False)
    return 0


if __name__ == "__main__":
    sys.exit(main())
