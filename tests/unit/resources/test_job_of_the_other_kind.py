"""A job of an open model writes weights, and any other makes a model: what needs the other thing is refused at preview and at `up`."""

from __future__ import annotations

from typing import Any, Final

import pytest

from pulumi_gcp_tuning.errors import Refused
from pulumi_gcp_tuning.resources.core.lifecycle import UNKNOWN, Call
from pulumi_gcp_tuning.resources.core.run import Run
from pulumi_gcp_tuning.resources.registry import registered
from support.declared_tuning_job import declared
from support.hand_made_google import Desk, settings, urn
from support.hand_made_lookups import NUMBER

FRAMES: Final = {frame.name: frame for frame in registered()}
JOB: Final = f"projects/{NUMBER}/locations/us-central1/tuningJobs/7"
GEMINI: Final[dict[str, Any]] = {"baseModel": "gemini-3.5-flash"}
LLAMA: Final[dict[str, Any]] = {"baseModel": "meta/llama3_1@llama-3.1-8b", "outputUri": "gs://shop-data/out"}
QWEN: Final[dict[str, Any]] = {**LLAMA, "baseModel": "qwen/qwen3@qwen3-8b"}
MACHINE: Final = {"machineType": "g2-standard-12", "acceleratorType": "NVIDIA_L4", "acceleratorCount": 1}
MORE: Final = {**declared(baseModel=LLAMA["baseModel"]), "outputUri": "gs://shop-data/more"}
WRITES: Final = "tunes an open model: it writes weights to Cloud Storage and makes no model. Declare a ModelDeployment"
NO_WEIGHTS: Final = "does not tune an open model, so it writes no weights."
CASES: Final[tuple[tuple[str, str, dict[str, Any], dict[str, Any], str], ...]] = (
    ("TunedModel", "tuningJob", {}, LLAMA, WRITES),
    ("ModelDeployment", "tuningJob", MACHINE, GEMINI, f"{NO_WEIGHTS} Declare a TunedModel"),
    ("TuningJob", "customBaseModel", MORE, GEMINI, f"{NO_WEIGHTS} To train on from its model, set pre_tuned_model"),
    (
        "TuningJob",
        "customBaseModel",
        MORE,
        QWEN,
        "tunes qwen/qwen3@qwen3-8b, which has another architecture than meta/llama3_1",
    ),
)
RIGHT: Final[tuple[tuple[str, str, dict[str, Any], dict[str, Any]], ...]] = (
    ("TunedModel", "tuningJob", {}, GEMINI),
    ("ModelDeployment", "tuningJob", MACHINE, LLAMA),
    ("TuningJob", "customBaseModel", MORE, LLAMA),
)


OFF: Final = dict.fromkeys(("model", "dataset", "retirement", "quota", "location", "identity"), "off")


@pytest.fixture
def desk() -> Desk:
    return Desk()


def call(desk: Desk, resource: str, name: str = "bot", run: Run | None = None) -> Call:
    return desk.call(resource, name, settings=settings(checks=OFF), run=run or Run())


def found(desk: Desk, resource: str, news: dict[str, Any], *, name: str = "bot", run: Run | None = None) -> list[str]:
    given = {**news, "resourceUrn": urn(resource, name)}
    judged = FRAMES[resource].check(call(desk, resource, name, run), {}, given)
    return [str(each) for each in judged.findings if each.severity == "error"]


@pytest.mark.parametrize("state", ["RUNNING", "SUCCEEDED"])
@pytest.mark.parametrize(("resource", "key", "more", "job", "says"), CASES)
def test_a_job_that_is_given_by_name(
    desk: Desk, resource: str, key: str, more: dict[str, Any], job: dict[str, Any], says: str, state: str
) -> None:
    desk.google.jobs[JOB] = {"name": JOB, "state": f"JOB_STATE_{state}", **job}
    (said,) = found(desk, resource, {**more, key: JOB})
    assert f"The tuning job {JOB} {says}" in said


@pytest.mark.parametrize(("resource", "key", "more", "job", "says"), CASES)
def test_a_job_of_the_program_that_has_no_name_yet(
    desk: Desk, resource: str, key: str, more: dict[str, Any], job: dict[str, Any], says: str
) -> None:
    run = _declared_before(desk, job)
    told = {"inputSources": {key: [urn("TuningJob", "first")]}}
    (said,) = found(desk, resource, {**more, key: UNKNOWN, **told}, run=run)
    assert f"The TuningJob 'first' {says}" in said


@pytest.mark.parametrize(("resource", "key", "more", "job"), RIGHT)
def test_a_job_of_the_right_kind_passes(
    desk: Desk, resource: str, key: str, more: dict[str, Any], job: dict[str, Any]
) -> None:
    desk.google.jobs[JOB] = {"name": JOB, "state": "JOB_STATE_RUNNING", **job}
    assert found(desk, resource, {**more, key: JOB}) == []
    told = {"inputSources": {key: [urn("TuningJob", "first")]}}
    assert found(desk, resource, {**more, key: UNKNOWN, **told}, run=_declared_before(desk, job)) == []


@pytest.mark.parametrize(("resource", "key", "more", "job", "says"), CASES[:3])
def test_up_refuses_it_as_soon_as_the_job_is_read(
    desk: Desk, resource: str, key: str, more: dict[str, Any], job: dict[str, Any], says: str
) -> None:
    desk.google.jobs[JOB] = {"name": JOB, "state": "JOB_STATE_RUNNING", **job}
    given = {"resourceUrn": urn(resource), **more, key: JOB}
    inputs = FRAMES[resource].check(call(desk, resource), {}, given).inputs
    with pytest.raises(Refused) as refused:
        FRAMES[resource].create(call(desk, resource), inputs)
    assert f"The tuning job {JOB} {says}" in str(refused.value)


def _declared_before(desk: Desk, job: dict[str, Any]) -> Run:
    run = Run()
    assert found(desk, "TuningJob", {**declared(), **job}, name="first", run=run) == []
    return run
