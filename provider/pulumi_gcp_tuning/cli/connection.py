"""The settings of a command and its connection to Google."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Final

from pulumi_gcp_tuning.config import Settings

if TYPE_CHECKING:
    from pulumi_gcp_tuning.google import Google

DISTRIBUTION: Final = "pulumi-gcp-tuning"
A_JOB: Final = (
    "The name of a tuning job (projects/my-project/locations/us-central1/tuningJobs/1234567890) or of a tuning pipeline "
    "(.../pipelineJobs/ID)."
)
"""The help of an argument that names a job."""


def settings_of(project: str | None, location: str | None) -> Settings:
    """The settings: options first, then the environment. Raises Refused for a value that cannot be used."""
    given = {"gcp:project": project, "gcp:region": location}
    return Settings.resolve({key: value for key, value in given.items() if value}, os.environ)


def google_of(settings: Settings) -> Google:
    """Google's APIs under these settings."""
    from pulumi_gcp_tuning.google import Google

    return Google(settings)
