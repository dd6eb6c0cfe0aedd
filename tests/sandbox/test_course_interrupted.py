"""Jobs that train while the sandbox is asked, reset, ended, killed; and the same calls twice."""

from __future__ import annotations

import signal
import threading
import time
from typing import TYPE_CHECKING, Any

import pytest
import requests

from sandbox.data.tickets import tickets, to_jsonl
from sandbox.running import RunningSandbox, run_sandbox
from sandbox.test_kernel_program import started
from sandbox.vertex_support import PLACE, create, get, job_body, make_bucket, make_data, succeed, upload
from tuning_sandbox.app import create_app
from tuning_sandbox.kernel.sandbox import Config, parse_as_of
from tuning_sandbox.vertex.tuning_course import COURSE

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

ASK = {"contents": [{"role": "user", "parts": [{"text": "refund my invoice"}]}]}


class Remote(RunningSandbox):
    """A sandbox in another process."""

    def __init__(self, url: str) -> None:
        super().__init__(url, None)  # type: ignore[arg-type]


def wait_for(sandbox: RunningSandbox, name: str, *states: str) -> dict[str, Any]:
    deadline = time.monotonic() + 60
    while (job := get(sandbox, name, "v1beta1"))["state"] not in states and job.get("tuningJobState") not in states:
        assert time.monotonic() < deadline, job
        time.sleep(0.02)
    return job


@pytest.fixture
def scaled(capfd: pytest.CaptureFixture[str]) -> Iterator[RunningSandbox]:
    with run_sandbox(create_app(Config(mode="scaled", scale=3600, as_of=parse_as_of("2026-11-21"), seed=7))) as running:
        yield running
    assert capfd.readouterr().err == ""


def train_many(sandbox: RunningSandbox, jobs: int = 4, rows: int = 3000, epochs: int = 3) -> list[str]:
    uri = upload(sandbox, make_bucket(sandbox), "many.jsonl", to_jsonl(tickets(rows, 1)))
    body = job_body(uri)
    body["supervisedTuningSpec"]["hyperParameters"]["epochCount"] = epochs
    return [create(sandbox, body)["name"] for _ in range(jobs)]


def test_the_same_seed_and_calls_give_the_same_bytes_from_the_upload_to_the_answer() -> None:
    def play(seed: int) -> list[bytes]:
        with run_sandbox(create_app(Config(mode="stepped", as_of=parse_as_of("2026-11-21"), seed=seed))) as sandbox:
            job = succeed(sandbox, job_body(*make_data(sandbox)))
            tuned = job["tunedModel"]
            metrics = job["gcsMetricsUri"].removeprefix("gs://").replace("/", "/o/", 1)
            asked = [sandbox.post(f"/v1/{tuned['endpoint']}:generateContent", json=ASK).content for _ in range(3)]
            names = [job["name"], tuned["model"], tuned["endpoint"]]
            return [
                *asked,
                *(sandbox.get(f"/v1/{name}").content for name in names),
                sandbox.get(f"/storage/v1/b/{metrics}?alt=media").content,
            ]

    first = play(3)
    assert first == play(3)
    assert first != play(4)


def test_the_sandbox_answers_within_a_second_while_jobs_train(scaled: RunningSandbox) -> None:
    names = train_many(scaled)
    wait_for(scaled, names[0], "TUNING_JOB_STATE_TUNING", "TUNING_JOB_STATE_POST_PROCESSING", "JOB_STATE_SUCCEEDED")
    slowest = 0.0
    end = time.monotonic() + 2
    while time.monotonic() < end:
        began = time.monotonic()
        assert scaled.get(f"{PLACE}/tuningJobs").status_code == 200
        slowest = max(slowest, time.monotonic() - began)
        time.sleep(0.01)
    assert slowest < 1


def test_a_reset_while_jobs_train_leaves_nothing_of_them(scaled: RunningSandbox) -> None:
    names = train_many(scaled)
    wait_for(scaled, names[0], "TUNING_JOB_STATE_TUNING", "TUNING_JOB_STATE_POST_PROCESSING", "JOB_STATE_SUCCEEDED")
    scaled.admin("POST", "reset")
    again = create(scaled, job_body(*make_data(scaled)))["name"]
    assert wait_for(scaled, again, "JOB_STATE_SUCCEEDED", "JOB_STATE_FAILED")["state"] == "JOB_STATE_SUCCEEDED"
    # both threads have come to the end of what they did for the jobs that are gone
    free = threading.Barrier(2, timeout=30)
    for idle in [scaled.state._threads().submit(free.wait) for _ in range(2)]:
        idle.result()
    documents = scaled.admin("GET", "state")["documents"]
    assert (documents["vertex.tuningJobs"], documents["vertex.models"], documents["vertex.endpoints"]) == (1, 1, 3)
    assert scaled.state.faults.report() == {"faults": [], "receipts": []}


def test_a_cancelled_job_stops_training(scaled: RunningSandbox) -> None:
    names = train_many(scaled, 2, epochs=500)
    for name in names:
        wait_for(scaled, name, "TUNING_JOB_STATE_TUNING")
        assert scaled.post(f"/v1/{name}:cancel").status_code == 200
    for name in names:
        assert "tunedModel" not in wait_for(scaled, name, "JOB_STATE_CANCELLED")
    deadline = time.monotonic() + 5
    while COURSE.works(scaled.state):
        assert time.monotonic() < deadline
        time.sleep(0.02)


def test_sigterm_while_jobs_train_ends_within_seconds_and_says_nothing(tmp_path: Path) -> None:
    with started("--speed", "3600", "--as-of", "2026-11-21", "--data", str(tmp_path)) as (program, url):
        sandbox = Remote(url)
        names = train_many(sandbox, 6, epochs=500)
        wait_for(sandbox, names[0], "TUNING_JOB_STATE_TUNING", "TUNING_JOB_STATE_POST_PROCESSING")
        program.send_signal(signal.SIGTERM)
        began = time.monotonic()
        out, err = program.communicate(timeout=60)
        sandbox.session.close()
        assert (out, err, program.returncode) == ("", "", 0)
        assert time.monotonic() - began < 15


def test_a_job_goes_on_after_kill_dash_nine_in_the_middle_of_its_training(tmp_path: Path) -> None:
    options = ("--speed", "3600", "--as-of", "2026-11-21", "--data", str(tmp_path), "--seed", "5")
    with started(*options) as (program, url):
        sandbox = Remote(url)
        (name,) = train_many(sandbox, 1, 300)
        before = wait_for(sandbox, name, "TUNING_JOB_STATE_TUNING")
        sandbox.session.close()
        program.kill()
        program.communicate()
    with started(*options) as (program, url):
        sandbox = Remote(url)
        now = get(sandbox, name)
        assert (now["createTime"], now["startTime"]) == (before["createTime"], before["startTime"])
        done = wait_for(sandbox, name, "JOB_STATE_SUCCEEDED", "JOB_STATE_FAILED")
        assert done["state"] == "JOB_STATE_SUCCEEDED"
        assert [found["epoch"] for found in done["tunedModel"]["checkpoints"]] == ["1", "2", "3"]
        answer = sandbox.post(f"/v1/{done['tunedModel']['endpoint']}:generateContent", json=ASK)
        assert answer.status_code == 200
        sandbox.session.close()
        program.send_signal(signal.SIGTERM)
        assert program.communicate(timeout=20) == ("", "")


def test_many_clients_at_once_get_ids_of_their_own(sandbox: RunningSandbox) -> None:
    names: list[str] = []

    def make(at: int) -> None:
        answer = requests.post(f"{sandbox.url}{PLACE}/endpoints", json={"displayName": f"e{at}"}, timeout=30)
        names.append(answer.json()["name"])

    threads = [threading.Thread(target=make, args=(at,)) for at in range(32)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(set(names)) == 32
    assert len(sandbox.get(f"{PLACE}/endpoints").json()["endpoints"]) == 32
