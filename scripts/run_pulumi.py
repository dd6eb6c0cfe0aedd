"""Run the Pulumi CLI with the right environment; `scripts/pulumi` starts this with the checkout's Python.

The user's own variables have precedence. Without a sandbox in use, no variable of the sandbox is set, because the
user works in the cloud. Standard library only, and few of its modules, because every Pulumi command imports them.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

SCRIPTS = Path(__file__).resolve().parent
CHECKOUT = SCRIPTS.parent
sys.path[:0] = [str(SCRIPTS), str(CHECKOUT / "provider")]

from pulumi_gcp_tuning.cli.program_python import find_environment, python_of, versions_of  # noqa: E402
from pulumi_gcp_tuning.cli.sandbox_environment import (  # noqa: E402
    AS_OF,
    BASE_URL,
    READY,
    command_environment,
    install_stand_in,
    is_loopback,
    plugin_environment,
    sandbox_environment,
)
from pulumi_gcp_tuning.cli.sandbox_folder import NAME, Sandbox, SandboxFolder, find_project, place_of, sandbox_at  # noqa: E402

FOLDER = SandboxFolder(CHECKOUT / NAME)


def find_sandbox(env: Mapping[str, str], folder: SandboxFolder) -> Sandbox | None:
    """The sandbox that `make up` started, unless the user has switched it off or chosen another address."""
    sandbox = None if env.get(READY) else folder.find()
    return None if sandbox and env.get(BASE_URL, sandbox.address) != sandbox.address else sandbox


def environment(env: Mapping[str, str], python: Path, cli: Path, sandbox: Sandbox | None) -> dict[str, str]:
    """The CLI's environment variables. Only names that the user has not set are added, except PATH and Pulumi's home folder."""
    made = command_environment(env)
    made["PATH"] = os.pathsep.join([str(python.parent), str(cli.parent), env.get("PATH", os.defpath)])
    made["PULUMI_GCP_TUNING_PYTHON"] = str(python)
    made["PULUMI_GCP_TUNING_LANGUAGE_HOST"] = str(SCRIPTS / "language_host.py")
    if env.get(READY) not in (None, "", "off"):
        return made  # `gcp-tuning sandbox` has set the rest
    if sandbox:
        return sandbox_environment(made, sandbox, FOLDER)
    if is_loopback(made.get(BASE_URL, "")):
        made = plugin_environment(made, FOLDER)
        found = None if AS_OF in env else sandbox_at(made[BASE_URL])
        return made if found is None else made | {AS_OF: found.as_of}
    return made


def find_difference(env: Mapping[str, str], python: Path, named: Path | None) -> str:
    """The notice if the CLI uses another Python than the activated one; empty if it uses the same."""
    active = env.get("VIRTUAL_ENV")
    if (
        named
        or not active
        or "PULUMI_GCP_TUNING_PYTHON" in env
        or Path(active).resolve() == python.parent.parent.resolve()
    ):
        return ""
    return (
        f"scripts/pulumi runs programs with {python.parent.parent.resolve()}, not with the active {active}. "
        "For that one set PULUMI_GCP_TUNING_PYTHON, or the option `virtualenv` in Pulumi.yaml."
    )


def main() -> None:
    """Replace this process with the Pulumi CLI."""
    from setup_pulumi import SetupError, find_cli, set_up

    python, arguments = Path(sys.argv[1]).absolute(), sys.argv[2:]
    try:
        cli = find_cli(os.environ) or set_up(os.environ)
    except SetupError as error:
        sys.exit(str(error))
    named = find_environment(find_project(place_of(arguments)), os.environ)
    sandbox = find_sandbox(os.environ, FOLDER)
    env = environment(os.environ, python, cli, sandbox)
    if is_loopback(env.get(BASE_URL, "")):
        pythons = [python, *([python_of(named)] if named else [])]
        install_stand_in(env, python, {each for found in pythons for each in versions_of(found, "pulumi_gcp")})
    if sandbox:
        FOLDER.state.mkdir(parents=True, exist_ok=True)
    if difference := find_difference(os.environ, python, named):
        print(difference, file=sys.stderr, flush=True)
    os.execve(cli, [str(cli), *arguments], env)  # noqa: S606


if __name__ == "__main__":
    main()
