"""Training a model on examples: batches, steps, metrics, a checkpoint after each epoch."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Protocol, TypeVar

import numpy as np

from tuning_sandbox.learner import chooser, writer
from tuning_sandbox.learner.chooser import Chooser, ChooserLearner, labels_of
from tuning_sandbox.learner.network import Measured, Network, Numbers
from tuning_sandbox.learner.schedule import Patience, Recipe, batch_size_of, kept_epochs, steps_of
from tuning_sandbox.learner.vocabulary import build_vocabulary
from tuning_sandbox.learner.writer import Writer, WriterLearner

_MOST_EVALUATED = 64
Pairs = list[tuple[str, str]]


class CannotContinue(ValueError):
    """The learner cannot train on from this model; the text says what it cannot."""


Data = TypeVar("Data")


@dataclass(frozen=True)
class Checkpoint:
    """A model that can answer: the state at the end of an epoch."""

    epoch: int
    step: int
    model: Writer | Chooser


@dataclass
class Trained:
    """The result: one metrics line per step, and the checkpoints."""

    metrics: list[dict[str, float | int]] = field(default_factory=list)
    checkpoints: list[Checkpoint] = field(default_factory=list)


class _Learner(Protocol[Data]):
    def step(self, chosen: Numbers, share: float) -> Measured: ...

    def prepare(self, examples: Pairs) -> Data: ...

    def evaluate(self, data: Data) -> Measured: ...

    def model(self) -> Writer | Chooser: ...


def train(
    start: Checkpoint,
    examples: Pairs,
    recipe: Recipe,
    validation: Pairs | None = None,
    stopped: Callable[[], bool] = lambda: False,
) -> Trained:
    """Trains on (prompt, answer) pairs, from a base model or from a tuned one. The same arguments give the same result, bit for bit.

    If the answers are labels, every answer of the model is one of them; otherwise it writes text. A tuned model keeps
    what it learned: one that writes text goes on to write, and one of labels keeps its labels and gets the new ones.
    """
    parent = start.model if isinstance(start.model, Chooser) else None
    if isinstance(start.model, Writer):
        labels = labels_of(examples) if start.model.is_base else ()
        if not labels:
            return _train_writer(start.model, examples, recipe, validation, stopped)
    else:
        labels = _more_labels(start.model.labels, examples)
    random = np.random.default_rng(recipe.seed)
    rate = chooser.RATE * recipe.rate_multiplier
    learner = ChooserLearner(labels, examples, recipe.adapter_size, rate, random, parent)
    return _run(learner, len(examples), recipe, validation, stopped, random)


def _more_labels(known: tuple[str, ...], examples: Pairs) -> tuple[str, ...]:
    new = {answer for _, answer in examples} - {*known}
    if new and not labels_of(examples):
        raise CannotContinue("to tune a model of labels further on answers that are free text")
    return (*known, *sorted(new))


def _train_writer(
    start: Writer,
    examples: Pairs,
    recipe: Recipe,
    validation: Pairs | None = None,
    stopped: Callable[[], bool] = lambda: False,
) -> Trained:
    random = np.random.default_rng(recipe.seed)
    learner = WriterLearner(start, examples, recipe.adapter_size, writer.RATE * recipe.rate_multiplier, random)
    return _run(learner, len(examples), recipe, validation, stopped, random)


def fresh_start(pairs: Pairs, width: int, seed: int, epochs: int) -> Checkpoint:
    """A model trained from scratch on a corpus, as the base models are."""
    vocabulary = build_vocabulary(pairs)
    network = Network.fresh(width, 8, len(vocabulary), np.random.default_rng(seed))
    untrained = Writer(network, vocabulary, is_base=True)
    last = _train_writer(untrained, pairs, Recipe(epochs, 4, 1.0, seed)).checkpoints[-1]
    if not isinstance(last.model, Writer):
        raise TypeError("a base model writes")
    return Checkpoint(last.epoch, last.step, Writer(last.model.network, last.model.vocabulary, is_base=True))


def _run(
    learner: _Learner[Data],
    count: int,
    recipe: Recipe,
    validation: Pairs | None,
    stopped: Callable[[], bool],
    random: np.random.Generator,
) -> Trained:
    held_out = learner.prepare(validation[:_MOST_EVALUATED]) if validation else None
    course = _batches_by_step if recipe.steps else _batches_by_epoch
    total = recipe.steps or steps_of(count, recipe.epochs, recipe.batch)
    every = recipe.evaluate_every or max(1, total // 50)
    result, patience, best = Trained(), Patience(), -1.0
    for step, turn in enumerate(course(count, recipe, random), start=1):
        if stopped():
            break
        told = learner.step(turn.chosen, share=1.0 - 0.7 * (step - 1) / total)
        line: dict[str, float | int] = {
            "step": step,
            "epoch": turn.epoch,
            "/train_total_loss": round(told.loss, 6),
            "/train_fraction_of_correct_next_step_preds": round(told.right / told.predictions, 6),
            "/train_num_predictions": told.predictions,
        }
        result.metrics.append(line)
        ends = turn.is_last
        keeps = ends or turn.is_kept
        if held_out is not None and (step % every == 0 or turn.ends_epoch or ends):
            told = learner.evaluate(held_out)
            accuracy = round(told.right / told.predictions, 6)
            line["/eval_total_loss"] = round(told.loss, 6)
            line["/eval_fraction_of_correct_next_step_preds"] = accuracy
            line["/eval_num_predictions"] = told.predictions
            ends = ends or (recipe.stops_early and patience.is_over(accuracy))
            keeps = accuracy > best if recipe.selects_best else keeps or ends
            best = max(best, accuracy)
        if keeps:
            _keep(result, Checkpoint(turn.epoch, step, learner.model()), recipe)
        if ends:
            break
    return result


@dataclass(frozen=True)
class _Turn:
    """The examples of one step, and its position in the run."""

    chosen: Numbers
    epoch: int
    ends_epoch: bool = False
    is_kept: bool = False
    is_last: bool = False


def _batches_by_epoch(count: int, recipe: Recipe, random: np.random.Generator) -> Iterator[_Turn]:
    size, keep = recipe.batch or batch_size_of(count), set(kept_epochs(recipe.epochs))
    for epoch in range(1, recipe.epochs + 1):
        order = random.permutation(count)
        for at in range(0, count, size):
            ends = at + size >= count
            yield _Turn(order[at : at + size], epoch, ends, ends and epoch in keep)


def _batches_by_step(count: int, recipe: Recipe, random: np.random.Generator) -> Iterator[_Turn]:
    order = random.permutation(count)
    for step in range(recipe.steps):
        while len(order) < recipe.batch:
            order = np.concatenate([order, random.permutation(count)])
        chosen, order = order[: recipe.batch], order[recipe.batch :]
        yield _Turn(chosen, 1 + ((step + 1) * recipe.batch - 1) // count, is_last=step + 1 == recipe.steps)


def _keep(result: Trained, checkpoint: Checkpoint, recipe: Recipe) -> None:
    if recipe.steps:
        result.checkpoints.clear()
    result.checkpoints.append(checkpoint)
