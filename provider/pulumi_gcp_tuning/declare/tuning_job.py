"""One supervised tuning job: submitted once, never run again by itself."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Any, NotRequired, TypedDict, overload

import pulumi
from pulumi import Input, Output

from pulumi_gcp_tuning.declare.arguments import Labels, arguments, outputs
from pulumi_gcp_tuning.declare.resource import TuningResource
from pulumi_gcp_tuning.declare.tuning_dataset import TuningDataset

Text = Input[str] | None


@arguments
class EncryptionSpecArgs:
    """``kms_key_name``: projects/P/locations/L/keyRings/R/cryptoKeys/K, in the location of what it encrypts."""

    kms_key_name: Input[str]


class EncryptionSpecArgsDict(TypedDict):
    """:class:`EncryptionSpecArgs` as a dict."""

    kms_key_name: Input[str]


@arguments
class HyperParametersArgs:
    """What is not given Google chooses. ``adapter_size`` is 1, 2, 4, 8, 16 or Google's name for it."""

    adapter_size: Input[int | str] | None = None
    epoch_count: Input[int] | None = None
    learning_rate_multiplier: Input[float] | None = None


class HyperParametersArgsDict(TypedDict, total=False):
    """:class:`HyperParametersArgs` as a dict."""

    adapter_size: Input[int | str]
    epoch_count: Input[int]
    learning_rate_multiplier: Input[float]


@arguments
class SupervisedTuningSpecArgs:
    """Both datasets are a ``gs://`` URI or a :class:`~pulumi_gcp_tuning.TuningDataset`."""

    REFERENCES = MappingProxyType({"training_dataset_uri": "uri", "validation_dataset_uri": "uri"})

    training_dataset_uri: Input[str] | TuningDataset
    export_last_checkpoint_only: Input[bool] | None = None
    hyper_parameters: Input[HyperParametersArgs | HyperParametersArgsDict] | None = None
    validation_dataset_uri: Input[str] | TuningDataset | None = None


class SupervisedTuningSpecArgsDict(TypedDict):
    """:class:`SupervisedTuningSpecArgs` as a dict."""

    training_dataset_uri: Input[str] | TuningDataset
    export_last_checkpoint_only: NotRequired[Input[bool]]
    hyper_parameters: NotRequired[Input[HyperParametersArgs | HyperParametersArgsDict]]
    validation_dataset_uri: NotRequired[Input[str] | TuningDataset]


@arguments
class TuningJobArgs:
    """What is tuned on what.

    ``retry`` (any text) submits anew after a failed job; ``adopt`` takes over a job that exists; ``on_change`` says
    whether another spec replaces the job ("replace") or is refused ("error"); ``on_quota`` whether a job without a free
    slot waits for one ("wait") or is refused ("fail"); ``max_cost`` (US dollars) refuses a job that would cost more.
    """

    base_model: Input[str]
    supervised_tuning_spec: Input[SupervisedTuningSpecArgs | SupervisedTuningSpecArgsDict]
    adopt: Text = None
    checks: Labels | None = None
    deletion_policy: Text = None
    description: Text = None
    encryption_spec: Input[EncryptionSpecArgs | EncryptionSpecArgsDict] | None = None
    labels: Labels | None = None
    location: Text = None
    max_cost: Input[float] | None = None
    on_change: Text = None
    on_quota: Text = None
    project: Text = None
    retry: Text = None
    service_account: Text = None
    tuned_model_display_name: Text = None


class TuningJobArgsDict(TypedDict):
    """:class:`TuningJobArgs` as a dict."""

    base_model: Input[str]
    supervised_tuning_spec: Input[SupervisedTuningSpecArgs | SupervisedTuningSpecArgsDict]
    adopt: NotRequired[Input[str]]
    checks: NotRequired[Labels]
    deletion_policy: NotRequired[Input[str]]
    description: NotRequired[Input[str]]
    encryption_spec: NotRequired[Input[EncryptionSpecArgs | EncryptionSpecArgsDict]]
    labels: NotRequired[Labels]
    location: NotRequired[Input[str]]
    max_cost: NotRequired[Input[float]]
    on_change: NotRequired[Input[str]]
    on_quota: NotRequired[Input[str]]
    project: NotRequired[Input[str]]
    retry: NotRequired[Input[str]]
    service_account: NotRequired[Input[str]]
    tuned_model_display_name: NotRequired[Input[str]]


@outputs
class EncryptionSpec:
    """The key."""

    kms_key_name: str


@outputs
class HyperParameters:
    """As they were given."""

    adapter_size: str | None
    epoch_count: int | None
    learning_rate_multiplier: float | None


@outputs
class SupervisedTuningSpec:
    """As it was submitted."""

    training_dataset_uri: str
    validation_dataset_uri: str | None
    hyper_parameters: HyperParameters | None
    export_last_checkpoint_only: bool | None


@outputs
class Checkpoint:
    """A state of the model after an epoch; ``endpoint`` answers from it."""

    checkpoint_id: str
    epoch: int | None
    step: int | None
    endpoint: str | None


@outputs
class TunedModelInfo:
    """What the job made, all in the location where the service put it."""

    model: str | None
    endpoint: str | None
    checkpoints: Sequence[Checkpoint] | None


@outputs
class JobError:
    """Why the job failed, in Google's words."""

    code: int | None
    message: str | None


class TuningJob(TuningResource, module="gcptuning", name="TuningJob"):
    """Submits the job and is done; :class:`~pulumi_gcp_tuning.TunedModel` waits for it.

    Destroying it cancels a job that still runs; its record stays at Google.
    """

    KIND = "tuning_job"
    SHAPE = TuningJobArgs
    TAKES_TURNS = True

    adopt: Output[str | None] = pulumi.property("adopt")
    api_origin: Output[str] = pulumi.property("apiOrigin")
    base_model: Output[str] = pulumi.property("baseModel")
    checks: Output[Mapping[str, str] | None] = pulumi.property("checks")
    create_time: Output[str] = pulumi.property("createTime")
    deletion_policy: Output[str] = pulumi.property("deletionPolicy")
    description: Output[str | None] = pulumi.property("description")
    effective_labels: Output[Mapping[str, str]] = pulumi.property("effectiveLabels")
    encryption_spec: Output[EncryptionSpec | None] = pulumi.property("encryptionSpec")
    end_time: Output[str | None] = pulumi.property("endTime")
    error: Output[JobError | None] = pulumi.property("error")
    experiment: Output[str | None] = pulumi.property("experiment")
    gcs_metrics_uri: Output[str | None] = pulumi.property("gcsMetricsUri")
    labels: Output[Mapping[str, str] | None] = pulumi.property("labels")
    location: Output[str] = pulumi.property("location")
    name: Output[str] = pulumi.property("name")
    max_cost: Output[float | None] = pulumi.property("maxCost")
    on_change: Output[str | None] = pulumi.property("onChange")
    on_quota: Output[str | None] = pulumi.property("onQuota")
    project: Output[str] = pulumi.property("project")
    pulumi_labels: Output[Mapping[str, str]] = pulumi.property("pulumiLabels")
    retry: Output[str | None] = pulumi.property("retry")
    service_account: Output[str | None] = pulumi.property("serviceAccount")
    start_time: Output[str | None] = pulumi.property("startTime")
    state: Output[str] = pulumi.property("state")
    supervised_tuning_spec: Output[SupervisedTuningSpec] = pulumi.property("supervisedTuningSpec")
    tuned_model: Output[TunedModelInfo | None] = pulumi.property("tunedModel")
    tuned_model_display_name: Output[str | None] = pulumi.property("tunedModelDisplayName")
    tuning_data_stats: Output[Mapping[str, Any] | None] = pulumi.property("tuningDataStats")
    tuning_job_state: Output[str | None] = pulumi.property("tuningJobState")
    update_time: Output[str | None] = pulumi.property("updateTime")

    @overload
    def __init__(
        self,
        resource_name: str,
        args: TuningJobArgs | TuningJobArgsDict,
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
        deletion_policy: Text = None,
        description: Text = None,
        encryption_spec: Input[EncryptionSpecArgs | EncryptionSpecArgsDict] | None = None,
        labels: Labels | None = None,
        location: Text = None,
        max_cost: Input[float] | None = None,
        on_change: Text = None,
        on_quota: Text = None,
        project: Text = None,
        retry: Text = None,
        service_account: Text = None,
        supervised_tuning_spec: Input[SupervisedTuningSpecArgs | SupervisedTuningSpecArgsDict] | None = None,
        tuned_model_display_name: Text = None,
    ) -> None: ...
    def __init__(self, resource_name: str, *args: Any, **kwargs: Any) -> None:
        super().__init__(resource_name, *args, **kwargs)

    @staticmethod
    def get(resource_name: str, id: Input[str], opts: pulumi.ResourceOptions | None = None) -> TuningJob:  # noqa: A002
        """The job of this name (projects/P/locations/L/tuningJobs/N), read and not managed."""
        return TuningJob.existing(resource_name, id, opts)
