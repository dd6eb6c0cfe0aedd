"""The environment of a Pulumi command against a sandbox: variables, and the stand-in for Google's plugin.

Standard library only, like ``sandbox_folder``. Without a sandbox, no variable of the sandbox is set and the command
runs against Google Cloud.
"""

from __future__ import annotations

import os
import shlex
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Final

from pulumi_gcp_tuning.cli.sandbox_folder import Sandbox, SandboxFolder

READY: Final = "PULUMI_GCP_TUNING_SANDBOX"
"""``off``: `scripts/pulumi` uses no sandbox. A folder: the environment is already set up for the sandbox in it."""
BASE_URL: Final = "GCP_TUNING_BASE_URL"
AS_OF: Final = "GCP_TUNING_AS_OF"
_LOOPBACK: Final = ("http://127.0.0.1", "http://localhost", "http://[::1]")
# The engine's own default is four per core; a stack may hold dozens of models that all wait for Google.
_AT_ONCE: Final = "64"
_PLUGIN: Final = "pulumi-resource-gcp"


def command_environment(env: Mapping[str, str]) -> dict[str, str]:
    """The variables of every Pulumi command, with or without a sandbox; the user's own values take precedence."""
    return {"PULUMI_PARALLEL": _AT_ONCE, "PULUMI_SKIP_UPDATE_CHECK": "true", **env}


def sandbox_environment(env: Mapping[str, str], sandbox: Sandbox, folder: SandboxFolder) -> dict[str, str]:
    """The variables of a command in a sandbox.

    The user's own values take precedence, except a backend that is not on this machine: a sandbox's stacks are kept locally.
    """
    made = plugin_environment(env, folder)
    made[BASE_URL] = sandbox.address
    made.setdefault(AS_OF, sandbox.as_of)
    made.setdefault("GCP_TUNING_POLL_INTERVAL", "0.25")
    if not env.get("PULUMI_BACKEND_URL", "").startswith("file://"):
        made["PULUMI_BACKEND_URL"] = f"file://{folder.state}"
    if "PULUMI_CONFIG_PASSPHRASE_FILE" not in env:
        made.setdefault("PULUMI_CONFIG_PASSPHRASE", "")
    return made


def plugin_environment(env: Mapping[str, str], folder: SandboxFolder) -> dict[str, str]:
    """The variables that make the engine use the stand-in and never Google's own plugin, which would change the cloud."""
    theirs = env.get("PULUMI_HOME")
    home = str(Path(theirs) / "gcp-tuning-sandbox" if theirs else folder.pulumi_home)
    return {"PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION": "true", **env, "PULUMI_HOME": home}


def is_loopback(address: str) -> bool:
    """Whether an address is on this machine."""
    return address.startswith(_LOOPBACK)


def install_stand_in(env: dict[str, str], python: Path, versions: Iterable[str]) -> None:
    """Put the stand-in for the `gcp` plugin, run by this Python, among the plugins of the environment's Pulumi home.

    The engine finds it there without a warning, for the given versions of pulumi_gcp. The real plugin on PATH would take
    precedence, so in that case the stand-in is put at the front of PATH.
    """
    run = f'exec {shlex.quote(str(python))} -P -u -m tuning_sandbox.gcp_plugin "$@"'
    text = f"#!/bin/sh\n# The sandbox's stand-in for the gcp plugin.\n{run}\n"
    plugins = Path(env["PULUMI_HOME"]) / "plugins"
    for version in versions:
        plugin = plugins / f"resource-gcp-v{version}" / _PLUGIN
        if not (plugin.exists() and plugin.read_text(encoding="utf-8") == text):
            plugin.parent.mkdir(parents=True, exist_ok=True)
            fresh = plugin.with_name(f".{plugin.name}.{os.getpid()}")
            fresh.write_text(text, encoding="utf-8")
            fresh.chmod(0o755)
            fresh.replace(plugin)
        if any(os.access(Path(place, _PLUGIN), os.X_OK) for place in env.get("PATH", "").split(os.pathsep) if place):
            env["PATH"] = os.pathsep.join([str(plugin.parent), env["PATH"]])


def link_plugins(env: Mapping[str, str], home: Path) -> None:
    """Link the user's plugins for other packages into the sandbox's Pulumi home; none is downloaded there."""
    theirs = Path(env.get("PULUMI_HOME") or Path.home() / ".pulumi") / "plugins"
    for plugin in theirs.glob("resource-*-v*"):
        mine = home / "plugins" / plugin.name
        unfinished = plugin.with_name(f"{plugin.name}.partial").exists()
        if plugin.is_dir() and not unfinished and not plugin.name.startswith("resource-gcp-v") and not mine.exists():
            mine.mkdir(parents=True)  # a real folder, because the engine ignores a link to one
            for file in plugin.iterdir():
                (mine / file.name).symlink_to(file)
