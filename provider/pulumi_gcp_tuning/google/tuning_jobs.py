"""projects.locations.tuningJobs: create, get, list, cancel. There is no delete and no patch."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from pulumi_gcp_tuning.google import shapes
from pulumi_gcp_tuning.google.job_states import Collection, states_with
from pulumi_gcp_tuning.google.jobs import JobCalls
from pulumi_gcp_tuning.google.shape import NOTHING

if TYPE_CHECKING:
    from pulumi_gcp_tuning.google.operations import Json, Wait

TUNING_JOBS: Final = Collection("tuningJobs", "tuning job", states_with("JOB_STATE_"))

# In Google's discovery documents but not in its generated clients: sent as JSON, and only Google checks it.
_BEYOND_GAPIC = ("preferenceOptimizationSpec", "reinforcementTuningSpec")
_SERVICE = "GenAiTuningService"


class TuningJobCalls(JobCalls):
    """The tuning jobs of one location. It is not known whether Google's filter works in a list."""

    collection = TUNING_JOBS
    job = shapes.TUNING_JOB
    page = shapes.TUNING_JOBS

    def create(self, parent: str, body: Json, *, job_id: str | None = None) -> Json:
        """Submits a job and returns it as accepted. Google chooses the id, so ``job_id`` is not sent.

        Google has no request id for this call, so it is repeated only if no connection was made. If the ApiError has
        ``maybe_took_effect``, look for the job before you submit it again.
        """
        if any(key in body for key in _BEYOND_GAPIC):
            return self._wire.post(f"{parent}/tuningJobs", shapes.TUNING_JOB, body, resend="unsent")
        fields = {"parent": parent, "tuningJob": body}
        return self._wire.gapic.call(
            _SERVICE, "create_tuning_job", "CreateTuningJobRequest", fields, shapes.TUNING_JOB, resend="unsent"
        )

    def cancel(self, name: str) -> None:
        """Requests a cancel (best effort); the job may still succeed. Google may refuse it for a finished job (400)."""
        self._wire.gapic.call(
            _SERVICE, "cancel_tuning_job", "CancelTuningJobRequest", {"name": name}, NOTHING, resend="idempotent"
        )

    def delete(self, name: str, *, wait: Wait | None = None) -> None:
        """Does nothing: Google never deletes the record."""
