"""What one provider process notes of its resources, the others of the same operation know, and nobody else."""

from __future__ import annotations

import os
import stat
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import pytest

from pulumi_gcp_tuning.resources.core.board import Board, Held, Note, board_of
from pulumi_gcp_tuning.resources.core.holdings import Holdings

if TYPE_CHECKING:
    from pathlib import Path

JOB = "projects/123/locations/us-central1/tuningJobs/7"


def boards(folder: Path, *authors: str, operation: str = "77-1-4000") -> list[Board]:
    return [Board(folder / "shared", operation, author) for author in authors]


def processes(folder: Path) -> list[Holdings]:
    """What two processes of one operation know."""
    made = [Holdings(), Holdings()]
    for holdings, board in zip(made, boards(folder, "one", "two"), strict=True):
        holdings.share(board)
    return made


def test_a_note_comes_as_it_was_written_once_and_not_to_its_author(tmp_path: Path) -> None:
    one, two = boards(tmp_path, "one", "two")
    note = Note("hold", "tuning_job", "urn", frozenset({"a"}), Held(frozenset({"urn"}), JOB, frozenset({"b"})))
    one.add(note)
    one.add(Note("failure"))
    assert [*two.news()] == [note, Note("failure")]
    assert [*two.news()] == []
    assert [*one.news()] == []


def test_another_engine_of_the_same_command_has_a_board_of_its_own(tmp_path: Path) -> None:
    (preview,), (update,) = boards(tmp_path, "one"), boards(tmp_path, "two", operation="77-1-4001")
    preview.add(Note("failure"))
    assert [*update.news()] == []


@pytest.mark.parametrize(
    "line", [b"x", b"[]", b"{}", b"null", b'["one","later","","",[],null]', b'["one","hold","k","u",[],[1]]']
)
def test_a_line_that_cannot_be_read_is_passed_over(tmp_path: Path, line: bytes) -> None:
    one, two = boards(tmp_path, "one", "two")
    one.add(Note("failure"))
    (file,) = one.folder.iterdir()
    with file.open("ab") as opened:
        opened.write(line + b"\n")
    one.add(Note("failure"))
    assert [*two.news()] == [Note("failure")] * 2


def test_a_line_that_is_half_written_comes_when_it_is_whole(tmp_path: Path) -> None:
    one, two = boards(tmp_path, "one", "two")
    one.add(Note("failure"))
    (file,) = one.folder.iterdir()
    whole = file.read_bytes()
    file.write_bytes(whole[:9])
    assert [*two.news()] == []
    file.write_bytes(whole)
    assert [*two.news()] == [Note("failure")]


def test_many_may_write_at_the_same_time(tmp_path: Path) -> None:
    one, two = boards(tmp_path, "one", "two")
    with ThreadPoolExecutor(16) as pool:
        list(pool.map(lambda n: one.add(Note("check", "kind", f"urn{n}")), range(200)))
    assert {note.urn for note in two.news()} == {f"urn{n}" for n in range(200)}


def test_the_board_is_private(tmp_path: Path) -> None:
    (one,) = boards(tmp_path, "one")
    one.add(Note("failure"))
    (file,) = one.folder.iterdir()
    assert (stat.S_IMODE(one.folder.stat().st_mode), stat.S_IMODE(file.stat().st_mode)) == (0o700, 0o600)


def test_where_no_file_can_be_made_each_process_knows_its_own(tmp_path: Path) -> None:
    (tmp_path / "shared").write_text("")
    one, two = processes(tmp_path)
    one.hold("tuning_job", "urn", JOB, {})
    assert (one.names(JOB), two.names(JOB)) == (True, False)


def test_without_an_engine_or_a_command_above_there_is_no_board() -> None:
    assert board_of(None, "one") is None
    assert board_of("127.0.0.1:4000", "one") is None


def test_what_one_process_holds_the_other_names(tmp_path: Path) -> None:
    one, two = processes(tmp_path)
    one.note_check("tuning_job", "urn", frozenset({"spec"}))
    assert (two.is_declared("tuning_job", "urn"), two.declarer_of("tuning_job", frozenset({"spec"}))) == (True, "urn")
    one.hold("tuning_job", "urn", JOB, {})
    assert [held.id for held in two.holders_of("tuning_job", JOB)] == [JOB]
    one.let_go("tuning_job", "urn", JOB, {})
    assert (two.names(JOB), two.is_let_go(JOB)) == (False, True)
    one.hold_again("tuning_job", "urn")
    assert two.names(JOB)


def test_of_a_resource_that_this_process_checked_the_others_know_nothing(tmp_path: Path) -> None:
    one, two = processes(tmp_path)
    one.note_check("tuning_job", "urn")
    one.hold("tuning_job", "urn", JOB, {})
    two.note_check("tuning_job", "urn")
    two.let_go("tuning_job", "urn", JOB, {})
    assert not two.names(JOB)


def test_a_failure_in_one_process_puts_off_the_deletes_of_the_other(tmp_path: Path) -> None:
    one, two = processes(tmp_path)
    two.let_go("tuning_job", "replaced", JOB, {})
    one.note_failure()
    assert (two.puts_off_delete("tuning_job", "urn"), two.puts_off_delete("tuning_job", "replaced")) == (True, False)


def test_a_model_that_one_process_did_not_wait_for_keeps_what_the_other_would_delete(tmp_path: Path) -> None:
    one, two = processes(tmp_path)
    two.note_check("tuning_dataset", "data")
    one.let_go("tuned_model", "model", JOB, {})
    one.note_awaited("TunedModel", "tuned_model", "model")
    assert two.awaits_any({"TunedModel"})
    assert two.outlives("tuning_dataset", "data", "gs://b/o")


def left_over(folder: Path, name: str, *, idle: float) -> Path:
    """A file of another command, last written that many seconds ago."""
    path = folder / "shared" / f"{name}.jsonl"
    path.parent.mkdir(mode=0o700, exist_ok=True)
    path.touch()
    os.utime(path, (time.time() - idle,) * 2)
    return path


def test_the_files_of_commands_that_ended_ten_minutes_ago_are_deleted(tmp_path: Path) -> None:
    ended = subprocess.Popen([sys.executable, "-c", ""])
    ended.wait()
    path = left_over(tmp_path, f"{ended.pid}-1-4000", idle=601)
    boards(tmp_path, "one")[0].add(Note("failure"))
    assert not path.exists()


@pytest.mark.parametrize(("runs", "idle"), [("runs", 601), ("has ended", 599)])
def test_the_file_of_a_command_that_runs_or_has_just_ended_stays(tmp_path: Path, runs: str, idle: float) -> None:
    path = left_over(tmp_path, f"{os.getpid() if runs == 'runs' else 999999999}-1-4000", idle=idle)
    boards(tmp_path, "one")[0].add(Note("failure"))
    assert path.exists()
