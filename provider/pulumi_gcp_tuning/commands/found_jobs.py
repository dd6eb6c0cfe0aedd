"""What the functions say of a job, of whatever kind."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Protocol

from pulumi_gcp_tuning.resources.core.labels import IDENTITY, STACK

if TYPE_CHECKING:
    from pulumi_gcp_tuning.audit.state import StackState
    from pulumi_gcp_tuning.resources.jobs.billing import TrainingCost


@dataclass(frozen=True, kw_only=True)
class FoundJob:
    """A job at Google.

    ``state`` is Google's word without its prefix. ``owner`` is the resource and stack that submitted it, as far as the
    labels and the states that were read say it; None if no stack did. ``progress`` are the words of a running job.
    """

    name: str
    noun: str
    state: str
    is_active: bool
    has_succeeded: bool
    base_model: str | None
    display_name: str | None
    created: str | None
    age_seconds: float | None
    progress: tuple[str, ...]
    owner: str | None
    labels: Mapping[str, str] = field(repr=False)


@dataclass(frozen=True, kw_only=True)
class JobList:
    """Jobs, the newest first. ``places`` were listed; ``shortened`` are those of which only the first jobs were read.

    ``problems`` are sentences about places that could not be listed.
    """

    jobs: tuple[FoundJob, ...]
    places: tuple[str, ...]
    shortened: tuple[str, ...] = ()
    problems: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class JobReport:
    """A job with what it made and why it failed. ``steps`` is the number of steps of the whole training.

    ``weights`` is the folder of the final checkpoint of an open model's job that has succeeded.
    """

    job: FoundJob
    error: str | None
    model: str | None
    endpoint: str | None
    weights: str | None
    checkpoints: tuple[Mapping[str, Any], ...]
    epochs: int | None
    steps: int | None
    started: str | None
    ended: str | None
    experiment: str | None
    cost: TrainingCost | None


@dataclass(frozen=True, kw_only=True)
class Counts:
    """How far a job is. What Google does not say is None.

    ``tasks_done`` of ``tasks`` are those of a pipeline. ``told`` is the share that Google itself says, 0 to 1. ``loss`` is that of
    the last step, where the job names it.
    """

    epoch: int | None = None
    epochs: int | None = None
    step: int | None = None
    steps: int | None = None
    tasks_done: int | None = None
    tasks: int | None = None
    told: float | None = None
    loss: float | None = None


class LiveJob(Protocol):
    """A job as Google answered it: a job of Vertex AI, or a tuned model of the Gemini API, which is its own job."""

    @property
    def name(self) -> str:
        """Its full name."""
        ...

    @property
    def has_metrics(self) -> bool:
        """Whether it names its metrics already."""
        ...

    @property
    def ending(self) -> str:
        """What a cancel does, as words before its noun: ``Cancel the``."""
        ...

    def found(self, states: Sequence[StackState] = ()) -> FoundJob:
        """What Google says of it."""
        ...

    def report(self, states: Sequence[StackState] = ()) -> JobReport:
        """That, with what it made and why it failed."""
        ...

    def counts(self) -> Counts:
        """How far it is."""
        ...

    def read_steps(self) -> list[dict[str, Any]]:
        """Each training step. Raises Refused if there are none, or not yet."""
        ...

    def check_cancellable(self) -> None:
        """Raises Refused, with its state, if it has ended."""
        ...

    def cancel(self) -> FoundJob:
        """Ends it, and says what it is then."""
        ...


def owner_of(labels: Mapping[str, str], states: Iterable[StackState] = ()) -> str | None:
    """The resource and stack that made something with these labels; only the stack's label if no state tells more."""
    if IDENTITY not in labels:
        return None
    for state in states:
        title, entry = f"{state.project}/{state.stack}", state.identities.get(labels[IDENTITY])
        if entry is not None:
            return f"{entry.kind} {entry.name} of {title}"
        if labels.get(STACK) == state.hash:
            return f"{title}, no entry"
    return f"stack {labels[STACK]}" if labels.get(STACK) else "a stack"


def holder_of(name: str, states: Iterable[StackState]) -> str | None:
    """The resource and stack whose state has something of this name, which has no labels."""
    held = ((state, state.holder_of(name)) for state in states)
    return next((f"{entry.kind} {entry.name} of {state.project}/{state.stack}" for state, entry in held if entry), None)
