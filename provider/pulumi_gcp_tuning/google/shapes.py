"""The shapes of Vertex AI's answers.

A shape demands only the fields that Google always sends: one at its default value is left out of an answer.
"""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Final, NotRequired

from pydantic import AfterValidator, Field
from typing_extensions import TypedDict

from pulumi_gcp_tuning.google.shape import Shape


def _check_time(text: str) -> str:
    datetime.fromisoformat(text)
    return text


_Name = Annotated[str, Field(pattern=r"^projects/[^/]+/locations/[^/]+/[^/]+/[^/]")]
_Text = Annotated[str, Field(min_length=1)]
_Time = Annotated[str, AfterValidator(_check_time)]
_Whole = int | Annotated[str, Field(pattern=r"^-?[0-9]{1,30}$")]
"""An int64 is text in JSON."""


class _Page(TypedDict):
    nextPageToken: NotRequired[str]


class _Status(TypedDict):
    code: NotRequired[int]
    message: NotRequired[str]
    details: NotRequired[list[dict[str, Any]]]


# Jobs


class _Job(TypedDict):
    name: _Name
    state: NotRequired[str]
    labels: NotRequired[dict[str, str]]
    createTime: NotRequired[str]
    startTime: NotRequired[str]
    endTime: NotRequired[str]
    updateTime: NotRequired[str]
    error: NotRequired[_Status]
    encryptionSpec: NotRequired[dict[str, Any]]
    serviceAccount: NotRequired[str]


class _Checkpoint(TypedDict):
    checkpointId: NotRequired[_Whole | str]
    epoch: NotRequired[_Whole]
    step: NotRequired[_Whole]
    endpoint: NotRequired[_Name]


class _TunedModel(TypedDict):
    model: NotRequired[_Name]
    endpoint: NotRequired[_Name]
    checkpoints: NotRequired[list[_Checkpoint]]


class _HyperParameters(TypedDict):
    epochCount: NotRequired[_Whole]
    learningRateMultiplier: NotRequired[float]
    adapterSize: NotRequired[str]
    learningRate: NotRequired[float]
    batchSize: NotRequired[_Whole]


class _SupervisedTuningSpec(TypedDict):
    trainingDatasetUri: NotRequired[str]
    validationDatasetUri: NotRequired[str]
    exportLastCheckpointOnly: NotRequired[bool]
    hyperParameters: NotRequired[_HyperParameters]
    evaluationConfig: NotRequired[dict[str, Any]]
    tuningMode: NotRequired[str]


class _Progress(TypedDict):
    completedEpochCount: NotRequired[_Whole]
    completedStepCount: NotRequired[_Whole]


class _DataStats(TypedDict):
    tuningDatasetExampleCount: NotRequired[_Whole]
    totalTuningCharacterCount: NotRequired[_Whole]
    totalBillableCharacterCount: NotRequired[_Whole]
    totalBillableTokenCount: NotRequired[_Whole]
    tuningStepCount: NotRequired[_Whole]
    totalTruncatedExampleCount: NotRequired[_Whole]
    truncatedExampleIndices: NotRequired[list[_Whole]]


class _TuningDataStats(TypedDict):
    supervisedTuningDataStats: NotRequired[_DataStats]


class _MetricValue(TypedDict):
    score: NotRequired[float]


class _AggregationResult(TypedDict):
    aggregationMetric: NotRequired[str]
    exactMatchMetricValue: NotRequired[_MetricValue]
    bleuMetricValue: NotRequired[_MetricValue]
    rougeMetricValue: NotRequired[_MetricValue]
    pointwiseMetricResult: NotRequired[_MetricValue]
    customCodeExecutionResult: NotRequired[_MetricValue]


class _AggregationOutput(TypedDict):
    aggregationResults: NotRequired[list[_AggregationResult]]


class _OutputInfo(TypedDict):
    gcsOutputDirectory: NotRequired[str]


class _EvaluateDatasetResponse(TypedDict):
    aggregationOutput: NotRequired[_AggregationOutput]
    outputInfo: NotRequired[_OutputInfo]


class _EvaluateDatasetRun(TypedDict):
    checkpointId: NotRequired[_Whole | str]
    evaluationRun: NotRequired[str]
    evaluateDatasetResponse: NotRequired[_EvaluateDatasetResponse]
    error: NotRequired[_Status]


class _PreTunedModel(TypedDict):
    tunedModelName: NotRequired[str]
    checkpointId: NotRequired[_Whole | str]
    baseModel: NotRequired[str]


class _TuningJob(_Job):
    baseModel: NotRequired[str]
    preTunedModel: NotRequired[_PreTunedModel]
    evaluateDatasetRuns: NotRequired[list[_EvaluateDatasetRun]]
    description: NotRequired[str]
    tunedModelDisplayName: NotRequired[str]
    supervisedTuningSpec: NotRequired[_SupervisedTuningSpec]
    tunedModel: NotRequired[_TunedModel]
    tuningJobState: NotRequired[str]
    tuningJobMetadata: NotRequired[_Progress]
    tuningDataStats: NotRequired[_TuningDataStats]
    experiment: NotRequired[str]
    gcsMetricsUri: NotRequired[str]
    outputUri: NotRequired[str]
    customBaseModel: NotRequired[str]


_TaskOutputs = TypedDict(
    "_TaskOutputs",
    {"output:model_resource_name": NotRequired[_Name], "output:endpoint_resource_name": NotRequired[_Name]},
)


class _Execution(TypedDict):
    metadata: NotRequired[_TaskOutputs]


class _Task(TypedDict):
    taskName: NotRequired[str]
    parentTaskId: NotRequired[_Whole]
    state: NotRequired[str]
    error: NotRequired[_Status]
    execution: NotRequired[_Execution]


class _JobDetail(TypedDict):
    taskDetails: NotRequired[list[_Task]]


class _RuntimeConfig(TypedDict):
    parameterValues: NotRequired[dict[str, Any]]


class _PipelineJob(_Job):
    displayName: NotRequired[str]
    templateUri: NotRequired[str]
    runtimeConfig: NotRequired[_RuntimeConfig]
    jobDetail: NotRequired[_JobDetail]


class _TuningJobs(_Page):
    tuningJobs: NotRequired[list[_TuningJob]]


class _PipelineJobs(_Page):
    pipelineJobs: NotRequired[list[_PipelineJob]]


TUNING_JOB: Final = Shape("a tuning job", _TuningJob)
TUNING_JOBS: Final = Shape("a list of tuning jobs", _TuningJobs)
PIPELINE_JOB: Final = Shape("a pipeline", _PipelineJob)
PIPELINE_JOBS: Final = Shape("a list of pipelines", _PipelineJobs)


# Models and endpoints


class _ServedAt(TypedDict):
    endpoint: _Name
    deployedModelId: _Text


class _GenieSource(TypedDict):
    baseModelUri: NotRequired[str]


class _BaseModelSource(TypedDict):
    genieSource: NotRequired[_GenieSource]


class _Model(TypedDict):
    name: _Name
    versionId: NotRequired[str]
    displayName: NotRequired[str]
    description: NotRequired[str]
    labels: NotRequired[dict[str, str]]
    createTime: NotRequired[_Time]
    defaultCheckpointId: NotRequired[_Whole | str]
    deployedModels: NotRequired[list[_ServedAt]]
    versionCreateTime: NotRequired[_Time]
    encryptionSpec: NotRequired[dict[str, str]]
    checkpoints: NotRequired[list[_Checkpoint]]
    baseModelSource: NotRequired[_BaseModelSource]


class _Models(_Page):
    models: NotRequired[list[_Model]]


class _DeployedModel(TypedDict):
    id: _Text
    model: NotRequired[str]
    modelVersionId: NotRequired[str]
    displayName: NotRequired[str]
    checkpointId: NotRequired[str]
    createTime: NotRequired[str]


class _Endpoint(TypedDict):
    name: _Name
    displayName: NotRequired[str]
    description: NotRequired[str]
    labels: NotRequired[dict[str, str]]
    createTime: NotRequired[str]
    updateTime: NotRequired[str]
    encryptionSpec: NotRequired[dict[str, str]]
    deployedModels: NotRequired[list[_DeployedModel]]
    trafficSplit: NotRequired[dict[str, int]]


class _Tensorboard(TypedDict):
    name: _Name


class _TensorboardRuns(_Page):
    tensorboardRuns: NotRequired[list[_Tensorboard]]


class _TimeSeriesEntry(_Tensorboard):
    displayName: str


class _TimeSeriesList(_Page):
    tensorboardTimeSeries: NotRequired[list[_TimeSeriesEntry]]


class _Scalar(TypedDict):
    value: NotRequired[int | float]


class _Point(TypedDict):
    step: NotRequired[_Whole]
    scalar: NotRequired[_Scalar]


class _Points(TypedDict):
    values: NotRequired[list[_Point]]


class _TimeSeries(TypedDict):
    timeSeriesData: NotRequired[_Points]


class _Endpoints(_Page):
    endpoints: NotRequired[list[_Endpoint]]


class _Deployed(TypedDict):
    deployedModel: _DeployedModel


class _Operation(TypedDict):
    name: _Text
    done: NotRequired[bool]
    error: NotRequired[_Status]
    response: NotRequired[dict[str, Any]]


MODEL: Final = Shape("a model", _Model)
MODELS: Final = Shape("a list of models", _Models)
ENDPOINT: Final = Shape("an endpoint", _Endpoint)
ENDPOINTS: Final = Shape("a list of endpoints", _Endpoints)
TENSORBOARD: Final = Shape("a TensorBoard instance", _Tensorboard)
TENSORBOARD_RUNS: Final = Shape("a list of TensorBoard runs", _TensorboardRuns)
TIME_SERIES_LIST: Final = Shape("a list of time series", _TimeSeriesList)
TIME_SERIES: Final = Shape("a time series", _TimeSeries)
DEPLOYED: Final = Shape("a deployed model", _Deployed)
OPERATION: Final = Shape("an operation", _Operation)


# The Gemini API


class _GeminiTunedModel(TypedDict):
    name: Annotated[str, Field(pattern=r"^tunedModels/[^/]+$")]
    state: NotRequired[str]
    displayName: NotRequired[str]
    description: NotRequired[str]
    baseModel: NotRequired[str]
    createTime: NotRequired[str]
    updateTime: NotRequired[str]
    tuningTask: NotRequired[dict[str, Any]]


class _GeminiTunedModels(_Page):
    tunedModels: NotRequired[list[_GeminiTunedModel]]


GEMINI_TUNED_MODEL: Final = Shape("a tuned model of the Gemini API", _GeminiTunedModel)
GEMINI_TUNED_MODELS: Final = Shape("a list of tuned models of the Gemini API", _GeminiTunedModels)
