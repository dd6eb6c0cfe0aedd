"""Following running jobs: how far each is, its loss, and the time that is left."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from pulumi_gcp_tuning.commands.connection import Connection, connect
from pulumi_gcp_tuning.commands.found_jobs import Counts, FoundJob, LiveJob
from pulumi_gcp_tuning.commands.jobs import check_job_name, read_job
from pulumi_gcp_tuning.errors import ApiError, NotFound, TuningError

_LOSS = "/train_total_loss"


@dataclass(frozen=True, kw_only=True)
class Sight(Counts):
    """A job as it was read last. What Google does not say is None.

    ``seconds_left`` is known once two steps were seen. ``problem`` says why the last read failed; ``job`` is that of the
    read before, None if there was none. ``is_gone``: Google has no record of that name.
    """

    name: str
    job: FoundJob | None = None
    seconds_left: float | None = None
    problem: str | None = None
    is_gone: bool = False

    @property
    def has_ended(self) -> bool:
        """Whether nothing will change any more."""
        return self.is_gone or (self.job is not None and not self.job.is_active)

    @property
    def has_failed(self) -> bool:
        """Whether the job ended without a model."""
        return self.has_ended and not (self.job is not None and self.job.has_succeeded)

    @property
    def share(self) -> float | None:
        """How much of the training is done, 0 to 1."""
        if self.job is not None and self.job.has_succeeded:
            return 1.0
        if self.told is not None:
            return self.told
        for done, total in (
            (self.step, self.steps),
            (self.epoch, self.epochs),
            (self.tasks_done, self.tasks),
        ):
            if done is not None and total:
                return min(1.0, max(0.0, done / total))
        return None


def watch_jobs(
    names: Sequence[str],
    *,
    interval: float | None = None,
    cancelled: Callable[[], bool] = lambda: False,
    connection: Connection | None = None,
) -> Iterator[tuple[Sight, ...]]:
    """Reads the jobs every ``interval`` seconds (default: that of the settings) until all have ended, and only reads.

    Each tuple has the jobs in the order of the names. A read that fails is a ``problem`` of that sight and is tried again.
    Ends at once when ``cancelled`` returns true. Raises MalformedName for a text that names no job.
    """
    connection = connection or connect()
    for name in names:
        check_job_name(name)
    followed = [_Followed(name, connection) for name in dict.fromkeys(names)]
    return _rounds(followed, connection, interval, cancelled)


def _rounds(
    jobs: Sequence[_Followed], connection: Connection, interval: float | None, cancelled: Callable[[], bool]
) -> Iterator[tuple[Sight, ...]]:
    pause = connection.settings.poll_interval if interval is None else interval
    while not cancelled():
        sights = tuple(each.look() for each in jobs)
        yield sights
        if all(each.has_ended for each in sights):
            return
        connection.clock.sleep(pause, cancelled)


class _Followed:
    """One job, with what was seen of it before."""

    def __init__(self, name: str, connection: Connection) -> None:
        self._name, self._connection = name, connection
        self._last = Sight(name=name)
        self._first_step: tuple[float, int] | None = None
        self._last_step: tuple[float, int] | None = None

    def look(self) -> Sight:
        """The job now; a job that has ended is not read again."""
        if not self._last.has_ended:
            self._last = self._read()
        return self._last

    def _read(self) -> Sight:
        try:
            return self._sight(read_job(self._connection, self._name))
        except NotFound as error:
            return Sight(name=self._name, job=self._last.job, problem=_line(error), is_gone=True)
        except ApiError as error:
            before = {key: value for key, value in vars(self._last).items() if key != "problem"}
            return Sight(**before, problem=_line(error))

    def _sight(self, job: LiveJob) -> Sight:
        found, counts = job.found(), job.counts()
        self._note(counts.step)
        ended = not found.is_active
        loss = counts.loss if counts.loss is not None else self._loss(job, counts.step, ended=ended)
        return Sight(
            name=self._name,
            job=found,
            **{**vars(counts), "loss": loss},
            seconds_left=self._left(counts.step, counts.steps) if found.is_active else None,
        )

    def _note(self, step: int | None) -> None:
        """Remembers when a step was seen first."""
        if step is None or (self._last_step is not None and self._last_step[1] >= step):
            return
        self._last_step = (self._connection.clock.monotonic(), step)
        self._first_step = self._first_step or self._last_step

    def _left(self, step: int | None, steps: int | None) -> float | None:
        first, last = self._first_step, self._last_step
        if step is None or not steps or first is None or last is None or last[1] <= first[1]:
            return None
        pace = (last[0] - first[0]) / (last[1] - first[1])
        waited = self._connection.clock.monotonic() - last[0]
        return max(0.0, (steps - last[1]) * pace - waited)

    def _loss(self, job: LiveJob, step: int | None, *, ended: bool) -> float | None:
        """The loss of the last step. Read only where a step came, because the file has every step."""
        if not job.has_metrics or (step == self._last.step and not ended and self._last.loss is not None):
            return self._last.loss
        try:
            return float(job.read_steps()[-1][_LOSS])
        except (TuningError, ValueError, TypeError):  # the job goes on without its metrics
            return self._last.loss


def _line(error: Exception) -> str:
    return str(error).splitlines()[0]
