"""An answer of each shape with every field that is read, as Google sends it."""

from __future__ import annotations

from collections.abc import Iterator
from copy import deepcopy
from typing import Any, Final

from pulumi_gcp_tuning.google import answer_shapes, lookup_shapes, shapes
from pulumi_gcp_tuning.google.shape import Shape

_PARENT = "projects/123456789012/locations/us-central1"
_MODEL, _ENDPOINT = f"{_PARENT}/models/5", f"{_PARENT}/endpoints/7"
_EXPERIMENT = "projects/1/locations/us-central1/tensorboards/7/experiments/tune-1"
_TIME = "2026-11-21T10:00:00.123456789Z"
_STATUS = {"code": 3, "message": "no", "details": [{}]}
_JOB = {
    "state": "JOB_STATE_FAILED",
    "labels": {"a": "b"},
    "createTime": _TIME,
    "startTime": _TIME,
    "endTime": _TIME,
    "updateTime": _TIME,
    "error": _STATUS,
    "encryptionSpec": {},
    "serviceAccount": "tuner@my-project.iam.gserviceaccount.com",
}
_TUNING_JOB = {
    **_JOB,
    "name": f"{_PARENT}/tuningJobs/4",
    "baseModel": "gemini-3.5-flash",
    "preTunedModel": {"tunedModelName": f"{_MODEL}@1", "checkpointId": "1", "baseModel": "gemini-3.5-flash"},
    "evaluateDatasetRuns": [
        {
            "checkpointId": "1",
            "evaluationRun": f"{_PARENT}/evaluationRuns/1",
            "error": _STATUS,
            "evaluateDatasetResponse": {
                "aggregationOutput": {
                    "aggregationResults": [
                        {
                            "aggregationMetric": "AVERAGE",
                            "exactMatchMetricValue": {"score": 0.5},
                            "bleuMetricValue": {"score": 0.5},
                            "rougeMetricValue": {"score": 0.5},
                            "pointwiseMetricResult": {"score": 0.5},
                            "customCodeExecutionResult": {"score": 0.5},
                        }
                    ]
                },
                "outputInfo": {"gcsOutputDirectory": "gs://b/evaluations"},
            },
        }
    ],
    "description": "d",
    "tunedModelDisplayName": "n",
    "supervisedTuningSpec": {
        "trainingDatasetUri": "gs://b/t.jsonl",
        "validationDatasetUri": "gs://b/v.jsonl",
        "exportLastCheckpointOnly": True,
        "tuningMode": "TUNING_MODE_FULL",
        "hyperParameters": {
            "epochCount": "3",
            "learningRateMultiplier": 1.5,
            "adapterSize": "ADAPTER_SIZE_FOUR",
            "learningRate": 0.0002,
            "batchSize": "4",
        },
        "evaluationConfig": {},
    },
    "tunedModel": {
        "model": f"{_MODEL}@1",
        "endpoint": _ENDPOINT,
        "checkpoints": [{"checkpointId": "1", "epoch": "1", "step": "10", "endpoint": _ENDPOINT}],
    },
    "tuningJobState": "TUNING_JOB_STATE_TUNING",
    "tuningJobMetadata": {"completedEpochCount": "1", "completedStepCount": "10"},
    "tuningDataStats": {
        "supervisedTuningDataStats": {
            "tuningDatasetExampleCount": "1",
            "totalTuningCharacterCount": "1",
            "totalBillableCharacterCount": "1",
            "totalBillableTokenCount": "9007199254740993",
            "tuningStepCount": "1",
            "totalTruncatedExampleCount": "1",
            "truncatedExampleIndices": ["1"],
        }
    },
    "experiment": f"{_PARENT}/metadataStores/default/contexts/c",
    "gcsMetricsUri": "gs://b/metrics",
    "outputUri": "gs://b/out",
    "customBaseModel": "gs://b/start",
}
_TASK = {
    "taskName": "deploy-llm-model",
    "parentTaskId": "1",
    "state": "FAILED",
    "error": _STATUS,
    "execution": {"metadata": {"output:model_resource_name": _MODEL, "output:endpoint_resource_name": _ENDPOINT}},
}
_PIPELINE_JOB = {
    **_JOB,
    "name": f"{_PARENT}/pipelineJobs/p",
    "displayName": "n",
    "templateUri": "https://us-kfp.pkg.dev/p/r/t/v1",
    "runtimeConfig": {"parameterValues": {}},
    "jobDetail": {"taskDetails": [_TASK]},
}
_MODEL_ANSWER = {
    "name": _MODEL,
    "versionId": "1",
    "displayName": "n",
    "description": "d",
    "labels": {"a": "b"},
    "createTime": _TIME,
    "defaultCheckpointId": "1",
    "deployedModels": [{"endpoint": _ENDPOINT, "deployedModelId": "9"}],
    "versionCreateTime": _TIME,
    "encryptionSpec": {"kmsKeyName": "k"},
    "checkpoints": [{"checkpointId": "1", "epoch": "1", "step": "10", "endpoint": _ENDPOINT}],
    "baseModelSource": {"genieSource": {"baseModelUri": "publishers/google/models/gemini-3.5-flash"}},
}
_DEPLOYED = {
    "id": "9",
    "model": f"{_MODEL}@1",
    "modelVersionId": "1",
    "displayName": "n",
    "checkpointId": "1",
    "createTime": _TIME,
}
_ENDPOINT_ANSWER = {
    "name": _ENDPOINT,
    "displayName": "n",
    "description": "d",
    "labels": {"a": "b"},
    "createTime": _TIME,
    "updateTime": _TIME,
    "encryptionSpec": {"kmsKeyName": "k"},
    "deployedModels": [_DEPLOYED],
    "trafficSplit": {"9": 100},
}
_POLICY = {"bindings": [{"role": "roles/viewer", "members": ["user:a@b.c"], "condition": {}}]}
_OBJECT: Any = {
    "name": "n",
    "bucket": "b",
    "generation": "17",
    "metageneration": "1",
    "metadata": {"a": "b"},
    "crc32c": "AAAAAA==",
    "size": "1",
    "kmsKeyName": "k",
}
_QUOTA = {
    "quotaId": "q",
    "metric": "aiplatform.googleapis.com/global_concurrent_tuning_jobs",
    "quotaDisplayName": "q",
    "metricDisplayName": "m",
    "serviceRequestQuotaUri": "https://console.cloud.google.com",
    "dimensions": ["region"],
    "dimensionsInfos": [
        {"details": {"value": "10"}, "dimensions": {"region": "us-central1"}, "applicableLocations": ["us-central1"]}
    ],
}

_GEMINI: Final[dict[str, Any]] = {
    "name": "tunedModels/x",
    "state": "ACTIVE",
    "displayName": "d",
    "description": "d",
    "baseModel": "models/m",
    "createTime": _TIME,
    "updateTime": _TIME,
    "tuningTask": {},
}
FULL: Final[dict[Shape, dict[str, Any]]] = {
    shapes.TUNING_JOB: _TUNING_JOB,
    shapes.TUNING_JOBS: {"tuningJobs": [_TUNING_JOB], "nextPageToken": "t"},
    shapes.PIPELINE_JOB: _PIPELINE_JOB,
    shapes.PIPELINE_JOBS: {"pipelineJobs": [_PIPELINE_JOB], "nextPageToken": "t"},
    shapes.MODEL: _MODEL_ANSWER,
    shapes.MODELS: {"models": [_MODEL_ANSWER], "nextPageToken": "t"},
    shapes.ENDPOINT: _ENDPOINT_ANSWER,
    shapes.TENSORBOARD: {"name": "projects/1/locations/us-central1/tensorboards/7"},
    shapes.TENSORBOARD_RUNS: {"tensorboardRuns": [{"name": f"{_EXPERIMENT}/runs/r"}], "nextPageToken": "t"},
    shapes.TIME_SERIES_LIST: {
        "tensorboardTimeSeries": [{"name": f"{_EXPERIMENT}/runs/r/timeSeries/1", "displayName": "/train_total_loss"}],
        "nextPageToken": "t",
    },
    shapes.TIME_SERIES: {"timeSeriesData": {"values": [{"step": "10", "scalar": {"value": 0.5}}]}},
    shapes.ENDPOINTS: {"endpoints": [_ENDPOINT_ANSWER], "nextPageToken": "t"},
    shapes.DEPLOYED: {"deployedModel": _DEPLOYED},
    shapes.OPERATION: {"name": f"{_PARENT}/operations/1", "done": True, "error": _STATUS, "response": {}},
    answer_shapes.GENERATED: {
        "candidates": [{"content": {"parts": [{"text": "hi"}]}, "finishReason": "STOP"}],
        "promptFeedback": {"blockReason": "OTHER"},
    },
    answer_shapes.PREDICTED_TEXTS: {"predictions": ["hi"]},
    answer_shapes.PREDICTED: {"predictions": [{"content": "hi", "candidates": [{"content": "hi"}]}]},
    answer_shapes.COUNTED: {"totalTokens": 3},
    lookup_shapes.BUCKET: {
        "name": "b",
        "location": "US",
        "locationType": "multi-region",
        "projectNumber": "123456789012",
        "encryption": {"defaultKmsKeyName": "k"},
        "customPlacementConfig": {"dataLocations": ["US-EAST1"]},
        "billing": {"requesterPays": False},
    },
    lookup_shapes.OBJECT: _OBJECT,
    lookup_shapes.OBJECTS: {"items": [_OBJECT], "nextPageToken": "t"},
    lookup_shapes.GRANTED: {"permissions": ["a.b.c"]},
    lookup_shapes.POLICY: _POLICY,
    lookup_shapes.KEY: {
        "name": "k",
        "purpose": "ENCRYPT_DECRYPT",
        "primary": {"name": "k/cryptoKeyVersions/1", "state": "ENABLED", "protectionLevel": "HSM"},
    },
    lookup_shapes.SERVICE_ACCOUNT: {"email": "a@b.c", "disabled": True},
    lookup_shapes.PROJECT: {"name": "projects/123456789012", "projectId": "my-project"},
    lookup_shapes.SERVICES: {"services": [{"name": "projects/1/services/s", "state": "ENABLED"}]},
    lookup_shapes.BILLING_INFO: {
        "name": "projects/p/billingInfo",
        "billingEnabled": True,
        "billingAccountName": "billingAccounts/1",
    },
    lookup_shapes.ORG_POLICY: {
        "name": "projects/1/policies/x",
        "spec": {
            "rules": [
                {
                    "values": {"allowedValues": ["a"], "deniedValues": ["b"]},
                    "allowAll": True,
                    "denyAll": True,
                    "condition": {},
                }
            ]
        },
    },
    lookup_shapes.QUOTA_INFOS: {"quotaInfos": [_QUOTA], "nextPageToken": "t"},
    shapes.GEMINI_TUNED_MODEL: _GEMINI,
    shapes.GEMINI_TUNED_MODELS: {"tunedModels": [_GEMINI], "nextPageToken": "t"},
}
"""By shape."""


def wrong_answers(shape: Shape) -> Iterator[tuple[str, dict[str, Any]]]:
    """The full answer with one value of another type, for each of its values: (where, answer)."""
    for place, value in _values(FULL[shape]):
        others: list[Any] = [None, [] if isinstance(value, dict) else {"a": []}, 3 if isinstance(value, list) else [[]]]
        for wrong in others:
            answer = deepcopy(FULL[shape])
            holder: Any = answer
            for step in place[:-1]:
                holder = holder[step]
            holder[place[-1]] = wrong
            yield ".".join(map(str, place)), answer


def _values(value: Any, place: tuple[Any, ...] = ()) -> Iterator[tuple[tuple[Any, ...], Any]]:
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, each in items:
        yield (*place, key), each
        yield from _values(each, (*place, key))
