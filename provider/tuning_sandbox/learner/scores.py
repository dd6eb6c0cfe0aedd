"""Computed scores of an answer against the expected one: exact match, BLEU and ROUGE, each from 0 to 1."""

from __future__ import annotations

import math
import re
from collections import Counter

_WORD = re.compile(r"\w+|[^\w\s]")
_MOST_WORDS = 4


def exact_match(said: str, expected: str) -> float:
    """1 for the expected answer, else 0. Spaces around an answer do not count."""
    return float(said.strip() == expected.strip())


def bleu(said: str, expected: str, *, effective_order: bool = False) -> float:
    """The geometric mean of how many groups of one to four words are right, less for a short answer.

    `effective_order`: groups that are longer than the answer do not count.
    """
    words, wanted = _words(said), _words(expected)
    shares: list[float] = []
    for size in range(1, _MOST_WORDS + 1):
        groups = _groups(words, size)
        total = sum(groups.values())
        if not total and effective_order:
            continue
        right = sum((groups & _groups(wanted, size)).values())
        shares.append(right / total if total else 0.0)
    if not shares or min(shares) == 0:
        return 0.0
    short = min(1.0, math.exp(1 - len(wanted) / len(words)))
    return short * math.exp(sum(map(math.log, shares)) / len(shares))


def rouge(said: str, expected: str, kind: str) -> float:
    """The F1 score of shared groups of words (`rouge1`), or of the longest common sequence (`rougeL`, `rougeLsum`)."""
    words, wanted = _words(said.lower()), _words(expected.lower())
    if kind.startswith("rougeL"):
        shared, of_said, of_wanted = _longest(words, wanted), len(words), len(wanted)
    else:
        said_groups, wanted_groups = _groups(words, int(kind[-1])), _groups(wanted, int(kind[-1]))
        shared = sum((said_groups & wanted_groups).values())
        of_said, of_wanted = sum(said_groups.values()), sum(wanted_groups.values())
    return 2 * shared / (of_said + of_wanted) if shared else 0.0


def _words(text: str) -> list[str]:
    return _WORD.findall(text)


def _groups(words: list[str], size: int) -> Counter[tuple[str, ...]]:
    return Counter(tuple(words[at : at + size]) for at in range(len(words) - size + 1))


def _longest(left: list[str], right: list[str]) -> int:
    row = [0] * (len(right) + 1)
    for word in left:
        before = 0
        for at, other in enumerate(right, start=1):
            above = row[at]
            row[at] = before + 1 if word == other else max(row[at], row[at - 1])
            before = above
    return row[-1]
