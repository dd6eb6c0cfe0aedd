"""TuningJob keeps the thirteen rules."""

from __future__ import annotations

from copy import deepcopy
from typing import Any

import pytest

from pulumi_gcp_tuning.errors import ApiError, Refused
from pulumi_gcp_tuning.names import identity_of
from pulumi_gcp_tuning.resources.core.lifecycle import UNKNOWN
from support.declared_tuning_job import HASH_A, TUNING_JOB, checked, created, declared, errors
from support.hand_made_google import Desk, lost, settings, urn
from support.hand_made_lookups import NUMBER

KEY = "projects/shop-dev/locations/us-central1/keyRings/r/cryptoKeys/k"


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
    assert "Use gemini-3.5-flash-lite or gemini-3.1-flash-lite." in found["base_model"]


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


def test_a_succeeded_job_whose_model_is_gone_is_submitted_again(desk: Desk) -> None:
    first = created(desk)
    desk.google.succeed(first.id)
    desk.google.models.clear()
    desk.google.facts.clear()
    assert created(desk).id != first.id


@pytest.mark.parametrize("state", ["FAILED", "CANCELLED", "EXPIRED"])
def test_a_job_that_ended_badly_is_submitted_again_where_state_holds_nothing(desk: Desk, state: str) -> None:
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
        created(desk, checks={"existence": "off"})
    assert first.id in str(refusal.value)
    assert twin["name"] in str(refusal.value)
    assert len(desk.google.said("create_tuning_job")) == 1


def test_a_live_job_with_another_spec_is_refused_by_name(desk: Desk) -> None:
    first = created(desk)
    desk.google.facts.clear()
    with pytest.raises(Refused, match="another specification") as refusal:
        created(desk, baseModel="gemini-3.1-flash-lite", checks={"existence": "off"})
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
    asked = desk.google.said("list_tuning_jobs")
    assert len(asked) == len(set(asked)) == 2  # once in each region of the quota


def test_create_repeats_the_checks_before_it_submits(desk: Desk) -> None:
    inputs = {**checked(desk), "location": "asia-northeast3"}
    with pytest.raises(Refused, match=r"cannot be tuned in asia-northeast3"):
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
