"""TuningJob, once it has been submitted: what changes it, how it is read, updated and deleted."""

from __future__ import annotations

from typing import Any

import pytest

from pulumi_gcp_tuning.errors import ApiError, Failed, Refused
from pulumi_gcp_tuning.resources.core.lifecycle import UNKNOWN
from pulumi_gcp_tuning.resources.core.run import Run
from support.declared_tuning_job import HASH_A, HASH_B, TUNING_JOB, checked, created, declared, errors, with_spec
from support.hand_made_google import Desk, HandMadeGoogle, settings
from support.hand_made_lookups import NUMBER


@pytest.fixture
def desk() -> Desk:
    return Desk()


# diff


def diffed(desk: Desk, news: dict[str, Any], **olds: Any) -> Any:
    made = created(desk)
    desk.google.succeed(made.id)
    old = TUNING_JOB.read(desk.call(), made.id, made.outputs)
    assert old is not None
    inputs = TUNING_JOB.check(desk.call(), {}, news).inputs
    return TUNING_JOB.diff(desk.call(), made.id, {**old.outputs, **olds}, inputs)


def test_nothing_changed_is_false_and_asks_nothing(desk: Desk) -> None:
    assert diffed(desk, declared()).changed is False


def test_a_changed_spec_replaces(desk: Desk) -> None:
    assert diffed(desk, declared(baseModel="gemini-3.1-flash-lite")).replaces == ["baseModel"]


def test_changed_content_of_the_dataset_replaces(desk: Desk) -> None:
    news = with_spec(trainingDatasetUri=f"gs://shop-data/tuning-datasets/{HASH_B}.jsonl")
    assert diffed(desk, news).replaces == ["supervisedTuningSpec"]


def test_the_same_content_in_another_bucket_does_not_replace(desk: Desk) -> None:
    news = with_spec(trainingDatasetUri=f"gs://other/elsewhere/{HASH_A}.jsonl")
    assert diffed(desk, news).replaces == ()


@pytest.mark.parametrize(
    "change",
    [
        {"tunedModelDisplayName": "robot"},
        {"tunedModelDisplayName": "robot", "labels": {"team": "care"}},
        {"description": "better"},
        {"deletionPolicy": "PREVENT"},
        {"onChange": "error"},
        {"checks": {"model": "warn"}},
    ],
)
def test_what_is_not_the_spec_is_an_update(desk: Desk, change: dict[str, Any]) -> None:
    difference = diffed(desk, declared(**change))
    assert (difference.changed, list(difference.replaces)) == (None, [])


def test_retry_and_place_replace(desk: Desk) -> None:
    assert diffed(desk, declared(retry="2")).replaces == ["retry"]
    assert diffed(Desk(), declared(location="europe-west4")).replaces == ["location"]


@pytest.mark.parametrize("unknown", ["uri", "all"])
def test_unknown_is_maybe_and_never_replace(desk: Desk, unknown: str) -> None:
    news = with_spec(trainingDatasetUri=UNKNOWN) if unknown == "uri" else declared(supervisedTuningSpec=UNKNOWN)
    difference = diffed(desk, news)
    assert (difference.changed, list(difference.replaces)) == (None, [])


def test_the_progress_of_a_job_is_no_difference(desk: Desk) -> None:
    assert diffed(desk, declared(), state="JOB_STATE_RUNNING", tuningJobState="TUNING").changed is False


def test_a_job_that_still_runs_is_cancelled_before_its_replacement_starts(desk: Desk) -> None:
    made = created(desk)
    desk.google.run(made.id)
    news = checked(desk, baseModel="gemini-3.1-flash-lite")
    assert TUNING_JOB.diff(desk.call(), made.id, made.outputs, news).delete_before_replace
    desk.google.succeed(made.id)
    assert not TUNING_JOB.diff(desk.call(), made.id, made.outputs, news).delete_before_replace


def test_on_change_error_is_a_finding_where_the_spec_changed(desk: Desk) -> None:
    olds = checked(desk, onChange="error")
    news = declared(onChange="error")
    assert errors(TUNING_JOB.check(desk.call(), olds, news)) == {}
    found = errors(TUNING_JOB.check(desk.call(), olds, {**news, "baseModel": "gemini-3.1-flash-lite"}))
    assert "another paid job" in found["base_model"]
    assert errors(TUNING_JOB.check(desk.call(), olds, {**news, "retry": "2"})) == {}


# read


@pytest.mark.parametrize("state", ["JOB_STATE_FAILED", "JOB_STATE_CANCELLED", "JOB_STATE_EXPIRED"])
def test_terminal_states_stay_in_state_and_make_no_difference(desk: Desk, state: str) -> None:
    made = created(desk)
    desk.google.jobs[made.id]["state"] = state
    read = TUNING_JOB.read(desk.call(), made.id, made.outputs)
    assert read is not None
    assert (read.outputs["state"], read.unfinished) == (state, False)
    assert TUNING_JOB.diff(desk.call(), made.id, read.outputs, checked(desk)).changed is False


def test_a_vanished_job_stays_in_state_and_never_runs_again_by_itself(desk: Desk) -> None:
    made = created(desk)
    desk.google.jobs.clear()
    read = TUNING_JOB.read(desk.call(), made.id, made.outputs)
    assert read is not None
    assert "set retry" in desk.warnings[0]
    assert TUNING_JOB.diff(desk.call(), made.id, read.outputs, checked(desk)).changed is False


def test_a_404_of_another_api_keeps_state_and_says_what_mends_it(desk: Desk) -> None:
    made = created(desk)
    elsewhere = Desk(HandMadeGoogle()).call(settings=settings(base_url=None))
    with pytest.raises(Refused, match=r"GCP_TUNING_BASE_URL=http://127\.0\.0\.1:8085"):
        TUNING_JOB.read(elsewhere, made.id, made.outputs)


@pytest.mark.parametrize("http_status", [401, 403, 500, 503])
def test_any_other_error_leaves_state_untouched(desk: Desk, http_status: int) -> None:
    made = created(desk)
    desk.google.down = ApiError("sorry", http_status=http_status, status="X")
    with pytest.raises(ApiError, match="reading the tuning job"):
        TUNING_JOB.read(desk.call(), made.id, made.outputs)


def test_get_of_a_job_gives_its_declaration_and_is_refused_where_there_is_none(desk: Desk) -> None:
    made = created(desk)
    read = TUNING_JOB.read(desk.call(), made.id, {})
    assert read is not None
    assert read.outputs["baseModel"] == "gemini-3.5-flash"
    with pytest.raises(Refused, match=r"tuningJobs/[0-9]+ does not exist at"):
        TUNING_JOB.read(desk.call(), made.id + "9", {})


# update and delete


def test_update_keeps_what_was_submitted_and_says_so(desk: Desk) -> None:
    made = created(desk)
    news = checked(desk, labels={"team": "care"})
    updated = TUNING_JOB.update(desk.call(), made.id, made.outputs, news)
    assert desk.google.jobs[made.id]["labels"]["team"] == "shop"
    assert updated.outputs["labels"] == {"team": "care"}
    assert "labels" in desk.warnings[0]
    assert TUNING_JOB.diff(desk.call(), made.id, updated.outputs, news).changed is False


def test_delete_cancels_a_live_job_and_waits(desk: Desk) -> None:
    made = created(desk)
    TUNING_JOB.delete(desk.call(), made.id, made.outputs)
    assert desk.google.jobs[made.id]["state"] == "JOB_STATE_CANCELLED"


def test_delete_decides_on_live_state_not_on_what_state_remembers(desk: Desk) -> None:
    made = created(desk)
    desk.google.succeed(made.id)
    TUNING_JOB.delete(desk.call(), made.id, made.outputs)
    assert desk.google.said("cancel_tuning_job") == []
    assert desk.google.models == {}


def test_a_model_that_nobody_took_over_goes_with_its_job(desk: Desk) -> None:
    made = created(desk)
    desk.google.succeed(made.id)
    TUNING_JOB.delete(desk.call(), made.id, made.outputs)
    assert (desk.google.models, desk.google.endpoints) == ({}, {})


@pytest.mark.parametrize(
    "labels",
    [
        {"gcp-tuning-id": "another"},
        {"gcp-tuning-claim": "00ff_shop_dev_bot"},
        {"gcp-tuning-id": None},
        {"gcp-tuning-release": "2026-11"},
    ],
    ids=["taken over", "claimed", "not known to be of this job", "a release"],
)
def test_another_model_stays_when_its_job_goes(desk: Desk, labels: dict[str, str | None]) -> None:
    made = created(desk)
    desk.google.succeed(made.id)
    (model,) = desk.google.models.values()
    model["labels"] = {key: value for key, value in {**model["labels"], **labels}.items() if value}
    TUNING_JOB.delete(desk.call(), made.id, made.outputs)
    assert len(desk.google.models) == 1


def test_a_model_that_serves_elsewhere_stays_and_does_not_stop_the_delete_of_its_job(desk: Desk) -> None:
    made = created(desk)
    desk.google.succeed(made.id)
    (model,) = desk.google.models.values()
    endpoint = f"projects/{NUMBER}/locations/us/endpoints/1"
    desk.google.endpoints[endpoint] = {"name": endpoint, "deployedModels": [{"id": "1", "model": model["name"]}]}
    model["deployedModels"].append({"endpoint": endpoint, "deployedModelId": "1"})
    TUNING_JOB.delete(desk.call(), made.id, made.outputs)
    assert len(desk.google.models) == 1
    assert f"it is also deployed on {endpoint}" in desk.warnings[0]
    assert "No entry of this stack deletes it any more" in desk.warnings[0]
    assert "then run again" not in desk.warnings[0]


def test_a_model_that_nobody_took_over_stays_when_another_job_replaces_its_job(desk: Desk) -> None:
    made = created(desk)
    desk.google.succeed(made.id)
    run = Run()
    news = declared(retry="2")
    call = desk.call(run=run)
    inputs = TUNING_JOB.check(call, made.outputs, news).inputs
    assert TUNING_JOB.diff(call, made.id, made.outputs, inputs).replaces
    TUNING_JOB.create(call, inputs)
    TUNING_JOB.delete(call, made.id, made.outputs)
    assert len(desk.google.models) == 1
    assert "no TunedModel took it over" in desk.warnings[-1]


def test_a_job_that_succeeds_after_the_cancel_leaves_nothing_behind(desk: Desk) -> None:
    made = created(desk)
    desk.google.cancel_loses_the_race = True
    TUNING_JOB.delete(desk.call(), made.id, made.outputs)
    assert (desk.google.models, desk.google.endpoints) == ({}, {})


def test_a_job_that_will_not_end_in_time_stays_in_state(desk: Desk) -> None:
    made = created(desk)
    desk.google.jobs[made.id]["state"] = "JOB_STATE_CANCELLING"
    with pytest.raises(Failed, match="has not ended yet"):
        TUNING_JOB.delete(desk.call(), made.id, made.outputs)


def test_delete_of_a_vanished_job_is_done(desk: Desk) -> None:
    made = created(desk)
    desk.google.jobs.clear()
    TUNING_JOB.delete(desk.call(), made.id, made.outputs)


def test_update_of_a_vanished_job_keeps_what_state_knows(desk: Desk) -> None:
    made = created(desk)
    desk.google.jobs.clear()
    updated = TUNING_JOB.update(desk.call(), made.id, made.outputs, checked(desk, deletionPolicy="ABANDON"))
    assert updated.outputs["state"] == "JOB_STATE_PENDING"
    assert updated.outputs["deletionPolicy"] == "ABANDON"


def test_changed_default_labels_are_told_of_too(desk: Desk) -> None:
    made = created(desk)
    news = {**(made.inputs or {}), "pulumiLabels": {"team": "shop", "env": "prod"}}
    TUNING_JOB.update(desk.call(), made.id, made.outputs, news)
    assert desk.warnings[0] == (
        "`labels` cannot be changed on a submitted tuning job: Google has no update method. "
        "Set labels on TunedModel, or change `retry` to submit a new job."
    )
