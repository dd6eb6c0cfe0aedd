"""`make up` and a sandbox that cannot start: a sentence and the command that helps."""

from __future__ import annotations

import socket
import sqlite3
from pathlib import Path

import pytest

import up
from pulumi_gcp_tuning.cli.sandbox_folder import SandboxFolder
from pulumi_gcp_tuning.cli.sandbox_process import stop_sandbox
from pulumi_gcp_tuning.errors import Refused


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> SandboxFolder:
    made = SandboxFolder(tmp_path / ".sandbox")
    monkeypatch.setattr(up, "FOLDER", made)
    return made


def test_a_port_in_use_is_told_with_the_way_out(monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        monkeypatch.setenv("SANDBOX_PORT", str(taken.getsockname()[1]))
        with pytest.raises(Refused, match=r"(?s)cannot be used.*SANDBOX_PORT=0 make up"):
            up.start()


def test_a_folder_of_another_version_is_told_with_the_way_out(folder: SandboxFolder) -> None:
    folder.data.mkdir(parents=True)
    with sqlite3.connect(folder.data / "sandbox.sqlite3") as file:
        file.execute("CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL)")
        file.execute("INSERT INTO meta VALUES ('format', '0')")
    file.close()
    with pytest.raises(Refused, match=r"(?s)another version.*rm -r \S+\.sandbox`"):
        up.start()


def test_the_sandbox_plays_the_checkouts_day_is_not_started_twice_and_comes_back_on_its_port(
    folder: SandboxFolder,
) -> None:
    first, started = up.start()
    try:
        assert (first.as_of, started) == (up.AS_OF, True)
        assert up.start() == (first, False)
        assert stop_sandbox(folder) == first
        second, started = up.start()
        assert (second.address, started) == (first.address, True)
    finally:
        stop_sandbox(folder)
