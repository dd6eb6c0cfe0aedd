"""Why a data folder cannot be used; apart from disk.py, so that sqlite3 is imported only where it is needed."""

from __future__ import annotations

from pathlib import Path


class DiskError(Exception):
    """The folder cannot be used; the message says which command corrects it."""


def damaged(folder: Path | None, why: str) -> DiskError:
    """The error for a folder whose file is one of the sandbox's and holds something that no sandbox wrote."""
    return DiskError(
        f"the data folder {folder} cannot be used: {why}; "
        f"start with an empty folder: rm -r {folder}, or give another one with --data DIR"
    )
