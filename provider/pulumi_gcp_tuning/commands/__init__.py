"""What ``gcp-tuning jobs``, ``models``, ``ask``, ``watch`` and ``plot`` do, as functions.

``from pulumi_gcp_tuning.commands import list_jobs``. A function without ``connection`` uses ``connect()``: the environment
of the process. Functions raise ``pulumi_gcp_tuning.errors.TuningError`` with the sentence that a command prints.
Importing this package imports nothing else until a name is used.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from pulumi_gcp_tuning.commands.asking import Answer, ask_question, ask_questions
    from pulumi_gcp_tuning.commands.connection import Connection, connect
    from pulumi_gcp_tuning.commands.found_jobs import FoundJob, JobList, JobReport
    from pulumi_gcp_tuning.commands.jobs import cancel_job, find_job, list_jobs
    from pulumi_gcp_tuning.commands.models import FoundModel, ModelList, ModelReport, find_model, list_models
    from pulumi_gcp_tuning.commands.plotting import draw_metrics
    from pulumi_gcp_tuning.commands.training import read_steps
    from pulumi_gcp_tuning.commands.watching import Sight, watch_jobs
    from pulumi_gcp_tuning.resources.jobs.billing import TrainingCost

__all__ = [
    "Answer",
    "Connection",
    "FoundJob",
    "FoundModel",
    "JobList",
    "JobReport",
    "ModelList",
    "ModelReport",
    "Sight",
    "TrainingCost",
    "ask_question",
    "ask_questions",
    "cancel_job",
    "connect",
    "draw_metrics",
    "find_job",
    "find_model",
    "list_jobs",
    "list_models",
    "read_steps",
    "watch_jobs",
]

_MODULES: Final = {
    "asking": ("Answer", "ask_question", "ask_questions"),
    "connection": ("Connection", "connect"),
    "found_jobs": ("FoundJob", "JobList", "JobReport"),
    "jobs": ("cancel_job", "find_job", "list_jobs"),
    "models": ("FoundModel", "ModelList", "ModelReport", "find_model", "list_models"),
    "plotting": ("draw_metrics",),
    "training": ("read_steps",),
    "watching": ("Sight", "watch_jobs"),
}
_HOMES: Final = {name: f"{__name__}.{module}" for module, names in _MODULES.items() for name in names} | {
    "TrainingCost": "pulumi_gcp_tuning.resources.jobs.billing",
}


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(_HOMES[name]), name)


def __dir__() -> list[str]:
    return sorted(__all__)
