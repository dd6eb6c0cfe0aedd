"""projects.locations.tuningJobs: create, get, list, cancel. There is no delete and no patch."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pulumi_gcp_tuning.errors import ApiError
from pulumi_gcp_tuning.google.job_reads import JobReads
from pulumi_gcp_tuning.google.operations import Json, never
from pulumi_gcp_tuning.google.poller import OUTAGE_SECONDS, Poller, parent_of
from pulumi_gcp_tuning.origins import is_loopback

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from pulumi_gcp_tuning.google.vertex_wire import VertexWire

# In Google's discovery documents but not in its generated clients: sent as JSON, judged by Google alone.
_BEYOND_GAPIC = ("preferenceOptimizationSpec", "reinforcementTuningSpec")
LOCAL_OUTAGE_SECONDS = 30.0  # a server on this machine that is gone seldom comes back


class TuningJobCalls:
    """The tuning jobs of one location."""

    def __init__(self, wire: VertexWire) -> None:
        self._wire = wire
        self._pollers: dict[str, Poller] = {}
        self._reads: dict[str, JobReads] = {}

    def create_tuning_job(self, parent: str, body: Json, *, find: Callable[[], Json | None]) -> Json:
        """Submits a job and returns it as accepted.

        Google has no request id for this call, so an answer that does not prove "not taken" may have started the job. After
        408, 429 and 503 it is sent again, but only where ``find`` did not find it. Any other failure raises ApiError;
        where ``maybe_took_effect`` is set, look for the job before you send it again.
        """
        lost: ApiError | None = None

        def send() -> Json:
            nonlocal lost
            if lost is not None and lost.maybe_took_effect:
                try:
                    found = find()
                except ApiError as error:  # without the look, nothing is sent
                    raise lost from error
                if found is not None:
                    return found
            try:
                return self._post_tuning_job(parent, body)
            except ApiError as error:
                lost = error
                raise

        return self._wire.transport.retrying(send, "front door")

    def _post_tuning_job(self, parent: str, body: Json) -> Json:
        if any(key in body for key in _BEYOND_GAPIC):
            return self._wire.post(f"{parent}/tuningJobs", body, resend="never")
        fields = {"parent": parent, "tuningJob": body}
        return self._wire.gapic.call(
            "GenAiTuningService", "create_tuning_job", "CreateTuningJobRequest", fields, resend="never"
        )

    def get_tuning_job(self, name: str) -> Json:
        """The job as it stands."""
        return self._wire.get(name)

    def read_tuning_job(self, name: str) -> Json:
        """The job as it stood at most ten seconds ago; many reads at once share a list."""
        parent = parent_of(name)
        reads = self._reads.get(parent)
        if reads is None:
            made = JobReads(
                get=self.get_tuning_job,
                pages=lambda: self._wire.pages(f"{parent}/tuningJobs", {"pageSize": 100}),
                clock=self._wire.transport.clock,
            )
            reads = self._reads.setdefault(parent, made)
        return reads.read(name)

    def list_tuning_jobs(self, parent: str, *, filter: str | None = None, page_size: int = 100) -> Iterator[Json]:  # noqa: A002
        """All jobs, page after page, in Google's order. Whether Google's filter works here is not established."""
        yield from self._wire.items(f"{parent}/tuningJobs", "tuningJobs", {"pageSize": page_size, "filter": filter})

    def cancel_tuning_job(self, name: str) -> None:
        """Asks for a cancel, best effort; the job may still succeed. A job that is over may be refused (400)."""
        self._wire.gapic.call(
            "GenAiTuningService", "cancel_tuning_job", "CancelTuningJobRequest", {"name": name}, resend="idempotent"
        )

    def poll_tuning_job(
        self,
        name: str,
        *,
        timeout: float | None = None,
        cancelled: Callable[[], bool] = never,
        on_change: Callable[[Json], None] = lambda _job: None,
    ) -> Json:
        """The job once it is over. ``on_change`` gets every new answer, in the caller's thread.

        Raises WaitEnded (``last`` holds the last answer) on timeout or cancel, NotFound where the record is gone, and
        ApiError for a refusal or an outage of more than ten minutes. All callers of one project and location share
        their requests.
        """
        return self._poller(parent_of(name)).wait_for(name, timeout=timeout, cancelled=cancelled, on_change=on_change)

    def _poller(self, parent: str) -> Poller:
        poller = self._pollers.get(parent)
        if poller is None:
            transport = self._wire.transport
            made = Poller(
                get=lambda name: self._wire.get(name, resend="never", read_seconds=20.0),
                pages=lambda: self._wire.pages(f"{parent}/tuningJobs", {"pageSize": 100}, resend="never"),
                clock=transport.clock,
                interval=transport.settings.poll_interval,
                outage_seconds=LOCAL_OUTAGE_SECONDS if is_loopback(self._wire.origin) else OUTAGE_SECONDS,
            )
            poller = self._pollers.setdefault(parent, made)
        return poller
