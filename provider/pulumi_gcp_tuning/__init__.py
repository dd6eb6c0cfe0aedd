"""Google model tuning as Pulumi resources.

The names are loaded when they are first used: Pulumi's provider process imports this package too and needs none.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from pulumi_gcp_tuning.declare.endpoint import DeployedModel as DeployedModel
    from pulumi_gcp_tuning.declare.endpoint import Endpoint as Endpoint
    from pulumi_gcp_tuning.declare.endpoint import EndpointArgs as EndpointArgs
    from pulumi_gcp_tuning.declare.endpoint import EndpointArgsDict as EndpointArgsDict
    from pulumi_gcp_tuning.declare.model_deployment import ModelDeployment as ModelDeployment
    from pulumi_gcp_tuning.declare.model_deployment import ModelDeploymentArgs as ModelDeploymentArgs
    from pulumi_gcp_tuning.declare.model_deployment import ModelDeploymentArgsDict as ModelDeploymentArgsDict
    from pulumi_gcp_tuning.declare.pipeline_tuning_job import PipelineTuningJob as PipelineTuningJob
    from pulumi_gcp_tuning.declare.pipeline_tuning_job import PipelineTuningJobArgs as PipelineTuningJobArgs
    from pulumi_gcp_tuning.declare.pipeline_tuning_job import PipelineTuningJobArgsDict as PipelineTuningJobArgsDict
    from pulumi_gcp_tuning.declare.provider import Provider as Provider
    from pulumi_gcp_tuning.declare.tuned_model import OnReplace as OnReplace
    from pulumi_gcp_tuning.declare.tuned_model import OnReplaceArgs as OnReplaceArgs
    from pulumi_gcp_tuning.declare.tuned_model import OnReplaceArgsDict as OnReplaceArgsDict
    from pulumi_gcp_tuning.declare.tuned_model import TunedModel as TunedModel
    from pulumi_gcp_tuning.declare.tuned_model import TunedModelArgs as TunedModelArgs
    from pulumi_gcp_tuning.declare.tuned_model import TunedModelArgsDict as TunedModelArgsDict
    from pulumi_gcp_tuning.declare.tuning_dataset import TuningDataset as TuningDataset
    from pulumi_gcp_tuning.declare.tuning_dataset import TuningDatasetArgs as TuningDatasetArgs
    from pulumi_gcp_tuning.declare.tuning_dataset import TuningDatasetArgsDict as TuningDatasetArgsDict
    from pulumi_gcp_tuning.declare.tuning_job import Checkpoint as Checkpoint
    from pulumi_gcp_tuning.declare.tuning_job import EncryptionSpec as EncryptionSpec
    from pulumi_gcp_tuning.declare.tuning_job import EncryptionSpecArgs as EncryptionSpecArgs
    from pulumi_gcp_tuning.declare.tuning_job import EncryptionSpecArgsDict as EncryptionSpecArgsDict
    from pulumi_gcp_tuning.declare.tuning_job import HyperParameters as HyperParameters
    from pulumi_gcp_tuning.declare.tuning_job import HyperParametersArgs as HyperParametersArgs
    from pulumi_gcp_tuning.declare.tuning_job import HyperParametersArgsDict as HyperParametersArgsDict
    from pulumi_gcp_tuning.declare.tuning_job import JobError as JobError
    from pulumi_gcp_tuning.declare.tuning_job import SupervisedTuningSpec as SupervisedTuningSpec
    from pulumi_gcp_tuning.declare.tuning_job import SupervisedTuningSpecArgs as SupervisedTuningSpecArgs
    from pulumi_gcp_tuning.declare.tuning_job import SupervisedTuningSpecArgsDict as SupervisedTuningSpecArgsDict
    from pulumi_gcp_tuning.declare.tuning_job import TunedModelInfo as TunedModelInfo
    from pulumi_gcp_tuning.declare.tuning_job import TuningJob as TuningJob
    from pulumi_gcp_tuning.declare.tuning_job import TuningJobArgs as TuningJobArgs
    from pulumi_gcp_tuning.declare.tuning_job import TuningJobArgsDict as TuningJobArgsDict

_FILES: Final = {
    "endpoint": ("DeployedModel", "Endpoint", "EndpointArgs", "EndpointArgsDict"),
    "model_deployment": ("ModelDeployment", "ModelDeploymentArgs", "ModelDeploymentArgsDict"),
    "pipeline_tuning_job": ("PipelineTuningJob", "PipelineTuningJobArgs", "PipelineTuningJobArgsDict"),
    "provider": ("Provider",),
    "tuned_model": (
        "OnReplace", "OnReplaceArgs", "OnReplaceArgsDict", "TunedModel", "TunedModelArgs", "TunedModelArgsDict",
    ),
    "tuning_dataset": ("TuningDataset", "TuningDatasetArgs", "TuningDatasetArgsDict"),
    "tuning_job": (
        "Checkpoint", "EncryptionSpec", "EncryptionSpecArgs", "EncryptionSpecArgsDict", "HyperParameters",
        "HyperParametersArgs", "HyperParametersArgsDict", "JobError", "SupervisedTuningSpec",
        "SupervisedTuningSpecArgs", "SupervisedTuningSpecArgsDict", "TunedModelInfo", "TuningJob", "TuningJobArgs",
        "TuningJobArgsDict",
    ),
}  # fmt: skip
_WHERE: Final = {name: file for file, names in _FILES.items() for name in names}


if not TYPE_CHECKING:  # else a type checker would take any name for granted

    def __getattr__(name: str) -> Any:
        if name not in _WHERE:
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        value = getattr(importlib.import_module(f"{__name__}.declare.{_WHERE[name]}"), name)
        globals()[name] = value
        return value


def __dir__() -> list[str]:
    return sorted({*globals(), *_WHERE})
