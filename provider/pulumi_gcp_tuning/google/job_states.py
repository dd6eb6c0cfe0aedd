"""The states of billed jobs, one enum for every API; each collection of jobs maps its own states to it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Any


class JobState(Enum):
    """The state of a job. A job in a state that is not listed here may still be billed."""

    UNSPECIFIED = "UNSPECIFIED"
    QUEUED = "QUEUED"
    PENDING = "PENDING"
    RUNNING = "RUNNING"
    PAUSED = "PAUSED"
    UPDATING = "UPDATING"
    CANCELLING = "CANCELLING"
    SUCCEEDED = "SUCCEEDED"
    PARTIALLY_SUCCEEDED = "PARTIALLY_SUCCEEDED"
    FAILED = "FAILED"
    CANCELLED = "CANCELLED"
    EXPIRED = "EXPIRED"

    @property
    def has_succeeded(self) -> bool:
        """Whether the job ended with a model."""
        return self in (JobState.SUCCEEDED, JobState.PARTIALLY_SUCCEEDED)

    @property
    def is_over(self) -> bool:
        """Whether the job will not change any more."""
        return self.has_succeeded or self in (JobState.FAILED, JobState.CANCELLED, JobState.EXPIRED)

    @property
    def is_active(self) -> bool:
        """Whether Google may still work on the job; it counts against the quota then."""
        return not self.is_over

    @property
    def is_adoptable(self) -> bool:
        """Whether the job may still make a model: it is active, and no cancel was requested."""
        return self.is_active and self is not JobState.CANCELLING


@dataclass(frozen=True)
class Collection:
    """A collection of jobs at Google: ``tuningJobs``.

    ``noun`` is the name of one job in messages. ``words`` are Google's words for the states. ``lists_whole`` says
    whether a list has all fields of each job.
    """

    name: str
    noun: str
    words: Mapping[str, JobState]
    lists_whole: bool = True

    def state_of(self, job: Mapping[str, Any]) -> JobState:
        """The state in Google's answer; UNSPECIFIED if it is missing or unknown."""
        return self.words.get(str(job.get("state", "")), JobState.UNSPECIFIED)


def states_with(prefix: str) -> dict[str, JobState]:
    """The states under Google's enum names: ``JOB_STATE_RUNNING``."""
    return {f"{prefix}{state.value}": state for state in JobState}
