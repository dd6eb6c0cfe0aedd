"""The course of a job by itself, driven by a kind of job that only counts."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import Any

import pytest

from tuning_sandbox.app import connect
from tuning_sandbox.kernel.course import Course, Failure, Fault, Job, Outcome, Phase, State, Step
from tuning_sandbox.kernel.sandbox import Config, Sandbox

NAMES = {state: state.name.lower() for state in State}


@dataclasses.dataclass
class Cake(Job):
    """A job that is baked in three parts."""

    seen: list[str] = dataclasses.field(default_factory=list)


class Oven:
    """Work that says what it heard, or breaks."""

    def start(self, sandbox: Sandbox, job: Cake, stopped: Callable[[], bool]) -> Callable[[], str]:
        if job.resource.get("breaks"):
            return lambda: str(1 / 0)
        return lambda: "hot"

    def take(self, sandbox: Sandbox, job: Cake, result: Any) -> Failure | None:
        job.seen.append(result)
        return Failure(3, "burnt") if job.resource.get("burns") else None


def _mix(sandbox: Sandbox, job: Cake) -> Outcome:
    return Step.AGAIN if job.resource.get("waits") and job.part < 2 else Step.ON


def _bake(sandbox: Sandbox, job: Cake) -> Outcome:
    job.seen.append(f"part {job.part}")
    return Step.AGAIN if job.part < 2 else Step.ON


class Cakes:
    """The kind."""

    collection = "cakes"
    job_type = Cake
    states = NAMES
    phases: Sequence[Phase[Cake]] = (
        Phase("mix", lambda _sandbox, _job: 10.0, _mix),
        Phase("bake", lambda _sandbox, _job: 60.0, _bake, Oven(), fails_at=1),
    )

    def cancel_seconds(self, sandbox: Sandbox) -> float:
        return 2.0

    def end(self, sandbox: Sandbox, job: Cake, state: State, failure: Failure | None) -> Failure | None:
        job.resource["last"] = state.name
        return failure


COURSE: Course[Cake] = Course(Cakes())


@pytest.fixture
def sandbox() -> Sandbox:
    return Sandbox(Config(mode="stepped", as_of=datetime(2026, 11, 21, tzinfo=UTC)), [], connect)


def begin(sandbox: Sandbox, state: State = State.PENDING, fault: Fault | None = None, **resource: Any) -> None:
    job = Cake({"name": "cakes/1", **resource}, fault=dataclasses.asdict(fault) if fault else {})
    with sandbox.transaction():
        COURSE.begin(sandbox, job, state)


def look(sandbox: Sandbox) -> Cake:
    job = COURSE.find(sandbox, "cakes/1")
    assert job is not None
    return job


def advance(sandbox: Sandbox, seconds: float) -> Cake:
    sandbox.clock.advance(seconds)
    return look(sandbox)


@pytest.mark.parametrize("first", [State.PENDING, State.QUEUED])
def test_a_job_waits_runs_its_phases_and_succeeds(sandbox: Sandbox, first: State) -> None:
    begin(sandbox, first)
    assert (look(sandbox).resource["state"], "startTime" in look(sandbox).resource) == (NAMES[first], False)
    job = advance(sandbox, 10)
    assert (job.resource["state"], job.resource["startTime"]) == ("running", "2026-11-21T00:00:10.000000Z")
    job = advance(sandbox, 60)
    assert (job.phase, job.part, job.seen) == ("bake", 1, ["hot", "part 0"])
    job = advance(sandbox, 120)
    assert (job.resource["state"], job.resource["endTime"]) == ("succeeded", "2026-11-21T00:03:10.000000Z")
    assert (job.seen, job.resource["last"]) == (["hot", "part 0", "part 1", "part 2"], "SUCCEEDED")
    assert "error" not in job.resource


def test_a_job_that_must_wait_looks_again_and_is_not_running_meanwhile(sandbox: Sandbox) -> None:
    begin(sandbox, waits=True)
    assert advance(sandbox, 29).resource["state"] == "pending"
    assert advance(sandbox, 1).resource["state"] == "running"


@pytest.mark.parametrize(
    ("resource", "error"),
    [
        ({"burns": True}, {"code": 3, "message": "burnt"}),
        ({"breaks": True}, {"code": 13, "message": "Internal error: ZeroDivisionError: division by zero"}),
    ],
)
def test_work_that_fails_or_breaks_ends_the_job_when_the_phase_is_due(
    sandbox: Sandbox, resource: dict[str, Any], error: dict[str, Any]
) -> None:
    begin(sandbox, **resource)
    assert advance(sandbox, 69).resource["state"] == "running"
    job = advance(sandbox, 1)
    assert (job.resource["state"], job.resource["error"]) == ("failed", error)


@pytest.mark.parametrize("seconds", [0, 30])
def test_a_cancelled_job_is_cancelling_first_and_then_cancelled_with_code_one(sandbox: Sandbox, seconds: int) -> None:
    begin(sandbox)
    job = advance(sandbox, seconds)
    with sandbox.transaction():
        COURSE.cancel(sandbox, job)
    assert look(sandbox).resource["state"] == "cancelling"
    job = advance(sandbox, 2)
    assert (job.resource["state"], job.resource["error"]["code"], job.due) == ("cancelled", 1, None)
    assert COURSE.active(sandbox) == []


def test_a_fault_fails_a_job_in_the_middle_of_its_phase(sandbox: Sandbox) -> None:
    begin(sandbox, fault=Fault("fail", "bake", 8, "no room"))
    assert advance(sandbox, 70).resource["state"] == "running"
    job = advance(sandbox, 60)
    assert (job.resource["state"], job.resource["error"]) == ("failed", {"code": 8, "message": "no room"})


def test_a_fault_leaves_a_job_in_its_phase_for_ever(sandbox: Sandbox) -> None:
    begin(sandbox, fault=Fault("stuck", "bake"))
    job = advance(sandbox, 100_000)
    assert (job.resource["state"], job.phase, job.due) == ("running", "bake", None)


def test_a_fault_lets_a_job_win_the_race_against_its_cancel(sandbox: Sandbox) -> None:
    begin(sandbox, fault=Fault("cancelLoses"))
    with sandbox.transaction():
        COURSE.cancel(sandbox, look(sandbox))
    assert advance(sandbox, 190).resource["state"] == "succeeded"


@pytest.mark.parametrize("state", [State.SUCCEEDED, State.FAILED, State.CANCELLED])
def test_a_job_that_is_over_does_not_move_again(sandbox: Sandbox, state: State) -> None:
    job = Cake({"name": "cakes/1", "state": NAMES[state]})
    with pytest.raises(ValueError, match=f"a job that is {state.name} does not become CANCELLING"):
        COURSE.cancel(sandbox, job)
    assert state.is_over


def test_a_job_that_is_removed_while_it_runs_is_not_counted_any_more(sandbox: Sandbox) -> None:
    begin(sandbox)
    job = advance(sandbox, 10)
    assert COURSE.count(sandbox, "cakes/") == 1
    with sandbox.transaction():
        COURSE.forget(sandbox, job)
    assert COURSE.count(sandbox, "cakes/") == 0


def test_work_of_a_job_that_is_removed_has_to_stop(sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch) -> None:
    heard: list[bool] = []

    def start(_: Oven, sandbox: Sandbox, job: Cake, stopped: Callable[[], bool]) -> Callable[[], str]:
        def run() -> str:
            heard.append(stopped())
            COURSE.forget(sandbox, job)
            heard.append(stopped())
            return "cold"

        return run

    monkeypatch.setattr(Oven, "start", start)
    begin(sandbox)
    sandbox.clock.advance(10)
    assert heard == [False, True]


def test_a_job_does_not_begin_in_the_middle_of_its_course(sandbox: Sandbox) -> None:
    with pytest.raises(ValueError, match="a job does not begin as RUNNING"):
        begin(sandbox, State.RUNNING)


def test_a_resumed_job_goes_on_where_it_was_and_keeps_what_its_work_found(sandbox: Sandbox) -> None:
    begin(sandbox)
    advance(sandbox, 100)
    sandbox.clock.clear()
    assert advance(sandbox, 1000).part == 1
    with sandbox.transaction():
        COURSE.resume(sandbox)
    job = advance(sandbox, 1000)
    assert (job.resource["state"], job.seen) == ("succeeded", ["hot", "part 0", "part 1", "part 2"])
