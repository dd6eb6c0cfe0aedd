"""How the Pulumi CLI is found."""

from __future__ import annotations

import os
import shutil
from pathlib import Path
from typing import Annotated, Final

import typer

from pulumi_gcp_tuning.errors import Refused

VARIABLE: Final = "GCP_TUNING_PULUMI"
Cli = Annotated[str, typer.Option(envvar=VARIABLE, show_envvar=False, help=f"The Pulumi CLI; {VARIABLE} sets it too.")]
HOW_TO_GET_IT: Final = (
    "Install it (https://www.pulumi.com/docs/install, or `curl -fsSL https://get.pulumi.com | sh`), "
    "or run it with Node.js: `npx pulumi` in place of `pulumi`."
)


def find_command(name: str) -> str | None:
    """The file of a command: a path, or the first match on PATH."""
    return shutil.which(str(Path(name).expanduser()) if os.sep in name else name)


def find_pulumi(name: str) -> str:
    """The Pulumi CLI of that name. Raises Refused if there is none."""
    found = find_command(name)
    if found is None:
        raise Refused(
            f"The Pulumi CLI {name!r} was not found. Put pulumi on PATH, or name it with --pulumi or {VARIABLE}.\n{HOW_TO_GET_IT}"
        )
    return found


def find_wrapper() -> str | None:
    """`scripts/pulumi` of the checkout that contains this package; None if it was installed from a wheel."""
    wrapper = Path(__file__).resolve().parents[3] / "scripts" / "pulumi"
    return str(wrapper) if wrapper.is_file() and (wrapper.parents[1] / "provider").is_dir() else None
