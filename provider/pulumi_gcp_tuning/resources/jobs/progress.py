"""One line with the state of a job."""

from __future__ import annotations

from pulumi_gcp_tuning.resources.jobs.kind import Job, JobKind


def progress_of(kind: JobKind, job: Job, elapsed: float) -> str:
    """The progress if Google reports it, the state, and the time waited; for a job that has ended, the state first.

    Next to a replacement, a terminal of 120 columns shows the first 30 characters.
    """
    state, progress = kind.word_of(job), kind.progress(job)
    shown = [*progress, state] if kind.state_of(job).is_active else [state, *progress]
    return ", ".join([*shown, _span(elapsed)])


def _span(seconds: float) -> str:
    whole = int(seconds)
    if whole < 60:
        return f"{whole} s"
    if whole < 3600:
        return f"{whole // 60} min {whole % 60:02} s"
    return f"{whole // 3600} h {whole % 3600 // 60:02} min"
