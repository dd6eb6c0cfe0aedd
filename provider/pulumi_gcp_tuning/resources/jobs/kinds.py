"""Every kind of billed job, found by the collection in a job's name."""

from __future__ import annotations

from typing import Final

from pulumi_gcp_tuning.resources.jobs.kind import JobKind
from pulumi_gcp_tuning.resources.jobs.pipeline_jobs import PIPELINE_JOB
from pulumi_gcp_tuning.resources.jobs.tuning_jobs import TUNING_JOB

JOB_KINDS: Final = (TUNING_JOB, PIPELINE_JOB)


def kind_of(name: str) -> JobKind:
    """The kind of the job with that name; a tuning job if the name matches no kind."""
    parts = name.split("/")
    collection = parts[4] if len(parts) > 4 else ""
    return next((kind for kind in JOB_KINDS if kind.collection.name == collection), TUNING_JOB)
