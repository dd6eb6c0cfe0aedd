"""Declarations under Pulumi's own mocks: what a program says and what the engine is told."""

from __future__ import annotations

import hashlib
import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pulumi
import pytest

import pulumi_gcp_tuning as tuning
from pulumi_gcp_tuning.declare.dependencies import is_plain
from pulumi_gcp_tuning.resources.registry import registered
from support.recorded_engine import PREFIX, Recorder, run


def test_arguments_reach_the_engine_in_camel_case_and_user_keys_as_they_are(engine: Recorder) -> None:
    def program() -> None:
        tuning.TuningJob(
            "job",
            base_model="gemini-3.1-flash-lite",
            supervised_tuning_spec={
                "training_dataset_uri": "gs://b/t.jsonl",
                "hyper_parameters": tuning.HyperParametersArgs(epoch_count=3, learning_rate_multiplier=0.5),
            },
            encryption_spec=pulumi.Output.from_input({"kms_key_name": "k"}),
            labels={"display_name": "mine"},
        )

    run(program)
    assert engine.seen["job"].typ == "pulumi-python:dynamic/gcptuning:TuningJob"
    assert engine.inputs("job") == {
        "baseModel": "gemini-3.1-flash-lite",
        "supervisedTuningSpec": {
            "trainingDatasetUri": "gs://b/t.jsonl",
            "hyperParameters": {"epochCount": 3, "learningRateMultiplier": 0.5},
        },
        "encryptionSpec": {"kmsKeyName": "k"},
        "labels": {"display_name": "mine"},
    }


def test_an_args_object_a_dict_and_keywords_declare_the_same(engine: Recorder) -> None:
    def program() -> None:
        tuning.Endpoint("a", tuning.EndpointArgs(display_name="E", location="us-central1"))
        tuning.Endpoint("b", {"display_name": "E", "location": "us-central1"}, pulumi.ResourceOptions(protect=True))
        tuning.Endpoint("c", pulumi.ResourceOptions(protect=True), display_name="E", location="us-central1")
        tuning.Endpoint("d", args={"display_name": "E", "location": "us-central1"}, opts=None)

    run(program)
    assert [engine.inputs(n) for n in "abcd"] == [{"displayName": "E", "location": "us-central1"}] * 4


def test_every_resource_knows_its_own_urn_also_below_a_component(engine: Recorder) -> None:
    class Group(pulumi.ComponentResource):
        pass

    def program() -> None:
        group = Group("toys:index:Group", "g")
        tuning.Endpoint("outer", display_name="E")
        tuning.Endpoint("inner", display_name="E", opts=pulumi.ResourceOptions(parent=group))

    run(program)
    token = "pulumi-python:dynamic/gcptuning:Endpoint"
    assert engine.seen["outer"].inputs["resourceUrn"] == f"{PREFIX}{token}::outer"
    inner = engine.seen["inner"].inputs["resourceUrn"]  # the mocks put the stack's own type before the component's
    assert inner.replace("pulumi:pulumi:Stack$", "") == f"{PREFIX}toys:index:Group${token}::inner"


def test_the_urn_of_a_resource_is_the_sdks_own(engine: Recorder) -> None:
    seen = []

    async def program() -> None:
        seen.append(await tuning.Endpoint("outer", display_name="E").urn.future())
        seen.append(await pulumi.create_urn("outer", "pulumi-python:dynamic/gcptuning:Endpoint").future())

    run(program)
    told = engine.seen["outer"].inputs["resourceUrn"]
    assert told == seen[1]
    assert told == str(seen[0]).replace("pulumi:pulumi:Stack$", "")


@pytest.mark.parametrize(
    "value", [None, "text", 3, 0.5, True, [], ["a", {"b": "c"}], {"a": ["b", ("c", None)]}, {"adapter_size": 4}]
)
def test_a_plain_value_is_known_without_the_engine(value: Any) -> None:
    assert is_plain(value)


@pytest.mark.parametrize("place", [lambda v: v, lambda v: [v], lambda v: {"a": (v,)}, lambda v: {v: "a"}])
def test_a_value_that_holds_an_output_is_not_plain(engine: Recorder, place: Any) -> None:
    def program() -> None:
        assert not is_plain(place(pulumi.Output.from_input("x")))

    run(program)


def test_resources_stand_for_the_output_that_is_meant(engine: Recorder, tmp_path: Path) -> None:
    engine.outputs = {"data": {"uri": "gs://b/x.jsonl"}, "model": {"model": "projects/1/locations/us/models/2"}}
    (tmp_path / "t.jsonl").write_text("{}\n")

    def program() -> None:
        data = tuning.TuningDataset("data", bucket="b", source=tmp_path / "t.jsonl")
        spec = tuning.SupervisedTuningSpecArgs(training_dataset_uri=data, validation_dataset_uri=data)
        job = tuning.TuningJob("job", base_model="g", supervised_tuning_spec=spec)
        model = tuning.TunedModel("model", tuning_job=job)
        endpoint = tuning.Endpoint("endpoint", display_name="E")
        tuning.ModelDeployment("deployment", endpoint=endpoint, model=model)

    run(program)
    uris = {"trainingDatasetUri": "gs://b/x.jsonl", "validationDatasetUri": "gs://b/x.jsonl"}
    assert engine.inputs("job")["supervisedTuningSpec"] == uris
    assert engine.inputs("model") == {"tuningJob": "job-id"}
    assert engine.inputs("deployment") == {"endpoint": "endpoint-id", "model": "projects/1/locations/us/models/2"}


def sources(engine: Recorder, name: str) -> dict[str, list[str]]:
    """The names of the resources that an input of this one is told to come from."""
    told = engine.seen[name].inputs.get("inputSources") or {}
    return {key: [urn.rpartition("::")[2] for urn in urns] for key, urns in told.items()}


def test_a_resource_tells_which_resources_its_inputs_come_from(engine: Recorder) -> None:
    engine.outputs = {"model": {"model": "projects/1/locations/us/models/2"}}

    def program() -> None:
        spec = tuning.SupervisedTuningSpecArgs(training_dataset_uri="gs://b/t.jsonl")
        job = tuning.TuningJob("job", base_model="g", supervised_tuning_spec=spec)
        model = tuning.TunedModel("model", tuning_job=job)
        endpoint = tuning.Endpoint("endpoint", display_name="E")
        tuning.ModelDeployment("deployment", endpoint=endpoint, model=model)
        both = pulumi.Output.all(job.id, endpoint.id).apply(lambda ids: ids[0])
        tuning.TunedModel("of both", tuning_job=both)
        tuning.TunedModel("by name", tuning_job="projects/1/locations/us-central1/tuningJobs/2")

    run(program)
    assert sources(engine, "model") == {"tuningJob": ["job"]}
    assert sources(engine, "deployment") == {"endpoint": ["endpoint"], "model": ["model"]}
    assert sources(engine, "of both") == {"tuningJob": ["endpoint", "job"]}
    assert sources(engine, "by name") == {}


def test_a_continued_job_tells_which_model_it_trains_on_from(engine: Recorder) -> None:
    def program() -> None:
        spec = tuning.SupervisedTuningSpecArgs(training_dataset_uri="gs://b/t.jsonl")
        job = tuning.TuningJob("job", base_model="g", supervised_tuning_spec=spec)
        model = tuning.TunedModel("model", tuning_job=job)
        parent = tuning.PreTunedModelArgs(tuned_model_name=model.versioned_model)
        tuning.TuningJob("more", pre_tuned_model=parent, supervised_tuning_spec=spec)
        whole: Any = model.versioned_model.apply(lambda name: {"tuned_model_name": name})
        tuning.TuningJob("of an output", pre_tuned_model=whole, supervised_tuning_spec=spec)

    run(program)
    assert sources(engine, "job") == {}
    assert sources(engine, "more") == {"preTunedModel.tunedModelName": ["model"]}
    assert sources(engine, "of an output") == {"preTunedModel.tunedModelName": ["model"]}


@pytest.mark.parametrize("by", ["the option", "a transformation"])
def test_who_ignores_the_file_of_a_dataset_ignores_its_content(
    engine: Recorder, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, by: str
) -> None:
    (tmp_path / "t.jsonl").write_text("{}\n")
    given = {ignored: pulumi.ResourceOptions(ignore_changes=[ignored]) for ignored in ("source", "kms_key_name")}
    kept: dict[str, list[str]] = {}
    real: Any = pulumi.runtime.mocks.MockMonitor.RegisterResource

    def register(self: Any, request: Any) -> Any:
        kept[request.name] = list(request.ignoreChanges)
        return real(self, request)

    def program() -> None:
        for ignored, opts in given.items():

            def ignore(
                args: pulumi.ResourceTransformationArgs, more: pulumi.ResourceOptions = opts
            ) -> pulumi.ResourceTransformationResult:
                return pulumi.ResourceTransformationResult(args.props, pulumi.ResourceOptions.merge(args.opts, more))

            asked = opts if by == "the option" else pulumi.ResourceOptions(transformations=[ignore])
            tuning.TuningDataset(ignored, bucket="b", source=tmp_path / "t.jsonl", opts=asked)

    monkeypatch.setattr(pulumi.runtime.mocks.MockMonitor, "RegisterResource", register)
    run(program)
    assert kept["source"] == ["source", "contentSha256"]
    assert kept["kms_key_name"] == ["kmsKeyName"]
    assert [opts.ignore_changes for opts in given.values()] == [["source"], ["kms_key_name"]]


def test_what_a_job_has_made_meanwhile_is_not_listed_by_the_preview_after_it(
    engine: Recorder, monkeypatch: pytest.MonkeyPatch
) -> None:
    hidden: dict[str, list[str] | None] = {}
    real = pulumi.dynamic.Resource.__init__

    def register(self: Any, provider: Any, name: str, props: Any, opts: Any) -> None:
        hidden[name] = opts.hide_diffs
        real(self, provider, name, props, opts)

    def program() -> None:
        spec = tuning.SupervisedTuningSpecArgs(training_dataset_uri="gs://b/t.jsonl")
        own = pulumi.ResourceOptions(hide_diffs=["update_time"])
        tuning.TuningJob("job", base_model="g", supervised_tuning_spec=spec, opts=own)
        tuning.Endpoint("endpoint", display_name="E")

    monkeypatch.setattr(pulumi.dynamic.Resource, "__init__", register)
    run(program)
    assert hidden == {"job": ["updateTime", "tunedModel", "tuningDataStats"], "endpoint": None}


def test_outputs_are_typed_down_to_nested_whole_numbers(engine: Recorder) -> None:
    checkpoint = {"checkpointId": "1", "epoch": 1.0, "step": 40.0, "endpoint": "e"}
    engine.outputs = {"job": {"tunedModel": {"model": "m", "checkpoints": [checkpoint]}}}
    seen: list[Any] = []

    def program() -> Any:
        job = tuning.TuningJob.get("job", "projects/1/locations/us-central1/tuningJobs/2")
        return job.tuned_model.apply(seen.append)

    run(program)
    (info,) = seen
    assert isinstance(info, tuning.TunedModelInfo)
    assert (info.model, info.endpoint) == ("m", None)
    assert info.checkpoints is not None
    assert [(c.epoch, c.step, type(c.step)) for c in info.checkpoints] == [(1, 40, int)]


def test_get_reads_an_existing_resource_by_its_id(engine: Recorder) -> None:
    run(lambda: tuning.TunedModel.get("model", "projects/1/locations/us-central1/tuningJobs/2"))
    assert engine.seen["model"].resource_id == "projects/1/locations/us-central1/tuningJobs/2"
    assert engine.inputs("model") == {}


def test_a_subclass_of_a_users_own_keeps_the_type_that_stands_in_urns(engine: Recorder) -> None:
    class OurEndpoint(tuning.Endpoint):
        pass

    run(lambda: OurEndpoint("e", display_name="E"))
    assert engine.seen["e"].typ == "pulumi-python:dynamic/gcptuning:Endpoint"


@pytest.mark.parametrize("form", [str, Path, pulumi.FileAsset])
def test_a_dataset_is_hashed_and_named_from_the_project_root_in_every_form_of_its_path(
    form: Any, engine: Recorder, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "stacks" / "data").mkdir(parents=True)
    (tmp_path / "stacks" / "data" / "t.jsonl").write_bytes(b'{"a": 1}\n')
    monkeypatch.chdir(tmp_path / "stacks")
    monkeypatch.setattr(pulumi.runtime, "get_root_directory", lambda: str(tmp_path))
    run(lambda: tuning.TuningDataset("data", bucket="b", source=form("data/t.jsonl")))
    inputs = engine.inputs("data")
    assert inputs["source"] == "stacks/data/t.jsonl"
    assert inputs["projectRoot"] == str(tmp_path)
    assert inputs["contentSha256"] == hashlib.sha256(b'{"a": 1}\n').hexdigest()


@pytest.mark.parametrize("make", [lambda _: None, os.mkfifo, Path.mkdir], ids=["missing", "a pipe", "a folder"])
def test_an_unreadable_dataset_is_left_to_the_check(
    engine: Recorder, tmp_path: Path, make: Callable[[Path], None]
) -> None:
    make(tmp_path / "t.jsonl")
    run(lambda: tuning.TuningDataset("data", bucket="b", source=tmp_path / "t.jsonl"))
    assert "contentSha256" not in engine.inputs("data")


def test_a_dataset_whose_path_is_an_output_is_hashed_when_it_is_known(engine: Recorder, tmp_path: Path) -> None:
    (tmp_path / "t.jsonl").write_text("{}\n")
    run(lambda: tuning.TuningDataset("data", bucket="b", source=pulumi.Output.from_input(str(tmp_path / "t.jsonl"))))
    assert engine.inputs("data")["contentSha256"] == hashlib.sha256(b"{}\n").hexdigest()


class GoogleProvider(pulumi.ProviderResource):
    """Stands for gcp.Provider: what counts is its package."""

    def __init__(self, name: str) -> None:
        super().__init__("gcp", name, {"project": "p"})


@pytest.mark.parametrize("option", ["provider", "providers", "mapping"])
def test_a_gcp_provider_without_ours_is_refused_and_the_fix_is_named(option: str, engine: Recorder) -> None:
    def program() -> None:
        theirs = GoogleProvider("theirs")
        given: Any = {"provider": theirs, "providers": [theirs], "mapping": {"gcp": theirs}}[option]
        opts = pulumi.ResourceOptions(**{option.replace("mapping", "providers"): given})
        tuning.Endpoint("e", display_name="E", opts=opts)

    with pytest.raises(
        pulumi.RunError, match=r"Endpoint 'e': a gcp.Provider does not apply.*pulumi_gcp_tuning.Provider"
    ):
        run(program)


def test_our_provider_gets_its_settings_as_configuration(engine: Recorder) -> None:
    def program() -> None:
        ours = tuning.Provider(
            "ours", project="p", region="europe-west4", default_labels={"team": "x"}, user_project_override=True,
            poll_interval=2.5,
        )  # fmt: skip
        opts = pulumi.ResourceOptions(providers=[ours, GoogleProvider("theirs")])
        tuning.Endpoint("e", display_name="E", opts=opts)

    run(program)
    assert engine.seen["ours"].typ == "pulumi:providers:pulumi-python"
    assert engine.seen["ours"].inputs == {
        "gcp:project": "p",
        "gcp:region": "europe-west4",
        "gcp:defaultLabels": '{"team": "x"}',
        "gcp:userProjectOverride": "true",
        "gcp-tuning:pollInterval": "2.5",
    }
    assert "pulumi:providers:pulumi-python::ours::" in str(engine.seen["e"].provider)


def test_region_and_location_of_a_provider_are_one_setting(engine: Recorder) -> None:
    run(lambda: tuning.Provider("ours", location="us-central1"))
    assert engine.seen["ours"].inputs == {"gcp:region": "us-central1"}
    with pytest.raises(pulumi.RunError, match="region or location, not both"):
        run(lambda: tuning.Provider("two", location="us-central1", region="us-central1"))


def test_every_public_name_can_be_imported_and_no_other_exists() -> None:
    for name in dir(tuning):
        assert getattr(tuning, name) is not None
    with pytest.raises(AttributeError, match="has no attribute 'TuningJobs'"):
        _ = tuning.TuningJobs  # type: ignore[attr-defined]


def test_a_star_import_gives_the_resources() -> None:
    found: dict[str, Any] = {}
    exec("from pulumi_gcp_tuning import *", found)  # noqa: S102  # that is what is tested
    assert {"Provider", *(frame.name for frame in registered())} <= found.keys()
    assert set(tuning.__all__) <= found.keys()


@pytest.mark.parametrize("kind", [frame.name for frame in registered()])
def test_help_shows_every_argument_with_its_meaning(kind: str) -> None:
    import pydoc

    from pulumi_gcp_tuning.declare.arguments import fields_of

    shown = pydoc.plain(pydoc.render_doc(getattr(tuning, kind).__init__))
    for name in fields_of(getattr(tuning, f"{kind}Args")):
        assert f"{name}: " in shown.partition("\n")[2].partition("Declare it")[0]
        assert f"- ``{name}``: " in shown
    assert "**kwargs" not in shown
    whole = pydoc.plain(pydoc.render_doc(getattr(tuning, kind)))
    assert shown.partition("Declare it")[2].splitlines()[2].strip() in whole, "help of the class has it too"


@pytest.mark.parametrize("kind", [frame.name for frame in registered()])
def test_args_its_dict_twin_and_the_keywords_of_a_resource_name_the_same(kind: str) -> None:
    import inspect
    import typing

    from pulumi_gcp_tuning.declare.arguments import fields_of

    resource = getattr(tuning, kind)
    fields = set(fields_of(getattr(tuning, f"{kind}Args")))
    twin = getattr(tuning, f"{kind}ArgsDict")
    assert set(twin.__annotations__) == fields
    keywords = inspect.signature(typing.get_overloads(resource.__init__)[1]).parameters
    assert set(keywords) - {"self", "resource_name", "opts"} == fields
    assert fields <= set(resource._wires), "every input is an output too"
    assert sys.modules[resource.__module__].__doc__
