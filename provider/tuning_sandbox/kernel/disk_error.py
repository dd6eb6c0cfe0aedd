"""Why a data folder cannot be used; apart from disk.py, so that sqlite3 is imported only where it is needed."""

from __future__ import annotations


class DiskError(Exception):
    """The folder cannot be used; the message says which command corrects it."""
