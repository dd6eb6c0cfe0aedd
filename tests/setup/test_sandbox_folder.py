"""`make up` and a sandbox that cannot start: a sentence and the command that mends it."""

from __future__ import annotations

import socket
import sqlite3
from pathlib import Path

import pytest

import sandbox_folder


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    made = tmp_path / ".sandbox"
    monkeypatch.setattr(sandbox_folder, "FOLDER", made)
    monkeypatch.setattr(sandbox_folder, "RECORD", made / "sandbox.json")
    monkeypatch.setattr(sandbox_folder, "LOG", made / "sandbox.log")
    return made


def test_a_port_in_use_is_told_with_the_way_out(monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        monkeypatch.setenv("SANDBOX_PORT", str(taken.getsockname()[1]))
        with pytest.raises(sandbox_folder.NotStarted, match=r"(?s)cannot be used.*SANDBOX_PORT=0 make up"):
            sandbox_folder.start_sandbox()


def test_a_folder_of_another_version_is_told_with_the_way_out(folder: Path) -> None:
    (folder / "data").mkdir(parents=True)
    with sqlite3.connect(folder / "data" / "sandbox.sqlite3") as file:
        file.execute("CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL)")
        file.execute("INSERT INTO meta VALUES ('format', '0')")
    file.close()
    with pytest.raises(sandbox_folder.NotStarted, match=r"(?s)another version.*rm -r \.sandbox"):
        sandbox_folder.start_sandbox()


def test_a_running_sandbox_is_found_and_not_started_twice() -> None:
    first, started = sandbox_folder.start_sandbox()
    try:
        assert started
        assert sandbox_folder.start_sandbox() == (first, False)
    finally:
        sandbox_folder.stop_sandbox()


def test_a_sandbox_that_was_stopped_comes_back_on_its_port() -> None:
    first, _ = sandbox_folder.start_sandbox()
    assert sandbox_folder.stop_sandbox()
    second, started = sandbox_folder.start_sandbox()
    try:
        assert (second.address, started) == (first.address, True)
    finally:
        sandbox_folder.stop_sandbox()
