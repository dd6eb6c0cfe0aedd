"""``gcp-tuning sandbox``: run the local sandbox."""

from __future__ import annotations

import os
import sys
from importlib.util import find_spec
from pathlib import Path
from typing import Annotated

import typer

from pulumi_gcp_tuning.cli.connection import DISTRIBUTION
from pulumi_gcp_tuning.errors import Refused


def sandbox(
    port: Annotated[int | None, typer.Option(help="Port on 127.0.0.1; a free one where none is given.")] = None,
    data: Annotated[Path | None, typer.Option(help="Keep the state in this folder.")] = None,
    speed: Annotated[float | None, typer.Option(help="Sandbox seconds per real second.")] = None,
    as_of: Annotated[str | None, typer.Option(help="The sandbox's date, YYYY-MM-DD.")] = None,
) -> None:
    """Run the local sandbox until ^C; it prints one line with its address once it answers."""
    if find_spec("tuning_sandbox") is None or find_spec("uvicorn") is None:
        raise Refused(f"The sandbox is not installed. Install it with: pip install '{DISTRIBUTION}[sandbox]'")
    given = {"--port": port, "--data": data, "--speed": speed, "--as-of": as_of}
    options = [text for name, value in given.items() if value is not None for text in (name, str(value))]
    sys.stdout.flush()
    os.execv(sys.executable, [sys.executable, "-m", "tuning_sandbox", *options])  # noqa: S606
