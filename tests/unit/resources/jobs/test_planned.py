"""The plan of a run's jobs."""

from __future__ import annotations

from pulumi_gcp_tuning.preflight.quota import Need, need_of
from pulumi_gcp_tuning.resources.jobs.planned import PlannedJobs

NEED: Need = need_of("gemini")


def planned(jobs: PlannedJobs, name: str, *after: str, project: str = "shop") -> list[str]:
    """The jobs ahead of this one that take of its quota at the same time."""
    job, plan = jobs.add(f"urn:{name}", name, project, NEED, [f"urn:{each}" for each in after])
    return [each.name for each in plan.before(job)]


def test_a_job_comes_after_those_that_were_checked_before_it() -> None:
    jobs = PlannedJobs()
    assert [planned(jobs, name) for name in "abc"] == [[], ["a"], ["a", "b"]]


def test_a_job_that_is_checked_again_keeps_its_place() -> None:
    jobs = PlannedJobs()
    planned(jobs, "a")
    planned(jobs, "b")
    assert planned(jobs, "a") == []
    assert planned(jobs, "b") == ["a"]


def test_jobs_of_another_project_take_of_another_quota() -> None:
    jobs = PlannedJobs()
    planned(jobs, "a")
    assert planned(jobs, "b", project="bank") == []


def test_a_job_that_begins_when_another_has_ended_is_not_counted_with_it() -> None:
    jobs = PlannedJobs()
    planned(jobs, "a")
    assert planned(jobs, "b", "a") == []
    assert planned(jobs, "c", "b") == []
    assert planned(jobs, "d") == ["a", "b", "c"]


def test_two_jobs_of_one_name_are_told_apart() -> None:
    jobs = PlannedJobs()
    first, _ = jobs.add("urn:one:a", "a", "shop", NEED)
    second, plan = jobs.add("urn:two:a", "a", "shop", NEED)
    assert (first.name, second.name) == ("a", "a (2)")
    assert [each.name for each in plan.before(second)] == ["a"]
