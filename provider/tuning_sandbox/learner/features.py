"""Prompts as rows of features for a classifier: words, parts of words, neighbouring words."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import chain, pairwise

import numpy as np

from tuning_sandbox.learner.network import Numbers
from tuning_sandbox.learner.text import bucket_of, words_of

FEATURES = 1 << 18
Term = str | tuple[str] | tuple[str, str]  # a word with its parts, a word alone, a pair
# words are enough for a longer prompt; in a large data set their parts and pairs would be millions
MOST_WORDS_IN_PARTS = 40


@dataclass(frozen=True)
class Rows:
    """Feature numbers of some prompts in sequence; those of row `at` are `flat[starts[at]:starts[at + 1]]`."""

    flat: Numbers
    starts: Numbers
    counts: Numbers  # how often each occurs in its row

    def __len__(self) -> int:
        return len(self.starts) - 1

    def of(self, chosen: Numbers) -> tuple[Numbers, Numbers]:
        """The positions of the chosen rows' features in `flat`, and the chosen row that each belongs to."""
        counts = self.starts[chosen + 1] - self.starts[chosen]
        before = np.cumsum(counts) - counts
        places = np.repeat(self.starts[chosen] - before, counts) + np.arange(counts.sum())
        return places, np.repeat(np.arange(len(chosen)), counts)


def repeated_lines(prompts: list[str]) -> frozenset[int]:
    """Hashes of the lines that occur in every prompt, such as an instruction: they do not distinguish prompts."""
    if len(prompts) < 2:
        return frozenset()
    shared = set(prompts[0].split("\n"))
    for prompt in prompts[1:]:
        if not shared:
            break
        shared.intersection_update(prompt.split("\n"))
    return frozenset(number_of_line(line) for line in shared)


def number_of_line(line: str) -> int:
    """A hash of a line, so that a checkpoint contains no text of a prompt."""
    return bucket_of(line, 1 << 32)


def read_rows(prompts: list[str], skipped: frozenset[int] = frozenset()) -> Rows:
    """The features of prompts without their skipped lines. A repeated term counts each time."""
    terms: dict[Term, int] = {}
    rows: list[list[int]] = []
    is_skipped: dict[str, bool] = {}
    for prompt in prompts:
        row: list[int] = []
        lines = prompt.split("\n")
        if skipped:
            lines = [line for line in lines if not is_skipped.setdefault(line, number_of_line(line) in skipped)]
        said = [words_of(line) for line in lines]
        is_long = sum(map(len, said)) > MOST_WORDS_IN_PARTS
        for words in said:
            if is_long:
                row += [terms.setdefault((word,), len(terms)) for word in words]
                continue
            row += [terms.setdefault(word, len(terms)) for word in words]
            row += [terms.setdefault(pair, len(terms)) for pair in pairwise(words)]
        rows.append(row)
    return _merged(_spread(_as_rows(rows), _as_rows([_features_of(term) for term in terms])))


def _as_rows(rows: list[list[int]]) -> Rows:
    starts = np.zeros(len(rows) + 1, np.int64)
    np.cumsum([len(row) for row in rows], out=starts[1:])
    flat = np.fromiter(chain.from_iterable(rows), np.int64, int(starts[-1]))
    return Rows(flat, starts, np.ones(len(flat), np.int64))


def _spread(rows: Rows, features: Rows) -> Rows:
    """Each term of the rows as its features."""
    places, _ = features.of(rows.flat)
    ends = np.concatenate(([0], np.cumsum(features.starts[rows.flat + 1] - features.starts[rows.flat])))
    flat = features.flat[places]
    return Rows(flat, ends[rows.starts], np.ones(len(flat), np.int64))


def _merged(rows: Rows) -> Rows:
    """Each feature once in its row, in order."""
    keys = np.repeat(np.arange(len(rows)) * FEATURES, np.diff(rows.starts)) + rows.flat
    keys.sort()  # written out, because numpy's unique would hold the interpreter lock for too long
    is_first = np.ones(len(keys), bool)
    is_first[1:] = keys[1:] != keys[:-1]
    firsts = np.flatnonzero(is_first)
    keys = keys[firsts]
    starts = np.searchsorted(keys, np.arange(len(rows) + 1) * FEATURES)
    return Rows(keys % FEATURES, starts, np.diff(firsts, append=len(is_first)))


def _features_of(term: Term) -> list[int]:
    if not isinstance(term, str):
        return [bucket_of(f"p:{term[0]} {term[1]}" if len(term) == 2 else "w:" + term[0], FEATURES)]
    # a Korean or Japanese word has few letters, and its ending changes with its role in the sentence
    size = 4 if term.isascii() else 2
    marked = f"<{term}>"
    parts = dict.fromkeys(marked[at : at + size] for at in range(max(1, len(marked) - size + 1)))
    return [bucket_of("w:" + term, FEATURES), *(bucket_of("c:" + part, FEATURES) for part in parts)]
