"""Options that are refused also where a transformation sets them: ``delete_before_replace`` and ``import_``."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import cast

import pulumi
import pytest

import pulumi_gcp_tuning as tuning
from support.recorded_engine import Recorder, run

JOB = "projects/1/locations/us-central1/tuningJobs/2"
FIRST: list[tuple[Callable[[pulumi.ResourceOptions], object], str]] = [
    (lambda opts: tuning.Endpoint("bot", display_name="E", opts=opts), "Endpoint 'bot'"),
    (lambda opts: tuning.TunedModel("bot", tuning_job=JOB, opts=opts), "TunedModel 'bot'"),
    (lambda opts: tuning.TuningJob("bot", base_model="g", opts=opts), "TuningJob 'bot'"),
]


@pytest.mark.parametrize("by", ["the option", "a transformation"])
@pytest.mark.parametrize(("declare", "named"), FIRST, ids=[named for _, named in FIRST])
def test_what_would_be_deleted_before_its_replacement_exists_is_refused(
    engine: Recorder, declare: Callable[[pulumi.ResourceOptions], object], named: str, by: str
) -> None:
    def program() -> None:
        declare(deleted_first() if by == "the option" else pulumi.ResourceOptions(transformations=[delete_first]))

    with pytest.raises(pulumi.RunError, match=f"{named}: delete_before_replace would delete what is in use") as refusal:
        run(program)
    assert "\n" not in str(refusal.value)
    assert engine.seen == {}


def test_a_deployment_may_be_deleted_before_its_replacement_exists(engine: Recorder) -> None:
    def program() -> None:
        endpoint, model = "projects/1/locations/us/endpoints/2", "projects/1/locations/us/models/3"
        tuning.ModelDeployment("bot", endpoint=endpoint, model=model, opts=deleted_first())

    run(program)
    assert set(engine.seen) == {"bot"}


def deleted_first() -> pulumi.ResourceOptions:
    return pulumi.ResourceOptions(delete_before_replace=True)


def delete_first(args: pulumi.ResourceTransformationArgs) -> pulumi.ResourceTransformationResult:
    return pulumi.ResourceTransformationResult(args.props, pulumi.ResourceOptions.merge(args.opts, deleted_first()))


def test_an_import_that_a_transformation_asks_for_is_refused_in_a_sentence(engine: Recorder) -> None:
    def imported(args: pulumi.ResourceTransformationArgs) -> pulumi.ResourceTransformationResult:
        opts = pulumi.ResourceOptions.merge(args.opts, pulumi.ResourceOptions(import_=JOB))
        return pulumi.ResourceTransformationResult(args.props, opts)

    def program() -> None:
        tuning.TuningJob("bot", base_model="g", opts=pulumi.ResourceOptions(transformations=[imported]))

    with pytest.raises(pulumi.RunError, match="TuningJob 'bot': import_ does not work for this resource"):
        run(program)
    assert engine.seen == {}


def test_l4_a_transformation_that_labels_whatever_has_labels_labels_jobs_and_leaves_datasets(
    engine: Recorder, tmp_path: Path
) -> None:
    def label(args: pulumi.ResourceTransformationArgs) -> pulumi.ResourceTransformationResult:
        if hasattr(args.resource, "labels") and args.props.get("labels") is None:
            cast("dict[str, object]", args.props)["labels"] = {"foo": "bar"}
        return pulumi.ResourceTransformationResult(args.props, args.opts)

    (tmp_path / "t.jsonl").write_text("{}\n")
    opts = pulumi.ResourceOptions(transformations=[label])

    def program() -> None:
        tuning.TuningDataset("data", bucket="b", source=tmp_path / "t.jsonl", opts=opts)
        tuning.TuningJob("job", base_model="g", opts=opts)
        tuning.TunedModel("model", tuning_job=JOB, opts=opts)
        tuning.Endpoint("endpoint", display_name="E", opts=opts)

    run(program)
    labelled = {name for name in engine.seen if engine.inputs(name).get("labels") == {"foo": "bar"}}
    assert labelled == {"job", "model", "endpoint"}
