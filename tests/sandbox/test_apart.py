"""Long trainings run in a process of their own, so that no answer waits for them."""

from __future__ import annotations

import os
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from sandbox.data.tickets import tickets, to_jsonl
from sandbox.vertex_support import job_body, make_bucket, succeed, upload
from tuning_sandbox.kernel.apart import StoppedError, run_apart

if TYPE_CHECKING:
    from sandbox.running import RunningSandbox

_LAST = 4  # of the descriptors that the process opens for itself
pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="on other systems the work stays in its thread")


def test_the_result_comes_from_another_process_that_holds_nothing_of_this_one_open() -> None:
    here = os.open(os.devnull, os.O_RDONLY)

    def work() -> tuple[int, bool, str]:
        return os.getpid(), Path(f"/proc/self/fd/{here}").exists() and here > _LAST, str(Path("/dev/stdout").resolve())

    try:
        pid, is_held, output = run_apart(work, lambda: False)
    finally:
        os.close(here)
    assert pid != os.getpid()
    assert not is_held
    assert output == os.devnull


@pytest.mark.parametrize("work", [lambda: 1 / 0, lambda: lambda: None, lambda: os._exit(0)])
def test_an_error_there_is_an_error_here(work: Any) -> None:
    with pytest.raises(
        RuntimeError, match=r"ZeroDivisionError: division|PicklingError|AttributeError|without a result"
    ):
        run_apart(work, lambda: False)


def test_a_stop_ends_the_process() -> None:
    begin = time.monotonic()
    with pytest.raises(StoppedError):
        run_apart(lambda: time.sleep(300), lambda: True)
    assert time.monotonic() - begin < 100


def test_a_job_with_much_data_is_read_and_trained_apart(
    sandbox: RunningSandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    forks: list[int] = []
    fork = os.fork

    def counted() -> int:
        forks.append(1)
        return fork()

    monkeypatch.setattr(os, "fork", counted)
    few = upload(sandbox, make_bucket(sandbox), "few.jsonl", to_jsonl(tickets(20, 1)))
    few_job = succeed(sandbox, job_body(few))
    assert not forks
    many = upload(sandbox, "tuning-data", "many.jsonl", to_jsonl(tickets(1000, 1)))
    job = succeed(sandbox, job_body(many))
    assert len(forks) == 2
    stats = [each["tuningDataStats"]["supervisedTuningDataStats"] for each in (few_job, job)]
    assert [each["tuningDatasetExampleCount"] for each in stats] == ["20", "1000"]
