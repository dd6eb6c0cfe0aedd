"""Training a network on examples: batches, steps, metrics, a checkpoint after each epoch."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

import numpy as np

from tuning_sandbox.learner.network import (
    CONTEXT_SIZE,
    PROMPT_SIZE,
    Adam,
    Array,
    Batch,
    Network,
    Numbers,
    mean_loss,
    prompt_row,
)
from tuning_sandbox.learner.schedule import Patience, Recipe, batch_size_of, kept_epochs, steps_of
from tuning_sandbox.learner.text import context_features, pieces_of, prompt_features
from tuning_sandbox.learner.vocabulary import Vocabulary, build_vocabulary

MOST_PLACES = 1024
MOST_ANSWER_PIECES = 512
BASE_RATE = 0.02


@dataclass(frozen=True)
class Checkpoint:
    """A model that can answer: parameters after an epoch."""

    epoch: int
    step: int
    network: Network
    vocabulary: Vocabulary


@dataclass
class Trained:
    """What came out: one metrics line per step, and the checkpoints."""

    metrics: list[dict[str, float | int]] = field(default_factory=list)
    checkpoints: list[Checkpoint] = field(default_factory=list)


@dataclass
class _Prepared:
    features: list[list[int]]
    contexts: list[Numbers]
    targets: list[Numbers]
    known: list[list[int]]
    copies: list[list[int]]


def train(
    start: Checkpoint,
    examples: list[tuple[str, str]],
    recipe: Recipe,
    validation: list[tuple[str, str]] | None = None,
    stopped: Callable[[], bool] = lambda: False,
) -> Trained:
    """Trains from a start on (prompt, answer) pairs. The same arguments give the same result, bit for bit."""
    random = np.random.default_rng(recipe.seed)
    vocabulary = build_vocabulary(examples, start.vocabulary.pieces)
    network = start.network.grown(len(vocabulary), 2 * recipe.adapter_size, random)
    network.parameters["idf"] = _idf_of([prompt for prompt, _ in examples])
    bars = _bars_of(vocabulary)
    data = _prepare(examples, vocabulary)
    held_out = _prepare(validation[:64], vocabulary) if validation else None
    optimiser = Adam(BASE_RATE * recipe.rate_multiplier)
    course = _batches_by_step if recipe.steps else _batches_by_epoch
    total = recipe.steps or steps_of(len(examples), recipe.epochs)
    every = recipe.evaluate_every or max(1, total // 50)
    result, patience, best = Trained(), Patience(), -1.0
    for step, turn in enumerate(course(len(examples), recipe, random), start=1):
        if stopped():
            break
        batch = _batch_of(data, turn.chosen, network, bars, random)
        loss, right, grads = network.gradients(batch)
        optimiser.step(network, grads, share=1.0 - 0.7 * (step - 1) / total)
        line: dict[str, float | int] = {
            "step": step,
            "epoch": turn.epoch,
            "/train_total_loss": round(loss, 6),
            "/train_fraction_of_correct_next_step_preds": round(right / len(batch.targets), 6),
            "/train_num_predictions": len(batch.targets),
        }
        result.metrics.append(line)
        ends = turn.is_last
        keeps = ends or turn.is_kept
        if held_out is not None and (step % every == 0 or turn.ends_epoch or ends):
            told = _evaluate(held_out, network, bars)
            line.update(told)
            accuracy = float(told["/eval_fraction_of_correct_next_step_preds"])
            ends = ends or (recipe.stops_early and patience.is_over(accuracy))
            keeps = accuracy > best if recipe.selects_best else keeps or ends
            best = max(best, accuracy)
        if keeps:
            _keep(result, Checkpoint(turn.epoch, step, network.rounded(), vocabulary), recipe)
        if ends:
            break
    return result


@dataclass(frozen=True)
class _Turn:
    """The examples of one step, and where it lies in the run."""

    chosen: Numbers
    epoch: int
    ends_epoch: bool = False
    is_kept: bool = False
    is_last: bool = False


def _batches_by_epoch(count: int, recipe: Recipe, random: np.random.Generator) -> Iterator[_Turn]:
    size, keep = batch_size_of(count), set(kept_epochs(recipe.epochs))
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


def fresh_start(pairs: list[tuple[str, str]], width: int, seed: int, epochs: int) -> Checkpoint:
    """A model from nothing, on a corpus: how the base models come about."""
    vocabulary = build_vocabulary(pairs)
    network = Network.fresh(width, 8, len(vocabulary), np.random.default_rng(seed))
    untrained = Checkpoint(0, 0, network, vocabulary)
    return train(untrained, pairs, Recipe(epochs, 4, 1.0, seed)).checkpoints[-1]


def _evaluate(data: _Prepared, network: Network, bars: Array) -> dict[str, float | int]:
    batch = _batch_of(data, np.arange(len(data.targets)), network, bars, None)
    scores, _ = network.scores(batch)
    right = int((scores.argmax(axis=1) == batch.targets).sum())
    return {
        "/eval_total_loss": round(mean_loss(scores, batch.targets), 6),
        "/eval_fraction_of_correct_next_step_preds": round(right / len(batch.targets), 6),
        "/eval_num_predictions": len(batch.targets),
    }


def _idf_of(prompts: list[str]) -> Array:
    seen: Array = np.zeros(PROMPT_SIZE, np.float32)
    for prompt in prompts:
        seen[prompt_features(prompt, PROMPT_SIZE)] += 1
    # a feature of every prompt (an instruction that never changes) tells nothing; one never seen tells little
    weight: Array = np.log((1 + len(prompts)) / (1 + seen)).astype(np.float32)
    weight[seen == 0] = 0.3
    return weight + np.float32(0.02)


def _bars_of(vocabulary: Vocabulary) -> Array:
    return np.array([-1e9 if vocabulary.is_copy(at) else 0.0 for at in range(len(vocabulary))], np.float32)


def _prepare(examples: list[tuple[str, str]], vocabulary: Vocabulary) -> _Prepared:
    data = _Prepared([], [], [], [], [])
    for prompt, answer in examples:
        targets = vocabulary.targets_of(prompt, answer)
        targets = targets[:MOST_ANSWER_PIECES]
        said = [vocabulary.pieces[at] for at in targets]
        data.contexts.append(np.array([context_features(said[:at], CONTEXT_SIZE) for at in range(len(said))], np.int64))
        data.targets.append(np.array(targets, np.int64))
        data.features.append(prompt_features(prompt, PROMPT_SIZE))
        known, copies = prompt_pieces(prompt, vocabulary)
        data.known.append(known)
        data.copies.append(list(copies))
    return data


def prompt_pieces(prompt: str, vocabulary: Vocabulary) -> tuple[list[int], dict[int, str]]:
    """Which pieces of the vocabulary stand in the prompt, and what its copying pieces would say."""
    seen = {piece.strip() for piece in pieces_of(prompt)}
    known = [vocabulary.index[form] for word in sorted(seen) for form in (word, " " + word) if form in vocabulary.index]
    copies = {vocabulary.index[piece]: text for piece, text in vocabulary.copies_of(prompt).items()}
    return known, copies


def _batch_of(
    data: _Prepared, chosen: Numbers, network: Network, bars: Array, random: np.random.Generator | None
) -> Batch:
    idf = network.parameters["idf"]
    in_prompt = np.zeros((len(chosen), len(bars)), np.float32)
    barred = np.repeat(bars[None, :], len(chosen), axis=0)
    for row, at in enumerate(chosen):
        in_prompt[row, data.known[at]] = 1.0
        barred[row, data.copies[at]] = 0.0
    contexts = np.concatenate([data.contexts[at] for at in chosen])
    targets = np.concatenate([data.targets[at] for at in chosen])
    example = np.repeat(np.arange(len(chosen)), [len(data.targets[at]) for at in chosen])
    if len(targets) > MOST_PLACES:
        pick = (
            np.sort(random.choice(len(targets), MOST_PLACES, replace=False))
            if random is not None
            else np.linspace(0, len(targets) - 1, MOST_PLACES).astype(np.int64)
        )
        contexts, targets, example = contexts[pick], targets[pick], example[pick]
    prompts = np.stack([prompt_row(data.features[at], idf) for at in chosen])
    return Batch(contexts, example, prompts, in_prompt, barred, targets)
