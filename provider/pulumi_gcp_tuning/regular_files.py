"""Opens a file that a user named, but never a pipe or a device, which might never end."""

from __future__ import annotations

import errno
import os
import stat
from io import FileIO
from pathlib import Path


def open_regular(path: Path) -> FileIO:
    """The file's content, unbuffered. Raises OSError if it cannot be opened or is a folder, a pipe or a device."""
    opened = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0))
    kind = os.fstat(opened).st_mode
    if stat.S_ISREG(kind):
        return os.fdopen(opened, "rb", buffering=0)
    os.close(opened)
    if stat.S_ISDIR(kind):
        raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR), str(path))
    raise OSError(errno.EINVAL, "it is a pipe or a device, and not a file", str(path))
