"""A job waits for its slot: first come, first served, and nothing is submitted where the wait ends early."""

from __future__ import annotations

import threading
from typing import Any

import pytest

from pulumi_gcp_tuning import catalog
from pulumi_gcp_tuning.errors import ApiError, Failed, Refused
from pulumi_gcp_tuning.resources.jobs.kind import Job
from pulumi_gcp_tuning.resources.jobs.slots import Line, Slots, _numbers, submit_in_turn
from pulumi_gcp_tuning.resources.jobs.tuning_jobs import TUNING_JOB
from support.hand_made_google import Desk, HandMadeGoogle
from support.hand_made_lookups import NUMBER

PARENT = "projects/shop-dev/locations/us-central1"
FULL = "The following quota metrics exceed quota limits: aiplatform.googleapis.com/global_concurrent_tuning_jobs"


def slots(limit: int | None = 1) -> Slots:
    return Slots(
        kind=TUNING_JOB,
        parent=PARENT,
        family="gemini",
        name="Global concurrent tuning jobs",
        limit=limit,
        ask="Ask for more.",
    )


def full() -> ApiError:
    return ApiError(FULL, http_status=429, status="RESOURCE_EXHAUSTED")


def running(google: HandMadeGoogle, number: int, state: str = "JOB_STATE_RUNNING") -> str:
    name = f"projects/{NUMBER}/locations/us-central1/tuningJobs/{number}"
    google.jobs[name] = {"name": name, "state": state, "baseModel": "gemini-3.5-flash"}
    return name


def not_found(_seconds: float) -> None:
    """What a look for a job finds that Google has not taken."""


def submitted(desk: Desk, limit: int | None = 1, **given: Any) -> Job:
    def submit() -> dict[str, Any]:
        return {"name": running(desk.google, len(desk.google.jobs) + 1, "JOB_STATE_PENDING")}

    return submit_in_turn(desk.call(**given), slots(limit), submit, not_found, catalog.shipped())


@pytest.fixture
def desk() -> Desk:
    return Desk()


def test_a_job_with_room_goes_at_once(desk: Desk) -> None:
    submitted(desk)
    assert desk.clock.seconds == 0


def test_a_job_without_room_goes_once_another_has_ended(desk: Desk) -> None:
    other = running(desk.google, 1)

    class Ending(type(desk.clock)):  # type: ignore[misc]
        def sleep(self, seconds: float, cancelled: Any) -> None:
            super().sleep(seconds, cancelled)
            if self.seconds > 100:
                desk.google.jobs[other]["state"] = "JOB_STATE_SUCCEEDED"

    desk.clock = Ending()
    submitted(desk)
    assert desk.clock.seconds > 100


def test_an_open_models_job_takes_no_slot_of_gemini(desk: Desk) -> None:
    desk.google.jobs[running(desk.google, 1)]["baseModel"] = "meta/llama3-3@llama-3.3-70b-instruct"
    submitted(desk)
    assert desk.clock.seconds == 0


def test_googles_own_no_is_waited_out_where_the_limit_is_not_known(desk: Desk) -> None:
    answers: list[Any] = [full(), full(), {"name": f"{PARENT}/tuningJobs/7"}]

    def submit() -> dict[str, Any]:
        answer = answers.pop(0)
        if isinstance(answer, ApiError):
            raise answer
        return dict(answer)

    job = submit_in_turn(desk.call(), slots(None), submit, not_found, catalog.shipped())
    assert job["name"].endswith("/7")
    assert desk.clock.seconds == 40


def test_any_other_refusal_is_no_reason_to_wait(desk: Desk) -> None:
    def submit() -> dict[str, Any]:
        raise ApiError("Quota exceeded for requests per minute", http_status=429, status="RESOURCE_EXHAUSTED")

    with pytest.raises(ApiError, match="per minute"):
        submit_in_turn(desk.call(), slots(), submit, not_found, catalog.shipped())
    assert desk.clock.seconds == 0


def test_a_wait_that_takes_too_long_ends_with_nothing_submitted(desk: Desk) -> None:
    running(desk.google, 1)
    with pytest.raises(Failed, match=r"1 of 1 in use.*Nothing was submitted"):
        submitted(desk, timeout=60.0)
    assert len(desk.google.jobs) == 1
    assert desk.clock.seconds == 60


def test_a_cancelled_wait_ends_with_nothing_submitted(desk: Desk) -> None:
    running(desk.google, 1)
    with pytest.raises(Refused, match="Nothing was submitted"):
        submitted(desk, cancelled=lambda: True)
    assert len(desk.google.jobs) == 1


def test_the_wait_says_how_many_are_in_use(desk: Desk) -> None:
    running(desk.google, 1)
    with pytest.raises(Failed):
        submitted(desk, timeout=30.0)
    assert desk.lines[0] == "waiting for a slot of 'Global concurrent tuning jobs', 1 of 1 in use"


def test_a_wait_in_which_nothing_changes_is_reported_once(desk: Desk) -> None:
    running(desk.google, 1)
    with pytest.raises(Failed):
        submitted(desk, timeout=600.0)
    assert len(desk.lines) == 1


def test_a_job_that_waited_does_not_go_on_saying_so(desk: Desk) -> None:
    answers: list[Any] = [full(), {"name": f"{PARENT}/tuningJobs/7"}]

    def submit() -> dict[str, Any]:
        answer = answers.pop(0)
        if isinstance(answer, ApiError):
            raise answer
        return dict(answer)

    submit_in_turn(desk.call(), slots(None), submit, not_found, catalog.shipped())
    assert desk.lines[-1] == "submitted after 20 s of waiting"


def test_the_numbers_count_a_job_that_is_being_submitted(desk: Desk) -> None:
    line = Line()
    assert line.take_turn(line.join(), 1)
    assert _numbers(slots(1), 0, line) == ", 1 of 1 in use"
    assert _numbers(slots(1), 1, line) == ", 1 of 1 in use"


def test_those_who_came_first_go_first() -> None:
    line = Line()
    first, second, third = line.join(), line.join(), line.join()
    assert [line.take_turn(ticket, 2) for ticket in (third, second, first)] == [False, True, True]


def test_a_slot_that_is_being_taken_is_not_given_twice() -> None:
    line = Line()
    first, second = line.join(), line.join()
    assert line.take_turn(first, 1)
    assert not line.take_turn(second, 1)


def test_after_googles_no_only_the_first_in_line_tries_again() -> None:
    line = Line()
    first, second = line.join(), line.join()
    assert line.take_turn(first, None)
    line.stay(first)
    assert not line.take_turn(second, None)
    assert line.take_turn(first, None)


def test_many_at_once_never_take_more_than_there_is() -> None:
    desk, most = Desk(), 0
    call, lock = desk.call(), threading.Lock()

    def submit() -> dict[str, Any]:
        nonlocal most
        with lock:
            name = running(desk.google, len(desk.google.jobs) + 1)
            live = [job for job in desk.google.jobs.values() if job["state"] == "JOB_STATE_RUNNING"]
            most = max(most, len(live))
            if len(live) == 3:
                for job in live:
                    job["state"] = "JOB_STATE_SUCCEEDED"
        return {"name": name}

    threads = [
        threading.Thread(target=submit_in_turn, args=(call, slots(3), submit, not_found, catalog.shipped()))
        for _ in range(30)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (len(desk.google.jobs), most) == (30, 3)
