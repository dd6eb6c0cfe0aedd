"""A base model that a resource does not tune is refused with the resource that does: every model of the catalogue, each resource."""

from __future__ import annotations

from typing import Any

import pytest

from pulumi_gcp_tuning.catalog import ModelRow, shipped
from pulumi_gcp_tuning.resources.registry import registered
from support.hand_made_google import Desk, settings, urn

DATA = f"gs://shop-data/tuning-datasets/{'a' * 64}.jsonl"
DECLARED: dict[str, dict[str, Any]] = {
    "TuningJob": {"supervisedTuningSpec": {"trainingDatasetUri": DATA}},
    "PipelineTuningJob": {"datasetUri": DATA, "gcsOutputDirectory": "gs://shop-data/output"},
    "GeminiApiTunedModel": {"source": "pairs.jsonl"},
}
TUNES = {
    "GEMINI": "TuningJob",
    "OPEN": "TuningJob",
    "PIPELINE": "PipelineTuningJob",
    "GEMINI_API": "GeminiApiTunedModel",
}
ROWS = [row for row in shipped().models.values() if row.is_tunable and "TEACHER" not in row.methods]
DAYS = ("2024-09-01", "2026-11-21")
FRAMES = {frame.name: frame for frame in registered()}


def found(resource: str, base_model: str, as_of: str = DAYS[1]) -> list[str]:
    """The errors of a declaration that are about its base model."""
    configured = settings(checks={"dataset": "off", "retirement": "off"}, as_of=as_of)
    news = {"baseModel": base_model, **DECLARED[resource], "resourceUrn": urn(resource)}
    judged = FRAMES[resource].check(Desk().call(resource, settings=configured), {}, news)
    return [str(each) for each in judged.findings if each.severity == "error" and each.path == ("base_model",)]


@pytest.mark.parametrize("as_of", DAYS)
@pytest.mark.parametrize("resource", DECLARED)
def test_a_model_of_another_resource_is_refused_with_that_resource(resource: str, as_of: str) -> None:
    others = [row for row in ROWS if TUNES[row.product] != resource]
    silent = [row.id for row in others if not _names(TUNES[row.product], found(resource, row.id, as_of))]
    assert silent == []
    assert {row.product for row in others} == {product for product, by in TUNES.items() if by != resource}


def _names(resource: str, messages: list[str]) -> bool:
    """TuningJob is a part of PipelineTuningJob."""
    return any(
        resource in each.replace("PipelineTuningJob", "" if resource == "TuningJob" else "PipelineTuningJob")
        for each in messages
    )


@pytest.mark.parametrize("row", [row for row in ROWS if row.product == "GEMINI_API"], ids=lambda row: row.id)
def test_its_own_model_is_not_refused_with_another_resource(row: ModelRow) -> None:
    assert found("GeminiApiTunedModel", row.id) == []


def test_its_own_model_without_the_beginning_of_its_name_is_refused_with_the_name() -> None:
    (said,) = found("GeminiApiTunedModel", "gemini-1.5-flash-001-tuning")
    assert said.endswith("whose names begin with models/. Use models/gemini-1.5-flash-001-tuning.")


def test_a_tuned_model_is_trained_on_by_a_tuning_job() -> None:
    name = "projects/shop-dev/locations/us/models/123@1"
    assert "set pre_tuned_model in place of base_model" in found("TuningJob", name)[0]
    assert "declare a TuningJob with pre_tuned_model" in found("PipelineTuningJob", name)[0]


@pytest.mark.parametrize(
    ("resource", "name", "says"),
    [
        ("PipelineTuningJob", "templateUri", "the template of a PipelineTuningJob follows from its base_model"),
        ("PipelineTuningJob", "largeModelReference", "the model of a PipelineTuningJob is its base_model"),
        (
            "PipelineTuningJob",
            "epochCount",
            "it belongs to a TuningJob and to GeminiApiTunedModel; a PipelineTuningJob has train_steps",
        ),
        ("PipelineTuningJob", "adapterSize", "it belongs to a TuningJob"),
        ("PipelineTuningJob", "preTunedModel", "it belongs to a TuningJob"),
        ("PipelineTuningJob", "tuningMode", "it belongs to a TuningJob of an open model"),
        ("TuningJob", "trainSteps", "it belongs to a PipelineTuningJob; other jobs have epoch_count"),
        ("TuningJob", "evaluationDataUri", "it belongs to a PipelineTuningJob"),
        ("GeminiApiTunedModel", "outputUri", "it belongs to a TuningJob of an open model"),
    ],
)
def test_a_property_of_another_resource_names_that_resource(resource: str, name: str, says: str) -> None:
    inputs = {**DECLARED[resource], name: "x", "resourceUrn": urn(resource)}
    judged = FRAMES[resource].check(Desk().call(resource, settings=settings()), {}, inputs)
    (said,) = [each for each in map(str, judged.findings) if "has no property" in each]
    assert said.endswith(f"Remove it: {says}.")


@pytest.mark.parametrize(
    ("resource", "key", "name", "says"),
    [
        ("TuningJob", "adopt", "projects/p/locations/us-central1/pipelineJobs/a", "a PipelineTuningJob adopts it"),
        ("PipelineTuningJob", "adopt", "projects/p/locations/us-central1/tuningJobs/7", "a job of a TuningJob"),
        ("TunedModel", "tuningJob", "tunedModels/a", "only a GeminiApiTunedModel has one"),
        (
            "ModelDeployment",
            "tuningJob",
            "projects/p/locations/us-central1/pipelineJobs/a",
            "a TunedModel takes its model",
        ),
        ("ModelDeployment", "tuningJob", "gs://shop-data/out", "by a ModelDeployment with artifacts"),
    ],
)
def test_a_job_of_another_kind_names_the_resource_that_takes_it(resource: str, key: str, name: str, says: str) -> None:
    inputs = {**DECLARED.get(resource, {}), key: name, "resourceUrn": urn(resource)}
    judged = FRAMES[resource].check(Desk().call(resource, settings=settings()), {}, inputs)
    (said,) = [str(each) for each in judged.findings if "is not the name of a tuning" in str(each)]
    assert says in said
    assert "looks like this: projects/" in said
