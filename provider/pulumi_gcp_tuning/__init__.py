"""Google model tuning as Pulumi resources.

Each name is loaded when it is first used, because Pulumi's provider process imports this package too and needs no name.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any, Final

# generated: what a type checker sees
if TYPE_CHECKING:
    from pulumi_gcp_tuning.components.fine_tuned_model import FineTunedModel as FineTunedModel
    from pulumi_gcp_tuning.components.fine_tuned_model import FineTunedModelArgs as FineTunedModelArgs
    from pulumi_gcp_tuning.components.machine import MachineArgs as MachineArgs
    from pulumi_gcp_tuning.components.machine import MachineArgsDict as MachineArgsDict
    from pulumi_gcp_tuning.components.open_model_roles import OpenModelBucketRoles as OpenModelBucketRoles
    from pulumi_gcp_tuning.declare.endpoint import DeployedModel as DeployedModel
    from pulumi_gcp_tuning.declare.endpoint import Endpoint as Endpoint
    from pulumi_gcp_tuning.declare.endpoint import EndpointArgs as EndpointArgs
    from pulumi_gcp_tuning.declare.endpoint import EndpointArgsDict as EndpointArgsDict
    from pulumi_gcp_tuning.declare.gemini_api_tuned_model import GeminiApiTunedModel as GeminiApiTunedModel
    from pulumi_gcp_tuning.declare.gemini_api_tuned_model import GeminiApiTunedModelArgs as GeminiApiTunedModelArgs
    from pulumi_gcp_tuning.declare.gemini_api_tuned_model import (
        GeminiApiTunedModelArgsDict as GeminiApiTunedModelArgsDict,
    )
    from pulumi_gcp_tuning.declare.model_deployment import ModelDeployment as ModelDeployment
    from pulumi_gcp_tuning.declare.model_deployment import ModelDeploymentArgs as ModelDeploymentArgs
    from pulumi_gcp_tuning.declare.model_deployment import ModelDeploymentArgsDict as ModelDeploymentArgsDict
    from pulumi_gcp_tuning.declare.pipeline_tuning_job import PipelineTuningJob as PipelineTuningJob
    from pulumi_gcp_tuning.declare.pipeline_tuning_job import PipelineTuningJobArgs as PipelineTuningJobArgs
    from pulumi_gcp_tuning.declare.pipeline_tuning_job import PipelineTuningJobArgsDict as PipelineTuningJobArgsDict
    from pulumi_gcp_tuning.declare.provider import Provider as Provider
    from pulumi_gcp_tuning.declare.shared import AggregationOutput as AggregationOutput
    from pulumi_gcp_tuning.declare.shared import AggregationResult as AggregationResult
    from pulumi_gcp_tuning.declare.shared import Checkpoint as Checkpoint
    from pulumi_gcp_tuning.declare.shared import Course as Course
    from pulumi_gcp_tuning.declare.shared import EncryptionSpec as EncryptionSpec
    from pulumi_gcp_tuning.declare.shared import EncryptionSpecArgs as EncryptionSpecArgs
    from pulumi_gcp_tuning.declare.shared import EncryptionSpecArgsDict as EncryptionSpecArgsDict
    from pulumi_gcp_tuning.declare.shared import EvaluateDatasetResponse as EvaluateDatasetResponse
    from pulumi_gcp_tuning.declare.shared import EvaluateDatasetRun as EvaluateDatasetRun
    from pulumi_gcp_tuning.declare.shared import JobError as JobError
    from pulumi_gcp_tuning.declare.shared import MetricValue as MetricValue
    from pulumi_gcp_tuning.declare.shared import ModelUsage as ModelUsage
    from pulumi_gcp_tuning.declare.shared import OutputInfo as OutputInfo
    from pulumi_gcp_tuning.declare.shared import TunedModelInfo as TunedModelInfo
    from pulumi_gcp_tuning.declare.shared import TuningMetrics as TuningMetrics
    from pulumi_gcp_tuning.declare.tuned_model import OnReplace as OnReplace
    from pulumi_gcp_tuning.declare.tuned_model import OnReplaceArgs as OnReplaceArgs
    from pulumi_gcp_tuning.declare.tuned_model import OnReplaceArgsDict as OnReplaceArgsDict
    from pulumi_gcp_tuning.declare.tuned_model import TunedModel as TunedModel
    from pulumi_gcp_tuning.declare.tuned_model import TunedModelArgs as TunedModelArgs
    from pulumi_gcp_tuning.declare.tuned_model import TunedModelArgsDict as TunedModelArgsDict
    from pulumi_gcp_tuning.declare.tuning_dataset import TuningDataset as TuningDataset
    from pulumi_gcp_tuning.declare.tuning_dataset import TuningDatasetArgs as TuningDatasetArgs
    from pulumi_gcp_tuning.declare.tuning_dataset import TuningDatasetArgsDict as TuningDatasetArgsDict
    from pulumi_gcp_tuning.declare.tuning_job import TuningJob as TuningJob
    from pulumi_gcp_tuning.declare.tuning_job import TuningJobArgs as TuningJobArgs
    from pulumi_gcp_tuning.declare.tuning_job import TuningJobArgsDict as TuningJobArgsDict
    from pulumi_gcp_tuning.declare.tuning_job_shapes import AutoraterConfig as AutoraterConfig
    from pulumi_gcp_tuning.declare.tuning_job_shapes import AutoraterConfigArgs as AutoraterConfigArgs
    from pulumi_gcp_tuning.declare.tuning_job_shapes import AutoraterConfigArgsDict as AutoraterConfigArgsDict
    from pulumi_gcp_tuning.declare.tuning_job_shapes import EvaluationConfig as EvaluationConfig
    from pulumi_gcp_tuning.declare.tuning_job_shapes import EvaluationConfigArgs as EvaluationConfigArgs
    from pulumi_gcp_tuning.declare.tuning_job_shapes import EvaluationConfigArgsDict as EvaluationConfigArgsDict
    from pulumi_gcp_tuning.declare.tuning_job_shapes import GcsDestination as GcsDestination
    from pulumi_gcp_tuning.declare.tuning_job_shapes import GcsDestinationArgs as GcsDestinationArgs
    from pulumi_gcp_tuning.declare.tuning_job_shapes import GcsDestinationArgsDict as GcsDestinationArgsDict
    from pulumi_gcp_tuning.declare.tuning_job_shapes import GenerationConfig as GenerationConfig
    from pulumi_gcp_tuning.declare.tuning_job_shapes import GenerationConfigArgs as GenerationConfigArgs
    from pulumi_gcp_tuning.declare.tuning_job_shapes import GenerationConfigArgsDict as GenerationConfigArgsDict
    from pulumi_gcp_tuning.declare.tuning_job_shapes import HyperParameters as HyperParameters
    from pulumi_gcp_tuning.declare.tuning_job_shapes import HyperParametersArgs as HyperParametersArgs
    from pulumi_gcp_tuning.declare.tuning_job_shapes import HyperParametersArgsDict as HyperParametersArgsDict
    from pulumi_gcp_tuning.declare.tuning_job_shapes import OutputConfig as OutputConfig
    from pulumi_gcp_tuning.declare.tuning_job_shapes import OutputConfigArgs as OutputConfigArgs
    from pulumi_gcp_tuning.declare.tuning_job_shapes import OutputConfigArgsDict as OutputConfigArgsDict
    from pulumi_gcp_tuning.declare.tuning_job_shapes import PreTunedModel as PreTunedModel
    from pulumi_gcp_tuning.declare.tuning_job_shapes import PreTunedModelArgs as PreTunedModelArgs
    from pulumi_gcp_tuning.declare.tuning_job_shapes import PreTunedModelArgsDict as PreTunedModelArgsDict
    from pulumi_gcp_tuning.declare.tuning_job_shapes import SupervisedTuningSpec as SupervisedTuningSpec
    from pulumi_gcp_tuning.declare.tuning_job_shapes import SupervisedTuningSpecArgs as SupervisedTuningSpecArgs
    from pulumi_gcp_tuning.declare.tuning_job_shapes import SupervisedTuningSpecArgsDict as SupervisedTuningSpecArgsDict
# end of what a type checker sees

# generated: what star imports give
__all__ = [
    "AggregationOutput",
    "AggregationResult",
    "AutoraterConfig",
    "AutoraterConfigArgs",
    "AutoraterConfigArgsDict",
    "Checkpoint",
    "Course",
    "DeployedModel",
    "EncryptionSpec",
    "EncryptionSpecArgs",
    "EncryptionSpecArgsDict",
    "Endpoint",
    "EndpointArgs",
    "EndpointArgsDict",
    "EvaluateDatasetResponse",
    "EvaluateDatasetRun",
    "EvaluationConfig",
    "EvaluationConfigArgs",
    "EvaluationConfigArgsDict",
    "FineTunedModel",
    "FineTunedModelArgs",
    "GcsDestination",
    "GcsDestinationArgs",
    "GcsDestinationArgsDict",
    "GeminiApiTunedModel",
    "GeminiApiTunedModelArgs",
    "GeminiApiTunedModelArgsDict",
    "GenerationConfig",
    "GenerationConfigArgs",
    "GenerationConfigArgsDict",
    "HyperParameters",
    "HyperParametersArgs",
    "HyperParametersArgsDict",
    "JobError",
    "MachineArgs",
    "MachineArgsDict",
    "MetricValue",
    "ModelDeployment",
    "ModelDeploymentArgs",
    "ModelDeploymentArgsDict",
    "ModelUsage",
    "OnReplace",
    "OnReplaceArgs",
    "OnReplaceArgsDict",
    "OpenModelBucketRoles",
    "OutputConfig",
    "OutputConfigArgs",
    "OutputConfigArgsDict",
    "OutputInfo",
    "PipelineTuningJob",
    "PipelineTuningJobArgs",
    "PipelineTuningJobArgsDict",
    "PreTunedModel",
    "PreTunedModelArgs",
    "PreTunedModelArgsDict",
    "Provider",
    "SupervisedTuningSpec",
    "SupervisedTuningSpecArgs",
    "SupervisedTuningSpecArgsDict",
    "TunedModel",
    "TunedModelArgs",
    "TunedModelArgsDict",
    "TunedModelInfo",
    "TuningDataset",
    "TuningDatasetArgs",
    "TuningDatasetArgsDict",
    "TuningJob",
    "TuningJobArgs",
    "TuningJobArgsDict",
    "TuningMetrics",
]
# end of what star imports give

# generated: where each name is declared
_WHERE: Final = {
    "AggregationOutput": "shared",
    "AggregationResult": "shared",
    "AutoraterConfig": "tuning_job_shapes",
    "AutoraterConfigArgs": "tuning_job_shapes",
    "AutoraterConfigArgsDict": "tuning_job_shapes",
    "Checkpoint": "shared",
    "Course": "shared",
    "DeployedModel": "endpoint",
    "EncryptionSpec": "shared",
    "EncryptionSpecArgs": "shared",
    "EncryptionSpecArgsDict": "shared",
    "Endpoint": "endpoint",
    "EndpointArgs": "endpoint",
    "EndpointArgsDict": "endpoint",
    "EvaluateDatasetResponse": "shared",
    "EvaluateDatasetRun": "shared",
    "EvaluationConfig": "tuning_job_shapes",
    "EvaluationConfigArgs": "tuning_job_shapes",
    "EvaluationConfigArgsDict": "tuning_job_shapes",
    "FineTunedModel": "components.fine_tuned_model",
    "FineTunedModelArgs": "components.fine_tuned_model",
    "GcsDestination": "tuning_job_shapes",
    "GcsDestinationArgs": "tuning_job_shapes",
    "GcsDestinationArgsDict": "tuning_job_shapes",
    "GeminiApiTunedModel": "gemini_api_tuned_model",
    "GeminiApiTunedModelArgs": "gemini_api_tuned_model",
    "GeminiApiTunedModelArgsDict": "gemini_api_tuned_model",
    "GenerationConfig": "tuning_job_shapes",
    "GenerationConfigArgs": "tuning_job_shapes",
    "GenerationConfigArgsDict": "tuning_job_shapes",
    "HyperParameters": "tuning_job_shapes",
    "HyperParametersArgs": "tuning_job_shapes",
    "HyperParametersArgsDict": "tuning_job_shapes",
    "JobError": "shared",
    "MachineArgs": "components.machine",
    "MachineArgsDict": "components.machine",
    "MetricValue": "shared",
    "ModelDeployment": "model_deployment",
    "ModelDeploymentArgs": "model_deployment",
    "ModelDeploymentArgsDict": "model_deployment",
    "ModelUsage": "shared",
    "OnReplace": "tuned_model",
    "OnReplaceArgs": "tuned_model",
    "OnReplaceArgsDict": "tuned_model",
    "OpenModelBucketRoles": "components.open_model_roles",
    "OutputConfig": "tuning_job_shapes",
    "OutputConfigArgs": "tuning_job_shapes",
    "OutputConfigArgsDict": "tuning_job_shapes",
    "OutputInfo": "shared",
    "PipelineTuningJob": "pipeline_tuning_job",
    "PipelineTuningJobArgs": "pipeline_tuning_job",
    "PipelineTuningJobArgsDict": "pipeline_tuning_job",
    "PreTunedModel": "tuning_job_shapes",
    "PreTunedModelArgs": "tuning_job_shapes",
    "PreTunedModelArgsDict": "tuning_job_shapes",
    "Provider": "provider",
    "SupervisedTuningSpec": "tuning_job_shapes",
    "SupervisedTuningSpecArgs": "tuning_job_shapes",
    "SupervisedTuningSpecArgsDict": "tuning_job_shapes",
    "TunedModel": "tuned_model",
    "TunedModelArgs": "tuned_model",
    "TunedModelArgsDict": "tuned_model",
    "TunedModelInfo": "shared",
    "TuningDataset": "tuning_dataset",
    "TuningDatasetArgs": "tuning_dataset",
    "TuningDatasetArgsDict": "tuning_dataset",
    "TuningJob": "tuning_job",
    "TuningJobArgs": "tuning_job",
    "TuningJobArgsDict": "tuning_job",
    "TuningMetrics": "shared",
}
# end of where each name is declared


if not TYPE_CHECKING:  # else a type checker would accept any name

    def __getattr__(name: str) -> Any:
        if name not in _WHERE:
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        where = _WHERE[name]
        value = getattr(importlib.import_module(f"{__name__}.{where if '.' in where else f'declare.{where}'}"), name)
        globals()[name] = value
        return value


def __dir__() -> list[str]:
    return sorted({*globals(), *_WHERE})
