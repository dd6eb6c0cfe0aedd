"""Runs a command against a sandbox: finds the sandbox, sets the environment, and waits for the command."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from importlib.metadata import PackageNotFoundError
from importlib.metadata import version as version_of
from pathlib import Path
from types import FrameType
from typing import Final

import typer

from pulumi_gcp_tuning.cli.program_python import find_program_python
from pulumi_gcp_tuning.cli.pulumi_cli import HOW_TO_GET_IT, VARIABLE, find_command, find_wrapper
from pulumi_gcp_tuning.cli.sandbox_environment import (
    AS_OF,
    BASE_URL,
    READY,
    command_environment,
    install_stand_in,
    is_loopback,
    link_plugins,
    sandbox_environment,
)
from pulumi_gcp_tuning.cli.sandbox_folder import Sandbox, SandboxFolder, find_project, folder_of, place_of, sandbox_at
from pulumi_gcp_tuning.cli.sandbox_process import Wanted, stop_sandbox, use_sandbox
from pulumi_gcp_tuning.errors import Refused

_INTERRUPTED: Final = 130
_ASK: Final = "from importlib.metadata import version; print(version('pulumi-gcp'))"


def run_in_sandbox(command: Sequence[str], data: Path | None, wanted: Wanted) -> int:
    """Runs a command against a running or a new sandbox and returns the command's exit code."""
    place = place_of(command)
    folder = _folder(place, data)
    program = resolve(command)
    given = os.environ.get(BASE_URL)
    if given and os.environ.get(READY) not in (None, "", "off"):
        return run(program, os.environ)  # gcp-tuning sandbox inside gcp-tuning sandbox
    as_of = wanted.as_of or os.environ.get(AS_OF) or None
    try:
        if given:
            return _run_with(program, place, folder, _sandbox_of(given, as_of), "")
        with use_sandbox(folder, replace(wanted, as_of=as_of)) as (sandbox, started):
            return _run_with(program, place, folder, sandbox, ", started now" if started else "")
    except KeyboardInterrupt:
        return _INTERRUPTED


def stop_kept(data: Path | None) -> None:
    """End the sandbox of this folder's project and print the result."""
    folder = _folder(Path.cwd(), data)
    stopped = stop_sandbox(folder)
    if stopped is None:
        typer.echo(f"No sandbox runs in {shown(folder.home)}.")
    else:
        typer.echo(f"The sandbox at {stopped.address} has stopped. Its data stays in {shown(folder.home)}.")


def resolve(command: Sequence[str]) -> list[str]:
    """The command with its first word replaced by the file's path. Raises Refused if there is no such file."""
    name = command[0]
    if name == "pulumi":
        found = find_command(os.environ.get(VARIABLE) or find_wrapper() or name)
        remedy = f"{HOW_TO_GET_IT} For a CLI in another place, set {VARIABLE}."
    else:
        found, remedy = find_command(name), "Check its spelling."
    if found is None and os.sep in name and Path(name).expanduser().exists():
        raise Refused(f"{name!r} is not a program that can be run. For a file, make it executable: chmod +x FILE")
    if found is None:
        raise Refused(f"The command {name!r} was not found on PATH. {remedy}")
    return [found, *command[1:]]


def run(command: Sequence[str], env: Mapping[str, str]) -> int:
    """Runs a command on our terminal and returns its exit code; 128 plus the number if a signal ended it.

    The terminal sends ^C to the command, so we do not; other signals that end a process are forwarded.
    """
    children: list[subprocess.Popen[bytes]] = []

    def hand_on(number: int, _frame: FrameType | None) -> None:
        for child in children if number != signal.SIGINT else ():
            child.send_signal(number)

    before = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)}
    asked = [number for number, handler in before.items() if handler != signal.SIG_IGN]  # ignored ones stay so
    try:
        for number in asked:
            signal.signal(number, hand_on)
        with subprocess.Popen(command, env=dict(env)) as child:  # noqa: S603
            children.append(child)
            code = child.wait()
    finally:
        for number in asked:
            signal.signal(number, before[number])
    return code if code >= 0 else 128 - code


def shown(path: Path) -> str:
    """A path for messages: relative if it is below the current folder."""
    return str(path.relative_to(Path.cwd())) if path.is_relative_to(Path.cwd()) else str(path)


def _folder(place: Path, data: Path | None) -> SandboxFolder:
    if not place.is_dir():
        raise Refused(f"The folder {place} does not exist.")
    return folder_of(place) if data is None else SandboxFolder(data.absolute(), data.absolute())


def _sandbox_of(address: str, as_of: str | None) -> Sandbox:
    """The sandbox at the user's address. Raises Refused if it does not answer or has another date."""
    found = sandbox_at(address) if is_loopback(address) else None
    if found is None:
        raise Refused(
            f"No sandbox answers at {address}, the value of {BASE_URL}. Unset the variable to start one "
            "automatically, or start that one yourself: gcp-tuning sandbox"
        )
    if as_of and as_of != found.as_of:
        raise Refused(f"The sandbox at {address} has the date {found.as_of}, not {as_of} (--as-of or {AS_OF}).")
    return found


def _run_with(command: Sequence[str], place: Path, folder: SandboxFolder, sandbox: Sandbox, how: str) -> int:
    mine = Path(sys.executable)
    program = find_program_python(find_project(place), os.environ)
    env = sandbox_environment(command_environment(os.environ), sandbox, folder)
    env[READY] = str(folder.home)
    folder.state.mkdir(parents=True, exist_ok=True)
    install_stand_in(env, mine, _gcp_versions(program))
    link_plugins(os.environ, Path(env["PULUMI_HOME"]))
    _say(f"sandbox {sandbox.address} of {sandbox.as_of}{how}; its stacks and their state are in {shown(folder.home)}")
    if program.parent == mine.parent:
        env["PATH"] = os.pathsep.join([str(mine.parent), env.get("PATH", os.defpath)])
    else:
        _say(f"programs run with {program}; gcp-tuning and the sandbox run with {mine}")
    wrapper = find_wrapper()
    if wrapper and find_command("pulumi") is None:  # for processes that the command starts
        env["PATH"] = os.pathsep.join([env.get("PATH", os.defpath), str(Path(wrapper).parent)])
    env.setdefault("PULUMI_GCP_TUNING_PYTHON", str(program if program.exists() else mine))
    backend = os.environ.get("PULUMI_BACKEND_URL")
    if backend and backend != env["PULUMI_BACKEND_URL"]:
        _say("PULUMI_BACKEND_URL is not used: a sandbox's stacks are kept on this machine")
    return run(command, env)


def _say(line: str) -> None:
    typer.echo(f"gcp-tuning: {line}", err=True)


def _gcp_versions(program: Path) -> set[str]:
    """The versions of pulumi_gcp that a program may request: its own, and that of this environment."""
    found = set()
    with suppress(PackageNotFoundError):
        found.add(version_of("pulumi-gcp"))
    if program.parent != Path(sys.executable).parent and program.exists():
        said = subprocess.run([str(program), "-I", "-c", _ASK], capture_output=True, text=True, check=False)  # noqa: S603
        found |= {said.stdout.strip()} - {""}
    return found
