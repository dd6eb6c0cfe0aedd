"""Where the local file of a declaration is."""

from __future__ import annotations

from pathlib import Path

from pulumi_gcp_tuning.resources.core.lifecycle import Call


def find_source(call: Call, source: str) -> Path | None:
    """The absolute path of a declared source; None if it is relative and the program's folder is not known."""
    path = Path(source)
    return path if path.is_absolute() else None if call.root is None else call.root / path
