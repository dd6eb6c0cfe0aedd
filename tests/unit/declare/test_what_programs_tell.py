"""What a program tells beside its inputs: which jobs come first, and which inputs are a secret."""

from __future__ import annotations

from collections.abc import Callable
from contextvars import ContextVar
from typing import Any

import pulumi
import pytest
from pulumi_gcp import storage

import pulumi_gcp_tuning as tuning
from support.recorded_engine import Recorder, run


def chain(of: str) -> None:
    """Two jobs, the second of which depends on the first in some way, and a third that does not."""
    spec = tuning.SupervisedTuningSpecArgs(training_dataset_uri="gs://b/t.jsonl")
    first = tuning.TuningJob("first", base_model="g", supervised_tuning_spec=spec)
    model = tuning.TunedModel("model", tuning_job=first)
    endpoint = tuning.Endpoint("e", display_name=model.endpoint)
    group = pulumi.ComponentResource("my:pkg:Group", "group")
    tuning.TunedModel("inner", tuning_job=first, opts=pulumi.ResourceOptions(parent=group))
    needs: dict[str, Any] = {
        "model": [model],
        "endpoint": endpoint,
        "group": [group],
        "job": [first],
    }
    opts = pulumi.ResourceOptions(depends_on=needs.get(of))
    description = model.model if of == "input" else None
    start = first if of == "checkpoint" else None
    second: dict[str, Any] = {"supervised_tuning_spec": spec, "description": description, "custom_base_model": start}
    tuning.TuningJob("second", tuning.TuningJobArgs(base_model="g", **second), opts)
    tuning.TuningJob("third", base_model="g", supervised_tuning_spec=spec)


@pytest.mark.parametrize("of", ["model", "endpoint", "group", "input", "checkpoint"])
def test_a_job_that_depends_on_anothers_model_knows_whom_it_comes_after(of: str, engine: Recorder) -> None:
    run(lambda: chain(of))
    [urn] = engine.inputs("second")["afterJobs"]
    assert urn.endswith("pulumi-python:dynamic/gcptuning:TuningJob::first")
    assert "afterJobs" not in engine.inputs("third")


def test_a_job_that_starts_from_another_one_names_it_and_takes_none_of_its_secrets(engine: Recorder) -> None:
    def program() -> None:
        spec = tuning.SupervisedTuningSpecArgs(training_dataset_uri="gs://b/t.jsonl")
        labels: Any = {"client": pulumi.Output.secret("acme")}
        first = tuning.TuningJob("first", base_model="g", supervised_tuning_spec=spec, labels=labels)
        tuning.TuningJob("second", base_model="g", supervised_tuning_spec=spec, custom_base_model=first)

    told = told_secrets(engine, program)
    assert (told["first"], told["second"]) == (["labels"], None)
    second = engine.seen["second"].inputs
    assert second["customBaseModel"] == "first-id"
    assert [urn.rpartition("::")[2] for urn in second["inputSources"]["customBaseModel"]] == ["first"]


def test_a_job_that_depends_on_a_job_alone_runs_beside_it(engine: Recorder) -> None:
    run(lambda: chain("job"))
    assert "afterJobs" not in engine.inputs("second")


def test_what_is_only_read_is_not_made_by_the_program(engine: Recorder) -> None:
    """Otherwise the claim of the deployment says that its endpoint belongs to this stack."""

    def program() -> None:
        theirs = tuning.Endpoint.get("theirs", "projects/1/locations/us/endpoints/2")
        own = tuning.Endpoint("own", display_name="Own")
        for name, endpoint in (("on theirs", theirs), ("on own", own)):
            tuning.ModelDeployment(name, endpoint=endpoint, model="projects/1/locations/us/models/3")

    run(program)
    keys = ("fromResources", "inputSources")
    assert [key for key in keys if engine.seen["on theirs"].inputs.get(key)] == []
    assert sorted(engine.seen["on own"].inputs["inputSources"]) == ["endpoint"]


def told_secrets(engine: Recorder, program: Any) -> dict[str, list[str] | None]:
    run(program)
    return {name: seen.inputs.get("secretInputs") for name, seen in engine.seen.items()}


def test_a_program_tells_which_of_its_inputs_are_a_secret_and_nothing_where_none_is(engine: Recorder) -> None:
    secret = pulumi.Output.secret

    def program() -> None:
        data = tuning.TuningDataset("data", bucket=secret("b"), source=__file__)
        spec: Any = {"training_dataset_uri": secret("gs://b/t.jsonl"), "hyper_parameters": {"epoch_count": 3}}
        labels: Any = {"client": secret("acme"), "open": "yes"}
        tuning.TuningJob("job", base_model="g", supervised_tuning_spec=spec, labels=labels, description=data.uri)
        tuning.Endpoint("plain", display_name=data.object_name, labels={"team": "shop"})

    assert told_secrets(engine, program) == {
        "data": ["bucket"],
        "job": ["labels", "supervisedTuningSpec.trainingDatasetUri"],
        "plain": None,
    }


def test_a_model_tells_what_its_job_gives_it_as_a_secret(engine: Recorder) -> None:
    secret = pulumi.Output.secret

    def program() -> None:
        spec: Any = {"training_dataset_uri": "gs://b/t.jsonl"}
        name = secret("juniper")
        given: dict[str, Any] = {"tuned_model_display_name": name, "description": name}
        job = tuning.TuningJob("job", base_model="g", supervised_tuning_spec=spec, **given)
        tuning.TunedModel("model", tuning_job=job)
        tuning.TunedModel("by-name", tuning_job=job.id.apply(str))

    told = told_secrets(engine, program)
    assert told["model"] == told["by-name"] == ["tuningJob.tunedModelDisplayName"]


def test_a_secret_setting_is_a_secret_input_where_it_fills_one_in(
    engine: Recorder, monkeypatch: pytest.MonkeyPatch
) -> None:
    secret = {"gcp:project", "gcp:defaultLabels"}
    monkeypatch.setattr(pulumi.runtime.config, "_SECRET_KEYS", ContextVar("secrets", default=secret))

    def program() -> None:
        tuning.Endpoint("filled", display_name="E")
        tuning.Endpoint("given", display_name="E", project="p")
        tuning.TuningDataset("data", bucket="b", source=__file__)

    assert told_secrets(engine, program) == {
        "filled": ["project", "pulumiLabels"],
        "given": ["pulumiLabels"],
        "data": None,
    }


def test_a_secret_setting_of_an_explicit_provider_is_one_of_its_resources(engine: Recorder) -> None:
    def program() -> None:
        labels = pulumi.Output.secret({"cost": "tamarind"})
        provider = tuning.Provider("eu", project="p", region="europe-west4", default_labels=labels)
        group = pulumi.ComponentResource("my:pkg:Group", "group", opts=pulumi.ResourceOptions(provider=provider))
        tuning.Endpoint("own", display_name="E", opts=pulumi.ResourceOptions(provider=provider))
        tuning.Endpoint("below", display_name="E", opts=pulumi.ResourceOptions(parent=group))
        tuning.Endpoint("other", display_name="E")

    told = told_secrets(engine, program)
    assert [told[name] for name in ("own", "below", "other")] == [["pulumiLabels"], ["pulumiLabels"], None]


def told_places(engine: Recorder, program: Any) -> dict[str, str] | None:
    """Where the buckets are that the inputs of a job come from."""
    run(program)
    places: dict[str, str] | None = engine.seen["job"].inputs.get("bucketPlaces")
    return places


def job_on(training: Any, validation: Any = None) -> None:
    spec: Any = {"training_dataset_uri": training, "validation_dataset_uri": validation}
    tuning.TuningJob("job", base_model="g", supervised_tuning_spec=spec)


TRAINING, VALIDATION = "supervisedTuningSpec.trainingDatasetUri", "supervisedTuningSpec.validationDatasetUri"


@pytest.mark.parametrize("through", ["a text", "its address", "a dataset", "an object too"])
def test_a_job_tells_where_the_program_declares_the_bucket_of_its_data(through: str, engine: Recorder) -> None:
    engine.outputs = {"bucket": {"url": "gs://bucket"}, "data": {"uri": "gs://bucket/x.jsonl"}}

    def program() -> None:
        bucket = storage.Bucket("bucket", name="bucket", location="EUROPE-WEST4")
        uris: dict[str, Callable[[], Any]] = {
            "a text": lambda: pulumi.Output.format("gs://{0}/t.jsonl", bucket.name),
            "its address": lambda: bucket.url.apply(lambda url: f"{url}/t.jsonl"),
            "a dataset": lambda: tuning.TuningDataset("data", bucket=bucket.name, source=__file__),
            "an object too": lambda: pulumi.Output.concat(
                "gs://", bucket.name, "/", storage.BucketObject("o", bucket=bucket.name, name="o", content="{}").name
            ),
        }
        job_on(uris[through]())

    assert told_places(engine, program) == {TRAINING: "europe-west4"}


def test_a_dataset_tells_where_the_program_declares_its_bucket(engine: Recorder) -> None:
    def program() -> None:
        bucket = storage.Bucket("bucket", name="bucket", location="EUROPE-WEST4")
        tuning.TuningDataset("data", bucket=bucket.name, source=__file__)

    run(program)
    assert engine.seen["data"].inputs["bucketPlaces"] == {"bucket": "europe-west4"}


def test_each_file_has_the_place_of_its_own_bucket_and_a_plain_uri_has_none(engine: Recorder) -> None:
    def program() -> None:
        job_on(
            "gs://b/t.jsonl",
            storage.Bucket("bucket", name="bucket", location="us").name.apply(lambda name: f"gs://{name}/v.jsonl"),
        )

    assert told_places(engine, program) == {VALIDATION: "us"}


def test_a_spec_that_is_an_output_as_a_whole_has_the_place_of_its_only_bucket(engine: Recorder) -> None:
    def program() -> None:
        bucket = storage.Bucket("bucket", name="bucket", location="us")
        spec: Any = bucket.name.apply(lambda name: {"training_dataset_uri": f"gs://{name}/t.jsonl"})
        tuning.TuningJob("job", base_model="g", supervised_tuning_spec=spec)

    assert told_places(engine, program) == {"supervisedTuningSpec": "us"}


@pytest.mark.parametrize(
    "given", ["two places", "a secret place", "parts of a place", "another resource", "no resource"]
)
def test_a_place_that_is_not_sure_or_is_a_secret_is_not_told(given: str, engine: Recorder) -> None:
    def uri() -> Any:
        if given == "another resource":
            return tuning.Endpoint("e", display_name="E").display_name
        if given == "no resource":
            return pulumi.Output.from_input("gs://b/t.jsonl")
        parts: Any = {"data_locations": ["US-EAST1", "US-EAST4"]} if given == "parts of a place" else None
        place: Any = pulumi.Output.secret("us") if given == "a secret place" else "us"
        first = storage.Bucket("first", name="first", location=place, custom_placement_config=parts)
        if given != "two places":
            return first.name
        return pulumi.Output.concat(first.name, storage.Bucket("second", name="second", location="eu").name)

    assert told_places(engine, lambda: job_on(uri())) is None
