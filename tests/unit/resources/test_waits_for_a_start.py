"""An open model's job waits for the job that it starts from: nothing is submitted before, and nothing twice."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from pulumi_gcp_tuning.errors import Failed, Refused
from support.declared_tuning_job import TUNING_JOB
from support.findings import printed_of
from support.hand_made_google import Desk, urn
from support.hand_made_lookups import NUMBER
from unit.resources.test_open_model_training import OPEN


@pytest.fixture
def desk() -> Desk:
    return Desk()


NO_CHECKS = {"existence": "off", "artifacts": "off", "dataset": "off"}


def start(desk: Desk) -> str:
    return str(made_as(desk, "first").id)


def made_call(desk: Desk, name: str, **during: Any) -> Any:
    desk.google.facts.clear()  # another process has listed nothing yet
    return replace(desk.call("TuningJob", **({"timeout": 600.0} | during)), urn=urn("TuningJob", name))


def made_as(desk: Desk, name: str, during: Any = None, **given: Any) -> Any:
    call = made_call(desk, name, **(during or {}))
    inputs = {**OPEN, "outputUri": f"gs://shop-data/{name}", "resourceUrn": call.urn, "checks": NO_CHECKS, **given}
    found = TUNING_JOB.check(call, {}, inputs)
    assert [str(f) for f in found.findings if f.severity == "error"] == []
    return TUNING_JOB.create(call, found.inputs)


def more(desk: Desk, job: str, during: Any = None, **given: Any) -> Any:
    return made_as(desk, "more", during, customBaseModel=job, **given)


@pytest.mark.parametrize("pressed", [True, False])
def test_a_wait_that_ends_early_submits_nothing_and_goes_on_in_the_next_run(desk: Desk, *, pressed: bool) -> None:
    first, at = start(desk), desk.clock.seconds
    with pytest.raises(Failed) as ended:
        more(desk, first, {"cancelled": lambda: pressed and desk.clock.seconds > at})
    assert str(ended.value).startswith("Nothing was submitted. The wait of 'more'")
    assert "the job from which it starts continues at Google (PENDING)" in str(ended.value)
    assert list(desk.google.jobs) == [first]
    desk.google.future = [desk.google.succeed]
    made = more(desk, first)
    assert desk.google.jobs[made.id]["customBaseModel"].startswith("gs://shop-data/first/")


def test_a_start_that_fails_during_the_wait_is_said_to_be_the_start(desk: Desk) -> None:
    first = start(desk)
    desk.google.future = [desk.google.run, desk.google.fail]
    with pytest.raises(Failed, match="The tuning job from which 'more' starts ended FAILED"):
        more(desk, first)
    assert list(desk.google.jobs) == [first]


def test_what_a_killed_run_submitted_after_the_wait_is_adopted(desk: Desk) -> None:
    first = start(desk)
    desk.google.succeed(first)
    made = more(desk, first)
    assert more(desk, first).id == made.id
    assert len(desk.google.jobs) == 2


def test_a_job_that_started_from_the_declared_job_can_be_adopted_by_name(desk: Desk) -> None:
    first = start(desk)
    desk.google.succeed(first)
    made = more(desk, first)
    adopted = more(desk, first, adopt=made.id)
    assert adopted.id == made.id
    other = str(made_as(desk, "other").id)
    desk.google.succeed(other)
    with pytest.raises(Refused, match="custom_base_model"):
        more(desk, other, adopt=made.id)


@pytest.mark.parametrize("imported", [True, False])
def test_a_job_in_place_of_its_folder_is_not_paid_for_again(desk: Desk, *, imported: bool) -> None:
    first = start(desk)
    desk.google.succeed(first)
    folder = "gs://shop-data/first/postprocess/node-0/checkpoints/final"
    made = more(desk, first if imported else folder)
    olds, call = {**made.outputs, "customBaseModel": folder}, made_call(desk, "more")
    with pytest.raises(Refused, match="would be trained and paid for again"):
        TUNING_JOB.diff(call, made.id, olds, {**made.inputs, "customBaseModel": first})
    news = {**made.inputs, "customBaseModel": first, "adopt": made.id}
    assert list(TUNING_JOB.diff(call, made.id, olds, news).replaces) == []


def test_a_start_by_the_id_or_by_the_number_of_the_project_is_the_same(desk: Desk) -> None:
    first = start(desk)
    desk.google.succeed(first)
    made = more(desk, first)
    news = {**made.inputs, "customBaseModel": first.replace(NUMBER, "shop")}
    assert list(TUNING_JOB.diff(made_call(desk, "more"), made.id, made.outputs, news).replaces) == []


@pytest.mark.parametrize(
    ("kind", "says"),
    [("pulumi:pulumi:StackReference", "the stack up, which has no such output"), ("a:b:C", "--target")],
)
def test_a_start_without_a_value_is_refused_with_what_may_be_the_cause(desk: Desk, kind: str, says: str) -> None:
    call = made_call(desk, "more")
    sources = {"customBaseModel": [f"urn:pulumi:dev::shop::{kind}::up"]}
    inputs = {**OPEN, "resourceUrn": call.urn, "inputSources": sources}
    found = printed_of(TUNING_JOB.check(call, {}, inputs).findings)
    assert [says in each.sentences for each in found if each.path == "custom_base_model"] == [True]
