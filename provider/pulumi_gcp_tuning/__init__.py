"""Google model tuning as Pulumi resources.

Each name is loaded when it is first used, because Pulumi's provider process imports this package too and needs no name.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any, Final

# generated: what a type checker sees
if TYPE_CHECKING:
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
    from pulumi_gcp_tuning.declare.shared import Checkpoint as Checkpoint
    from pulumi_gcp_tuning.declare.shared import EncryptionSpec as EncryptionSpec
    from pulumi_gcp_tuning.declare.shared import EncryptionSpecArgs as EncryptionSpecArgs
    from pulumi_gcp_tuning.declare.shared import EncryptionSpecArgsDict as EncryptionSpecArgsDict
    from pulumi_gcp_tuning.declare.shared import JobError as JobError
    from pulumi_gcp_tuning.declare.shared import TunedModelInfo as TunedModelInfo
    from pulumi_gcp_tuning.declare.tuned_model import OnReplace as OnReplace
    from pulumi_gcp_tuning.declare.tuned_model import OnReplaceArgs as OnReplaceArgs
    from pulumi_gcp_tuning.declare.tuned_model import OnReplaceArgsDict as OnReplaceArgsDict
    from pulumi_gcp_tuning.declare.tuned_model import TunedModel as TunedModel
    from pulumi_gcp_tuning.declare.tuned_model import TunedModelArgs as TunedModelArgs
    from pulumi_gcp_tuning.declare.tuned_model import TunedModelArgsDict as TunedModelArgsDict
    from pulumi_gcp_tuning.declare.tuning_dataset import TuningDataset as TuningDataset
    from pulumi_gcp_tuning.declare.tuning_dataset import TuningDatasetArgs as TuningDatasetArgs
    from pulumi_gcp_tuning.declare.tuning_dataset import TuningDatasetArgsDict as TuningDatasetArgsDict
    from pulumi_gcp_tuning.declare.tuning_job import HyperParameters as HyperParameters
    from pulumi_gcp_tuning.declare.tuning_job import HyperParametersArgs as HyperParametersArgs
    from pulumi_gcp_tuning.declare.tuning_job import HyperParametersArgsDict as HyperParametersArgsDict
    from pulumi_gcp_tuning.declare.tuning_job import SupervisedTuningSpec as SupervisedTuningSpec
    from pulumi_gcp_tuning.declare.tuning_job import SupervisedTuningSpecArgs as SupervisedTuningSpecArgs
    from pulumi_gcp_tuning.declare.tuning_job import SupervisedTuningSpecArgsDict as SupervisedTuningSpecArgsDict
    from pulumi_gcp_tuning.declare.tuning_job import TuningJob as TuningJob
    from pulumi_gcp_tuning.declare.tuning_job import TuningJobArgs as TuningJobArgs
    from pulumi_gcp_tuning.declare.tuning_job import TuningJobArgsDict as TuningJobArgsDict
# end of what a type checker sees

# generated: what star imports give
__all__ = [
    "Checkpoint",
    "DeployedModel",
    "EncryptionSpec",
    "EncryptionSpecArgs",
    "EncryptionSpecArgsDict",
    "Endpoint",
    "EndpointArgs",
    "EndpointArgsDict",
    "GeminiApiTunedModel",
    "GeminiApiTunedModelArgs",
    "GeminiApiTunedModelArgsDict",
    "HyperParameters",
    "HyperParametersArgs",
    "HyperParametersArgsDict",
    "JobError",
    "ModelDeployment",
    "ModelDeploymentArgs",
    "ModelDeploymentArgsDict",
    "OnReplace",
    "OnReplaceArgs",
    "OnReplaceArgsDict",
    "PipelineTuningJob",
    "PipelineTuningJobArgs",
    "PipelineTuningJobArgsDict",
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
]
# end of what star imports give

# generated: where each name is declared
_WHERE: Final = {
    "Checkpoint": "shared",
    "DeployedModel": "endpoint",
    "EncryptionSpec": "shared",
    "EncryptionSpecArgs": "shared",
    "EncryptionSpecArgsDict": "shared",
    "Endpoint": "endpoint",
    "EndpointArgs": "endpoint",
    "EndpointArgsDict": "endpoint",
    "GeminiApiTunedModel": "gemini_api_tuned_model",
    "GeminiApiTunedModelArgs": "gemini_api_tuned_model",
    "GeminiApiTunedModelArgsDict": "gemini_api_tuned_model",
    "HyperParameters": "tuning_job",
    "HyperParametersArgs": "tuning_job",
    "HyperParametersArgsDict": "tuning_job",
    "JobError": "shared",
    "ModelDeployment": "model_deployment",
    "ModelDeploymentArgs": "model_deployment",
    "ModelDeploymentArgsDict": "model_deployment",
    "OnReplace": "tuned_model",
    "OnReplaceArgs": "tuned_model",
    "OnReplaceArgsDict": "tuned_model",
    "PipelineTuningJob": "pipeline_tuning_job",
    "PipelineTuningJobArgs": "pipeline_tuning_job",
    "PipelineTuningJobArgsDict": "pipeline_tuning_job",
    "Provider": "provider",
    "SupervisedTuningSpec": "tuning_job",
    "SupervisedTuningSpecArgs": "tuning_job",
    "SupervisedTuningSpecArgsDict": "tuning_job",
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
}
# end of where each name is declared


if not TYPE_CHECKING:  # else a type checker would accept any name

    def __getattr__(name: str) -> Any:
        if name not in _WHERE:
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        value = getattr(importlib.import_module(f"{__name__}.declare.{_WHERE[name]}"), name)
        globals()[name] = value
        return value


def __dir__() -> list[str]:
    return sorted({*globals(), *_WHERE})
