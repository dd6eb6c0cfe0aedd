"""``gcp-tuning sandbox``: run the local sandbox, or a command in it."""

from __future__ import annotations

import os
import sys
from datetime import date
from importlib.util import find_spec
from pathlib import Path
from typing import Annotated, Any, Final

import typer

from pulumi_gcp_tuning.cli.connection import DISTRIBUTION
from pulumi_gcp_tuning.errors import Refused

CONTEXT: Final[dict[str, Any]] = {"allow_interspersed_args": False}  # all arguments after the command belong to it


def sandbox(
    command: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="[-- COMMAND...]", show_default=False, help="The command to run against a sandbox: -- pulumi up"
        ),
    ] = None,
    *,
    port: Annotated[int | None, typer.Option(help="Port on 127.0.0.1; a free one if not given.")] = None,
    data: Annotated[
        Path | None,
        typer.Option(help="Keep the state in this folder; for a command, the default is .sandbox next to Pulumi.yaml."),
    ] = None,
    speed: Annotated[
        float | None, typer.Option(help="Sandbox seconds per real second; for a command, the default is 600.")
    ] = None,
    as_of: Annotated[str | None, typer.Option(help="The sandbox's date, YYYY-MM-DD.")] = None,
    keep: Annotated[bool, typer.Option("--keep", help="Leave the sandbox running after the command.")] = False,
    stop: Annotated[bool, typer.Option("--stop", help="Stop the sandbox that --keep left running.")] = False,
) -> None:
    """Run the local sandbox until ^C, or run a command against a sandbox, which is started if none is running.

    Without a command, it prints one line with its address when it is ready. With a command, it sets the sandbox's address
    and date, a separate Pulumi backend and home folder, and a replacement for the gcp plugin, and exits with the command's
    exit code. The sandbox stops when the command ends. Its data and the state of its stacks remain in .sandbox.
    """
    _check_installed()
    _check_date(as_of)
    if stop and command:
        raise Refused("--stop takes no command. Run the command first, then: gcp-tuning sandbox --stop")
    if stop:
        from pulumi_gcp_tuning.cli.sandboxed import stop_kept

        stop_kept(data)
    elif command:
        from pulumi_gcp_tuning.cli.sandbox_process import Wanted
        from pulumi_gcp_tuning.cli.sandboxed import run_in_sandbox

        raise typer.Exit(run_in_sandbox(command, data, Wanted(port=port, speed=speed, as_of=as_of, keep=keep)))
    elif keep:
        raise Refused("--keep needs a command: gcp-tuning sandbox --keep -- pulumi up")
    else:
        given = {"--port": port, "--data": data, "--speed": speed, "--as-of": as_of}
        options = [text for name, value in given.items() if value is not None for text in (name, str(value))]
        sys.stdout.flush()
        os.execv(sys.executable, [sys.executable, "-m", "tuning_sandbox", *options])  # noqa: S606


def _check_installed() -> None:
    if find_spec("tuning_sandbox") is None or find_spec("uvicorn") is None:
        raise Refused(f"The sandbox is not installed. Install it with: pip install '{DISTRIBUTION}[sandbox]'")


def _check_date(as_of: str | None) -> None:
    try:
        date.fromisoformat(as_of or "2026-01-01")
    except ValueError:
        raise Refused(f"--as-of must be a date, YYYY-MM-DD, not {as_of!r}.") from None
