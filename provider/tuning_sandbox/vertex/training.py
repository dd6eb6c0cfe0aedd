"""The parts that all training jobs share: reading data sets, training on them, storing the checkpoints."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any

from tuning_sandbox.kernel import Call, Sandbox, failed_precondition
from tuning_sandbox.kernel.apart import run_apart
from tuning_sandbox.kernel.course import Course, Failure, J, Job
from tuning_sandbox.learner.schedule import Recipe
from tuning_sandbox.vertex.catalogue import ServedModel
from tuning_sandbox.vertex.evaluation import Evaluation
from tuning_sandbox.vertex.outputs import put_weights
from tuning_sandbox.vertex.service import settings_of
from tuning_sandbox.vertex.work import Learned, Prepared, Source, learn

PARTS = 10
"""The number of parts of a tuning: progress is shown after each of them."""
_FEW_BYTES = 1 << 16  # of training data, times the epochs: so much is read and trained in a tenth of a second
Doc = dict[str, Any]


@dataclass
class TrainingJob(Job, ABC):
    """A job that reads data sets and trains on them."""

    seed: int = 0
    start: str = ""
    last_only: bool = False
    examples: int = 0
    stats: Doc = field(default_factory=dict)
    metrics: list[Doc] = field(default_factory=list)
    checkpoints: list[Doc] = field(default_factory=list)
    evaluations: list[Doc] = field(default_factory=list)

    @property
    def evaluation(self) -> Evaluation | None:
        """What is measured of each checkpoint, None if nothing is."""
        return None

    @property
    @abstractmethod
    def base(self) -> ServedModel:
        """The model that is tuned."""

    @property
    def weights(self) -> str:
        """The key of its checkpoints in the store."""
        return self.name

    @property
    @abstractmethod
    def recipe(self) -> Recipe:
        """The settings for the learner."""

    def size(self, sandbox: Sandbox) -> int:
        """The bytes of its training data; 0 if they are always few."""
        return 0

    @abstractmethod
    def read(self, sandbox: Sandbox) -> Callable[[], Prepared]:
        """A function that reads the data sets in their current form."""

    def refusal(self, sandbox: Sandbox, prepared: Prepared) -> Failure | None:
        """Why the job cannot train on the data sets that it has read."""
        return None


class _Kept:
    """For each job, the function that returns its data: it has the data, or reads the same bytes again. A restart loses them."""

    def __init__(self) -> None:
        self.by_job: dict[str, Callable[[], Prepared]] = {}


class Reading:
    """The work of reading the data sets (`kernel.course.Work`)."""

    def start(self, sandbox: Sandbox, job: TrainingJob, stopped: Callable[[], bool]) -> Callable[[], _Read]:
        read = job.read(sandbox)
        sandbox.memory(_Kept).by_job[job.name] = read
        if job.size(sandbox) > _FEW_BYTES:
            return lambda: run_apart(lambda: _without_rows(read()), stopped)
        return lambda: _counted(read())

    def take(self, sandbox: Sandbox, job: TrainingJob, result: _Read) -> Failure | None:
        prepared = result.prepared
        if result.has_rows:
            sandbox.memory(_Kept).by_job[job.name] = lambda: prepared
        job.stats = prepared.stats
        job.examples = result.rows
        return prepared.error or job.refusal(sandbox, prepared)


@dataclass(frozen=True)
class _Read:
    """What was read, and the number of its rows. Rows of another process are left there, because to load them takes long."""

    prepared: Prepared
    rows: int
    has_rows: bool


def _counted(prepared: Prepared) -> _Read:
    return _Read(prepared, len(prepared.training.examples), has_rows=True)


def _without_rows(prepared: Prepared) -> _Read:
    kept = replace(prepared, training=replace(prepared.training, examples=[]), validation=None)
    return _Read(kept, len(prepared.training.examples), has_rows=False)


class Training:
    """The work of training on what was read (`kernel.course.Work`)."""

    def start(self, sandbox: Sandbox, job: TrainingJob, stopped: Callable[[], bool]) -> Callable[[], Learned]:
        read = sandbox.memory(_Kept).by_job.get(job.name) or job.read(sandbox)
        base, recipe = job.base, job.recipe
        is_long = job.size(sandbox) * (recipe.epochs or 1) > _FEW_BYTES
        start = sandbox.store.blobs.get(job.start) if job.start else None
        evaluation, last_only = job.evaluation, job.last_only

        def train() -> Learned:
            data = read()
            if data.error or (job.start and start is None):
                return Learned(error=data.error or Failure(5, "The pre-tuned model does not exist any more."))
            learned = learn(data, base, recipe, stopped, start)
            if evaluation is not None and learned.error is None:
                learned.evaluations = _evaluate(evaluation, data, learned, last_only=last_only)
            return learned

        return (lambda: run_apart(train, stopped)) if is_long else train

    def take(self, sandbox: Sandbox, job: TrainingJob, result: Learned) -> Failure | None:
        forget_data(sandbox, job)
        checkpoints, blobs = result.checkpoints, result.blobs
        if job.last_only and checkpoints:
            checkpoints, blobs = [{**checkpoints[-1], "checkpointId": "1"}], blobs[-1:]
        put_weights(sandbox, job.weights, checkpoints, blobs)
        job.checkpoints, job.metrics, job.evaluations = checkpoints, result.metrics, result.evaluations
        return result.error


def _evaluate(evaluation: Evaluation, data: Prepared, learned: Learned, *, last_only: bool) -> list[Doc]:
    pairs = (data.validation or data.training).pairs
    made = []
    for told, blob in list(zip(learned.checkpoints, learned.blobs, strict=True))[-1 if last_only else 0 :]:
        results, instances = evaluation.run(blob, pairs)
        made.append(
            {"checkpointId": "" if last_only else told["checkpointId"], "results": results, "instances": instances}
        )
    return made


def size_of(sandbox: Sandbox, uri: str) -> int:
    """The bytes of a data set; 0 if it does not exist."""
    return len(sandbox.services.storage.read_object(uri) or b"")


def sources_of(sandbox: Sandbox, training: str, validation: str | None) -> tuple[Source, Source | None]:
    """The data sets of a job in their current form."""
    bytes_of = sandbox.services.storage.read_object
    return (training, bytes_of(training)), (validation, bytes_of(validation)) if validation else None


def limits_of_files(sandbox: Sandbox) -> tuple[int, int]:
    """The most rows and bytes that a data set may have by the settings; 0 where Google's limit applies."""
    settings = settings_of(sandbox)
    return int(settings["mostRows"]), int(settings["mostFileBytes"])


def seconds_of_part(sandbox: Sandbox, examples: int) -> float:
    """The duration of one part of a tuning; an example counts once for each epoch."""
    settings = settings_of(sandbox)
    whole = settings["tuningBaseSeconds"] + settings["tuningSecondsPerExample"] * examples
    return whole / PARTS * settings["durationScale"]


def forget_data(sandbox: Sandbox, job: TrainingJob) -> None:
    """Free the memory of a job's data sets."""
    sandbox.memory(_Kept).by_job.pop(job.name, None)


def cancel_job(call: Call, course: Course[J], job: J, noun: str) -> Doc:
    """The answer to a cancel: best effort; for a job that has ended, the switch decides."""
    _ = call.body
    if not course.state_of(job).is_over:
        course.cancel(call.sandbox, job)
    elif call.sandbox.policy["vertex.cancel_of_finished"] == "refuse":
        raise failed_precondition(f"The {noun} is in state {job.resource['state']} and cannot be cancelled.")
    return {}
