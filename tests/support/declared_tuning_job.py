"""A TuningJob as its tests declare, check and create it."""

from __future__ import annotations

from typing import Any

from pulumi_gcp_tuning.resources.registry import lifecycle_of
from support.findings import printed_of
from support.hand_made_google import Desk, urn

TUNING_JOB = lifecycle_of("tuning_job")
HASH_A, HASH_B = "a" * 64, "b" * 64


def declared(**changed: Any) -> dict[str, Any]:
    """The inputs of a job as the engine gives them."""
    inputs: dict[str, Any] = {
        "baseModel": "gemini-3.5-flash",
        "supervisedTuningSpec": {
            "trainingDatasetUri": f"gs://shop-data/tuning-datasets/{HASH_A}.jsonl",
            "hyperParameters": {"epochCount": 3.0, "adapterSize": 4.0},
        },
        "tunedModelDisplayName": "bot",
        "labels": {"team": "shop"},
        "resourceUrn": urn("TuningJob"),
        **changed,
    }
    return {key: value for key, value in inputs.items() if value is not None}


def with_spec(**changed: Any) -> dict[str, Any]:
    """The same with another spec."""
    inputs = declared()
    inputs["supervisedTuningSpec"] = {**inputs["supervisedTuningSpec"], **changed}
    return inputs


def checked(desk: Desk, olds: dict[str, Any] | None = None, **changed: Any) -> dict[str, Any]:
    """The inputs after a check without errors."""
    found = TUNING_JOB.check(desk.call(), olds or {}, declared(**changed))
    assert [f for f in found.findings if f.severity == "error"] == []
    return found.inputs


def errors(found: Any) -> dict[str, str]:
    """The sentences of the errors, by property."""
    return {f.path: f.sentences for f in printed_of(found.findings) if f.severity == "error"}


def created(desk: Desk, **changed: Any) -> Any:
    """The job that create made of what was declared."""
    return TUNING_JOB.create(desk.call(), checked(desk, **changed))
