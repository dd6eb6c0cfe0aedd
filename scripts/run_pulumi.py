"""Run the Pulumi CLI with the right environment; `scripts/pulumi` starts this with the checkout's Python.

What the user has set wins over what is set here. Nothing of the sandbox is set while no sandbox is in use: then the
user is in the cloud. Standard library only, and few of its modules, because every Pulumi command pays for them.
"""

from __future__ import annotations

import json
import os
import socket
import sys
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Mapping

SCRIPTS = Path(__file__).resolve().parent
CHECKOUT = SCRIPTS.parent
STAND_IN = SCRIPTS / "plugins" / "pulumi-resource-gcp"
LOOPBACK = ("http://127.0.0.1", "http://localhost", "http://[::1]")
# The engine's own default is four per core; a stack may hold dozens of models that all wait for Google.
AT_ONCE = "64"
SECONDS_TO_ANSWER = 2.0


class Sandbox(NamedTuple):
    """A sandbox that `make up` has started and that answers."""

    address: str
    as_of: str


def find_sandbox(checkout: Path) -> Sandbox | None:
    """The checkout's running sandbox, or None: it was never started, it was stopped, or it does not answer."""
    try:
        told = json.loads((checkout / ".sandbox" / "sandbox.json").read_text(encoding="utf-8"))
        os.kill(int(told["pid"]), 0)
        address = str(told["address"])
        return Sandbox(address, str(told.get("as_of") or "")) if answers(address) else None
    except (OSError, ValueError, KeyError, TypeError):
        return None


def answers(address: str) -> bool:
    """Whether GET /_sandbox/health there says 200."""
    host, _, port = address.removeprefix("http://").rstrip("/").rpartition(":")
    with socket.create_connection((host.strip("[]"), int(port)), timeout=SECONDS_TO_ANSWER) as connection:
        connection.sendall(f"GET /_sandbox/health HTTP/1.0\r\nHost: {host}:{port}\r\n\r\n".encode())
        status = connection.recv(64).split(b" ", 2)
    return len(status) > 1 and status[1] == b"200"


def environment(env: Mapping[str, str], python: Path, cli: Path, sandbox: Sandbox | None) -> dict[str, str]:
    """What the CLI starts with. Only names that the user has not set are added, except PATH and Pulumi's home folder."""
    made = dict(env)
    made["PATH"] = os.pathsep.join([str(python.parent), str(cli.parent), env.get("PATH", os.defpath)])
    made["PULUMI_GCP_TUNING_PYTHON"] = str(python)
    made["PULUMI_GCP_TUNING_LANGUAGE_HOST"] = str(SCRIPTS / "language_host.py")
    made.setdefault("PULUMI_PARALLEL", AT_ONCE)
    made.setdefault("PULUMI_SKIP_UPDATE_CHECK", "true")
    if sandbox:
        made["GCP_TUNING_BASE_URL"] = sandbox.address
        made.setdefault("GCP_TUNING_AS_OF", sandbox.as_of)
        made.setdefault("GCP_TUNING_POLL_INTERVAL", "0.25")
        made.setdefault("PULUMI_BACKEND_URL", f"file://{CHECKOUT / '.sandbox' / 'state'}")
        if "PULUMI_CONFIG_PASSPHRASE_FILE" not in env:
            made.setdefault("PULUMI_CONFIG_PASSPHRASE", "")
    if made.get("GCP_TUNING_BASE_URL", "").startswith(LOOPBACK):
        made["PULUMI_HOME"] = str(sandbox_home(env))
        made.setdefault("PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION", "true")
    return made


def sandbox_home(env: Mapping[str, str]) -> Path:
    """Pulumi's home folder in the sandbox: apart from the user's own, where Google's real plugin and log-ins live."""
    theirs = env.get("PULUMI_HOME")
    return Path(theirs) / "gcp-tuning-sandbox" if theirs else CHECKOUT / ".sandbox" / "pulumi"


def install_stand_in(home: Path, python: Path) -> None:
    """Put the stand-in for the `gcp` plugin among Pulumi's plugins, where it is found without a warning."""
    for version in gcp_versions(python):
        plugin = home / "plugins" / f"resource-gcp-v{version}" / STAND_IN.name
        if plugin.is_symlink() and plugin.readlink() == STAND_IN:
            continue
        plugin.parent.mkdir(parents=True, exist_ok=True)
        fresh = plugin.with_name(f".{plugin.name}.{os.getpid()}")
        fresh.symlink_to(STAND_IN)
        fresh.replace(plugin)


def gcp_versions(python: Path) -> list[str]:
    """The versions of pulumi_gcp beside this Python: the engine asks for the plugin of the same one."""
    found = (python.parent.parent / "lib").glob("python3*/site-packages/pulumi_gcp-*.dist-info")
    return [folder.name.removesuffix(".dist-info").partition("-")[2] for folder in found]


def main() -> None:
    """Become the Pulumi CLI."""
    sys.path.insert(0, str(SCRIPTS))
    from setup_pulumi import SetupError, find_cli, set_up

    python, arguments = Path(sys.argv[1]).absolute(), sys.argv[2:]
    try:
        cli = find_cli(os.environ) or set_up(os.environ)
    except SetupError as error:
        sys.exit(str(error))
    sandbox = None if os.environ.get("PULUMI_GCP_TUNING_SANDBOX") == "off" else find_sandbox(CHECKOUT)
    if sandbox and os.environ.get("GCP_TUNING_BASE_URL", sandbox.address) != sandbox.address:
        sandbox = None
    env = environment(os.environ, python, cli, sandbox)
    if env.get("GCP_TUNING_BASE_URL", "").startswith(LOOPBACK):
        install_stand_in(Path(env["PULUMI_HOME"]), python)
    state = env.get("PULUMI_BACKEND_URL", "")
    if sandbox and state == f"file://{CHECKOUT / '.sandbox' / 'state'}":
        Path(state.removeprefix("file://")).mkdir(parents=True, exist_ok=True)
    os.execve(cli, [str(cli), *arguments], env)  # noqa: S606


if __name__ == "__main__":
    main()
