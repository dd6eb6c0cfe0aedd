"""Writing an answer piece by piece: temperature, topK, topP, a limit of tokens, stop sequences, a seed."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from tuning_sandbox.learner.chooser import Chooser
from tuning_sandbox.learner.named import named_labels
from tuning_sandbox.learner.network import CONTEXT_SIZE, PROMPT_SIZE, Array, Batch, prompt_row
from tuning_sandbox.learner.text import (
    CHARACTERS_PER_TOKEN,
    END,
    context_features,
    count_tokens,
    pieces_of,
    prompt_features,
)
from tuning_sandbox.learner.training import Checkpoint
from tuning_sandbox.learner.writer import Writer, prompt_pieces

_MOST_PIECES = 2048


@dataclass(frozen=True)
class Sampling:
    """How the next piece is chosen: temperature 0 or top_k 1 is greedy."""

    temperature: float = 1.0
    top_p: float = 0.95
    top_k: int = 64
    max_output_tokens: int = 8192
    stop_sequences: tuple[str, ...] = field(default=())


@dataclass(frozen=True)
class Reply:
    """The text, why it ended (STOP or MAX_TOKENS), its length in tokens, the mean log probability of its pieces."""

    text: str
    finish_reason: str
    tokens: int
    mean_log_chance: float


def write_answer(model: Checkpoint, prompt: str, sampling: Sampling, seed: int) -> Reply:
    """An answer of the model; the same arguments give the same answer.

    A model that was trained on labels returns one of them. A base model returns one of those that the prompt names, if it
    names any. All other models write text.
    """
    random = np.random.default_rng(seed)
    if isinstance(model.model, Chooser):
        return _say_one(model.model.labels, model.model.scores(prompt), sampling, random)
    if model.model.is_base and (named := named_labels(prompt)):
        return _say_one(named.labels, named.scores(), sampling, random)
    return _write(model.model, prompt, sampling, random)


def _say_one(labels: tuple[str, ...], scores: Array, sampling: Sampling, random: np.random.Generator) -> Reply:
    at, chance = _choose(scores, sampling, random)
    text, reason = labels[at], "STOP"
    cut = _first_stop(text, sampling)
    limit = sampling.max_output_tokens * CHARACTERS_PER_TOKEN
    if cut >= 0:
        text = text[:cut]
    if len(text) > limit:
        text, reason = text[:limit], "MAX_TOKENS"
    return Reply(text, reason, count_tokens(text), chance / (len(pieces_of(labels[at])) + 1))


def _write(model: Writer, prompt: str, sampling: Sampling, random: np.random.Generator) -> Reply:
    vocabulary = model.vocabulary
    known, copies = prompt_pieces(prompt, vocabulary)
    barred: Array = np.array([[-1e9 if vocabulary.is_copy(at) else 0.0 for at in range(len(vocabulary))]], np.float32)
    barred[0, list(copies)] = 0.0
    in_prompt = np.zeros((1, len(vocabulary)), np.float32)
    in_prompt[0, known] = 1.0
    row = prompt_row(prompt_features(prompt, PROMPT_SIZE), model.network.parameters["idf"])[None, :]
    limit = sampling.max_output_tokens * CHARACTERS_PER_TOKEN
    one = np.zeros(1, np.int64)
    said: list[str] = []
    text, chances, reason = "", [], "STOP"
    while len(said) < _MOST_PIECES:
        contexts = np.array([context_features(said[-4:], CONTEXT_SIZE)], np.int64)
        contexts[0, 3] = context_features([""] * len(said), CONTEXT_SIZE)[3]
        scores, _ = model.network.scores(Batch(contexts, one, row, in_prompt, barred, one))
        at, chance = _choose(scores[0], sampling, random)
        chances.append(chance)
        if vocabulary.pieces[at] == END:
            break
        said.append(vocabulary.pieces[at])
        text += (" " + copies[at]) if at in copies else vocabulary.pieces[at]
        cut = _first_stop(text, sampling)
        if cut >= 0:
            text = text[:cut]
            break
        if len(text) > limit:
            text, reason = text[:limit], "MAX_TOKENS"
            break
    else:
        reason = "MAX_TOKENS"
    return Reply(text, reason, count_tokens(text), float(np.mean(chances)))


def _first_stop(text: str, sampling: Sampling) -> int:
    return min((text.find(stop) for stop in sampling.stop_sequences if stop and stop in text), default=-1)


def _choose(scores: Array, sampling: Sampling, random: np.random.Generator) -> tuple[int, float]:
    top = scores - scores.max()
    logs = top - np.log(np.exp(top).sum())
    if sampling.temperature <= 0 or sampling.top_k == 1:
        at = int(scores.argmax())
        return at, float(logs[at])
    order = np.argsort(-scores, kind="stable")[: max(1, sampling.top_k)]
    chance = np.exp((scores[order] - scores[order[0]]).astype(np.float64) / sampling.temperature)
    chance /= chance.sum()
    enough = int(np.searchsorted(np.cumsum(chance), sampling.top_p)) + 1
    chance = chance[:enough] / chance[:enough].sum()
    at = int(order[random.choice(len(chance), p=chance)])
    return at, float(logs[at])
