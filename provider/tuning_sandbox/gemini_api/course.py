"""The course of a tuned model: reading its examples, ten parts of tuning."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

from tuning_sandbox.gemini_api.service import BASES, api
from tuning_sandbox.kernel import Sandbox
from tuning_sandbox.kernel.course import Course, Failure, Outcome, Phase, State, Step
from tuning_sandbox.learner.dataset import Dataset, Example
from tuning_sandbox.learner.schedule import Recipe
from tuning_sandbox.learner.text import count_tokens
from tuning_sandbox.vertex.catalogue import ServedModel
from tuning_sandbox.vertex.service import seconds_of
from tuning_sandbox.vertex.training import PARTS, Reading, Training, TrainingJob, forget_data, seconds_of_part
from tuning_sandbox.vertex.work import Prepared

USUAL_RATE = 0.001
Doc = dict[str, Any]

api.behaviour("a tuned model is CREATING, then ACTIVE or FAILED, on the clock and never by being read", source="sdk")
api.behaviour("200 examples x 3 epochs take about 45 minutes, as on Vertex AI", source="assumed")


@dataclass
class TunedModel(TrainingJob):
    """A tuned model as it is stored; `resource` has the course's own states."""

    operation: str = ""
    pairs: list[list[str]] = field(default_factory=list)
    epochs: int = 5
    batch: int = 4
    rate: float = USUAL_RATE
    steps_done: int = 0

    @property
    def base(self) -> ServedModel:
        """The model that is tuned."""
        return BASES[self.resource["baseModel"]]

    @property
    def weights(self) -> str:
        """The key of its checkpoints: a name may be used again after a delete, an operation is not."""
        return self.operation

    @property
    def steps(self) -> int:
        """The number of steps of its tuning."""
        return -(-len(self.pairs) // self.batch) * self.epochs

    @property
    def recipe(self) -> Recipe:
        """The settings for the learner."""
        return Recipe(self.epochs, 4, self.rate / USUAL_RATE, self.seed, steps=self.steps, batch=self.batch)

    def read(self, sandbox: Sandbox) -> Callable[[], Prepared]:
        """A function that reads its examples."""
        pairs = self.pairs
        return lambda: Prepared(Dataset([_example_of(question, answer) for question, answer in pairs], "text_input"))


def _example_of(question: str, answer: str) -> Example:
    sizes = count_tokens(question), count_tokens(answer), 1, len(question) + len(answer)
    return Example(question, answer, *sizes, messages=2)


def _leave(sandbox: Sandbox, model: TunedModel) -> Outcome:
    return Step.ON


def _leave_tuning(sandbox: Sandbox, model: TunedModel) -> Outcome:
    model.steps_done = model.steps * (model.part + 1) // PARTS
    lines = [line for line in model.metrics if line["step"] <= model.steps_done]
    stamp = sandbox.clock.stamp()
    known = model.resource.setdefault("snapshots", [])
    for line in lines[len(known) :]:
        loss = line["/train_total_loss"]
        epoch = -(-line["step"] * model.epochs // model.steps)
        known.append({"step": line["step"], "epoch": epoch, "meanLoss": loss, "computeTime": stamp})
    if model.part + 1 < PARTS:
        return Step.AGAIN
    model.metrics = []
    return Step.ON


def _pending_seconds(sandbox: Sandbox, model: TunedModel) -> float:
    return seconds_of(sandbox, "pendingSeconds")


def _tuning_seconds(sandbox: Sandbox, model: TunedModel) -> float:
    return seconds_of_part(sandbox, len(model.pairs) * model.epochs)


class TunedModels:
    """The kind of tunedModels (`kernel.course.Kind`)."""

    collection = "gemini_api.tunedModels"
    job_type = TunedModel
    states: Mapping[State, str] = MappingProxyType({state: state.name for state in State})
    phases: Sequence[Phase[TunedModel]] = (
        Phase("pending", _pending_seconds, _leave, Reading()),
        Phase("tuning", _tuning_seconds, _leave_tuning, Training(), fails_at=PARTS // 2),
    )

    def cancel_seconds(self, sandbox: Sandbox) -> float:
        return 0.0

    def end(self, sandbox: Sandbox, job: TunedModel, state: State, failure: Failure | None) -> Failure | None:
        forget_data(sandbox, job)
        return failure


COURSE: Course[TunedModel] = Course(TunedModels())
api.on_start(COURSE.resume)
