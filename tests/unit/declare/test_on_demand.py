"""Outputs that are made when a program asks for them: what it sees of that, which is nothing, and what it saves."""

from __future__ import annotations

import inspect
import pydoc
from collections.abc import Iterator
from typing import Any

import pulumi
import pytest
from pulumi import dynamic
from pulumi.runtime import rpc, stack
from pulumi.runtime.settings import SETTINGS

import pulumi_gcp_tuning as tuning
from pulumi_gcp_tuning.declare import on_demand
from pulumi_gcp_tuning.declare.resource import TuningResource
from pulumi_gcp_tuning.resources.registry import registered

STATE = {
    "baseModel": "gemini-3.1-flash-lite",
    "name": "projects/1/locations/us-central1/tuningJobs/7",
    "labels": {"team_name": "support"},
    "supervisedTuningSpec": {"trainingDatasetUri": "gs://b/t.jsonl", "hyperParameters": {"epochCount": 3.0}},
    "tunedModel": {"model": "m", "checkpoints": [{"checkpointId": "1", "epoch": 2.0}]},
    "secret": "kept",
}


class Engine(pulumi.runtime.Mocks):
    """Knows one job, and fails for a resource that is called ``wrong``."""

    def new_resource(self, args: pulumi.runtime.MockResourceArgs) -> tuple[str | None, dict[str, Any]]:
        if args.name == "wrong":
            raise ValueError("no such job")
        return f"{args.name}-id", {**args.inputs, **STATE}

    def call(self, args: pulumi.runtime.MockCallArgs) -> Any:
        raise AssertionError(args)


@pytest.fixture(params=["on demand", "at once"])
def either(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """With the SDK as it is known here, and with one whose function does something else with the outputs."""
    pulumi.runtime.set_mocks(Engine(), preview=False)
    known = rpc.transfer_properties
    if request.param == "at once":
        original = inspect.unwrap(known)

        def transfer(res: Any, props: Any, custom: bool) -> Any:  # noqa: FBT001
            return {**original(res, props, custom), "another": lambda *_: None}

        monkeypatch.setattr(rpc, "transfer_properties", transfer)
        assert on_demand.adapt()
    yield
    monkeypatch.undo()
    assert rpc.transfer_properties is known


@pytest.fixture
def engine() -> None:
    pulumi.runtime.set_mocks(Engine(), preview=False)


def job(name: str = "job", **options: Any) -> tuning.TuningJob:
    return tuning.TuningJob(
        name,
        base_model="gemini-3.1-flash-lite",
        supervised_tuning_spec={"training_dataset_uri": "gs://b/t.jsonl"},
        opts=pulumi.ResourceOptions(**options),
    )


def run(program: Any) -> None:
    pulumi.runtime.test(program)()  # type: ignore[no-untyped-call]


def made(resource: TuningResource) -> set[str]:
    """The attributes that are there without being asked for."""
    return set(dict.keys(resource.__dict__))


@pytest.mark.usefixtures("either")
def test_an_output_has_the_engines_value_whenever_it_is_asked_for() -> None:
    seen = {}

    async def program() -> None:
        declared = job()
        seen["before"] = await declared.name.future()
        seen["after"] = await declared.base_model.future()
        seen["none"] = await declared.adopt.future()

    run(program)
    assert seen == {"before": STATE["name"], "after": STATE["baseModel"], "none": None}


@pytest.mark.usefixtures("either")
def test_nested_outputs_are_typed_and_the_keys_of_a_user_stay() -> None:
    seen: dict[str, Any] = {}

    async def program() -> None:
        declared = job()
        seen["model"] = await declared.tuned_model.future()
        seen["spec"] = await declared.supervised_tuning_spec.future()
        seen["labels"] = await declared.labels.future()
        seen["lifted"] = await declared.supervised_tuning_spec.training_dataset_uri.future()

    run(program)
    assert isinstance(seen["model"], tuning.TunedModelInfo)
    assert [each.checkpoint_id for each in seen["model"].checkpoints or ()][:1] == ["1"]
    assert repr(seen["spec"].hyper_parameters.epoch_count) == "3"
    assert seen["labels"] == STATE["labels"]
    assert seen["lifted"] == "gs://b/t.jsonl"


@pytest.mark.usefixtures("either")
def test_an_output_comes_from_its_resource() -> None:
    seen: list[set[pulumi.Resource]] = []
    declared: list[pulumi.Resource] = []

    async def program() -> None:
        declared.append(job())
        seen.append(await pulumi.Output.all(declared[0].name, declared[0].state).resources())  # type: ignore[attr-defined]

    run(program)
    assert seen == [set(declared)]


@pytest.mark.usefixtures("either")
def test_an_output_is_the_same_object_each_time() -> None:
    def program() -> None:
        declared = job()
        assert declared.name is declared.name
        assert vars(declared)["name"] is declared.name

    run(program)


@pytest.mark.usefixtures("either")
def test_a_resource_that_is_exported_as_a_whole_has_all_its_outputs() -> None:
    seen: dict[str, Any] = {}

    def program() -> None:
        seen.update(stack.massage(job(), []))

    run(program)
    public = {name for name, value in vars(tuning.TuningJob).items() if isinstance(value, property)}
    assert public <= set(seen)
    assert {"id", "urn", "name", "tuned_model_display_name"} <= set(seen)
    assert not {"baseModel", "tunedModel"} & set(seen)


@pytest.mark.usefixtures("either")
def test_an_output_of_a_resource_that_failed_fails_as_the_resource_did() -> None:
    seen: list[BaseException] = []

    async def program() -> None:
        declared = job("wrong")
        for ask in (lambda: declared.name, lambda: declared.base_model):
            try:
                await ask().future()  # type: ignore[no-untyped-call]
            except Exception as error:  # noqa: BLE001
                seen.append(error)

    with pytest.raises(Exception, match="no such job"):
        run(program)
    assert ["no such job" in str(error) for error in seen] == [True, True]


@pytest.mark.usefixtures("either")
def test_a_resource_that_is_read_has_its_outputs() -> None:
    seen = []

    async def program() -> None:
        seen.append(await tuning.TuningJob.get("read", id="projects/1/locations/l/tuningJobs/7").name.future())

    run(program)
    assert seen == [STATE["name"]]


@pytest.mark.usefixtures("either")
def test_a_class_of_a_user_may_set_an_attribute_that_is_an_output() -> None:
    class Mine(tuning.TuningJob):
        def __init__(self, name: str) -> None:
            super().__init__(name, base_model="m", supervised_tuning_spec={"training_dataset_uri": "gs://b/t.jsonl"})
            self.description = "mine"  # type: ignore[assignment]

    def program() -> None:
        mine: Any = Mine("job")
        assert mine.description == "mine"
        assert vars(mine)["description"] == "mine"
        assert dict(vars(mine).items())["description"] == "mine"

    run(program)


@pytest.mark.usefixtures("engine")
def test_no_output_is_made_before_it_is_asked_for() -> None:
    def program() -> None:
        declared = job()
        outputs = {name for name, value in vars(tuning.TuningJob).items() if isinstance(value, property)}
        assert len(made(declared) & outputs) <= 1
        waited_for = len(SETTINGS.outputs)
        assert declared.name is not None
        assert "name" in made(declared)
        assert len(SETTINGS.outputs) == waited_for + 1

    run(program)


@pytest.mark.usefixtures("engine")
def test_no_value_is_translated_before_it_is_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    translated: list[Any] = []
    original = rpc.translate_output_properties

    def translate(output: Any, *given: Any, **named: Any) -> Any:
        translated.append(output)
        return original(output, *given, **named)

    monkeypatch.setattr(rpc, "translate_output_properties", translate)

    async def program() -> None:
        declared = job()
        await declared.id.future()
        assert len(translated) <= 1
        assert (await declared.tuned_model.future()).model == "m"  # type: ignore[union-attr]
        assert STATE["name"] not in translated

    run(program)


@pytest.mark.usefixtures("engine")
def test_a_value_that_does_not_fit_its_type_fails_the_output_that_is_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(STATE, "description", {"not": "a text"})
    seen: list[str] = []

    async def program() -> None:
        declared = job()
        seen.append(str(await declared.name.future()))
        with pytest.raises(AssertionError, match="Unexpected type"):
            await declared.description.future()

    with pytest.raises(AssertionError, match="Unexpected type"):
        run(program)
    assert seen == [STATE["name"]]


@pytest.mark.usefixtures("engine")
def test_values_of_a_function_of_another_shape_are_translated_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    original = inspect.unwrap(rpc.resolve_outputs)

    def other(res: Any, *given: Any, **named: Any) -> None:
        original(res, *given, **named)

    monkeypatch.setattr(rpc, "resolve_outputs", other)
    assert on_demand.adapt()
    now: Any = rpc.resolve_outputs
    assert now is other
    seen = []

    async def program() -> None:
        seen.append(await job().name.future())

    run(program)
    assert seen == [STATE["name"]]


@pytest.mark.usefixtures("engine")
def test_a_resource_of_others_has_its_outputs_as_the_sdk_makes_them() -> None:
    class Other(dynamic.Resource):
        out: pulumi.Output[str]

    def program() -> None:
        other = Other(dynamic.ResourceProvider(), "other", {"out": None})
        assert type(vars(other)) is dict
        assert isinstance(vars(other)["out"], pulumi.Output)

    run(program)


@pytest.mark.usefixtures("engine")
def test_a_function_of_another_shape_is_left_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    def transfer(res: Any, props: Any, custom: bool, more: Any) -> Any:  # noqa: FBT001
        raise AssertionError

    other: Any = transfer
    monkeypatch.setattr(rpc, "transfer_properties", other)
    assert not on_demand.adapt()
    assert rpc.transfer_properties is other


@pytest.mark.usefixtures("engine")
def test_without_the_sdks_function_all_outputs_are_there(monkeypatch: pytest.MonkeyPatch) -> None:
    seen = []
    monkeypatch.setattr(rpc, "transfer_properties", inspect.unwrap(rpc.transfer_properties))
    monkeypatch.setattr("pulumi_gcp_tuning.declare.resource._ON_DEMAND", False)

    async def program() -> None:
        declared = job()
        assert type(vars(declared)) is dict
        seen.append(await declared.name.future())

    run(program)
    assert seen == [STATE["name"]]


@pytest.mark.usefixtures("engine")
def test_adapting_twice_changes_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    """Tests of users import the package again; the first import's function is then what the second one finds."""
    monkeypatch.setattr(rpc, "transfer_properties", rpc.transfer_properties)
    assert on_demand.adapt()
    seen = []

    async def program() -> None:
        seen.append(await job().name.future())

    run(program)
    assert seen == [STATE["name"]]


@pytest.mark.parametrize("kind", [frame.name for frame in registered()])
def test_the_help_of_a_resource_names_its_outputs(kind: str) -> None:
    resource = getattr(tuning, kind)
    shown = pydoc.plain(pydoc.render_doc(resource)).partition("Data descriptors defined here")[2]
    assert [name for name in resource._wires if f" |  {name}\n" not in shown] == []
