"""Links and prices of a tuned model: written once, when it is taken over."""

from __future__ import annotations

from typing import Any

from pulumi_gcp_tuning.catalog import shipped
from pulumi_gcp_tuning.names import ModelName
from pulumi_gcp_tuning.resources.jobs.billing import cost_of_training
from pulumi_gcp_tuning.resources.jobs.usage import links_of, usage_of
from support.audited_cloud import MODEL as TUNED_MODEL
from support.audited_cloud import Cloud
from support.hand_made_google import Desk

PLACE = "projects/123456789012/locations"
MODEL = ModelName.parse(f"{PLACE}/us/models/5@1")
JOB: dict[str, Any] = {
    "name": f"{PLACE}/us-central1/tuningJobs/42",
    "baseModel": "gemini-3.5-flash",
    "experiment": f"{PLACE}/us-central1/metadataStores/default/contexts/tuning-experiment-7",
    "supervisedTuningSpec": {"hyperParameters": {"epochCount": "3"}},
    "tuningDataStats": {"supervisedTuningDataStats": {"totalBillableTokenCount": "1000000"}},
}


def test_the_training_is_priced_by_googles_count_and_answers_by_the_factor_of_tuned_models() -> None:
    usage = usage_of(Desk().call("TunedModel"), JOB, MODEL)
    assert usage.training_usd == 30
    assert (usage.input_usd_per_million_tokens, usage.output_usd_per_million_tokens) == (2.25, 13.5)
    assert usage.prices_as_of == "2026-11-27"


def test_links_are_those_that_googles_own_client_prints() -> None:
    console = "https://console.cloud.google.com/vertex-ai"
    assert links_of("https://googleapis.com", JOB, MODEL) == {
        "model_url": f"{console}/models/locations/us/models/5/versions/1?project=123456789012",
        "job_url": f"{console}/generative/language/locations/us-central1/tuning/tuningJob/42?project=123456789012",
        "experiment_url": f"{console}/experiments/locations/us-central1/experiments/tuning-experiment-7/runs"
        "?project=123456789012",
    }


def test_a_pipeline_is_linked_as_a_run() -> None:
    links = links_of("https://googleapis.com", {"name": f"{PLACE}/europe-west4/pipelineJobs/tune-1"}, MODEL)
    assert "/locations/europe-west4/pipelines/runs/tune-1?project=" in links["job_url"]
    assert "experiment_url" not in links


def test_the_curves_of_a_pipeline_are_linked_in_its_tensorboard() -> None:
    job = {
        "name": f"{PLACE}/us-central1/pipelineJobs/tune-1",
        "state": "PIPELINE_STATE_SUCCEEDED",
        "runtimeConfig": {"parameterValues": {"tensorboard_resource_id": "7"}},
    }
    assert links_of("https://googleapis.com", job, MODEL)["tensorboard_url"] == (
        "https://us-central1.tensorboard.googleusercontent.com/experiment/"
        "projects+123456789012+locations+us-central1+tensorboards+7+experiments+tune-1"
    )


def test_a_model_whose_job_was_deleted_is_linked_without_it() -> None:
    assert list(links_of("https://googleapis.com", {}, MODEL)) == ["model_url"]


def test_a_sandbox_has_no_links_to_googles_console() -> None:
    assert links_of("http://127.0.0.1:8085", JOB, MODEL) == {}


def test_without_a_count_of_tokens_nothing_is_priced() -> None:
    assert cost_of_training({**JOB, "tuningDataStats": {}}, shipped()) is None


def test_without_a_number_of_epochs_the_count_is_shown_and_no_sum() -> None:
    cost = cost_of_training({**JOB, "supervisedTuningSpec": {}}, shipped())
    assert cost is not None
    assert (cost.usd, cost.billable_tokens) == (None, 1_000_000)
    assert cost.text.startswith("not known (1,000,000 billable tokens x $10 per 1M training tokens")


def test_a_job_that_trains_on_is_priced_as_its_base_model() -> None:
    parent = {"tunedModelName": f"{MODEL}@1", "baseModel": JOB["baseModel"]}
    continued = {**{key: value for key, value in JOB.items() if key != "baseModel"}, "preTunedModel": parent}
    assert cost_of_training(continued, shipped()) == cost_of_training(JOB, shipped())


def test_a_model_keeps_the_prices_of_the_day_on_which_it_was_taken_over() -> None:
    cloud = Cloud()
    job = cloud.trained(baseModel="gemini-3.5-flash")
    taken = cloud.taken(job)
    stored = {**taken.outputs, "usage": {"trainingUsd": 7.0}}
    read = TUNED_MODEL.read(cloud.desk.call("TunedModel"), job.id, stored)
    assert read is not None
    assert read.outputs["usage"] == {"trainingUsd": 7.0}


def test_the_job_of_an_open_model_is_linked_without_a_model() -> None:
    links = links_of("https://googleapis.com", JOB, None)
    assert list(links) == ["job_url", "experiment_url"]
    assert links["job_url"].endswith("?project=123456789012")
