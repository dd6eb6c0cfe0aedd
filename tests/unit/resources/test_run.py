"""What the resources of one run know of each other: the plan of its jobs."""

from __future__ import annotations

from pulumi_gcp_tuning.preflight.quota import Need, need_of
from pulumi_gcp_tuning.resources.run import Run

NEED: Need = need_of("gemini")


def planned(run: Run, name: str, *after: str, project: str = "shop") -> list[str]:
    """The jobs ahead of this one that take of its quota at the same time."""
    job, plan = run.plan_job(f"urn:{name}", name, project, NEED, [f"urn:{each}" for each in after])
    return [each.name for each in plan.before(job)]


def test_a_job_comes_after_those_that_were_checked_before_it() -> None:
    run = Run()
    assert [planned(run, name) for name in "abc"] == [[], ["a"], ["a", "b"]]


def test_a_job_that_is_checked_again_keeps_its_place() -> None:
    run = Run()
    planned(run, "a")
    planned(run, "b")
    assert planned(run, "a") == []
    assert planned(run, "b") == ["a"]


def test_jobs_of_another_project_take_of_another_quota() -> None:
    run = Run()
    planned(run, "a")
    assert planned(run, "b", project="bank") == []


def test_a_job_that_begins_when_another_has_ended_is_not_counted_with_it() -> None:
    run = Run()
    planned(run, "a")
    assert planned(run, "b", "a") == []
    assert planned(run, "c", "b") == []
    assert planned(run, "d") == ["a", "b", "c"]


def test_two_jobs_of_one_name_are_told_apart() -> None:
    run = Run()
    first, _ = run.plan_job("urn:one:a", "a", "shop", NEED)
    second, plan = run.plan_job("urn:two:a", "a", "shop", NEED)
    assert (first.name, second.name) == ("a", "a (2)")
    assert [each.name for each in plan.before(second)] == ["a"]
