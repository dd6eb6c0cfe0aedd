"""The job from whose checkpoint an open model's job starts: the wait for it, and the folder that it stands for."""

from __future__ import annotations

from contextlib import suppress
from functools import partial
from typing import TYPE_CHECKING

from pulumi_gcp_tuning.errors import ApiError, Failed, Unfinished
from pulumi_gcp_tuning.names import MalformedName
from pulumi_gcp_tuning.preflight import artifacts
from pulumi_gcp_tuning.resources.facts.checkpoints import checkpoint_folder
from pulumi_gcp_tuning.resources.jobs.open_models import START, refuse_other_model
from pulumi_gcp_tuning.resources.jobs.tuning_jobs import TUNING_JOB
from pulumi_gcp_tuning.resources.jobs.upkeep import wait_for_job

if TYPE_CHECKING:
    from pulumi_gcp_tuning.resources.core.lifecycle import Call, Properties


def await_start(call: Call, inputs: Properties, custom_base_model: str | None) -> str | None:
    """The folder that a job starts from: that of the final checkpoint of a job, once it has succeeded.

    Raises Failed if that job has not succeeded, or not yet; nothing has been submitted then.
    """
    if custom_base_model is None or not artifacts.is_job(custom_base_model):
        return custom_base_model
    try:
        refuse = partial(refuse_other_model, path=START)
        job = wait_for_job(call, TUNING_JOB, inputs, custom_base_model, refuse, "custom_base_model")
    except Unfinished as unfinished:
        raise Failed(f"Nothing was submitted. {unfinished}") from None
    return checkpoint_folder(job["outputUri"])


def with_start_folder(call: Call, inputs: Properties) -> Properties:
    """The inputs with the folder that Google's job names, in place of the job that a program may name."""
    start = inputs.get("customBaseModel")
    if isinstance(start, str) and artifacts.is_job(start):
        with suppress(ApiError, MalformedName):
            folder = TUNING_JOB.at(call, start).get(start).get("outputUri")
            return {**inputs, "customBaseModel": checkpoint_folder(folder)} if folder else inputs
    return inputs
