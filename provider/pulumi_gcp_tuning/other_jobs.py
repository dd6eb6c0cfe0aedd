"""Properties of Google's tuning jobs that no resource has, and the kind of tuning that they belong to."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

OF_OTHER_JOBS: Final[Mapping[str, str]] = {
    "batch_size": "open models and the Gemini API",
    "custom_base_model": "open models",
    "output_uri": "open models",
    "tuning_mode": "open models",
    "preference_optimization_spec": "preference tuning",
    "distillation_spec": "distillation",
    "reinforcement_tuning_spec": "reinforcement tuning",
}
"""The kind of tuning by the name of the property."""
