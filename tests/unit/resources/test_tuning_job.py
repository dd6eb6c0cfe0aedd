"""TuningJob keeps the thirteen rules."""

from __future__ import annotations

from copy import deepcopy
from typing import Any

import pytest

from pulumi_gcp_tuning.errors import ApiError, Failed, Refused
from pulumi_gcp_tuning.names import identity_of
from pulumi_gcp_tuning.resources.core.lifecycle import UNKNOWN
from pulumi_gcp_tuning.resources.registry import lifecycle_of
from support.findings import printed_of
from support.hand_made_google import Desk, HandMadeGoogle, lost, settings, urn
from support.hand_made_lookups import NUMBER

TUNING_JOB = lifecycle_of("tuning_job")
KEY = "projects/shop-dev/locations/us-central1/keyRings/r/cryptoKeys/k"
HASH_A, HASH_B = "a" * 64, "b" * 64


def declared(**changed: Any) -> dict[str, Any]:
    inputs: dict[str, Any] = {
        "baseModel": "gemini-3.5-flash",
        "supervisedTuningSpec": {
            "trainingDatasetUri": f"gs://shop-data/tuning-datasets/{HASH_A}.jsonl",
            "hyperParameters": {"epochCount": 3.0, "adapterSize": 4.0},
        },
        "tunedModelDisplayName": "bot",
        "labels": {"team": "shop"},
        "resourceUrn": urn("TuningJob"),
        **changed,
    }
    return {key: value for key, value in inputs.items() if value is not None}


def with_spec(**changed: Any) -> dict[str, Any]:
    inputs = declared()
    inputs["supervisedTuningSpec"] = {**inputs["supervisedTuningSpec"], **changed}
    return inputs


def checked(desk: Desk, olds: dict[str, Any] | None = None, **changed: Any) -> dict[str, Any]:
    found = TUNING_JOB.check(desk.call(), olds or {}, declared(**changed))
    assert [f for f in found.findings if f.severity == "error"] == []
    return found.inputs


def errors(found: Any) -> dict[str, str]:
    return {f.path: f.sentences for f in printed_of(found.findings) if f.severity == "error"}


@pytest.fixture
def desk() -> Desk:
    return Desk()


# check


def test_check_resolves_defaults_and_normalises_numbers(desk: Desk) -> None:
    inputs = checked(desk)
    assert inputs["project"] == "shop-dev"
    assert inputs["location"] == "us-central1"
    assert inputs["deletionPolicy"] == "DELETE"
    assert inputs["onChange"] == "replace"
    parameters = inputs["supervisedTuningSpec"]["hyperParameters"]
    assert parameters == {"epochCount": 3, "adapterSize": "ADAPTER_SIZE_FOUR"}
    assert isinstance(parameters["epochCount"], int)


def test_check_puts_default_labels_under_the_declared_ones(desk: Desk) -> None:
    call = desk.call(settings=settings(default_labels={"team": "default", "env": "dev"}))
    found = TUNING_JOB.check(call, {}, declared())
    assert found.inputs["pulumiLabels"] == {"team": "shop", "env": "dev"}
    assert found.inputs["labels"] == {"team": "shop"}


def test_check_only_reads(desk: Desk) -> None:
    checked(desk)
    assert {verb for verb, _ in desk.google.journal} == {"list_tuning_jobs"}


def test_check_reports_all_findings_at_once_in_python_spelling(desk: Desk) -> None:
    bad = declared(
        baseModel="gemini-3.5-flsh",
        location="us-centra1",
        supervisedTuningSpec={"hyperParameters": {"epochCount": 2.5, "adapterSize": 3.0, "epochs": 4.0}},
        encryptionSpec={"kmsKeyName": "my-key"},
        labels={"Team": "shop"},
        tunedModelDisplayName="x" * 129,
        serviceAccount="tuner",
    )
    found = errors(TUNING_JOB.check(desk.call(), {}, bad))
    parameters = "supervised_tuning_spec.hyper_parameters"
    assert set(found) == {
        "base_model",
        "location",
        "supervised_tuning_spec.training_dataset_uri",
        f"{parameters}.epoch_count",
        f"{parameters}.adapter_size",
        f"{parameters}.epochs",
        "encryption_spec.kms_key_name",
        'labels["Team"]',
        "tuned_model_display_name",
        "service_account",
    }
    assert "Did you mean gemini-3.5-flash?" in found["base_model"]
    assert "Did you mean us-central1?" in found["location"]
    assert "Did you mean epoch_count?" in found[f"{parameters}.epochs"]


def test_unknown_values_pass_at_any_leaf(desk: Desk) -> None:
    news = declared(
        baseModel=UNKNOWN,
        supervisedTuningSpec={"trainingDatasetUri": UNKNOWN, "hyperParameters": UNKNOWN},
        encryptionSpec={"kmsKeyName": UNKNOWN},
        labels={"team": UNKNOWN},
        serviceAccount=UNKNOWN,
    )
    found = TUNING_JOB.check(desk.call(), {}, news)
    assert errors(found) == {}
    assert found.inputs["supervisedTuningSpec"]["trainingDatasetUri"] is UNKNOWN
    assert found.inputs["encryptionSpec"] == {"kmsKeyName": UNKNOWN}
    assert found.inputs["pulumiLabels"]["team"] is UNKNOWN


def test_a_missing_project_says_how_to_set_it(desk: Desk) -> None:
    call = desk.call(settings=settings(project=None, location=None))
    found = errors(TUNING_JOB.check(call, {}, declared()))
    assert "pulumi config set gcp:project" in found["project"]
    assert "gcp:region" in found["location"]


@pytest.mark.parametrize("location", ["global", "us"])
def test_a_place_that_is_no_region_is_refused(desk: Desk, location: str) -> None:
    found = errors(TUNING_JOB.check(desk.call(), {}, declared(location=location)))
    assert "one region" in found["location"]


def test_a_region_that_does_not_tune_the_model_names_those_that_do(desk: Desk) -> None:
    found = errors(TUNING_JOB.check(desk.call(), {}, declared(location="asia-northeast3")))
    assert "us-central1, europe-west4" in found["location"]


def test_a_retired_model_names_its_date_and_a_living_successor(desk: Desk) -> None:
    found = errors(TUNING_JOB.check(desk.call(), {}, declared(baseModel="gemini-1.5-flash-002")))
    assert "2025-09-24" in found["base_model"]
    assert "Use gemini-3.5-flash." in found["base_model"]


def test_a_model_retired_today_is_fine_as_of_a_day_before(desk: Desk) -> None:
    from datetime import date

    call = desk.call(settings=settings(as_of=date(2025, 6, 1)))
    news = declared(baseModel="gemini-1.5-flash-002")
    assert errors(TUNING_JOB.check(call, {}, news)) == {}


def test_a_finished_job_on_a_retired_model_is_a_warning(desk: Desk) -> None:
    olds = {**checked(desk), "baseModel": "gemini-1.5-flash-002"}
    found = TUNING_JOB.check(desk.call(), olds, declared(baseModel="gemini-1.5-flash-002"))
    assert errors(found) == {}
    assert [f.severity for f in found.findings] == ["warn"]


def test_a_retry_on_a_retired_model_is_an_error_again(desk: Desk) -> None:
    olds = {**checked(desk), "baseModel": "gemini-1.5-flash-002"}
    news = declared(baseModel="gemini-1.5-flash-002", retry="2")
    assert "base_model" in errors(TUNING_JOB.check(desk.call(), olds, news))


def test_a_check_that_is_switched_to_warn_warns_and_off_is_silent(desk: Desk) -> None:
    found = TUNING_JOB.check(desk.call(), {}, declared(baseModel="gemini-9", checks={"model": "warn"}))
    assert [f.severity for f in found.findings] == ["warn"]
    found = TUNING_JOB.check(desk.call(), {}, declared(baseModel="gemini-9", checks={"model": "off"}))
    assert found.findings == []


def test_an_unknown_check_is_a_finding(desk: Desk) -> None:
    assert "checks" in errors(TUNING_JOB.check(desk.call(), {}, declared(checks={"modle": "off"})))


# CMEK


def test_a_model_without_cmek_refuses_a_key(desk: Desk) -> None:
    found = errors(TUNING_JOB.check(desk.call(), {}, declared(encryptionSpec={"kmsKeyName": KEY})))
    assert "customer-managed key" in found["encryption_spec"]


def cmek_call(desk: Desk) -> Any:
    from datetime import date

    return desk.call(settings=settings(as_of=date(2026, 6, 1)))


def cmek_job(**changed: Any) -> dict[str, Any]:
    return declared(baseModel="gemini-2.5-flash", encryptionSpec={"kmsKeyName": KEY}, **changed)


def test_a_key_in_another_region_is_refused_without_asking_kms(desk: Desk) -> None:
    found = errors(TUNING_JOB.check(cmek_call(desk), {}, cmek_job(location="us-east1")))
    assert "us-central1" in found["encryption_spec.kms_key_name"]
    assert "us-east1" in found["encryption_spec.kms_key_name"]
    assert desk.google.said("get_crypto_key") == []


@pytest.mark.parametrize(
    ("key", "said"),
    [
        (None, "does not exist"),
        ({"purpose": "ASYMMETRIC_SIGN"}, "ENCRYPT_DECRYPT"),
        ({"purpose": "ENCRYPT_DECRYPT", "primary": {"state": "DISABLED"}}, "DISABLED"),
        ({"purpose": "ENCRYPT_DECRYPT", "primary": {"state": "DESTROY_SCHEDULED"}}, "Restore"),
    ],
)
def test_a_key_that_cannot_encrypt_is_refused(desk: Desk, key: Any, said: str) -> None:
    if key is not None:
        desk.google.keys[KEY] = key
    found = errors(TUNING_JOB.check(cmek_call(desk), {}, cmek_job()))
    assert said in found["encryption_spec.kms_key_name"]


def test_an_enabled_key_passes_and_is_asked_about_once_for_many_jobs(desk: Desk) -> None:
    desk.google.keys[KEY] = {"purpose": "ENCRYPT_DECRYPT", "primary": {"state": "ENABLED"}}
    for _ in range(5):
        assert errors(TUNING_JOB.check(cmek_call(desk), {}, cmek_job())) == {}
    assert desk.google.said("get_crypto_key") == [KEY]


def test_a_key_that_may_not_be_read_is_a_warning_that_names_the_permission(desk: Desk) -> None:
    desk.google.keys[KEY] = ApiError("denied", http_status=403, status="PERMISSION_DENIED")
    found = TUNING_JOB.check(cmek_call(desk), {}, cmek_job())
    assert errors(found) == {}
    assert "cloudkms.cryptoKeys.get" in str(found.findings[0])


def test_an_unchanged_job_asks_kms_nothing(desk: Desk) -> None:
    desk.google.keys[KEY] = {"purpose": "ENCRYPT_DECRYPT", "primary": {"state": "DISABLED"}}
    olds = TUNING_JOB.check(cmek_call(desk), {}, cmek_job()).inputs
    desk.google.journal.clear()
    desk.google.facts.clear()
    assert errors(TUNING_JOB.check(cmek_call(desk), olds, cmek_job())) == {}
    assert desk.google.journal == []


# create


def created(desk: Desk, **changed: Any) -> Any:
    return TUNING_JOB.create(desk.call(), checked(desk, **changed))


def test_create_submits_what_was_declared_with_the_identity_and_spec_labels(desk: Desk) -> None:
    made = created(desk, description="helps", serviceAccount="tuner@shop-dev.iam.gserviceaccount.com")
    job = desk.google.jobs[made.id]
    assert job["supervisedTuningSpec"] == {
        "trainingDatasetUri": f"gs://shop-data/tuning-datasets/{HASH_A}.jsonl",
        "hyperParameters": {"epochCount": "3", "adapterSize": "ADAPTER_SIZE_FOUR"},
    }
    assert job["labels"]["team"] == "shop"
    assert job["labels"]["gcp-tuning-id"] == identity_of(urn("TuningJob"))
    assert len(job["labels"]["gcp-tuning-spec"]) == 32
    assert (job["description"], job["serviceAccount"]) == ("helps", "tuner@shop-dev.iam.gserviceaccount.com")


def test_create_returns_at_once_and_asks_to_be_read_again(desk: Desk) -> None:
    made = created(desk)
    assert made.unfinished
    assert made.outputs["state"] == "JOB_STATE_PENDING"
    assert made.id.startswith(f"projects/{NUMBER}/")
    assert made.outputs["apiOrigin"] == "http://127.0.0.1:8085"


def test_a_live_job_of_the_same_identity_and_spec_is_adopted(desk: Desk) -> None:
    first = created(desk)
    desk.google.facts.clear()
    assert created(desk).id == first.id
    assert len(desk.google.jobs) == 1


def test_a_succeeded_job_whose_model_answers_is_adopted(desk: Desk) -> None:
    first = created(desk)
    desk.google.succeed(first.id)
    desk.google.facts.clear()
    again = created(desk)
    assert (again.id, again.unfinished) == (first.id, False)


def test_a_succeeded_job_whose_model_is_gone_is_submitted_anew(desk: Desk) -> None:
    first = created(desk)
    desk.google.succeed(first.id)
    desk.google.models.clear()
    desk.google.facts.clear()
    assert created(desk).id != first.id


@pytest.mark.parametrize("state", ["FAILED", "CANCELLED", "EXPIRED"])
def test_a_job_that_ended_badly_is_submitted_anew_where_state_holds_nothing(desk: Desk, state: str) -> None:
    first = created(desk)
    desk.google.jobs[first.id]["state"] = f"JOB_STATE_{state}"
    desk.google.facts.clear()
    assert created(desk).id != first.id


def test_several_matches_stop_with_a_table(desk: Desk) -> None:
    first = created(desk)
    twin = {**deepcopy(desk.google.jobs[first.id]), "name": first.id + "9"}
    desk.google.jobs[twin["name"]] = twin
    desk.google.facts.clear()
    with pytest.raises(Refused) as refusal:
        created(desk)
    assert first.id in str(refusal.value)
    assert twin["name"] in str(refusal.value)
    assert len(desk.google.said("create_tuning_job")) == 1


def test_a_live_job_with_another_spec_is_refused_by_name(desk: Desk) -> None:
    first = created(desk)
    desk.google.facts.clear()
    with pytest.raises(Refused, match="another specification") as refusal:
        created(desk, baseModel="gemini-3.1-flash-lite")
    assert first.id in str(refusal.value)


def test_another_retry_is_another_identity(desk: Desk) -> None:
    first = created(desk)
    assert created(desk, retry="2").id != first.id


def test_a_lost_answer_is_looked_up_and_never_resent(desk: Desk) -> None:
    desk.google.unclear_answers, desk.google.lag = [lost()], 3
    made = created(desk)
    assert made.id in desk.google.jobs
    assert len(desk.google.said("create_tuning_job")) == 1


def test_a_lost_answer_that_never_shows_up_says_so_and_is_not_resent(desk: Desk) -> None:
    desk.google.unclear_answers, desk.google.lag = [lost()], 10**6
    with pytest.raises(ApiError, match="not sent again") as told:
        created(desk)
    assert len(str(told.value).splitlines()) <= 6
    assert len(desk.google.said("create_tuning_job")) == 1
    assert 60 <= desk.clock.seconds < 120


def test_a_refusal_of_google_is_not_looked_up(desk: Desk) -> None:
    desk.google.refuse_create = ApiError("no", http_status=403, status="PERMISSION_DENIED")
    with pytest.raises(ApiError, match="creating the tuning job 'bot'"):
        created(desk)
    assert len(desk.google.said("list_tuning_jobs")) == 1


def test_create_repeats_the_checks_before_it_submits(desk: Desk) -> None:
    inputs = {**checked(desk), "location": "asia-northeast3"}
    with pytest.raises(Refused, match=r"not tuned in asia-northeast3"):
        TUNING_JOB.create(desk.call(), inputs)
    assert desk.google.said("create_tuning_job") == []


def test_state_holds_no_training_rows_and_no_number_that_json_bends(desk: Desk) -> None:
    first = created(desk)
    desk.google.succeed(first.id)
    read = TUNING_JOB.read(desk.call(), first.id, first.outputs)
    assert read is not None
    stats = read.outputs["tuningDataStats"]["supervisedTuningDataStats"]
    assert "secret" not in repr(read.outputs)
    assert stats["totalBillableTokenCount"] == "9007199254740993"
    assert stats["tuningDatasetExampleCount"] == 200
    assert len(stats["truncatedExampleIndices"]) == 100
    assert read.outputs["tunedModel"]["checkpoints"][0]["epoch"] == 1


# adopt


def test_adopt_takes_over_a_job_without_labels_where_the_spec_is_the_same(desk: Desk) -> None:
    theirs = created(Desk(desk.google))
    desk.google.jobs[theirs.id]["labels"] = {}
    made = created(desk, adopt=theirs.id)
    assert made.id == theirs.id
    assert len(desk.google.said("create_tuning_job")) == 1


def test_adopt_refuses_another_spec_and_lists_the_fields(desk: Desk) -> None:
    theirs = created(Desk(desk.google))
    inputs = checked(desk, adopt=theirs.id)
    inputs["supervisedTuningSpec"]["hyperParameters"]["epochCount"] = 5
    with pytest.raises(Refused, match=r"supervised_tuning_spec.hyper_parameters.epoch_count: the job has 3"):
        TUNING_JOB.create(desk.call(), inputs)


def test_adopt_of_a_job_in_another_location_is_a_finding(desk: Desk) -> None:
    name = f"projects/{NUMBER}/locations/europe-west4/tuningJobs/1"
    assert "europe-west4" in errors(TUNING_JOB.check(desk.call(), {}, declared(adopt=name)))["adopt"]


def test_adopt_of_a_malformed_name_is_a_finding(desk: Desk) -> None:
    assert "adopt" in errors(TUNING_JOB.check(desk.call(), {}, declared(adopt="4711")))


def test_removing_adopt_later_changes_nothing_at_google(desk: Desk) -> None:
    theirs = created(Desk(desk.google))
    made = created(desk, adopt=theirs.id)
    difference = TUNING_JOB.diff(desk.call(), made.id, made.outputs, checked(desk))
    assert (difference.changed, list(difference.replaces)) == (None, [])


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
        {"labels": {"team": "care"}},
        {"tunedModelDisplayName": "robot"},
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
    with pytest.raises(Refused, match="There is no tuning job"):
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
    assert len(desk.google.models) == 1


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
