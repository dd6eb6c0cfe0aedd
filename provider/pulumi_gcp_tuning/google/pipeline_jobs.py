"""projects.locations.pipelineJobs: create with a client-chosen id, get, list, cancel, delete. There is no patch."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from pulumi_gcp_tuning.google import shapes
from pulumi_gcp_tuning.google.job_states import Collection, states_with
from pulumi_gcp_tuning.google.jobs import JobCalls
from pulumi_gcp_tuning.google.shape import NOTHING

if TYPE_CHECKING:
    from pulumi_gcp_tuning.google.operations import Json, Wait
    from pulumi_gcp_tuning.google.transport import Resend

# a list omits jobDetail, which names the outputs of a pipeline
PIPELINE_JOBS: Final = Collection("pipelineJobs", "tuning pipeline", states_with("PIPELINE_STATE_"), lists_whole=False)
_SERVICE = "PipelineService"


class PipelineJobCalls(JobCalls):
    """The pipelines of one location."""

    collection = PIPELINE_JOBS
    job = shapes.PIPELINE_JOB
    page = shapes.PIPELINE_JOBS

    def create(self, parent: str, body: Json, *, job_id: str | None = None) -> Json:
        """Submits a pipeline under ``job_id`` and returns it as accepted; ApiError 409 if the id is in use.

        The id makes a second request harmless, so the request is repeated after an unclear answer. A 409 may then mean
        the job that the first request started.
        """
        fields: Json = {"parent": parent, "pipelineJob": body}
        if job_id is not None:
            fields["pipelineJobId"] = job_id
        resend: Resend = "idempotent" if job_id is not None else "never"
        return self._wire.gapic.call(
            _SERVICE, "create_pipeline_job", "CreatePipelineJobRequest", fields, shapes.PIPELINE_JOB, resend=resend
        )

    def cancel(self, name: str) -> None:
        """Requests a cancel (best effort); the pipeline may still succeed. Google may refuse it for a finished one (400)."""
        self._wire.gapic.call(
            _SERVICE, "cancel_pipeline_job", "CancelPipelineJobRequest", {"name": name}, NOTHING, resend="idempotent"
        )

    def delete(self, name: str, *, wait: Wait | None = None) -> None:
        """Deletes the record of a finished pipeline and waits until it is deleted. Its model and endpoint remain."""
        operation = self._wire.gapic.call(
            _SERVICE,
            "delete_pipeline_job",
            "DeletePipelineJobRequest",
            {"name": name},
            shapes.OPERATION,
            resend="idempotent",
        )
        self._wire.finish(operation, wait, f"Deleting {name}")
