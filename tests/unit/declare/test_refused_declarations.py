"""Declarations that are refused in the program, before anything reaches the engine."""

from __future__ import annotations

from contextvars import ContextVar
from typing import Any

import pulumi
import pytest
from pulumi_gcp import kms, storage

import pulumi_gcp_tuning as tuning
from support.credential_forms import leaks_in, made_up_key, wrong_forms
from support.recorded_engine import Recorder, run


@pytest.mark.parametrize(
    ("declare", "told"),
    [
        (
            lambda: tuning.TuningJob(
                "j", {"base_model": "g", "supervised_tuning_spec": {"training_dataset_url": "x"}}  # type: ignore[call-overload]
            ),
            "supervised_tuning_spec.training_dataset_url: there is no such argument. Did you mean training_dataset_uri?",
        ),
        (
            lambda: tuning.Endpoint("e", {"displayName": "E"}),  # type: ignore[call-overload]
            "displayName: there is no such argument. Did you mean display_name?",
        ),
        (
            lambda: tuning.TuningJob(  # type: ignore[call-overload]
                "j",
                base_model="g",
                supervised_tuning_spec={"training_dataset_uri": "x", "hyper_parameters": {"seed": 1}},
            ),
            "supervised_tuning_spec.hyper_parameters.seed: there is no such argument.",
        ),
        (
            lambda: tuning.TuningJob("j", base_model="g", supervised_tuning_spec="gs://b/x"),  # type: ignore[call-overload]
            "supervised_tuning_spec: expected a SupervisedTuningSpecArgs or a dict, got 'gs://b/x'.",
        ),
        (
            lambda: tuning.TuningJob("j", tuning.TunedModelArgs(tuning_job="x")),  # type: ignore[call-overload]
            "TuningJobArgs: expected a TuningJobArgs or a dict, got a TunedModelArgs.",
        ),
        (
            lambda: tuning.TunedModel(3, tuning_job="x"),  # type: ignore[call-overload]
            "TunedModel 3: the first argument is the name of the resource and must be a text",
        ),
    ],
)  # fmt: skip
def test_a_wrong_key_is_refused_with_its_path(declare: Any, told: str, engine: Recorder) -> None:
    with pytest.raises(pulumi.RunError) as refused:
        run(declare)
    assert told in str(refused.value)
    assert engine.seen == {}


def test_a_source_that_is_no_path_is_refused_without_frames(engine: Recorder) -> None:
    with pytest.raises(pulumi.RunError) as refused:
        run(lambda: tuning.TuningDataset("d", bucket="b", source=pulumi.StringAsset("x")))  # type: ignore[call-overload]
    assert str(refused.value) == "TuningDataset 'd': source: expected a path or a pulumi.FileAsset, got a StringAsset."


def test_a_misspelt_argument_of_a_provider_is_refused_with_the_nearest(engine: Recorder) -> None:
    with pytest.raises(pulumi.RunError) as refused:
        run(lambda: tuning.Provider("eu", regoin="europe-west4"))  # type: ignore[call-arg]
    assert str(refused.value) == "Provider 'eu': regoin: there is no such argument. Did you mean region?"


@pytest.mark.parametrize("form", wrong_forms(made_up_key()))
def test_a_key_in_an_argument_is_refused_before_it_reaches_state_and_not_quoted(form: str, engine: Recorder) -> None:
    text = wrong_forms(made_up_key())[form]
    for declare in (
        lambda: tuning.Provider("ours", impersonate_service_account=text),
        lambda: tuning.Provider("ours", project=text),
        lambda: tuning.TuningJob("job", base_model="m", supervised_tuning_spec=text),  # type: ignore[call-overload]
    ):
        with pytest.raises(pulumi.RunError) as refused:
            run(declare)
        assert leaks_in(str(refused.value), made_up_key()) == []
    assert engine.seen == {}


@pytest.mark.parametrize("key", ["gcp:credentials", "gcp:accessToken", "gcp:project", "gcp-tuning:catalog"])
def test_a_key_in_plain_configuration_is_refused_before_it_reaches_state(
    key: str, engine: Recorder, monkeypatch: pytest.MonkeyPatch
) -> None:
    configured = {key: made_up_key().json, "gcp:region": "us-central1", "shop:number": 3}
    monkeypatch.setattr(pulumi.runtime.config, "CONFIG", ContextVar("config", default=configured))
    with pytest.raises(pulumi.RunError, match=f"^{key}: .*pulumi config set --secret {key}") as refused:
        run(lambda: tuning.Endpoint("e", display_name="e"))
    assert leaks_in(str(refused.value), made_up_key()) == []
    assert engine.seen == {}


@pytest.mark.parametrize(
    ("value", "secret"), [(made_up_key().json, {"gcp:credentials"}), ("/keys/dev.json", set())], ids=["secret", "path"]
)
def test_a_key_in_a_secret_and_the_path_of_one_are_configuration(
    value: str, secret: set[str], engine: Recorder, monkeypatch: pytest.MonkeyPatch
) -> None:
    configured = {"gcp:credentials": value}
    monkeypatch.setattr(pulumi.runtime.config, "CONFIG", ContextVar("config", default=configured))
    monkeypatch.setattr(pulumi.runtime.config, "_SECRET_KEYS", ContextVar("secrets", default=secret))
    run(lambda: tuning.Endpoint("e", display_name="e"))
    assert list(engine.seen) == ["e"]


def test_a_provider_says_that_credentials_come_from_the_environment(engine: Recorder) -> None:
    with pytest.raises(pulumi.RunError) as refused:
        run(lambda: tuning.Provider("ours", credentials=made_up_key().json))  # type: ignore[call-arg]
    assert str(refused.value) == (
        "Provider 'ours': credentials: there is no such argument, because it would stand in state. Credentials come from "
        "the environment (GOOGLE_CREDENTIALS, GOOGLE_OAUTH_ACCESS_TOKEN)."
    )


def test_wrong_keywords_are_one_type_error_that_names_them_all(engine: Recorder) -> None:
    with pytest.raises(TypeError) as refused:
        run(lambda: tuning.Endpoint("e", dispaly_name="E", colour="red"))  # type: ignore[call-overload]
    assert isinstance(refused.value, pulumi.RunError), "Pulumi shows its message alone"
    first, second = str(refused.value).splitlines()
    assert first == "Endpoint 'e': dispaly_name: there is no such argument. Did you mean display_name?"
    assert second.startswith("Endpoint 'e': colour: there is no such argument. There are display_name, checks")


@pytest.mark.parametrize(
    ("declare", "told"),
    [
        (
            lambda: tuning.HyperParametersArgs(epochs=3),  # type: ignore[call-arg]
            "HyperParametersArgs: epochs: there is no such argument. Did you mean epoch_count?",
        ),
        (
            lambda: tuning.TuningJobArgs(  # type: ignore[call-arg]
                base_model="g", supervised_tuning_spec={"training_dataset_uri": "gs://b/t.jsonl"}, epoch_count=3
            ),
            (
                "TuningJobArgs: epoch_count: there is no such argument. It is an argument of "
                "supervised_tuning_spec.hyper_parameters."
            ),
        ),
        (
            tuning.SupervisedTuningSpecArgs,
            "SupervisedTuningSpecArgs: training_dataset_uri: it is required but not set.",
        ),
        (
            lambda: tuning.EndpointArgs("E"),  # type: ignore[call-arg]
            "EndpointArgs: give its arguments by name: display_name=...",
        ),
    ],
)
def test_a_wrong_argument_of_an_args_class_is_one_sentence(declare: Any, told: str) -> None:
    with pytest.raises(TypeError) as refused:
        declare()
    assert isinstance(refused.value, pulumi.RunError), "Pulumi shows its message alone"
    assert str(refused.value) == told


@pytest.mark.parametrize(("kind", "argument"), [("TuningDataset", "labels"), ("TunedModel", "location")])
def test_an_argument_that_could_only_be_refused_does_not_exist(kind: str, argument: str, engine: Recorder) -> None:
    with pytest.raises(TypeError, match=f"{argument}: there is no such argument"):
        run(lambda: getattr(tuning, kind)("x", **{argument: "x"}))


@pytest.mark.parametrize("argument", ["labels", "location"])
def test_a_deployment_has_no_labels_and_no_location_of_its_own(argument: str, engine: Recorder) -> None:
    with pytest.raises(TypeError, match=f"{argument}: there is no such argument"):
        run(lambda: tuning.ModelDeployment("x", **{argument: "x"}))  # type: ignore[call-overload]


def test_a_resource_that_cannot_be_referred_to_is_refused(engine: Recorder) -> None:
    def program() -> None:
        endpoint = tuning.Endpoint("e", display_name="E")
        tuning.TunedModel("m", tuning_job="j", display_name=endpoint)  # type: ignore[call-overload]

    with pytest.raises(pulumi.RunError, match="display_name: Endpoint cannot be given here"):
        run(program)


@pytest.mark.parametrize("name", sorted(name for name in tuning.__all__ if name.endswith("Args")))
def test_a_wrong_argument_of_any_args_class_is_one_sentence_that_names_it(name: str) -> None:
    with pytest.raises(TypeError) as refused:
        getattr(tuning, name)(not_an_argument_of_it=1)
    assert isinstance(refused.value, pulumi.RunError), "Pulumi shows its message alone"
    assert str(refused.value).startswith(f"{name}: not_an_argument_of_it: there is no such argument. ")


def test_an_argument_that_belongs_deeper_is_refused_with_its_place(engine: Recorder) -> None:
    with pytest.raises(TypeError) as refused:
        run(lambda: tuning.TuningJob("j", base_model="g", epoch_count=3))  # type: ignore[call-overload]
    assert str(refused.value) == (
        "TuningJob 'j': epoch_count: there is no such argument. It is an argument of supervised_tuning_spec.hyper_parameters."
    )


@pytest.mark.parametrize(
    ("declare", "way_out"),
    [
        (
            lambda bucket: tuning.TuningDataset("d", bucket=bucket, source=__file__),
            "bucket: Bucket cannot be given here; give one of its outputs, for example bucket.name.",
        ),
        (
            lambda bucket: tuning.TuningJob(
                "j", base_model="g", supervised_tuning_spec={"training_dataset_uri": bucket}
            ),
            (
                "supervised_tuning_spec.training_dataset_uri: Bucket cannot be given here; give "
                'pulumi.Output.concat("gs://", bucket.name, "/train.jsonl").'
            ),
        ),
    ],
)
def test_a_bucket_in_place_of_its_output_is_refused_with_the_output(
    declare: Any, way_out: str, engine: Recorder
) -> None:
    with pytest.raises(pulumi.RunError) as refused:
        run(lambda: declare(storage.Bucket("b", location="us")))
    assert way_out in str(refused.value)


def test_a_key_in_place_of_its_id_is_refused_with_the_id(engine: Recorder) -> None:
    def program() -> None:
        key = kms.CryptoKey("k", key_ring="ring")
        tuning.Endpoint("e", display_name="E", encryption_spec={"kms_key_name": key})

    with pytest.raises(pulumi.RunError, match=r"encryption_spec.kms_key_name: CryptoKey .* for example crypto_key\.id"):
        run(program)
