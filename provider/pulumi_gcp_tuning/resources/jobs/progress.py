"""One line that says where a tuning job stands."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


def progress_of(job: Mapping[str, Any], elapsed: float) -> str:
    """State, what the job is at, epoch and step where they are known, and the time waited."""
    state = str(job.get("state", "JOB_STATE_UNSPECIFIED")).removeprefix("JOB_STATE_")
    parts = [state]
    detail = str(job.get("tuningJobState") or "")
    if state == "RUNNING" and detail and not detail.endswith("UNSPECIFIED"):
        parts.append(detail.removeprefix("TUNING_JOB_STATE_").replace("_", " ").lower())
    done = job.get("tuningJobMetadata") or {}
    epochs = ((job.get("supervisedTuningSpec") or {}).get("hyperParameters") or {}).get("epochCount")
    steps = ((job.get("tuningDataStats") or {}).get("supervisedTuningDataStats") or {}).get("tuningStepCount")
    for word, count, total in (
        ("epoch", done.get("completedEpochCount"), epochs),
        ("step", done.get("completedStepCount"), steps),
    ):
        if count is not None:
            parts.append(f"{word} {count}/{total}" if total else f"{word} {count}")
    return ", ".join([*parts, _span(elapsed)])


def _span(seconds: float) -> str:
    whole = int(seconds)
    if whole < 60:
        return f"{whole} s"
    if whole < 3600:
        return f"{whole // 60} min {whole % 60:02} s"
    return f"{whole // 3600} h {whole % 3600 // 60:02} min"
