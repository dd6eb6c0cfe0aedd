"""The model itself: a next-piece predictor that reads the prompt through a low-rank adapter.

    scores = c O + (z * (1 + c G)) B + bias + copying,   c = tanh of summed context vectors, z = tanh(prompt features A)

`A`, `B` and `G` are the adapter: its rank follows the job's adapter size.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float32]
Numbers = NDArray[np.int64]

PROMPT_SIZE = 2048
CONTEXT_SIZE = 4096
FAR = np.float32(1e4)
_NEVER = np.float32(-1e9)


class Measured(NamedTuple):
    """The metrics of a step or an evaluation: mean loss, the number of correct predictions, the number of all."""

    loss: float
    right: int
    predictions: int


@dataclass
class Batch:
    """Positions in answers to predict: their contexts, their example, its prompt, and the expected piece."""

    contexts: Numbers  # places x 4
    example: Numbers  # places
    prompts: Array  # examples x PROMPT_SIZE
    in_prompt: Array  # examples x vocabulary: 1 where the piece is in the prompt
    barred: Array  # examples x vocabulary: -1e9 where the piece is not available
    targets: Numbers  # places


class Network:
    """Parameters by name, and the computations with them. `gradients` returns one array per parameter."""

    def __init__(self, parameters: dict[str, Array]) -> None:
        self.parameters = parameters

    @classmethod
    def fresh(cls, width: int, rank: int, vocabulary: int, random: np.random.Generator) -> Network:
        def normal(scale: float, *shape: int) -> Array:
            return (random.standard_normal(shape) * scale).astype(np.float32)

        return cls(
            {
                "E": normal(0.1, CONTEXT_SIZE, width),
                "O": normal(0.1, width, vocabulary),
                "bias": np.zeros(vocabulary, np.float32),
                "A": normal(0.3, PROMPT_SIZE, rank),
                "B": np.zeros((rank, vocabulary), np.float32),
                "G": np.zeros((width, rank), np.float32),
                "copy": np.zeros(1, np.float32),
                "idf": np.ones(PROMPT_SIZE, np.float32),
            }
        )

    def grown(self, vocabulary: int, rank: int, random: np.random.Generator) -> Network:
        """A copy with a larger vocabulary and a new adapter; the learned values are kept."""
        width, known = self.parameters["O"].shape
        fresh = Network.fresh(width, rank, vocabulary, random).parameters
        fresh["E"][:] = self.parameters["E"]
        fresh["O"][:, :known] = self.parameters["O"]
        fresh["bias"][:known] = self.parameters["bias"]
        if self.parameters["B"].shape[0] == rank:
            fresh["A"][:] = self.parameters["A"]
            fresh["B"][:, :known] = self.parameters["B"]
            fresh["G"][:] = self.parameters["G"]
        fresh["idf"][:] = self.parameters["idf"]
        return Network(fresh)

    def scores(self, batch: Batch) -> tuple[Array, dict[str, Array]]:
        """The score of every piece at every position, and the intermediate values that the gradients need."""
        p = self.parameters
        context: Array = np.tanh(p["E"][batch.contexts].sum(axis=1))
        gate: Array = 1.0 + context @ p["G"]
        prompt: Array = np.tanh(batch.prompts @ p["A"])[batch.example]
        mixed: Array = prompt * gate
        scores: Array = context @ p["O"] + mixed @ p["B"] + p["bias"]
        scores += p["copy"] * batch.in_prompt[batch.example] + batch.barred[batch.example]
        return scores, {"context": context, "gate": gate, "prompt": prompt, "mixed": mixed}

    def gradients(self, batch: Batch) -> tuple[float, int, dict[str, Array]]:
        """Mean loss, the number of correct predictions, and the gradient of each trained parameter."""
        p = self.parameters
        scores, middle = self.scores(batch)
        chance = softmax(scores)
        places = np.arange(len(batch.targets))
        loss = mean_loss(scores, batch.targets)
        right = int((scores.argmax(axis=1) == batch.targets).sum())
        chance[places, batch.targets] -= 1.0
        error: Array = chance / np.float32(len(places))
        d_mixed = error @ p["B"].T
        d_gate = d_mixed * middle["prompt"]
        # tanh saturates: after a learning rate that is too large, the gradients vanish
        d_context = (error @ p["O"].T + d_gate @ p["G"].T) * (1.0 - middle["context"] ** 2)
        d_prompt = np.zeros((len(batch.prompts), p["A"].shape[1]), np.float32)
        np.add.at(d_prompt, batch.example, d_mixed * middle["gate"] * (1.0 - middle["prompt"] ** 2))
        d_table = np.zeros_like(p["E"])
        for column in range(batch.contexts.shape[1]):
            np.add.at(d_table, batch.contexts[:, column], d_context)
        grads: dict[str, Array] = {
            "E": d_table,
            "O": middle["context"].T @ error,
            "bias": error.sum(axis=0),
            "A": batch.prompts.T @ d_prompt,
            "B": middle["mixed"].T @ error,
            "G": middle["context"].T @ d_gate,
            "copy": np.array([(error * batch.in_prompt[batch.example]).sum()], np.float32),
        }
        return loss, right, grads

    def rounded(self) -> Network:
        """The network in the stored precision (half), so that it gives the same answers after a restart."""
        return Network({name: value.astype(np.float16).astype(np.float32) for name, value in self.parameters.items()})


class Adam:
    """Adam. A learning rate that is too large gives a bad model, as it should, but no overflow."""

    def __init__(self, rate: float) -> None:
        self.rate = rate
        self.steps = 0
        self.means: dict[str, tuple[Array, Array]] = {}

    def step(self, network: Network, grads: dict[str, Array], share: float = 1.0) -> None:
        self.steps += 1
        for name, grad in grads.items():
            mean, square = self.means.setdefault(name, (np.zeros_like(grad), np.zeros_like(grad)))
            mean += np.float32(0.1) * (grad - mean)
            square += np.float32(0.01) * (grad * grad - square)
            scale = self.rate * share * (1 - 0.99**self.steps) ** 0.5 / (1 - 0.9**self.steps)
            value = network.parameters[name]
            value -= np.float32(min(scale, 1e6)) * mean / (np.sqrt(square) + np.float32(1e-7))
            np.clip(value, -FAR, FAR, out=value)


def softmax(scores: Array) -> Array:
    """Probabilities per row."""
    shifted: Array = np.exp(scores - scores.max(axis=1, keepdims=True))
    shifted /= shifted.sum(axis=1, keepdims=True)
    return shifted


def mean_loss(scores: Array, targets: Numbers) -> float:
    """Mean cross entropy in nats."""
    top = scores.max(axis=1)
    total = np.log(np.exp(scores - top[:, None]).sum(axis=1)) + top
    return float(np.mean(total - scores[np.arange(len(targets)), targets]))


def prompt_row(features: list[int], idf: Array) -> Array:
    """One prompt as a vector of length three, weighted by how informative each feature is."""
    row: Array = np.zeros(PROMPT_SIZE, np.float32)
    row[features] = idf[features]
    length = float(np.sqrt((row * row).sum()))
    return row * np.float32(3.0 / length) if length else row


def never(shape: Any) -> Array:
    """An array that excludes every piece."""
    return np.full(shape, _NEVER, np.float32)
