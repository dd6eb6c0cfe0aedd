"""Many who wait share few requests; nobody misses an answer, a cancel or a bad end."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any

import pytest

from pulumi_gcp_tuning.errors import ApiError, NotFound
from pulumi_gcp_tuning.google import WaitEnded
from pulumi_gcp_tuning.google.pipeline_jobs import PIPELINE_JOBS
from pulumi_gcp_tuning.google.poller import Poller, _Watched
from pulumi_gcp_tuning.google.tuning_jobs import TUNING_JOBS
from support.fake_google import FakeClock

if TYPE_CHECKING:
    from collections.abc import Iterator

PARENT = "projects/p/locations/us-central1"
UNAVAILABLE = ApiError("try later", http_status=503, status="UNAVAILABLE")


def job(number: int, state: str = "RUNNING") -> dict[str, Any]:
    return {"name": f"projects/123456789012/locations/us-central1/tuningJobs/{number}", "state": f"JOB_STATE_{state}"}


def name(number: int) -> str:
    return f"{PARENT}/tuningJobs/{number}"


class Jobs:
    """Google's side: single jobs, pages of ``page_size``, and a log of requests."""

    def __init__(self, total: int, page_size: int = 100) -> None:
        self.jobs = {number: job(number) for number in range(total)}
        self.page_size = page_size
        self.log: list[str] = []
        self.failures: list[Exception] = []
        self.listing_fails: Exception | None = None

    def get(self, asked: str) -> dict[str, Any]:
        self.log.append("get")
        if self.failures:
            raise self.failures.pop(0)
        return dict(self.jobs[int(asked.rsplit("/", 1)[1])])

    def pages(self) -> Iterator[dict[str, Any]]:
        listed = sorted(self.jobs)
        for start in range(0, max(len(listed), 1), self.page_size):
            self.log.append("list")
            if self.listing_fails:
                raise self.listing_fails
            yield {"tuningJobs": [dict(self.jobs[each]) for each in listed[start : start + self.page_size]]}

    def end_all(self) -> None:
        for number in self.jobs:
            self.jobs[number] = job(number, "SUCCEEDED")


def poller(jobs: Jobs, clock: FakeClock) -> Poller:
    return Poller(get=jobs.get, pages=jobs.pages, collection=TUNING_JOBS, clock=clock, interval=20.0)


def watch(polling: Poller, numbers: range) -> list[_Watched]:
    """As many waiting threads as numbers, without the threads."""
    return [polling._join(name(number)) for number in numbers]


def test_one_who_waits_asks_by_name_and_hears_each_change_once(clock: FakeClock) -> None:
    jobs, heard = Jobs(1), list[str]()
    states = iter(["PENDING", "RUNNING", "RUNNING", "SUCCEEDED"])

    def get(_name: str) -> dict[str, Any]:
        return job(0, next(states))

    polling = Poller(get=get, pages=jobs.pages, collection=TUNING_JOBS, clock=clock, interval=20.0)
    ended = polling.wait_for(name(0), on_change=lambda each: heard.append(each["state"]))
    assert heard == ["JOB_STATE_PENDING", "JOB_STATE_RUNNING", "JOB_STATE_SUCCEEDED"]
    assert ended["state"] == "JOB_STATE_SUCCEEDED"
    assert 60 <= sum(clock.slept) <= 61
    assert jobs.log == []


def test_a_hundred_who_wait_cost_one_page_per_round(clock: FakeClock) -> None:
    jobs = Jobs(100)
    polling = poller(jobs, clock)
    waiting = watch(polling, range(100))
    polling._ask_if_due()
    clock.seconds += 20
    polling._ask_if_due()
    assert jobs.log == ["list", "list"]
    assert all(each.job is not None for each in waiting)


def test_three_who_wait_among_5000_old_jobs_are_asked_by_name(clock: FakeClock) -> None:
    jobs = Jobs(5000)
    polling = poller(jobs, clock)
    watch(polling, range(4990, 4993))
    polling._ask_if_due()
    first_round = len(jobs.log)
    clock.seconds += 20
    polling._ask_if_due()
    assert jobs.log[first_round:] == ["get", "get", "get"]
    assert first_round <= 6


def test_nothing_is_asked_before_it_is_due(clock: FakeClock) -> None:
    jobs = Jobs(2)
    polling = poller(jobs, clock)
    watch(polling, range(2))
    polling._ask_if_due()
    asked = len(jobs.log)
    clock.seconds += 19
    polling._ask_if_due()
    assert len(jobs.log) == asked


def test_one_who_comes_later_is_served_at_once_and_alone(clock: FakeClock) -> None:
    jobs = Jobs(3)
    polling = poller(jobs, clock)
    watch(polling, range(2))
    polling._ask_if_due()
    asked = len(jobs.log)
    (late,) = watch(polling, range(2, 3))
    polling._ask_if_due()
    assert jobs.log[asked:] == ["get"]
    assert late.job is not None


def test_a_job_that_the_list_does_not_show_yet_is_asked_by_name(clock: FakeClock) -> None:
    jobs = Jobs(3)
    polling = poller(jobs, clock)
    waiting = watch(polling, range(3))
    shown = jobs.pages
    polling.pages = lambda: ({"tuningJobs": page["tuningJobs"][:2]} for page in shown())
    polling._ask_if_due()
    assert jobs.log == ["list", "get"]
    assert all(each.job is not None for each in waiting)


def test_who_may_not_list_is_asked_by_name_from_then_on(clock: FakeClock) -> None:
    jobs = Jobs(3)
    jobs.listing_fails = ApiError("denied", http_status=403, status="PERMISSION_DENIED")
    polling = poller(jobs, clock)
    watch(polling, range(3))
    polling._ask_if_due()
    clock.seconds += 20
    polling._ask_if_due()
    assert jobs.log == ["list", *["get"] * 6]


def test_an_outage_shorter_than_ten_minutes_is_sat_out(clock: FakeClock) -> None:
    jobs = Jobs(1)
    jobs.failures = [UNAVAILABLE] * 20
    jobs.end_all()
    assert poller(jobs, clock).wait_for(name(0))["state"] == "JOB_STATE_SUCCEEDED"
    assert sum(clock.slept) >= 20 * 20


def test_a_longer_outage_is_reported(clock: FakeClock) -> None:
    jobs = Jobs(1)
    jobs.failures = [UNAVAILABLE] * 1000
    with pytest.raises(ApiError, match="try later"):
        poller(jobs, clock).wait_for(name(0))
    assert 600 <= sum(clock.slept) <= 640


def test_a_server_on_this_machine_is_given_up_sooner(clock: FakeClock) -> None:
    jobs = Jobs(1)
    jobs.failures = [UNAVAILABLE] * 1000
    polling = Poller(
        get=jobs.get, pages=jobs.pages, collection=TUNING_JOBS, clock=clock, interval=20.0, outage_seconds=30.0
    )
    with pytest.raises(ApiError, match="try later"):
        polling.wait_for(name(0))
    assert sum(clock.slept) <= 61


def test_an_outage_costs_one_request_per_round_however_many_wait(clock: FakeClock) -> None:
    jobs = Jobs(50)
    jobs.listing_fails = UNAVAILABLE
    polling = poller(jobs, clock)
    watch(polling, range(50))
    polling._ask_if_due()
    assert jobs.log == ["list"]


def test_a_vanished_record_is_reported_to_the_one_who_waits_for_it(clock: FakeClock) -> None:
    jobs = Jobs(2)
    gone = NotFound("gone", http_status=404, status="NOT_FOUND")
    polling = poller(jobs, clock)
    first, second = watch(polling, range(2))
    first.take(job(0))
    polling.pages = lambda: iter([{"tuningJobs": [job(1)]}])
    jobs.failures = [gone]
    polling._ask_if_due()
    assert (first.failure, second.failure) == (gone, None)


def test_a_job_that_was_never_seen_may_lag_behind_its_create(clock: FakeClock) -> None:
    jobs = Jobs(1)
    jobs.failures = [NotFound("not yet", http_status=404, status="NOT_FOUND")]
    jobs.end_all()
    assert poller(jobs, clock).wait_for(name(0))["state"] == "JOB_STATE_SUCCEEDED"


def test_a_job_that_never_shows_up_is_not_waited_for(clock: FakeClock) -> None:
    jobs = Jobs(1)
    jobs.failures = [NotFound("gone", http_status=404, status="NOT_FOUND") for _ in range(9)]
    with pytest.raises(NotFound):
        poller(jobs, clock).wait_for(name(0))


def test_a_timeout_hands_over_what_was_seen_last(clock: FakeClock) -> None:
    with pytest.raises(WaitEnded) as caught:
        poller(Jobs(1), clock).wait_for(name(0), timeout=50)
    assert caught.value.why == "timeout"
    assert caught.value.last == job(0)
    assert sum(clock.slept) == pytest.approx(50)


def test_a_cancel_ends_the_wait_without_another_request(clock: FakeClock) -> None:
    jobs = Jobs(1)
    with pytest.raises(WaitEnded) as caught:
        poller(jobs, clock).wait_for(name(0), cancelled=lambda: len(jobs.log) >= 2)
    assert (caught.value.why, len(jobs.log)) == ("cancelled", 2)


def test_who_stops_waiting_is_not_asked_for_any_more(clock: FakeClock) -> None:
    polling = poller(Jobs(1), clock)
    with pytest.raises(WaitEnded):
        polling.wait_for(name(0), timeout=0)
    assert polling._watched == {}


def test_32_threads_all_get_their_end(clock: FakeClock) -> None:
    jobs, ended = Jobs(32), list[str]()
    everybody_waits = threading.Barrier(32, action=jobs.end_all)
    polling = poller(jobs, clock)

    def heard(each: dict[str, Any]) -> None:
        if each["state"] == "JOB_STATE_RUNNING":
            everybody_waits.wait(300)

    def wait_for(number: int) -> None:
        ended.append(polling.wait_for(name(number), on_change=heard)["state"])

    threads = [threading.Thread(target=wait_for, args=(number,)) for number in range(32)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(300)
    assert ended == ["JOB_STATE_SUCCEEDED"] * 32


def test_jobs_whose_lists_leave_parts_out_are_polled_by_name(clock: FakeClock) -> None:
    jobs = Jobs(3)
    polling = Poller(get=jobs.get, pages=jobs.pages, collection=PIPELINE_JOBS, clock=clock, interval=20.0)
    watch(polling, range(3))
    polling._ask_if_due()
    assert jobs.log == ["get"] * 3
