"""One line with the state of a job."""

from __future__ import annotations

from pulumi_gcp_tuning.resources.jobs.kind import Job, JobKind


def progress_of(kind: JobKind, job: Job, elapsed: float) -> str:
    """The state, the time waited, and the progress if Google reports it."""
    return ", ".join([kind.word_of(job), *kind.progress(job), _span(elapsed)])


def _span(seconds: float) -> str:
    whole = int(seconds)
    if whole < 60:
        return f"{whole} s"
    if whole < 3600:
        return f"{whole // 60} min {whole % 60:02} s"
    return f"{whole // 3600} h {whole % 3600 // 60:02} min"
