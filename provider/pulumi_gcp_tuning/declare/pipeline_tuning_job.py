"""One tuning pipeline of a bison model: submitted once, never run again by itself."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, NotRequired, TypedDict, overload

import pulumi
from pulumi import Input, Output

from pulumi_gcp_tuning.declare.arguments import Labels, arguments
from pulumi_gcp_tuning.declare.resource import TuningResource
from pulumi_gcp_tuning.declare.tuning_dataset import TuningDataset
from pulumi_gcp_tuning.declare.tuning_job import JobError, Text, TunedModelInfo


@arguments
class PipelineTuningJobArgs:
    """Which bison model is tuned on what.

    ``dataset_uri`` is a ``gs://`` URI or a :class:`~pulumi_gcp_tuning.TuningDataset`. ``location`` is where the pipeline runs,
    ``tuned_model_location`` where its model is uploaded (the same region by default). ``retry``, ``adopt``, ``on_change``
    and ``on_quota`` are as those of :class:`~pulumi_gcp_tuning.TuningJob`.
    """

    REFERENCES = MappingProxyType({"dataset_uri": "uri"})

    base_model: Input[str]
    dataset_uri: Input[str] | TuningDataset
    gcs_output_directory: Input[str]
    adopt: Text = None
    checks: Labels | None = None
    deletion_policy: Text = None
    display_name: Text = None
    labels: Labels | None = None
    location: Text = None
    model_display_name: Text = None
    on_change: Text = None
    on_quota: Text = None
    project: Text = None
    retry: Text = None
    train_steps: Input[int] | None = None
    tuned_model_location: Text = None


class PipelineTuningJobArgsDict(TypedDict):
    """:class:`PipelineTuningJobArgs` as a dict."""

    base_model: Input[str]
    dataset_uri: Input[str] | TuningDataset
    gcs_output_directory: Input[str]
    adopt: NotRequired[Input[str]]
    checks: NotRequired[Labels]
    deletion_policy: NotRequired[Input[str]]
    display_name: NotRequired[Input[str]]
    labels: NotRequired[Labels]
    location: NotRequired[Input[str]]
    model_display_name: NotRequired[Input[str]]
    on_change: NotRequired[Input[str]]
    on_quota: NotRequired[Input[str]]
    project: NotRequired[Input[str]]
    retry: NotRequired[Input[str]]
    train_steps: NotRequired[Input[int]]
    tuned_model_location: NotRequired[Input[str]]


class PipelineTuningJob(TuningResource, module="gcptuning", name="PipelineTuningJob"):
    """Submits the pipeline and is done; :class:`~pulumi_gcp_tuning.TunedModel` waits for it.

    Destroying it cancels a pipeline that still runs and deletes its record.
    """

    KIND = "pipeline_tuning_job"
    SHAPE = PipelineTuningJobArgs
    TAKES_TURNS = True

    adopt: Output[str | None] = pulumi.property("adopt")
    api_origin: Output[str] = pulumi.property("apiOrigin")
    base_model: Output[str] = pulumi.property("baseModel")
    checks: Output[Mapping[str, str] | None] = pulumi.property("checks")
    create_time: Output[str] = pulumi.property("createTime")
    dataset_uri: Output[str] = pulumi.property("datasetUri")
    deletion_policy: Output[str] = pulumi.property("deletionPolicy")
    display_name: Output[str | None] = pulumi.property("displayName")
    effective_labels: Output[Mapping[str, str]] = pulumi.property("effectiveLabels")
    end_time: Output[str | None] = pulumi.property("endTime")
    error: Output[JobError | None] = pulumi.property("error")
    gcs_output_directory: Output[str] = pulumi.property("gcsOutputDirectory")
    labels: Output[Mapping[str, str] | None] = pulumi.property("labels")
    location: Output[str] = pulumi.property("location")
    model_display_name: Output[str | None] = pulumi.property("modelDisplayName")
    name: Output[str] = pulumi.property("name")
    on_change: Output[str | None] = pulumi.property("onChange")
    on_quota: Output[str | None] = pulumi.property("onQuota")
    project: Output[str] = pulumi.property("project")
    pulumi_labels: Output[Mapping[str, str]] = pulumi.property("pulumiLabels")
    retry: Output[str | None] = pulumi.property("retry")
    start_time: Output[str | None] = pulumi.property("startTime")
    state: Output[str] = pulumi.property("state")
    template_uri: Output[str] = pulumi.property("templateUri")
    train_steps: Output[int | None] = pulumi.property("trainSteps")
    tuned_model: Output[TunedModelInfo | None] = pulumi.property("tunedModel")
    tuned_model_location: Output[str | None] = pulumi.property("tunedModelLocation")
    update_time: Output[str | None] = pulumi.property("updateTime")

    @overload
    def __init__(
        self,
        resource_name: str,
        args: PipelineTuningJobArgs | PipelineTuningJobArgsDict,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None: ...
    @overload
    def __init__(
        self,
        resource_name: str,
        opts: pulumi.ResourceOptions | None = None,
        *,
        adopt: Text = None,
        base_model: Text = None,
        checks: Labels | None = None,
        dataset_uri: Input[str] | TuningDataset | None = None,
        deletion_policy: Text = None,
        display_name: Text = None,
        gcs_output_directory: Text = None,
        labels: Labels | None = None,
        location: Text = None,
        model_display_name: Text = None,
        on_change: Text = None,
        on_quota: Text = None,
        project: Text = None,
        retry: Text = None,
        train_steps: Input[int] | None = None,
        tuned_model_location: Text = None,
    ) -> None: ...
    def __init__(self, resource_name: str, *args: Any, **kwargs: Any) -> None:
        super().__init__(resource_name, *args, **kwargs)

    @staticmethod
    def get(resource_name: str, id: Input[str], opts: pulumi.ResourceOptions | None = None) -> PipelineTuningJob:  # noqa: A002
        """The pipeline of this name (projects/P/locations/L/pipelineJobs/ID), read and not managed."""
        return PipelineTuningJob.existing(resource_name, id, opts)
