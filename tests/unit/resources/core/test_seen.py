"""What one process of a command saw of a dataset, another of the same command compares with."""

from __future__ import annotations

import os
import stat
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import pytest

from pulumi_gcp_tuning.resources.core import command as commands
from pulumi_gcp_tuning.resources.core.seen import Memo, find_change
from support.hand_made_google import Desk

if TYPE_CHECKING:
    from pathlib import Path

URI = "gs://shop-data/t.jsonl"


@pytest.fixture
def memo(tmp_path: Path) -> Memo:
    return Memo(tmp_path / "seen", "123-456")


def test_the_update_sees_what_the_preview_noted(memo: Memo) -> None:
    preview, update = Desk().call(), Desk().call()
    assert find_change(preview, ("source",), URI, "generation 1", memo=memo) is None
    assert find_change(update, ("source",), URI, "generation 1", memo=memo) is None
    found = find_change(Desk().call(), ("source",), URI, "generation 2", memo=memo)
    assert found is not None
    assert (found.path, found.check, found.severity) == (("source",), "change", "error")
    assert f"{URI} changed while this command ran: it was generation 1" in str(found.problem)


def test_another_command_another_property_and_another_resource_begin_again(memo: Memo) -> None:
    find_change(Desk().call(), ("source",), URI, "generation 1", memo=memo)
    assert find_change(Desk().call(), ("validation",), URI, "generation 2", memo=memo) is None
    assert find_change(Desk().call(name="other"), ("source",), URI, "generation 2", memo=memo) is None
    assert find_change(Desk().call(), ("source",), URI, "generation 2", memo=Memo(memo.folder, "123-457")) is None


def test_within_a_process_no_folder_is_needed() -> None:
    call = Desk().call()
    assert find_change(call, ("source",), URI, "generation 1") is None
    assert find_change(call, ("source",), URI, "generation 2") is not None


def test_the_note_is_private_and_holds_neither_names_nor_content(memo: Memo) -> None:
    find_change(Desk().call(), ("source",), URI, "generation 1", memo=memo)
    (file,) = memo.folder.iterdir()
    assert stat.S_IMODE(memo.folder.stat().st_mode) == 0o700
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert "shop-data" not in file.read_text()


def test_a_folder_that_others_may_read_is_not_used(memo: Memo) -> None:
    memo.folder.mkdir(mode=0o755)
    assert [memo.first("k", "1"), memo.first("k", "2")] == ["1", "2"]
    assert list(memo.folder.iterdir()) == []


def test_a_link_in_place_of_the_folder_or_the_file_is_not_followed(memo: Memo, tmp_path: Path) -> None:
    victim = tmp_path / "victim"
    victim.write_text("mine")
    memo.folder.mkdir(mode=0o700)
    (memo.folder / "123-456.jsonl").symlink_to(victim)
    assert memo.first("k", "1") == "1"
    assert victim.read_text() == "mine"
    (tmp_path / "elsewhere").mkdir(mode=0o700)
    (tmp_path / "link").symlink_to(tmp_path / "elsewhere")
    assert Memo(tmp_path / "link", "1-1").first("k", "1") == "1"
    assert list((tmp_path / "elsewhere").iterdir()) == []


def test_a_folder_that_cannot_be_made_changes_nothing(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    memo = Memo(tmp_path / "file" / "seen", "1-1")
    assert [memo.first("k", "1"), memo.first("k", "2")] == ["1", "2"]


def test_a_line_that_is_half_written_is_passed_over(memo: Memo) -> None:
    memo.first("k", "1")
    with (memo.folder / "123-456.jsonl").open("a") as file:
        file.write('["other", "2')
    assert memo.first("k", "3") == "1"


def test_many_at_the_same_time_agree_on_the_first(memo: Memo) -> None:
    memo.first("before", "0")
    with ThreadPoolExecutor(16) as pool:
        list(pool.map(lambda n: memo.first(f"k{n}", str(n)), range(200)))
    assert [memo.first(f"k{n}", "later") for n in range(200)] == [str(n) for n in range(200)]


def test_what_a_command_of_another_day_left_is_taken_away(memo: Memo) -> None:
    memo.first("k", "1")
    old, (file,) = Memo(memo.folder, "9-9"), memo.folder.iterdir()
    os.utime(file, (0, 0))
    old.first("k", "1")
    assert [each.name for each in memo.folder.iterdir()] == ["9-9.jsonl"]


def _ask_from_below(program: Path) -> str:
    code = "from pulumi_gcp_tuning.resources.core import command; print(command.run_key())"
    shim = f"\"{sys.executable}\" -c '{code}'; true"
    done = subprocess.run([program, "up"], env={**os.environ, "SHIM": shim}, capture_output=True, text=True, check=True)
    return done.stdout.strip()


def test_the_command_is_the_process_called_pulumi_above_the_shell(tmp_path: Path) -> None:
    program = tmp_path / "pulumi"
    program.write_text('#!/bin/sh\necho $$\nsh -c "$SHIM"\ntrue\n')
    program.chmod(0o755)
    own, key = _ask_from_below(program).splitlines()
    assert key.startswith(f"{own}-")


def test_without_the_command_above_there_is_no_memo() -> None:
    assert commands.run_key(1) is None


@pytest.mark.parametrize(
    ("command", "keys"), [("pulumi up", ["77-Sat-Nov-21-120000-2026"]), ("pulumi watch", [None]), ("make up", [None])]
)
def test_a_command_that_updates_again_and_again_has_no_memo(
    monkeypatch: pytest.MonkeyPatch, command: str, keys: list[str | None]
) -> None:
    line = " 1 Sat Nov 21 12:00:00 2026 /usr/local/bin/" + command
    monkeypatch.setattr(commands, "_from_proc", commands._from_ps)
    monkeypatch.setattr(subprocess, "run", lambda *_a, **_k: subprocess.CompletedProcess([], 0, line))
    assert [commands.run_key(77)] == keys
