"""A file that a user named is opened at once, or it is said why not."""

from __future__ import annotations

import os
import socket
from pathlib import Path

import pytest

from pulumi_gcp_tuning.catalog import override
from pulumi_gcp_tuning.errors import Refused
from pulumi_gcp_tuning.regular_files import open_regular


def test_a_file_is_read_from_its_beginning_to_its_end(tmp_path: Path) -> None:
    (tmp_path / "f").write_bytes(b"a\r\nb" * 100_000)
    with open_regular(tmp_path / "f") as file:
        assert file.read() == b"a\r\nb" * 100_000


def test_a_link_to_a_file_is_that_file(tmp_path: Path) -> None:
    (tmp_path / "f").write_bytes(b"x")
    (tmp_path / "link").symlink_to(tmp_path / "f")
    with open_regular(tmp_path / "link") as file:
        assert file.read() == b"x"


def test_nobody_waits_for_a_pipe_or_a_device(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    for path in (tmp_path / "pipe", Path("/dev/zero"), Path("/dev/null")):
        with pytest.raises(OSError, match="a pipe or a device"):
            open_regular(path)


def test_what_cannot_be_opened_is_said_as_ever(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        open_regular(tmp_path / "none")
    with pytest.raises(IsADirectoryError):
        open_regular(tmp_path)
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind(str(tmp_path / "s"))
        with pytest.raises(OSError, match="No such device"):
            open_regular(tmp_path / "s")


def test_a_catalogue_that_is_a_pipe_is_refused(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(Refused, match="a pipe or a device"):
        override.read_override(tmp_path / "pipe", {})
