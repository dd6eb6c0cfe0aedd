"""A stack's state and plain configuration, read through the Pulumi CLI."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from pulumi_gcp_tuning.cli.check import run
from pulumi_gcp_tuning.cli.pulumi_cli import find_pulumi
from pulumi_gcp_tuning.cli.sandbox_folder import find_project
from pulumi_gcp_tuning.errors import Refused

if TYPE_CHECKING:
    from pulumi_gcp_tuning.audit.state import StackState
    from pulumi_gcp_tuning.config import Settings

_NAMESPACES: Final = ("gcp:", "gcp-tuning:")


def read_stack_and_settings(
    stack: str | None, cwd: Path | None, pulumi: str, given: Mapping[str, str | None]
) -> tuple[StackState, Settings]:
    """The state of a stack or (None) of Pulumi's current one, and the settings: ``given``, the stack's, the environment's.

    Raises Refused for a state that was made through another API.
    """
    from pulumi_gcp_tuning.config import Settings

    state, configured = read_stack([find_pulumi(pulumi)], stack=stack, cwd=cwd)
    configured |= {key: value for key, value in given.items() if value}
    settings = Settings.resolve(configured, os.environ, pulumi_project=state.project)
    for origin in sorted(state.origins):
        settings.check_origin(origin, f"The state of {state.project}/{state.stack}")
    return state, settings


def read_stack(command: Sequence[str], *, stack: str | None, cwd: Path | None) -> tuple[StackState, dict[str, str]]:
    """The state of a stack, and its plain configuration of ``gcp`` and ``gcp-tuning``. Raises Refused with Pulumi's message."""
    place = ["--cwd", str(cwd)] if cwd else []
    name = stack or ask_pulumi([*command, "stack", "--show-name", *place], "the current stack is unknown")
    asked = [*place, "--stack", name]
    state = read_state_of(command, name, cwd)
    configured = _json([*command, "config", "--json", *asked], f"the configuration of the stack {name} cannot be read")
    return state, _plain(configured)


def read_state_of(command: Sequence[str], name: str, cwd: Path | None) -> StackState:
    """The state of the stack of this name. Raises Refused with Pulumi's message."""
    from pulumi_gcp_tuning.audit.state import read_state
    from pulumi_gcp_tuning.names import Urn

    place = ["--cwd", str(cwd)] if cwd else []
    asked = [*command, "stack", "export", *place, "--stack", name]
    exported = _json(asked, f"the state of the stack {name} cannot be read")
    resources = (exported.get("deployment") or {}).get("resources") or ()
    urns = [str(each["urn"]) for each in resources if isinstance(each, Mapping) and each.get("urn")]
    if urns:
        urn = Urn.parse(urns[0])
        return read_state(exported, project=urn.project, stack=urn.stack)
    return read_state(exported, project=project_of(name, cwd), stack=name.rpartition("/")[2])


def _plain(configured: Mapping[str, Any]) -> dict[str, str]:
    """The values that are not secret, without those of other packages."""
    return {
        key: str(each["value"])
        for key, each in configured.items()
        if key.startswith(_NAMESPACES) and isinstance(each, Mapping) and each.get("value") and not each.get("secret")
    }


def project_of(name: str, cwd: Path | None) -> str:
    """The Pulumi project of a stack: from its full name, else from Pulumi.yaml. Raises Refused if there is none."""
    parts = name.split("/")
    if len(parts) == 3:
        return parts[1]
    file = find_project(cwd or Path.cwd())
    if file is None:
        raise Refused("There is no Pulumi.yaml in this folder or above it. Name the folder of the program with --cwd.")
    import yaml  # type: ignore[import-untyped]

    try:
        read = yaml.safe_load(file.read_text(encoding="utf-8"))
    except (OSError, ValueError, yaml.YAMLError) as error:
        raise Refused(f"{file} cannot be read ({type(error).__name__}).") from None
    project = read.get("name") if isinstance(read, Mapping) else None
    if not project:
        raise Refused(f"{file} has no `name`, which is the name of the project.")
    return str(project)


def _json(command: Sequence[str], otherwise: str) -> dict[str, Any]:
    try:
        read = json.loads(ask_pulumi(command, otherwise))
    except ValueError:
        raise Refused(f"{otherwise[0].upper()}{otherwise[1:]}: the Pulumi CLI printed no JSON.") from None
    return read if isinstance(read, dict) else {}


def ask_pulumi(command: Sequence[str], otherwise: str) -> str:
    """The output of a command of the Pulumi CLI. Raises Refused with ``otherwise`` and Pulumi's message if it fails."""
    done = run(command, os.environ)
    if done.code != 0:
        said = done.stderr.strip() or done.stdout.strip() or f"nothing, and exited with code {done.code}."
        raise Refused(f"{otherwise[0].upper()}{otherwise[1:]}. Pulumi said:\n{said}")
    return done.stdout.strip()
