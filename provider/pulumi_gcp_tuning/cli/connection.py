"""The settings of a command and its connection to Google."""

from __future__ import annotations

from typing import Final

from pulumi_gcp_tuning.commands.connection import google_of, settings_of

__all__ = ["A_JOB", "DISTRIBUTION", "google_of", "settings_of"]

DISTRIBUTION: Final = "pulumi-gcp-tuning"
A_JOB: Final = (
    "The name of a tuning job (projects/my-project/locations/us-central1/tuningJobs/1234567890) of a tuning pipeline "
    "(.../pipelineJobs/ID), or of a tuned model of the Gemini API (tunedModels/ID)."
)
"""The help of an argument that names a job."""
