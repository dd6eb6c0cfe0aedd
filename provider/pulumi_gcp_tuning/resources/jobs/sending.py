"""Sends one job. After an answer that may mean that Google accepted it, it looks for the job before it sends it again."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from pulumi_gcp_tuning.errors import ApiError
from pulumi_gcp_tuning.google.transport import is_worth_resending
from pulumi_gcp_tuning.resources.core.labels import IDENTITY
from pulumi_gcp_tuning.resources.jobs.adoption import Wanted, find_new

if TYPE_CHECKING:
    from pulumi_gcp_tuning.resources.core.lifecycle import Call, Properties
    from pulumi_gcp_tuning.resources.jobs.kind import Job

LOOK_SECONDS: Final = 60.0
"""How long a job is looked for in the list, which may lag behind a create.

This is twice as long as a read of a new job may return NOT_FOUND. It is also the time after which a quota per minute is
free again.
"""
LONGEST_PAUSE: Final = 10.0
SENT_AGAIN: Final = 2
"""How often a job is sent again after 408, 429 or 503, each time after a lookup that did not find it."""


@dataclass(kw_only=True)
class Sending:
    """One job that is being sent. ``known`` are the names of the jobs of its identity that existed before."""

    call: Call
    wanted: Wanted
    body: Properties
    known: frozenset[str]
    job_id: str | None
    sent: int = 0
    unclear: ApiError | None = None

    def send(self) -> Job:
        """The job as Google accepted it, or as it was found.

        After 408, 429 and 503 it is sent again, except if Google says that too many jobs run. Otherwise raises Google's
        last answer. If it has ``maybe_took_effect`` set, the caller must look for the job.
        """
        again = SENT_AGAIN if self.job_id is None else 0  # with our own id, the transport sends it again
        calls = self.wanted.kind.at(self.call, self.wanted.parent)
        while True:
            self.sent += 1
            try:
                return calls.create(self.wanted.parent, self.body, job_id=self.job_id)
            except ApiError as error:
                if not error.maybe_took_effect:
                    raise
                self.unclear = error
                if not again or not is_worth_resending(error, "front door"):
                    raise
            again -= 1
            found = self.look()
            if found is not None:
                return found
            if self.call.cancelled():
                raise self.unclear

    def look(self, seconds: float = LOOK_SECONDS) -> Job | None:
        """The job, once it appears; None if it does not appear within ``seconds`` (at most a minute), or before a cancel.

        Google is asked at least once. If we chose the id, it is asked only once, because a read does not lag as a list
        does. If Google cannot be asked, raises the unclear answer.
        """
        clock, cancelled, pause = self.call.clock, self.call.cancelled, 0.5
        end = clock.monotonic() + (min(seconds, LOOK_SECONDS) if self.job_id is None else 0.0)
        while True:
            try:
                found = find_new(self.call, self.wanted, self.known, self.job_id)
            except ApiError as error:
                raise (self.unclear or error) from error
            left = end - clock.monotonic()
            if found is not None or left <= 0 or cancelled():
                return found
            clock.sleep(min(pause, left), cancelled)
            pause = min(pause * 2, LONGEST_PAUSE)

    def find(self, answer: ApiError) -> Job:
        """The job that an unclear answer may have created. Raises ApiError with a remedy if it does not appear in time."""
        try:
            found = self.look()
            told = f"No job with label {IDENTITY}={self.wanted.identity} was found, {self._how_often()}."
        except ApiError as error:
            cause = str(error.__cause__ or error).splitlines()[0]
            found, told = None, f"It is not known whether Google accepted the job, because the lookup failed: {cause}"
        if found is not None:
            return found
        raise ApiError(
            f"{answer}\n{told}\nRun `pulumi up` again: it looks for the job before it submits one.",
            http_status=answer.http_status,
            status=answer.status,
            details=answer.details,
            maybe_took_effect=True,
        ) from answer

    def _how_often(self) -> str:
        if self.job_id is not None:
            return f"nor one with the id {self.job_id}"
        return "and it was not sent again" if self.sent == 1 else f"although it was sent {self.sent} times"
