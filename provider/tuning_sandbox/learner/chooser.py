"""The model of a job whose answers are labels: a classifier over the answers of its training, with a low-rank adapter.

    scores = z B + bias,   z = tanh(prompt features A)

The rank of `A` and `B` grows with the adapter size of the job.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tuning_sandbox.learner.features import FEATURES, Rows, read_rows, repeated_lines
from tuning_sandbox.learner.network import FAR, Array, Measured, Numbers, mean_loss, softmax

RATE = 0.15
MOST_LABELS = 1000
_LENGTH = 2.0
_SMALL = 0.03
_RANK, _MOST_RANK = 8, 96
_MOST_FEATURES = 4096
_FAR_BEHIND = np.float32(10)


@dataclass(frozen=True)
class Chooser:
    """The trained model: one of `labels` for a prompt. `skipped` are hashes of the lines that occur in every prompt."""

    labels: tuple[str, ...]
    skipped: frozenset[int]
    buckets: NDArray[np.uint32]  # the known features, sorted
    parameters: dict[str, Array]  # A: features x rank, B: rank x labels, bias: labels, idf: features

    def scores(self, prompt: str) -> Array:
        """The score of each label."""
        rows = _known(read_rows([prompt], self.skipped), self.buckets)
        weights = _weights(rows, self.parameters["idf"])
        scores: Array = self.scores_of(*_matrix(rows, weights, np.zeros(1, np.int64), len(self.buckets)))[0]
        return scores

    def scores_of(self, columns: Numbers, x: Array) -> Array:
        """The score of each label for each row of `x`, whose columns are these features."""
        p = self.parameters
        scores: Array = np.tanh(x @ p["A"][columns]) @ p["B"] + p["bias"]
        return scores

    def rounded(self) -> Chooser:
        """The model in the stored precision (half)."""
        kept = {name: value.astype(np.float16).astype(np.float32) for name, value in self.parameters.items()}
        return Chooser(self.labels, self.skipped, self.buckets, kept)


def labels_of(examples: list[tuple[str, str]]) -> tuple[str, ...]:
    """The answers of a training that are labels, in alphabetical order; none if the answers are free text.

    Answers are labels if each occurs in two rows on average, or if all are single words that the prompts do not
    hold.
    """
    found = sorted({answer for _, answer in examples})
    if len(found) > MOST_LABELS or len(found) == len(examples):
        return ()
    if 2 * len(found) <= len(examples) or _are_names(found, examples):
        return tuple(found)
    return ()


def _are_names(found: list[str], examples: list[tuple[str, str]]) -> bool:
    if any(len(answer.split()) != 1 or not answer[:1].isalpha() for answer in found):
        return False
    said = [(prompt.rpartition("\n")[2], answer) for prompt, answer in examples]
    copied = sum(answer in asked and answer not in said[at - 1][0] for at, (asked, answer) in enumerate(said))
    return 2 * copied <= len(said)


class ChooserLearner:
    """Trains a Chooser with Adagrad, because rare words must be learned as fast as frequent ones."""

    def __init__(
        self,
        labels: tuple[str, ...],
        examples: list[tuple[str, str]],
        adapter_size: int,
        rate: float,
        random: np.random.Generator,
        parent: Chooser | None = None,
    ) -> None:
        prompts = [prompt for prompt, _ in examples]
        skipped = repeated_lines(prompts) | (parent.skipped if parent else frozenset())
        rows = read_rows(prompts, skipped)
        seen = np.bincount(rows.flat, minlength=FEATURES)
        # a term that occurs once in many rows is a typo or a name
        known = np.flatnonzero((seen > (len(rows) >= 1000)) & (seen < max(2, len(rows))))
        most_seen = np.argsort(-seen[known], kind="stable")[:_MOST_FEATURES]
        known = np.sort(known[most_seen])
        if parent is not None:
            known = np.union1d(known, parent.buckets)
        idf = np.log((1 + len(rows)) / (1 + seen[known])).astype(np.float32)
        rank = min(_RANK * adapter_size, _MOST_RANK)
        shape = len(known), rank
        self._rate = rate
        self._model = Chooser(
            labels,
            skipped,
            known.astype(np.uint32),
            {
                "A": (random.standard_normal(shape, np.float32) * np.float32(_SMALL)),
                "B": (random.standard_normal((rank, len(labels)), np.float32) * np.float32(0.1)),
                "bias": np.zeros(len(labels), np.float32),
                "idf": idf,
            },
        )
        if parent is not None:
            _carry_over(parent, self._model)
        trained = {name: self._model.parameters[name] for name in ("A", "B", "bias")}
        self._squares = {name: np.full_like(value, 1e-3) for name, value in trained.items()}
        self._index = {label: at for at, label in enumerate(labels)}
        self._data = self._prepare(rows, examples)

    def model(self) -> Chooser:
        """What it has learned so far."""
        return self._model.rounded()

    def prepare(self, examples: list[tuple[str, str]]) -> Examples:
        """Rows to evaluate; an answer that is not a label of the training always counts as wrong."""
        return self._prepare(read_rows([prompt for prompt, _ in examples], self._model.skipped), examples)

    def step(self, chosen: Numbers, share: float) -> Measured:
        """Learn from the chosen rows, with a share of the learning rate."""
        p, data = self._model.parameters, self._data
        columns, x = _matrix(data.rows, data.weights, chosen, len(self._model.buckets))
        targets = data.targets[chosen]
        a = p["A"][columns]
        z = np.tanh(x @ a)
        scores = z @ p["B"] + p["bias"]
        told = _measure(scores, targets)
        error = softmax(scores)
        error[np.arange(len(chosen)), targets] -= 1.0
        error /= np.float32(len(chosen))
        to_a = x.T @ ((error @ p["B"].T) * (1.0 - z * z))
        rate = np.float32(min(self._rate * share, 1e6))
        self._squares["A"][columns] = squares = self._squares["A"][columns] + to_a * to_a
        p["A"][columns] = np.clip(a - rate * to_a / np.sqrt(squares), -FAR, FAR)
        for name, grad in (("B", z.T @ error), ("bias", error.sum(axis=0))):
            self._squares[name] += grad * grad
            p[name] -= rate * grad / np.sqrt(self._squares[name])
            np.clip(p[name], -FAR, FAR, out=p[name])
        return told

    def evaluate(self, data: Examples) -> Measured:
        """How well the rows are answered now."""
        everything = np.arange(len(data.targets))
        scores = self._model.scores_of(*_matrix(data.rows, data.weights, everything, len(self._model.buckets)))
        # the last column is every answer that is not a label: never the highest score, and a high loss
        never_said = scores.min(axis=1, keepdims=True) - _FAR_BEHIND
        return _measure(np.hstack([scores, never_said]), data.targets)

    def _prepare(self, rows: Rows, examples: list[tuple[str, str]]) -> Examples:
        known = _known(rows, self._model.buckets)
        weights = _weights(known, self._model.parameters["idf"])
        targets = np.array([self._index.get(answer, len(self._index)) for _, answer in examples], np.int64)
        return Examples(known, weights, targets)


def _carry_over(parent: Chooser, model: Chooser) -> None:
    """Gives a model, whose labels begin with the parent's and whose features include the parent's, what the parent learned."""
    held, p = parent.parameters, model.parameters
    rank = min(held["B"].shape[0], p["B"].shape[0])
    rows, labels = np.searchsorted(model.buckets, parent.buckets), len(parent.labels)
    p["A"][rows, :rank] = held["A"][:, :rank]
    p["B"][:rank, :labels] = held["B"][:rank]
    p["bias"][:labels], p["idf"][rows] = held["bias"], held["idf"]


@dataclass(frozen=True)
class Examples:
    """Rows to learn from or to evaluate on: their known features, how much each counts, and the label of each row."""

    rows: Rows
    weights: Array
    targets: Numbers


def _matrix(rows: Rows, weights: Array, chosen: Numbers, features: int) -> tuple[Numbers, Array]:
    """The features that occur in the chosen rows, and these rows as a matrix over them."""
    places, owners = rows.of(chosen)
    found = rows.flat[places]
    spot = np.zeros(features, np.int64)
    spot[found] = 1
    columns = np.flatnonzero(spot)
    spot[columns] = np.arange(len(columns))
    x = np.zeros((len(chosen), len(columns)), np.float32)
    x[owners, spot[found]] = weights[places]
    return columns, x


def _known(rows: Rows, buckets: NDArray[np.uint32]) -> Rows:
    """The features of each row that are in the training, with the training's numbers."""
    numbers = np.full(FEATURES, -1, np.int64)
    numbers[buckets] = np.arange(len(buckets))
    flat = numbers[rows.flat]
    is_known = flat >= 0
    ends = np.concatenate(([0], np.cumsum(is_known)))
    return Rows(flat[is_known], ends[rows.starts], rows.counts[is_known])


def _weights(rows: Rows, idf: Array) -> Array:
    """The weight of each feature of a row: higher if it is rarer or more frequent in the row; all rows have the same norm."""
    weights = idf[rows.flat] * rows.counts.astype(np.float32)
    owners = np.repeat(np.arange(len(rows)), np.diff(rows.starts))
    lengths = np.sqrt(np.bincount(owners, weights * weights, len(rows))).astype(np.float32)
    lengths[lengths == 0] = 1.0
    return weights * (np.float32(_LENGTH) / lengths[owners])


def _measure(scores: Array, targets: Numbers) -> Measured:
    return Measured(mean_loss(scores, targets), int((scores.argmax(axis=1) == targets).sum()), len(targets))
