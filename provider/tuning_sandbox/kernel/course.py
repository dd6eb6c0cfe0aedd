"""The course of a job on the sandbox's clock: one state machine for every kind of job.

    QUEUED or PENDING -> RUNNING, phase after phase -> SUCCEEDED or FAILED; and from each of them CANCELLING -> CANCELLED

A phase has a due time and may have work that runs outside the event loop. It ends when its due time has come
and its work is done. The store keeps the phase with the job, so a restart continues at that phase.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, fields
from datetime import timedelta
from enum import Enum, auto
from typing import Any, Generic, Protocol, TypeVar

from tuning_sandbox.kernel.clock import from_stamp, to_stamp
from tuning_sandbox.kernel.sandbox import Sandbox

Doc = dict[str, Any]


class State(Enum):
    """The state of a job, independent of its kind's name for it."""

    QUEUED = auto()
    PENDING = auto()
    RUNNING = auto()
    CANCELLING = auto()
    SUCCEEDED = auto()
    FAILED = auto()
    CANCELLED = auto()

    @property
    def is_over(self) -> bool:
        """Whether the state is final."""
        return not _MOVES[self]


_MOVES: dict[State, frozenset[State]] = {
    State.QUEUED: frozenset({State.RUNNING, State.FAILED, State.CANCELLING}),
    State.PENDING: frozenset({State.RUNNING, State.FAILED, State.CANCELLING}),
    State.RUNNING: frozenset({State.SUCCEEDED, State.FAILED, State.CANCELLING}),
    State.CANCELLING: frozenset({State.CANCELLED}),
    State.SUCCEEDED: frozenset(),
    State.FAILED: frozenset(),
    State.CANCELLED: frozenset(),
}
_LIVE = tuple(state for state, moves in _MOVES.items() if moves)
CANCELLING = "cancelling"
ENDED = "ended"


@dataclass(frozen=True)
class Failure:
    """Why a job fails: a google.rpc.Status."""

    code: int
    message: str


class Step(Enum):
    """What follows a phase: the next phase, or the same one again."""

    ON = auto()
    AGAIN = auto()


Outcome = Step | Failure


@dataclass(frozen=True)
class Fault:
    """A fault of a job: it fails in a phase, hangs in it, or is not cancelled."""

    kind: str = ""
    at: str = "tuning"
    code: int = 13
    message: str = "Internal error encountered."


@dataclass
class Job:
    """A job in the store: the resource that the API returns, and its position in the course."""

    resource: Doc
    phase: str = ""
    turn: int = 0
    part: int = 0
    due: str | None = None
    worked: bool = False
    failure: Doc | None = None
    fault: Doc = field(default_factory=dict)

    @property
    def name(self) -> str:
        """The resource's name."""
        return str(self.resource["name"])

    @property
    def counted_as(self) -> str:
        """The name under which a live job is counted; jobs that are counted apart from others have a prefix."""
        return self.name


J = TypeVar("J", bound=Job)
J_contra = TypeVar("J_contra", bound=Job, contravariant=True)


class Work(Protocol[J_contra]):
    """Work that runs outside the event loop during a phase."""

    def start(self, sandbox: Sandbox, job: J_contra, stopped: Callable[[], bool]) -> Callable[[], Any]:
        """The work as a function without arguments that touches no state; it may end early once `stopped()` is true."""

    def take(self, sandbox: Sandbox, job: J_contra, result: Any) -> Failure | None:
        """Write the result into the job; a Failure ends the job when the phase is due."""


@dataclass(frozen=True)
class Phase(Generic[J]):
    """One part of a course. `leave` is called when it is due; a `fail` fault applies at part `fails_at`."""

    name: str
    seconds: Callable[[Sandbox, J], float]
    leave: Callable[[Sandbox, J], Outcome]
    work: Work[J] | None = None
    fails_at: int = 0


class Kind(Protocol[J]):
    """What one kind of job provides for its course."""

    @property
    def collection(self) -> str:
        """Where the store keeps the jobs."""

    @property
    def job_type(self) -> type[J]:
        """The class in which the store keeps them."""

    @property
    def states(self) -> Mapping[State, str]:
        """The states' names on the wire."""

    @property
    def phases(self) -> Sequence[Phase[J]]:
        """The phases in order; during the first the job is not running yet."""

    def cancel_seconds(self, sandbox: Sandbox) -> float:
        """How long CANCELLING lasts."""

    def end(self, sandbox: Sandbox, job: J, state: State, failure: Failure | None) -> Failure | None:
        """Prepare the resource for its final state, which is set afterwards; returns the error to show."""


class _Works:
    """Work that runs outside the loop, and which of it must stop."""

    def __init__(self) -> None:
        self.running: set[tuple[str, ...]] = set()
        self.cancelled: set[str] = set()


class Course(Generic[J]):
    """Starts, advances, cancels and stores the jobs of one kind."""

    def __init__(self, kind: Kind[J]) -> None:
        self._kind = kind
        self._wire = dict(kind.states)
        self._states = {name: state for state, name in self._wire.items()}
        # counts are kept because reading every job would make a create slower with each job
        self._live = f"{kind.collection}.live"
        self._phases = {phase.name: at for at, phase in enumerate(kind.phases)}

    def resume(self, sandbox: Sandbox) -> None:
        """Continue every job that has not ended."""
        for job in self.jobs(sandbox):
            # a data folder of an earlier version does not have the counts
            self._count_in(sandbox, job)
            if job.due and not self.state_of(job).is_over:
                self._schedule(sandbox, job)

    def begin(self, sandbox: Sandbox, job: J, state: State) -> None:
        """Start a job that create has just accepted, QUEUED or PENDING."""
        if state not in (State.QUEUED, State.PENDING):
            raise ValueError(f"a job does not begin as {state.name}")
        job.resource.update(state=self._wire[state], createTime=sandbox.clock.stamp())
        self._enter(sandbox, job, self._kind.phases[0])

    def cancel(self, sandbox: Sandbox, job: J) -> None:
        """Cancel an active job: CANCELLING now, CANCELLED soon; a fault can let the job finish first."""
        if self.state_of(job) is State.CANCELLING or _fault_of(job).kind == "cancelLoses":
            return
        self._move(job, State.CANCELLING)
        sandbox.memory(_Works).cancelled.add(_identity(job))
        self._wait(sandbox, job, CANCELLING, self._kind.cancel_seconds(sandbox))

    def state_of(self, job: J) -> State:
        """The job's state."""
        return self._states[job.resource["state"]]

    def find(self, sandbox: Sandbox, name: str) -> J | None:
        """The job with that name, or None."""
        doc = sandbox.store.collection(self._kind.collection).get(name)
        return None if doc is None else self._kind.job_type(**doc)

    def jobs(self, sandbox: Sandbox, prefix: str = "") -> list[J]:
        """The jobs whose name starts with the prefix, in the order of creation."""
        kept = sandbox.store.collection(self._kind.collection).all(prefix=prefix)
        return [self._kind.job_type(**doc) for doc in kept]

    def active(self, sandbox: Sandbox, prefix: str = "") -> list[J]:
        """Those of them that have not ended."""
        return [job for job in self.jobs(sandbox, prefix) if not self.state_of(job).is_over]

    def count(self, sandbox: Sandbox, prefix: str, *states: State) -> int:
        """The number of jobs that are counted under the prefix in these states; without states, of all that have not ended."""
        live = sandbox.store.collection(self._live)
        return sum(live.count(f"{state.name}/{prefix}") for state in states or _LIVE)

    def keep(self, sandbox: Sandbox, job: J) -> None:
        """Write the job into the store."""
        doc = {entry.name: getattr(job, entry.name) for entry in fields(job)}
        sandbox.store.collection(self._kind.collection).put(job.name, doc)
        self._count_in(sandbox, job)

    def _count_in(self, sandbox: Sandbox, job: J) -> None:
        live, state = sandbox.store.collection(self._live), self.state_of(job)
        for other in _LIVE:
            if other is not state:
                live.delete(f"{other.name}/{job.counted_as}")
        if state in _LIVE and f"{state.name}/{job.counted_as}" not in live:
            live.put(f"{state.name}/{job.counted_as}", {})

    def forget(self, sandbox: Sandbox, job: J) -> None:
        """Remove a job; work that still runs for it stops, and its result is dropped."""
        works, live, identity = sandbox.memory(_Works), sandbox.store.collection(self._live), _identity(job)
        if any(identity == running for _, running, _ in works.running):
            works.cancelled.add(identity)
        for state in _LIVE:
            live.delete(f"{state.name}/{job.counted_as}")
        sandbox.store.collection(self._kind.collection).delete(job.name)

    def works(self, sandbox: Sandbox) -> list[str]:
        """The names of the jobs with work outside the loop."""
        return sorted(name for name, _, _ in sandbox.memory(_Works).running)

    def _move(self, job: J, state: State) -> None:
        before = self.state_of(job)
        if state not in _MOVES[before]:
            raise ValueError(f"a job that is {before.name} does not become {state.name}")
        job.resource["state"] = self._wire[state]

    def _enter(self, sandbox: Sandbox, job: J, phase: Phase[J]) -> None:
        if job.phase == phase.name:
            job.part += 1
        else:
            job.part, job.worked = 0, False
        self._wait(sandbox, job, phase.name, phase.seconds(sandbox, job))

    def _wait(self, sandbox: Sandbox, job: J, phase: str, seconds: float) -> None:
        job.phase, job.turn = phase, job.turn + 1
        job.due = to_stamp(sandbox.clock.now() + timedelta(seconds=seconds))
        job.resource["updateTime"] = sandbox.clock.stamp()
        self.keep(sandbox, job)
        self._schedule(sandbox, job)

    def _schedule(self, sandbox: Sandbox, job: J) -> None:
        if job.due is not None:
            sandbox.clock.at(from_stamp(job.due), self._fall_due, sandbox, job.name, job.turn)
        if (phase := self._phase_of(job)) is not None and phase.work is not None:
            self._work(sandbox, job, phase, phase.work)

    def _fall_due(self, sandbox: Sandbox, name: str, turn: int) -> None:
        job = self.find(sandbox, name)
        if job is not None and job.turn == turn:
            self._go_on(sandbox, job)

    def _go_on(self, sandbox: Sandbox, job: J) -> None:
        if job.due is None or sandbox.clock.now() < from_stamp(job.due):
            return
        phase = self._phase_of(job)
        if phase is None:
            self._end(sandbox, job, State.CANCELLED, Failure(1, "CANCELED"))
            return
        if phase.work is not None and not job.worked:
            return
        fault = _fault_of(job)
        strikes = fault.at == phase.name
        if strikes and fault.kind == "stuck":
            job.due = None
            self.keep(sandbox, job)
        elif job.failure is not None:
            self._end(sandbox, job, State.FAILED, Failure(**job.failure))
        elif strikes and fault.kind == "fail" and job.part >= phase.fails_at:
            self._end(sandbox, job, State.FAILED, Failure(fault.code, fault.message))
        else:
            self._leave(sandbox, job, phase)

    def _leave(self, sandbox: Sandbox, job: J, phase: Phase[J]) -> None:
        outcome = phase.leave(sandbox, job)
        at = self._phases[phase.name]
        if isinstance(outcome, Failure):
            self._end(sandbox, job, State.FAILED, outcome)
        elif outcome is Step.AGAIN:
            self._enter(sandbox, job, phase)
        elif at + 1 == len(self._kind.phases):
            self._end(sandbox, job, State.SUCCEEDED, None)
        else:
            if at == 0:
                self._move(job, State.RUNNING)
                job.resource["startTime"] = sandbox.clock.stamp()
            self._enter(sandbox, job, self._kind.phases[at + 1])

    def _end(self, sandbox: Sandbox, job: J, state: State, failure: Failure | None) -> None:
        shown = self._kind.end(sandbox, job, state, failure)
        self._move(job, state)
        job.resource.update(endTime=sandbox.clock.stamp(), updateTime=sandbox.clock.stamp())
        if shown is not None:
            job.resource["error"] = {"code": shown.code, "message": shown.message}
        job.phase, job.due, job.turn = ENDED, None, job.turn + 1
        self.keep(sandbox, job)

    def _work(self, sandbox: Sandbox, job: J, phase: Phase[J], work: Work[J]) -> None:
        works, identity = sandbox.memory(_Works), _identity(job)
        key = (job.name, identity, phase.name)
        if job.worked or key in works.running:
            return
        works.running.add(key)
        forgotten = sandbox.until_reset()
        run = work.start(sandbox, job, lambda: forgotten() or identity in works.cancelled)

        def take(result: Any) -> None:
            works.running.discard(key)
            found = self.find(sandbox, job.name)
            if found is None or _identity(found) != identity or found.phase != phase.name:
                return
            failure = result if isinstance(result, Failure) else work.take(sandbox, found, result)
            found.worked = True
            found.failure = None if failure is None else {"code": failure.code, "message": failure.message}
            self.keep(sandbox, found)
            self._go_on(sandbox, found)

        sandbox.background(lambda: _guarded(run), take)

    def _phase_of(self, job: J) -> Phase[J] | None:
        at = self._phases.get(job.phase)
        return None if at is None else self._kind.phases[at]


def _identity(job: Job) -> str:
    # a client may reuse a name that it chose after a delete
    return f"{job.name} {job.resource['createTime']}"


def _guarded(run: Callable[[], Any]) -> Any:
    try:
        return run()
    except Exception as error:  # noqa: BLE001 - an error in the work must end the job, or the job would never end
        return Failure(13, f"Internal error: {type(error).__name__}: {error}")


def _fault_of(job: Job) -> Fault:
    return Fault(**job.fault)
