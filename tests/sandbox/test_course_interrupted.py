"""Jobs that train while the sandbox is asked, reset, ended, killed; and the same calls twice."""

from __future__ import annotations

import queue
import resource
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
from tuning_sandbox.kernel.course import Failure
from tuning_sandbox.kernel.sandbox import Config, parse_as_of
from tuning_sandbox.learner.base import base_model
from tuning_sandbox.learner.schedule import Recipe
from tuning_sandbox.learner.training import train
from tuning_sandbox.vertex import training
from tuning_sandbox.vertex.tuning_course import COURSE
from tuning_sandbox.vertex.work import Learned, learn

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

ASK = {"contents": [{"role": "user", "parts": [{"text": "refund my invoice"}]}]}


class Remote(RunningSandbox):
    """A sandbox in another process."""

    def __init__(self, url: str) -> None:
        super().__init__(url, None)  # type: ignore[arg-type]


OVER = ("JOB_STATE_SUCCEEDED", "JOB_STATE_FAILED", "JOB_STATE_CANCELLED")


def wait_for(sandbox: RunningSandbox, name: str, *states: str) -> dict[str, Any]:
    """The job once it is in one of these states; it fails where the job ended in another one."""
    while (job := get(sandbox, name, "v1beta1"))["state"] not in states and job.get("tuningJobState") not in states:
        assert job["state"] not in OVER, job
        time.sleep(0.02)
    return job


def finish(sandbox: RunningSandbox, name: str) -> dict[str, Any]:
    """The job once it has ended, hours being let pass as often as its work beside the clock takes."""
    while (job := get(sandbox, name))["state"] not in OVER:
        sandbox.advance(3600)
    return job


@pytest.fixture
def real(capfd: pytest.CaptureFixture[str]) -> Iterator[RunningSandbox]:
    """A sandbox that trains in threads, as one does that runs for real; time passes by being advanced."""
    with run_sandbox(create_app(Config(mode="real", as_of=parse_as_of("2026-11-21"), seed=7))) as running:
        yield running
    assert capfd.readouterr().err == ""


class Held:
    """Trainings that wait for the test, and what they were told when they asked whether to stop."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.begun = threading.Semaphore(0)
        self.free = threading.Event()
        self.told: queue.Queue[bool] = queue.Queue()
        monkeypatch.setattr(training, "learn", self.learn)

    def learn(self, prepared: Any, base: Any, recipe: Any, stopped: Callable[[], bool], parent: Any) -> Learned:
        if self.free.is_set():
            return learn(prepared, base, recipe, stopped, parent)
        self.begun.release()
        self.free.wait()
        self.told.put(stopped())
        return Learned(error=Failure(1, "held"))


@pytest.fixture
def held(monkeypatch: pytest.MonkeyPatch) -> Iterator[Held]:
    holding = Held(monkeypatch)
    yield holding
    holding.free.set()


def hold_in_training(sandbox: RunningSandbox, held: Held, jobs: int = 2) -> list[str]:
    """The names of jobs whose trainings have begun and wait."""
    names = train_many(sandbox, jobs, 30)
    while not all(get(sandbox, name, "v1beta1").get("tuningJobState") == "TUNING_JOB_STATE_TUNING" for name in names):
        sandbox.advance(120)
    for _ in names:
        held.begun.acquire()
    return names


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


def test_the_sandbox_answers_while_jobs_are_held_in_their_training(real: RunningSandbox, held: Held) -> None:
    names = hold_in_training(real, held)
    answer = real.get(f"{PLACE}/tuningJobs")
    assert [job["name"] for job in answer.json()["tuningJobs"]] == list(reversed(names))
    assert COURSE.works(real.state) == sorted(names)


def test_the_sandbox_answers_again_and_again_while_jobs_train(real: RunningSandbox) -> None:
    names = train_many(real, jobs=2, rows=600)
    while get(real, names[0], "v1beta1").get("tuningJobState") != "TUNING_JOB_STATE_TUNING":
        real.advance(60)
    answered = 0
    while COURSE.works(real.state):
        assert real.get(f"{PLACE}/tuningJobs").status_code == 200
        answered += 1
    assert answered > 10


def test_a_reset_while_jobs_train_leaves_nothing_of_them(real: RunningSandbox, held: Held) -> None:
    hold_in_training(real, held)
    real.admin("POST", "reset")
    held.free.set()
    assert [held.told.get() for _ in range(2)] == [True, True]
    again = create(real, job_body(*make_data(real)))["name"]
    assert finish(real, again)["state"] == "JOB_STATE_SUCCEEDED"
    documents = real.admin("GET", "state")["documents"]
    assert (documents["vertex.tuningJobs"], documents["vertex.models"], documents["vertex.endpoints"]) == (1, 1, 3)
    assert real.state.faults.report() == {"faults": [], "receipts": []}


def test_a_cancelled_job_stops_training(real: RunningSandbox, held: Held) -> None:
    cancelled, other = hold_in_training(real, held)
    assert real.post(f"/v1/{cancelled}:cancel").status_code == 200
    held.free.set()
    assert sorted(held.told.get() for _ in range(2)) == [False, True]
    ended = finish(real, cancelled)
    assert (ended["state"], "tunedModel" in ended) == ("JOB_STATE_CANCELLED", False)
    assert finish(real, other)["error"] == {"code": 1, "message": "held"}


def test_a_training_that_is_told_to_stop_takes_no_further_step() -> None:
    asked = iter([False, False, True])
    trained = train(base_model("m", 16), tickets(40, 1), Recipe(epochs=3), stopped=lambda: next(asked))
    assert ([line["step"] for line in trained.metrics], trained.checkpoints) == ([1, 2], [])


def test_sigterm_while_jobs_train_ends_without_the_training_and_says_nothing(tmp_path: Path) -> None:
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    with started("--speed", "3600", "--as-of", "2026-11-21", "--data", str(tmp_path)) as (program, url):
        sandbox = Remote(url)
        names = train_many(sandbox, 6, epochs=500)
        wait_for(sandbox, names[0], "TUNING_JOB_STATE_TUNING", "TUNING_JOB_STATE_POST_PROCESSING")
        program.send_signal(signal.SIGTERM)
        out, err = program.communicate()
        sandbox.session.close()
        assert (out, err, program.returncode) == ("", "", 0)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    # six such trainings take a quarter of an hour of a processor
    assert after.ru_utime - before.ru_utime < 60


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
        assert program.communicate() == ("", "")


def test_many_clients_at_once_get_ids_of_their_own(sandbox: RunningSandbox) -> None:
    names: list[str] = []

    def make(at: int) -> None:
        answer = requests.post(f"{sandbox.url}{PLACE}/endpoints", json={"displayName": f"e{at}"}, timeout=300)
        names.append(answer.json()["name"])

    threads = [threading.Thread(target=make, args=(at,)) for at in range(32)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(set(names)) == 32
    assert len(sandbox.get(f"{PLACE}/endpoints").json()["endpoints"]) == 32
