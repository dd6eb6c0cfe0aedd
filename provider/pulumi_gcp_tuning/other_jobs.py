"""Properties of Google's tuning jobs that most resources do not have, and where they belong."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

_JOB: Final = "it belongs to a TuningJob"
_OPEN: Final = f"{_JOB} of an open model"
_PIPELINE: Final = "it belongs to a PipelineTuningJob"
_NOT_YET: Final = ", for which there is no resource yet"
OF_OTHER_JOBS: Final[Mapping[str, str]] = {
    "batch_size": f"{_OPEN} and to GeminiApiTunedModel",
    "custom_base_model": _OPEN,
    "output_uri": _OPEN,
    "tuning_mode": _OPEN,
    "adapter_size": _JOB,
    "epoch_count": f"{_JOB} and to GeminiApiTunedModel; a PipelineTuningJob has {{train_steps}}",
    "pre_tuned_model": _JOB,
    "supervised_tuning_spec": _JOB,
    "default_context": _PIPELINE,
    "enable_checkpoint_selection": _PIPELINE,
    "enable_early_stopping": _PIPELINE,
    "evaluation_data_uri": _PIPELINE,
    "evaluation_interval": _PIPELINE,
    "gcs_output_directory": _PIPELINE,
    "train_steps": f"{_PIPELINE}; other jobs have {{epoch_count}}",
    "large_model_reference": "the model of a PipelineTuningJob is its {base_model}",
    "template_uri": "the template of a PipelineTuningJob follows from its {base_model}",
    "preference_optimization_spec": f"it belongs to preference tuning{_NOT_YET}",
    "distillation_spec": f"it belongs to distillation{_NOT_YET}",
    "reinforcement_tuning_spec": f"it belongs to reinforcement tuning{_NOT_YET}",
}
"""Where each property belongs, by its name, in words with the names of properties in braces."""
