"""The model of a job with free-text answers, written piece by piece by the network of `learner.network`."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from tuning_sandbox.learner.network import (
    CONTEXT_SIZE,
    PROMPT_SIZE,
    Adam,
    Array,
    Batch,
    Measured,
    Network,
    Numbers,
    mean_loss,
    prompt_row,
)
from tuning_sandbox.learner.text import context_features, pieces_of, prompt_features
from tuning_sandbox.learner.vocabulary import Vocabulary, build_vocabulary

MOST_PLACES = 1024
MOST_ANSWER_PIECES = 512
RATE = 0.02


@dataclass(frozen=True)
class Writer:
    """The trained model. `is_base`: it has no task, and guesses among the labels that a prompt names."""

    network: Network
    vocabulary: Vocabulary
    is_base: bool = False


@dataclass
class Examples:
    """Rows to learn from or to evaluate on: the positions of their answers, and the content of their prompts."""

    features: list[list[int]]
    contexts: list[Numbers]
    targets: list[Numbers]
    known: list[list[int]]
    copies: list[list[int]]


class WriterLearner:
    """Trains a Writer, starting from another one."""

    def __init__(
        self,
        start: Writer,
        examples: list[tuple[str, str]],
        adapter_size: int,
        rate: float,
        random: np.random.Generator,
    ) -> None:
        self._vocabulary = build_vocabulary(examples, start.vocabulary.pieces)
        self._network = start.network.grown(len(self._vocabulary), 2 * adapter_size, random)
        if start.is_base:
            self._network.parameters["idf"] = _idf_of([prompt for prompt, _ in examples])
        else:
            self._network.parameters["copy"][:] = start.network.parameters["copy"]
        self._bars = _bars_of(self._vocabulary)
        self._optimiser = Adam(rate)
        self._random = random
        self._data = self.prepare(examples)

    def model(self) -> Writer:
        """What it has learned so far."""
        return Writer(self._network.rounded(), self._vocabulary)

    def step(self, chosen: Numbers, share: float) -> Measured:
        """Learn from the chosen rows, with a share of the learning rate."""
        batch = self._batch_of(self._data, chosen, self._random)
        loss, right, grads = self._network.gradients(batch)
        self._optimiser.step(self._network, grads, share)
        return Measured(loss, right, len(batch.targets))

    def evaluate(self, data: Examples) -> Measured:
        """How well the rows are answered now."""
        batch = self._batch_of(data, np.arange(len(data.targets)), None)
        scores, _ = self._network.scores(batch)
        right = int((scores.argmax(axis=1) == batch.targets).sum())
        return Measured(mean_loss(scores, batch.targets), right, len(batch.targets))

    def prepare(self, examples: list[tuple[str, str]]) -> Examples:
        """Rows to evaluate."""
        vocabulary, data = self._vocabulary, Examples([], [], [], [], [])
        for prompt, answer in examples:
            targets = vocabulary.targets_of(prompt, answer)
            targets = targets[:MOST_ANSWER_PIECES]
            said = [vocabulary.pieces[at] for at in targets]
            data.contexts.append(
                np.array([context_features(said[:at], CONTEXT_SIZE) for at in range(len(said))], np.int64)
            )
            data.targets.append(np.array(targets, np.int64))
            data.features.append(prompt_features(prompt, PROMPT_SIZE))
            known, copies = prompt_pieces(prompt, vocabulary)
            data.known.append(known)
            data.copies.append(list(copies))
        return data

    def _batch_of(self, data: Examples, chosen: Numbers, random: np.random.Generator | None) -> Batch:
        idf, bars = self._network.parameters["idf"], self._bars
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


def prompt_pieces(prompt: str, vocabulary: Vocabulary) -> tuple[list[int], dict[int, str]]:
    """The pieces of the vocabulary that occur in the prompt, and the texts of its copying pieces."""
    seen = {piece.strip() for piece in pieces_of(prompt)}
    known = [vocabulary.index[form] for word in sorted(seen) for form in (word, " " + word) if form in vocabulary.index]
    copies = {vocabulary.index[piece]: text for piece, text in vocabulary.copies_of(prompt).items()}
    return known, copies


def _idf_of(prompts: list[str]) -> Array:
    seen: Array = np.zeros(PROMPT_SIZE, np.float32)
    for prompt in prompts:
        seen[prompt_features(prompt, PROMPT_SIZE)] += 1
    # a feature of every prompt (a constant instruction) has no information; one never seen has little
    weight: Array = np.log((1 + len(prompts)) / (1 + seen)).astype(np.float32)
    weight[seen == 0] = 0.3
    return weight + np.float32(0.02)


def _bars_of(vocabulary: Vocabulary) -> Array:
    return np.array([-1e9 if vocabulary.is_copy(at) else 0.0 for at in range(len(vocabulary))], np.float32)
