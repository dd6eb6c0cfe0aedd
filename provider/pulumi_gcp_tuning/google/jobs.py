"""Calls that every collection of billed jobs has in one location: get, read, list, poll. Create and cancel differ per API."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from pulumi_gcp_tuning.google.job_reads import JobReads
from pulumi_gcp_tuning.google.operations import Json, never
from pulumi_gcp_tuning.google.poller import OUTAGE_SECONDS, Poller, parent_of
from pulumi_gcp_tuning.once import Once
from pulumi_gcp_tuning.origins import is_loopback

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from pulumi_gcp_tuning.google.job_states import Collection
    from pulumi_gcp_tuning.google.shape import Shape
    from pulumi_gcp_tuning.google.vertex_wire import VertexWire

LOCAL_OUTAGE_SECONDS = 30.0  # a local server that stopped rarely starts again


class JobCalls:
    """The jobs of one collection in one location."""

    collection: ClassVar[Collection]
    job: ClassVar[Shape]
    page: ClassVar[Shape]

    def __init__(self, wire: VertexWire) -> None:
        self._wire = wire
        self._shared = Once(Exception)

    def get(self, name: str) -> Json:
        """The current state of the job."""
        return self._wire.get(name, self.job)

    def read(self, name: str) -> Json:
        """The job, at most ten seconds old; simultaneous reads share one list where lists show whole jobs."""
        parent = parent_of(name)
        return self._shared.get(("reads", parent), lambda: self._reads_of(parent)).read(name)

    def list(self, parent: str, *, filter: str | None = None) -> Iterator[Json]:  # noqa: A002
        """All jobs, page after page, in Google's order."""
        name = self.collection.name
        yield from self._wire.items(f"{parent}/{name}", name, self.page, {"pageSize": 100, "filter": filter})

    def poll(
        self,
        name: str,
        *,
        timeout: float | None = None,
        cancelled: Callable[[], bool] = never,
        on_change: Callable[[Json], None] = lambda _job: None,
    ) -> Json:
        """The job once it is over. ``on_change`` gets every new answer, in the caller's thread.

        Raises WaitEnded (``last`` holds the last answer) on timeout or cancel, NotFound if the record no longer exists, and
        ApiError for a refusal or an outage of more than ten minutes. All callers of one project and location share
        their requests.
        """
        parent = parent_of(name)
        poller = self._shared.get(("poller", parent), lambda: self._poller_of(parent))
        return poller.wait_for(name, timeout=timeout, cancelled=cancelled, on_change=on_change)

    def _reads_of(self, parent: str) -> JobReads:
        return JobReads(
            get=self.get,
            pages=lambda: self._wire.pages(f"{parent}/{self.collection.name}", self.page, {"pageSize": 100}),
            collection=self.collection,
            clock=self._wire.transport.clock,
        )

    def _poller_of(self, parent: str) -> Poller:
        transport, path = self._wire.transport, f"{parent}/{self.collection.name}"
        return Poller(
            get=lambda name: self._wire.get(name, self.job, resend="never", read_seconds=20.0),
            pages=lambda: self._wire.pages(path, self.page, {"pageSize": 100}, resend="never"),
            collection=self.collection,
            clock=transport.clock,
            interval=transport.settings.poll_interval,
            outage_seconds=LOCAL_OUTAGE_SECONDS if is_loopback(self._wire.origin) else OUTAGE_SECONDS,
        )
