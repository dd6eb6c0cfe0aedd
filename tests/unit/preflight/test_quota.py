"""What a job takes, what is taken, what is allowed, and what this run's other jobs will take."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pulumi_gcp_tuning.preflight.facts import NOT_ASKED, Fact, Family, Known, LiveJob, LiveJobs, Missing, QuotaLimit
from pulumi_gcp_tuning.preflight.quota import (
    Need,
    OnQuota,
    Plan,
    PlannedJob,
    Usage,
    check_quota,
    how_to_ask,
    need_of,
    position_of,
    serving_need,
)
from support.findings import assert_documented, assert_found

GEMINI = need_of("gemini")
OPEN = need_of("open")
GPU = need_of("pipeline-gpu")
TPU = need_of("pipeline-tpu")
PATH = "on_quota"
REFUSED = Missing(subject="the quotas", reason="403 Forbidden", needs="cloudquotas.quotas.get")


def limit(need: Need, value: int, region: str | None = None) -> QuotaLimit:
    return QuotaLimit(metric=need.metric or "", display_name=need.display_name, limit=value, region=region)


def limits(need: Need, value: int) -> Known[tuple[QuotaLimit, ...]]:
    return Known((limit(need, value, need.region),))


def job(name: str = "a", need: Need = GEMINI, *after: str) -> PlannedJob:
    return PlannedJob(name=name, need=need, after=frozenset(after))


def plan(*jobs: PlannedJob) -> Plan:
    return Plan(jobs)


def running(count: int, family: Family = "gemini") -> LiveJobs:
    jobs = [LiveJob(name=str(n), region="us-central1", family=family) for n in range(count)]
    return LiveJobs(by_region={"us-central1": Known(jobs)})


@pytest.mark.parametrize(
    ("family", "need"), [("gemini", GEMINI), ("open", OPEN), ("pipeline-gpu", GPU), ("pipeline-tpu", TPU)]
)
def test_a_job_without_room_waits_by_default_and_the_numbers_are_shown(family: Family, need: Need) -> None:
    usage = Usage.of_jobs(family, need, running(1, family))
    found = check_quota(job("a", need), plan(), limits(need, need.amount), usage)
    assert_found(
        found,
        path=PATH,
        check="quota",
        says=f"need {need.amount}, in use {need.amount} in us-central1, limit {need.amount}, free 0",
        way_out="It waits for a slot; on_quota='fail' refuses instead. Ask for more",
        severity="warn",
    )
    assert need.display_name in str(found[0].problem)
    assert (need.metric or "") in str(found[0].problem)
    assert check_quota(job("a", need), plan(), limits(need, 2 * need.amount), usage) == []


def test_with_fail_a_job_without_room_is_refused() -> None:
    usage = Usage.of_jobs("gemini", GEMINI, running(1))
    found = check_quota(job(), plan(), limits(GEMINI, 1), usage, on_quota="fail", project="my-project")
    assert_found(
        found, path=PATH, check="quota", says="in use 1 in us-central1, limit 1", way_out="quotas?project=my-project"
    )
    assert "on_quota='wait'" in str(found[0].remedy)
    assert check_quota(job(), plan(), limits(GEMINI, 2), usage, on_quota="fail") == []


@pytest.mark.parametrize("on_quota", ["wait", "fail"])
@pytest.mark.parametrize(("need", "value"), [(GEMINI, 0), (OPEN, 0), (GPU, 0), (GPU, 7), (TPU, 63)])
def test_a_limit_below_what_one_job_takes_is_refused_however_long_one_waits(
    need: Need, value: int, on_quota: OnQuota
) -> None:
    found = check_quota(job("a", need), plan(), limits(need, value), Usage(), on_quota=on_quota)
    assert_found(
        found, path=PATH, check="quota", says=f"is {value}, but one job needs {need.amount}", way_out="Ask for"
    )


def test_a_limit_of_just_one_job_passes() -> None:
    for need in (GEMINI, OPEN, GPU, TPU):
        assert check_quota(job("a", need), plan(), limits(need, need.amount), Usage()) == []


def test_machines_are_asked_for_in_multiples_in_the_region_that_computes() -> None:
    assert "in multiples of 8" in how_to_ask(GPU, None)
    assert "in us-central1" in how_to_ask(GPU, None)
    assert "in multiples of 64" in how_to_ask(TPU, None)
    assert "in europe-west4" in how_to_ask(TPU, None)
    own = limit(GEMINI, 1)
    own = QuotaLimit(metric=own.metric, display_name=own.display_name, limit=1, request_uri="https://x.test/ask")
    assert "https://x.test/ask" in how_to_ask(GEMINI, "my-project", own)


def test_no_limit_is_room_for_all() -> None:
    usage = Usage.of_jobs("gemini", GEMINI, running(50))
    assert check_quota(job(), plan(), limits(GEMINI, -1), usage, on_quota="fail") == []


def test_this_runs_other_jobs_are_counted_in_their_order() -> None:
    run = plan(job("a"), job("b"), job("c"))
    assert check_quota(job("a"), run, limits(GEMINI, 2), Usage()) == []
    assert check_quota(job("b"), run, limits(GEMINI, 2), Usage()) == []
    found = check_quota(job("c"), run, limits(GEMINI, 2), Usage())
    assert_found(
        found,
        path=PATH,
        check="quota",
        says="free 2, this run's other jobs need 2",
        way_out="It waits for a slot after a, b;",
        severity="warn",
    )


def test_a_job_that_starts_from_anothers_model_does_not_run_beside_it() -> None:
    run = plan(job("a"), job("b", GEMINI, "a"), job("c", GEMINI, "b"))
    for each in run.jobs:
        assert check_quota(each, run, limits(GEMINI, 1), Usage(), on_quota="fail") == []


def test_of_a_chain_one_job_counts_and_of_a_fork_its_branches_do() -> None:
    chain = plan(job("a"), job("b", GEMINI, "a"), job("x"))
    place = position_of(job("x"), chain, limits(GEMINI, 2).value, Usage())
    assert place is not None
    assert (place.others, place.fits, place.before) == (1, True, ("a", "b"))
    fork = plan(job("a"), job("b", GEMINI, "a"), job("c", GEMINI, "a"), job("x"))
    place = position_of(job("x"), fork, limits(GEMINI, 2).value, Usage())
    assert place is not None
    assert (place.others, place.fits) == (2, False)


def test_jobs_of_another_quota_are_not_counted() -> None:
    run = plan(job("o", OPEN), job("g", GPU), job("t", TPU), job("a"))
    assert check_quota(job("a"), run, limits(GEMINI, 1), Usage(), on_quota="fail") == []


def test_jobs_that_name_each_other_in_a_circle_end() -> None:
    run = plan(job("a", GEMINI, "b"), job("b", GEMINI, "a"), job("c", GEMINI, "a", "c"))
    assert position_of(job("c"), run, limits(GEMINI, 1).value, Usage()) is not None


def test_serving_accelerators_of_all_deployments_of_the_run_are_added() -> None:
    need = serving_need("NVIDIA_L4", "us-central1", 4)
    assert (need.metric or "").endswith("/custom_model_serving_nvidia_l4_gpus")
    path = ("dedicated_resources", "machine_spec", "accelerator_count")
    run = plan(job("first", need), job("second", need))
    found = check_quota(job("second", need), run, limits(need, 4), Usage(), on_quota="fail", path=path)
    assert_found(found, path=path, check="quota", says="this run's other jobs need 4", way_out="Ask for more")
    assert check_quota(job("second", need), run, limits(need, 8), Usage(), on_quota="fail", path=path) == []


def test_the_quota_of_an_older_accelerator_leaves_out_its_family() -> None:
    need = serving_need("NVIDIA_TESLA_T4", "us-central1", 1)
    assert need.metric == "aiplatform.googleapis.com/custom_model_serving_nvidia_t4_gpus"
    assert need.display_name == "Custom model serving Nvidia T4 GPUs per region"


def test_a_limit_is_found_by_metric_else_by_display_name() -> None:
    by_name = QuotaLimit(metric="aiplatform.googleapis.com/unheard_of", display_name=OPEN.display_name.upper(), limit=0)
    assert OPEN.limit_among([by_name]) == by_name
    by_metric = QuotaLimit(metric=GEMINI.metric or "", display_name="Renamed", limit=3)
    assert GEMINI.limit_among([by_metric]) == by_metric


@pytest.mark.parametrize(
    ("need", "name"),
    [
        (OPEN, "Global concurrent managed OSS model fine-tuning jobs"),
        (TPU, "Restricted image training TPU V3 pod cores"),
        (GPU, "Restricted image training Nvidia A100 80GB GPUs per project per region"),
    ],
)
def test_a_display_name_is_the_same_with_and_without_per_project_and_per_region(need: Need, name: str) -> None:
    found = QuotaLimit(metric="aiplatform.googleapis.com/unheard_of", display_name=name, limit=0)
    assert need.limit_among([found]) == found
    assert need.limit_among([QuotaLimit(metric="", display_name=f"Other {name}", limit=0)]) is None


def test_the_metric_that_google_lists_is_named_where_the_catalogue_knows_none() -> None:
    assert OPEN.metric is None
    listed = QuotaLimit(metric="aiplatform.googleapis.com/oss_jobs", display_name=OPEN.display_name, limit=0)
    found = check_quota(job("a", OPEN), plan(), Known((listed,)), Usage())
    assert "(aiplatform.googleapis.com/oss_jobs)" in str(found[0].problem)


def test_the_limit_of_the_region_holds_not_that_of_another() -> None:
    here, there = limit(GPU, 8, "us-central1"), limit(GPU, 0, "europe-west4")
    assert GPU.limit_among([there, here]) == here
    assert GPU.limit_among([there]) is None


def test_a_quota_that_is_not_listed_is_said_and_passes() -> None:
    found = check_quota(job(), plan(), Known(()), Usage(), on_quota="fail")
    assert_found(found, path=PATH, check="quota", says="do not list", way_out="Ask for more", severity="warn")


def test_quotas_that_cannot_be_read_are_one_warning_and_not_asked_none() -> None:
    found = check_quota(job(), plan(), REFUSED, Usage(), on_quota="fail")
    assert_found(found, path=PATH, check="quota", says="403", way_out="cloudquotas.quotas.get", severity="warn")
    assert check_quota(job(), plan(), NOT_ASKED, Usage(), on_quota="fail") == []
    assert check_quota(None, plan(), limits(GEMINI, 0), Usage()) == []


def test_jobs_that_cannot_be_listed_are_one_warning_and_make_the_count_a_least() -> None:
    unread = Missing(subject="the jobs in us-west1", reason="403", needs="aiplatform.tuningJobs.list")
    live = LiveJobs(by_region={**running(1).by_region, "us-west1": unread})
    usage = Usage.of_jobs("gemini", GEMINI, live)
    found = check_quota(job(), plan(), limits(GEMINI, 5), usage)
    assert_found(found, path=PATH, check="quota", says="jobs in us-west1", way_out="tuningJobs.list", severity="warn")
    assert "in use at least 1 " in str(check_quota(job(), plan(), limits(GEMINI, 1), usage)[1].problem)
    assert str(position_of(job(), plan(), limits(GEMINI, 5).value, usage)).endswith("limit 5, free at most 4")
    known = Usage.of_jobs("gemini", GEMINI, running(1))
    assert str(position_of(job(), plan(), limits(GEMINI, 5).value, known)).endswith("limit 5, free 4")


def test_three_hundred_jobs_with_chains_are_placed_quickly() -> None:
    jobs = [job(f"j{n}", GEMINI, *([f"j{n - 1}"] if n % 3 else [])) for n in range(300)]
    run = Plan(tuple(jobs))
    place = position_of(jobs[-3], run, limits(GEMINI, 10).value, Usage())
    assert place is not None
    assert place.others == 99


NAMES = st.sampled_from(["a", "b", "c", "d"])
JOBS = st.builds(
    PlannedJob,
    name=NAMES,
    need=st.sampled_from([GEMINI, OPEN, GPU, TPU]) | st.builds(Need, display_name=st.text(), amount=st.integers()),
    after=st.frozensets(NAMES),
)
LIMITS: st.SearchStrategy[Fact[list[QuotaLimit]]] = st.one_of(
    st.just(NOT_ASKED),
    st.just(REFUSED),
    st.builds(
        Known,
        st.lists(
            st.builds(
                QuotaLimit,
                metric=st.sampled_from([GEMINI.metric, GPU.metric, ""]),
                display_name=st.sampled_from([GEMINI.display_name, OPEN.display_name, "x"]),
                limit=st.integers(),
                region=st.none() | st.just("us-central1"),
            )
        ),
    ),
)


@given(JOBS, st.lists(JOBS), LIMITS, st.integers(), st.sampled_from(["wait", "fail"]))
def test_any_plan_with_any_facts_gives_findings(
    one: PlannedJob, jobs: list[PlannedJob], limits: Fact[list[QuotaLimit]], used: int, on_quota: OnQuota
) -> None:
    run = plan(*{each.name: each for each in jobs}.values())
    assert_documented(check_quota(one, run, limits, Usage(amount=used, missing=REFUSED), on_quota=on_quota))
