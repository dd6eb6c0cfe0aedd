"""The model that a job makes; waits for it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Any, NotRequired, TypedDict, overload

import pulumi
from pulumi import Input, Output

from pulumi_gcp_tuning.declare.arguments import Labels, arguments, outputs
from pulumi_gcp_tuning.declare.pipeline_tuning_job import PipelineTuningJob
from pulumi_gcp_tuning.declare.resource import TuningResource
from pulumi_gcp_tuning.declare.tuning_job import Checkpoint, Text, TuningJob


@arguments
class OnReplaceArgs:
    """``keep_last``: how many superseded models stay when the job is replaced (default 2)."""

    keep_last: Input[int] | None = None


class OnReplaceArgsDict(TypedDict, total=False):
    """:class:`OnReplaceArgs` as a dict."""

    keep_last: Input[int]


@arguments
class TunedModelArgs:
    """``tuning_job`` is a :class:`~pulumi_gcp_tuning.TuningJob`, a :class:`~pulumi_gcp_tuning.PipelineTuningJob` or a job's name."""

    REFERENCES = MappingProxyType({"tuning_job": "id"})

    tuning_job: Input[str] | TuningJob | PipelineTuningJob
    checks: Labels | None = None
    default_checkpoint_id: Text = None
    deletion_policy: Text = None
    description: Text = None
    display_name: Text = None
    labels: Labels | None = None
    on_replace: Input[OnReplaceArgs | OnReplaceArgsDict] | None = None
    project: Text = None


class TunedModelArgsDict(TypedDict):
    """:class:`TunedModelArgs` as a dict."""

    tuning_job: Input[str] | TuningJob | PipelineTuningJob
    checks: NotRequired[Labels]
    default_checkpoint_id: NotRequired[Input[str]]
    deletion_policy: NotRequired[Input[str]]
    description: NotRequired[Input[str]]
    display_name: NotRequired[Input[str]]
    labels: NotRequired[Labels]
    on_replace: NotRequired[Input[OnReplaceArgs | OnReplaceArgsDict]]
    project: NotRequired[Input[str]]


@outputs
class OnReplace:
    """What happens to superseded models."""

    keep_last: int | None


class TunedModel(TuningResource, module="gcptuning", name="TunedModel"):
    """Waits until the job has ended.

    A wait that ends early (^C, customTimeouts) keeps its place: the next ``pulumi up`` goes on. Destroying it deletes
    the model and the endpoints that the service made for it.
    """

    KIND = "tuned_model"
    SHAPE = TunedModelArgs
    ENDS = "tuningJob"

    api_origin: Output[str] = pulumi.property("apiOrigin")
    checkpoints: Output[Sequence[Checkpoint]] = pulumi.property("checkpoints")
    checks: Output[Mapping[str, str] | None] = pulumi.property("checks")
    create_time: Output[str] = pulumi.property("createTime")
    default_checkpoint_id: Output[str | None] = pulumi.property("defaultCheckpointId")
    deletion_policy: Output[str] = pulumi.property("deletionPolicy")
    description: Output[str | None] = pulumi.property("description")
    display_name: Output[str | None] = pulumi.property("displayName")
    effective_labels: Output[Mapping[str, str]] = pulumi.property("effectiveLabels")
    endpoint: Output[str] = pulumi.property("endpoint")
    job_state: Output[str] = pulumi.property("jobState")
    labels: Output[Mapping[str, str] | None] = pulumi.property("labels")
    location: Output[str] = pulumi.property("location")
    model: Output[str] = pulumi.property("model")
    model_version: Output[str] = pulumi.property("modelVersion")
    on_replace: Output[OnReplace | None] = pulumi.property("onReplace")
    project: Output[str] = pulumi.property("project")
    pulumi_labels: Output[Mapping[str, str]] = pulumi.property("pulumiLabels")
    releases: Output[Mapping[str, str]] = pulumi.property("releases")
    tuning_data_stats: Output[Mapping[str, Any] | None] = pulumi.property("tuningDataStats")
    tuning_job: Output[str] = pulumi.property("tuningJob")
    versioned_model: Output[str] = pulumi.property("versionedModel")

    @overload
    def __init__(
        self,
        resource_name: str,
        args: TunedModelArgs | TunedModelArgsDict,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None: ...
    @overload
    def __init__(
        self,
        resource_name: str,
        opts: pulumi.ResourceOptions | None = None,
        *,
        checks: Labels | None = None,
        default_checkpoint_id: Text = None,
        deletion_policy: Text = None,
        description: Text = None,
        display_name: Text = None,
        labels: Labels | None = None,
        on_replace: Input[OnReplaceArgs | OnReplaceArgsDict] | None = None,
        project: Text = None,
        tuning_job: Input[str] | TuningJob | PipelineTuningJob | None = None,
    ) -> None: ...
    def __init__(self, resource_name: str, *args: Any, **kwargs: Any) -> None:
        super().__init__(resource_name, *args, **kwargs)

    @staticmethod
    def get(resource_name: str, id: Input[str], opts: pulumi.ResourceOptions | None = None) -> TunedModel:  # noqa: A002
        """The model of the job of this name (projects/P/locations/L/tuningJobs/N), read and not managed."""
        return TunedModel.existing(resource_name, id, opts)
