"""Prompts as rows of features for a choice among labels: words, parts of words, neighbouring words."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from tuning_sandbox.learner.network import Numbers
from tuning_sandbox.learner.text import bucket_of, words_of

FEATURES = 1 << 18
MOST_WORDS = 2000


@dataclass(frozen=True)
class Rows:
    """The feature numbers of some prompts, one prompt after another; row `at` is `flat[starts[at]:starts[at + 1]]`."""

    flat: Numbers
    starts: Numbers

    def __len__(self) -> int:
        return len(self.starts) - 1

    def of(self, chosen: Numbers) -> tuple[Numbers, Numbers]:
        """Where the features of the chosen rows stand in `flat`, and to which of the chosen each belongs."""
        counts = self.starts[chosen + 1] - self.starts[chosen]
        before = np.cumsum(counts) - counts
        places = np.repeat(self.starts[chosen] - before, counts) + np.arange(counts.sum())
        return places, np.repeat(np.arange(len(chosen)), counts)


def repeated_lines(prompts: list[str]) -> frozenset[int]:
    """The lines that stand in every prompt, such as an instruction, as numbers: they tell no prompt from another."""
    if len(prompts) < 2:
        return frozenset()
    shared = set(prompts[0].split("\n"))
    for prompt in prompts[1:]:
        if not shared:
            break
        shared.intersection_update(prompt.split("\n"))
    return frozenset(number_of_line(line) for line in shared)


def number_of_line(line: str) -> int:
    """A number for a line, so that a checkpoint keeps no text of a prompt."""
    return bucket_of(line, 1 << 32)


def read_rows(prompts: list[str], skipped: frozenset[int] = frozenset()) -> Rows:
    """The features of prompts without their skipped lines. A feature may stand in a row more than once."""
    terms: dict[str | tuple[str, str], int] = {}
    rows: list[list[int]] = []
    lines: dict[str, bool] = {}
    for prompt in prompts:
        row: list[int] = []
        for line in prompt.split("\n"):
            if skipped and lines.setdefault(line, number_of_line(line) in skipped):
                continue
            words = words_of(line)[-MOST_WORDS:]
            row += [terms.setdefault(term, len(terms)) for term in dict.fromkeys(words)]
            row += [terms.setdefault(term, len(terms)) for term in pairwise(words)]
        rows.append(row)
    return _spread(_as_rows(rows), _as_rows([_features_of(term) for term in terms]))


def _as_rows(rows: list[list[int]]) -> Rows:
    starts = np.zeros(len(rows) + 1, np.int64)
    np.cumsum([len(row) for row in rows], out=starts[1:])
    return Rows(np.fromiter((each for row in rows for each in row), np.int64, int(starts[-1])), starts)


def _spread(rows: Rows, features: Rows) -> Rows:
    """Each term of the rows as its features."""
    places, _ = features.of(rows.flat)
    ends = np.concatenate(([0], np.cumsum(features.starts[rows.flat + 1] - features.starts[rows.flat])))
    return Rows(features.flat[places], ends[rows.starts])


def _features_of(term: str | tuple[str, str]) -> list[int]:
    if not isinstance(term, str):
        return [bucket_of(f"p:{term[0]} {term[1]}", FEATURES)]
    # a word of Korean or Japanese has few letters, and its ending changes with its part in the sentence
    size = 4 if term.isascii() else 2
    marked = f"<{term}>"
    parts = dict.fromkeys(marked[at : at + size] for at in range(max(1, len(marked) - size + 1)))
    return [bucket_of("w:" + term, FEATURES), *(bucket_of("c:" + part, FEATURES) for part in parts)]
