"""An answer that leaves open whether a job was taken: with a list that lags, one job is paid for."""

from __future__ import annotations

from typing import Any

import pytest

from pulumi_gcp_tuning.errors import ApiError, Failed, Refused
from pulumi_gcp_tuning.resources.jobs.kinds import JOB_KINDS
from pulumi_gcp_tuning.resources.jobs.sending import LOOK_SECONDS
from pulumi_gcp_tuning.resources.registry import registered
from support.hand_made_google import Desk, settings, urn

DATA = f"gs://shop-data/tuning-datasets/{'a' * 64}.jsonl"
INPUTS: dict[str, dict[str, Any]] = {
    "TuningJob": {"baseModel": "gemini-3.5-flash", "supervisedTuningSpec": {"trainingDatasetUri": DATA}},
    "PipelineTuningJob": {
        "baseModel": "code-bison@002",
        "datasetUri": DATA,
        "gcsOutputDirectory": "gs://shop-data/output",
    },
}
FRAMES = {frame.name: frame for frame in registered()}
KINDS = {kind.resource: kind for kind in JOB_KINDS}
WITHIN = LOOK_SECONDS - 1
FULL = "Quota exceeded for aiplatform.googleapis.com/global_concurrent_tuning_jobs with base model."
BUSY = {"408": (408, "slow"), "429": (429, "slow down"), "429 full": (429, FULL), "503": (503, "no")}
BROKEN = {"500": (500, "no"), "502": (502, "no"), "504": (504, "no"), "no answer": (0, "connection lost")}
ON_QUOTA = ("fail", "wait")


def unclear(answer: str) -> ApiError:
    http_status, text = (BUSY | BROKEN)[answer]
    return ApiError(text, http_status=http_status, status="X", maybe_took_effect=True)


class Submitting:
    """A declaration and a Google that may take its job although it does not say so."""

    def __init__(self, resource: str = "TuningJob", **inputs: Any) -> None:
        self.resource, self.desk = resource, Desk()
        self.google, self.clock = self.desk.google, self.desk.clock
        self.inputs = {**INPUTS[resource], "resourceUrn": urn(resource), **inputs}

    def create(self, **given: Any) -> str:
        self.google.facts.clear()  # as another run would
        call = self.desk.call(self.resource, settings=settings(checks={"retirement": "off", "dataset": "off"}), **given)
        frame = FRAMES[self.resource]
        return str(frame.create(call, frame.check(call, {}, self.inputs).inputs).id)

    @property
    def sent(self) -> int:
        return sum(verb.startswith("create_") for verb, _ in self.google.journal)

    def looks_between_the_submits(self) -> list[int]:
        """How often the jobs were listed between one submit and the next."""
        verbs = [verb for verb, _ in self.google.journal if verb in ("create_tuning_job", "list_tuning_jobs")]
        parts = "".join("C" if verb.startswith("create") else "l" for verb in verbs).split("C")
        return [len(part) for part in parts[1:-1]]


@pytest.mark.parametrize("on_quota", ON_QUOTA)
@pytest.mark.parametrize("answer", BUSY | BROKEN)
@pytest.mark.parametrize("lag", [0, 5, WITHIN])
@pytest.mark.parametrize("resource", KINDS)
def test_a_job_that_was_taken_in_spite_of_the_answer_is_not_paid_twice(
    resource: str, lag: float, answer: str, on_quota: str
) -> None:
    jobs = Submitting(resource, onQuota=on_quota)
    jobs.google.unclear_answers, jobs.google.lag = [unclear(answer)], lag
    assert jobs.create() == next(iter(jobs.google.jobs))
    assert (len(jobs.google.jobs), jobs.sent) == (1, 1)


@pytest.mark.parametrize("on_quota", ON_QUOTA)
@pytest.mark.parametrize("answer", [each for each in BUSY if each != "429 full"])
def test_a_busy_google_is_asked_three_times_and_the_job_is_looked_for_after_each(answer: str, on_quota: str) -> None:
    jobs = Submitting(onQuota=on_quota)
    jobs.google.refuse_create = unclear(answer)
    with pytest.raises(ApiError, match=r"although it was sent 3 times") as told:
        jobs.create()
    assert jobs.sent == 3
    assert min(jobs.looks_between_the_submits()) > 3
    assert jobs.clock.seconds == 3 * LOOK_SECONDS
    assert len(str(told.value).splitlines()) <= 6


def test_a_full_quota_is_refused_after_a_look_where_nobody_wants_to_wait() -> None:
    jobs = Submitting(onQuota="fail")
    jobs.google.refuse_create = unclear("429 full")
    with pytest.raises(ApiError, match="it was not sent again"):
        jobs.create()
    assert (jobs.sent, jobs.clock.seconds) == (1, LOOK_SECONDS)


def test_a_full_quota_is_waited_out_with_looks_before_each_submit() -> None:
    jobs = Submitting()
    jobs.google.refuse_create = unclear("429 full")
    with pytest.raises(Failed):
        jobs.create(timeout=600.0)
    assert jobs.sent > 3
    assert min(jobs.looks_between_the_submits()) > 3


def test_a_pipeline_is_read_by_its_id_once_and_not_waited_for() -> None:
    jobs = Submitting("PipelineTuningJob", onQuota="fail")
    jobs.google.refuse_create = unclear("503")
    with pytest.raises(ApiError, match="nor one with the id gcp-tuning-"):
        jobs.create()
    assert (jobs.sent, jobs.clock.seconds) == (1, 0)


@pytest.mark.parametrize("on_quota", ON_QUOTA)
def test_a_job_that_a_list_shows_later_than_we_look_is_paid_twice_and_both_are_named_to_who_looks(
    on_quota: str,
) -> None:
    jobs = Submitting(onQuota=on_quota)
    jobs.google.unclear_answers, jobs.google.lag = [unclear("503")], 10 * LOOK_SECONDS
    jobs.create()
    assert len(jobs.google.jobs) == 2
    jobs.clock.seconds += 10 * LOOK_SECONDS
    with pytest.raises(Refused, match="2 tuning jobs belong to 'bot'") as told:
        jobs.create()
    assert all(name in str(told.value) for name in jobs.google.jobs)


@pytest.mark.parametrize("answer", ["429 full", *BROKEN])
def test_what_is_not_sent_again_is_adopted_by_the_next_run_however_long_the_list_lags(answer: str) -> None:
    jobs = Submitting(onQuota="fail")
    jobs.google.unclear_answers, jobs.google.lag = [unclear(answer)], 10 * LOOK_SECONDS
    with pytest.raises(ApiError, match="Run `pulumi up` again: it looks for the job"):
        jobs.create()
    jobs.clock.seconds += 10 * LOOK_SECONDS
    assert [jobs.create()] == list(jobs.google.jobs)


@pytest.mark.parametrize("on_quota", ON_QUOTA)
@pytest.mark.parametrize("answer", BUSY)
def test_what_cannot_be_looked_up_is_not_sent_again(
    monkeypatch: pytest.MonkeyPatch, answer: str, on_quota: str
) -> None:
    jobs = Submitting(onQuota=on_quota)
    jobs.google.unclear_answers = [unclear(answer)]
    listed = type(jobs.google.vertex("us-central1").tuning_jobs).list

    def denied_after_the_submit(self: Any, parent: str, **options: Any) -> Any:
        if jobs.sent:
            raise ApiError("no list for you", http_status=403, status="PERMISSION_DENIED")
        return listed(self, parent, **options)

    monkeypatch.setattr("support.hand_made_google.HandMadeJobs.list", denied_after_the_submit)
    with pytest.raises(ApiError, match="because the lookup failed: no list for you") as told:
        jobs.create()
    assert unclear(answer).args[0] in str(told.value)
    assert told.value.maybe_took_effect
    assert jobs.sent == 1


@pytest.mark.parametrize("on_quota", ON_QUOTA)
@pytest.mark.parametrize("answer", BUSY)
def test_nothing_is_sent_again_after_a_cancel(answer: str, on_quota: str) -> None:
    jobs = Submitting(onQuota=on_quota)
    jobs.google.refuse_create = unclear(answer)
    with pytest.raises((ApiError, Refused)) as told:
        jobs.create(cancelled=lambda: jobs.clock.seconds > 3)
    assert jobs.sent == 1
    assert jobs.clock.seconds < 10
    assert "looks for the job before it submits one" in str(told.value)
    assert "othing was submitted" not in str(told.value)


@pytest.mark.parametrize("lag", [5, LOOK_SECONDS + 5])
def test_a_wait_that_ends_in_time_takes_the_job_that_it_finds_last(lag: float) -> None:
    jobs = Submitting()
    jobs.google.unclear_answers, jobs.google.lag = [unclear("429 full")], lag
    assert [jobs.create(timeout=lag)] == list(jobs.google.jobs)
    assert jobs.sent == 1


def test_a_cancelled_wait_takes_the_job_that_it_finds_last() -> None:
    jobs = Submitting()
    jobs.google.unclear_answers, jobs.google.lag = [unclear("429 full")], LOOK_SECONDS + 5
    assert [jobs.create(cancelled=lambda: jobs.clock.seconds > LOOK_SECONDS)] == list(jobs.google.jobs)


def test_a_wait_that_ends_after_an_unclear_answer_does_not_say_that_nothing_was_submitted() -> None:
    jobs = Submitting()
    jobs.google.unclear_answers, jobs.google.lag = [unclear("429 full")], LOOK_SECONDS
    with pytest.raises(Failed, match="does not prove that none was accepted") as told:
        jobs.create(timeout=30.0)
    assert "othing was submitted" not in str(told.value)
    jobs.clock.seconds += LOOK_SECONDS
    assert [jobs.create()] == list(jobs.google.jobs)


def test_a_job_that_shows_up_while_it_waits_for_a_slot_is_not_sent_again() -> None:
    jobs = Submitting()
    jobs.google.limit = 1  # which the job itself takes
    jobs.google.unclear_answers, jobs.google.lag = [unclear("429 full")], LOOK_SECONDS + 10
    assert [jobs.create()] == list(jobs.google.jobs)
