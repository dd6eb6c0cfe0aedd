"""Reading many jobs at once."""

from __future__ import annotations

from typing import Any

from pulumi_gcp_tuning.google.job_reads import JobReads
from pulumi_gcp_tuning.google.pipeline_jobs import PIPELINE_JOBS
from pulumi_gcp_tuning.google.tuning_jobs import TUNING_JOBS
from support.fake_google import FakeClock

PARENT = "projects/1/locations/us-central1"


class Location:
    """Jobs 0 to 249 in pages of 100; counts requests."""

    def __init__(self) -> None:
        self.requests: list[str] = []
        self.clock = FakeClock()
        self.reads = JobReads(get=self.get, pages=self.pages, collection=TUNING_JOBS, clock=self.clock)

    def get(self, name: str) -> dict[str, Any]:
        self.requests.append(name)
        return {"name": name, "state": "JOB_STATE_RUNNING"}

    def pages(self) -> Any:
        for start in (0, 100, 200):
            self.requests.append(f"page {start}")
            numbers = range(start, min(start + 100, 250))
            yield {
                "tuningJobs": [{"name": f"{PARENT}/tuningJobs/{n}", "state": "JOB_STATE_SUCCEEDED"} for n in numbers]
            }


def name(number: int) -> str:
    return f"{PARENT}/tuningJobs/{number}"


def test_a_few_jobs_are_asked_for_one_by_one() -> None:
    location = Location()
    assert [location.reads.read(name(n))["state"] for n in range(3)] == ["JOB_STATE_RUNNING"] * 3
    assert location.requests == [name(0), name(1), name(2)]


def test_many_jobs_share_one_list() -> None:
    location = Location()
    for number in range(250):
        assert location.reads.read(name(number))["name"] == name(number)
    assert len(location.requests) == 3 + 3


def test_a_job_that_the_list_lacks_is_asked_for_by_name() -> None:
    location = Location()
    for number in range(5):
        location.reads.read(name(number))
    assert location.reads.read(name(9999))["state"] == "JOB_STATE_RUNNING"
    assert location.requests[-1] == name(9999)


def test_a_list_is_forgotten_after_ten_seconds() -> None:
    location = Location()
    for number in range(5):
        location.reads.read(name(number))
    location.clock.sleep(11)
    assert location.reads.read(name(4))["state"] == "JOB_STATE_RUNNING"


def test_a_collection_whose_lists_leave_parts_out_is_read_by_name() -> None:
    location = Location()
    location.reads.collection = PIPELINE_JOBS
    for number in range(5):
        location.reads.read(name(number))
    assert location.requests == [name(number) for number in range(5)]
