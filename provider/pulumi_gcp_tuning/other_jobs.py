"""Properties of Google's tuning jobs that most resources do not have, and where they belong."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

_OPEN: Final = "a TuningJob of an open model"
_NOT_YET: Final = ", for which there is no resource yet"
OF_OTHER_JOBS: Final[Mapping[str, str]] = {
    "batch_size": f"{_OPEN} and to GeminiApiTunedModel",
    "custom_base_model": _OPEN,
    "output_uri": _OPEN,
    "tuning_mode": _OPEN,
    "preference_optimization_spec": f"preference tuning{_NOT_YET}",
    "distillation_spec": f"distillation{_NOT_YET}",
    "reinforcement_tuning_spec": f"reinforcement tuning{_NOT_YET}",
}
"""Where each property belongs, by its name: the words after "It belongs to"."""
