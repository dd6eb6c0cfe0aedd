"""Clock, store and ids by themselves."""

from __future__ import annotations

import asyncio
import sqlite3
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tuning_sandbox.kernel.clock import Clock, from_stamp, to_stamp
from tuning_sandbox.kernel.disk import Disk
from tuning_sandbox.kernel.disk_error import DiskError
from tuning_sandbox.kernel.ids import Ids
from tuning_sandbox.kernel.registry import derive_number
from tuning_sandbox.kernel.store import Store

START = datetime(2026, 11, 21, tzinfo=UTC)


class Seconds:
    """A monotonic clock that stands until it is told."""

    def __init__(self) -> None:
        self.value = 0.0

    def __call__(self) -> float:
        return self.value


def test_stamps_have_microseconds_and_a_z_and_come_back() -> None:
    assert to_stamp(START) == "2026-11-21T00:00:00.000000Z"
    assert from_stamp(to_stamp(START + timedelta(microseconds=7))) == START + timedelta(microseconds=7)


def test_a_real_clock_runs_and_a_scaled_one_runs_faster() -> None:
    seconds = Seconds()
    real = Clock("real", start=START, monotonic=seconds)
    scaled = Clock("scaled", scale=600, start=START, monotonic=seconds)
    seconds.value = 2
    assert real.now() == START + timedelta(seconds=2)
    assert scaled.now() == START + timedelta(minutes=20)


def test_a_change_of_mode_goes_on_from_the_present_moment() -> None:
    seconds = Seconds()
    clock = Clock("scaled", scale=10, start=START, monotonic=seconds)
    seconds.value = 3
    clock.change("stepped")
    seconds.value = 100
    assert clock.now() == START + timedelta(seconds=30)


def test_advancing_runs_what_is_due_in_order_at_its_own_moment() -> None:
    clock = Clock("stepped", start=START)
    seen: list[tuple[str, datetime]] = []

    def chain() -> None:
        seen.append(("chain", clock.now()))
        if len(seen) < 4:
            clock.after(10, chain)

    clock.after(20, lambda: seen.append(("late", clock.now())))
    clock.after(5, chain)
    assert clock.advance(26) == 4
    assert seen == [
        ("chain", START + timedelta(seconds=5)),
        ("chain", START + timedelta(seconds=15)),
        ("late", START + timedelta(seconds=20)),
        ("chain", START + timedelta(seconds=25)),
    ]
    assert clock.now() == START + timedelta(seconds=26)


def test_cancelled_work_does_not_run() -> None:
    clock = Clock("stepped", start=START)
    seen: list[int] = []
    clock.after(1, seen.append, 1).cancel()
    assert clock.advance(2) == 0
    assert clock.next_due() is None
    assert seen == []


def test_work_of_a_scaled_clock_fires_by_itself_on_the_loop() -> None:
    async def run() -> datetime:
        clock = Clock("scaled", scale=1_000_000, start=START)
        clock.attach(asyncio.get_running_loop())
        fired: asyncio.Future[datetime] = asyncio.get_running_loop().create_future()
        clock.at(START + timedelta(seconds=600), lambda: fired.set_result(clock.now()))
        return await asyncio.wait_for(fired, 10)

    assert asyncio.run(run()) == START + timedelta(seconds=600)


def test_a_transaction_that_fails_leaves_nothing_behind() -> None:
    store = Store()
    docs = store.collection("x")
    with store.transaction():
        docs.put("kept", {"a": 1})
        store.blobs.put("kept", b"1")

    def fail() -> None:
        with store.transaction():
            docs.put("kept", {"a": 2})
            docs.put("new", {})
            store.blobs.put("kept", b"2")
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fail()
    assert (docs.all(), docs.names(), store.blobs.get("kept")) == ([{"a": 1}], ["kept"], b"1")


def test_what_comes_out_of_the_store_is_a_copy() -> None:
    store = Store()
    with store.transaction():
        store.collection("x").put("a", {"list": [1]})
    got = store.collection("x").get("a")
    assert got is not None
    got["list"].append(2)
    assert store.collection("x").get("a") == {"list": [1]}


def test_writes_outside_of_a_transaction_are_a_mistake() -> None:
    with pytest.raises(RuntimeError, match="outside of a transaction"):
        Store().collection("x").put("a", {})


def test_documents_are_listed_in_the_order_they_came_and_names_sorted() -> None:
    docs = (store := Store()).collection("x")
    with store.transaction():
        for name in ("p/b", "p/a", "q"):
            docs.put(name, {"name": name})
    assert [d["name"] for d in docs.all("p/")] == ["p/b", "p/a"]
    assert docs.names("p/") == ["p/a", "p/b"]


def test_a_store_on_disk_comes_back_with_documents_and_bytes(tmp_path: Path) -> None:
    store = Store(Disk(tmp_path), now=lambda: START)
    with store.transaction():
        store.collection("x").put("a", {"b": 1})
        store.collection("x").put("gone", {})
        store.blobs.put("k", b"\x00\x01")
    with store.transaction():
        store.collection("x").delete("gone")
    store.close()
    again = Store(Disk(tmp_path))
    assert again.collection("x").all() == [{"b": 1}]
    assert again.blobs.get("k") == b"\x00\x01"
    assert again.meta["now"] == START.isoformat()
    again.close()


def test_what_was_not_committed_is_not_on_disk(tmp_path: Path) -> None:
    store = Store(Disk(tmp_path))

    def fail() -> None:
        with store.transaction():
            store.collection("x").put("a", {})
            store.blobs.put("k", b"1")
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fail()
    store.close()
    again = Store(Disk(tmp_path))
    assert (again.collection("x").names(), again.blobs.get("k")) == ([], None)
    again.close()


def test_a_folder_is_used_by_one_sandbox_at_a_time(tmp_path: Path) -> None:
    first = Disk(tmp_path)
    with pytest.raises(DiskError, match=r"another sandbox is running on .*--data DIR"):
        Disk(tmp_path)
    first.close()
    Disk(tmp_path).close()


def test_a_folder_of_another_version_is_refused_with_the_command_that_mends_it(tmp_path: Path) -> None:
    Disk(tmp_path).close()
    db = sqlite3.connect(tmp_path / "sandbox.sqlite3")
    db.execute("UPDATE meta SET value = '0' WHERE key = 'format'")
    db.commit()
    db.close()
    with pytest.raises(DiskError, match=r"another version of the sandbox .*rm -r"):
        Disk(tmp_path)


def test_a_file_that_is_no_database_is_refused(tmp_path: Path) -> None:
    (tmp_path / "sandbox.sqlite3").write_bytes(b"not a database at all" * 100)
    with pytest.raises(DiskError, match="not a sandbox's data file"):
        Disk(tmp_path)


def test_ids_have_the_asked_length_and_follow_the_seed() -> None:
    one, two, other = Ids(1), Ids(1), Ids(2)
    first = [one.number(19) for _ in range(1000)]
    assert first == [two.number(19) for _ in range(1000)]
    assert {len(n) for n in first} == {19}
    assert len(set(first)) == 1000
    assert other.number(19) != first[0]
    assert Ids(1, used=10).number(19) == first[10]


def test_the_number_of_a_project_has_twelve_digits_and_never_changes() -> None:
    assert derive_number("my-project") == derive_number("my-project") == "319519117448"
    assert {len(derive_number(f"p{i}")) for i in range(1000)} == {12}
