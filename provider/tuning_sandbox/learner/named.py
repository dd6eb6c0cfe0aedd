"""How a base model guesses: the labels that a prompt names, and which of them its words suggest."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass
from zlib import crc32

import numpy as np

from tuning_sandbox.learner.network import Array
from tuning_sandbox.learner.text import words_of

_CUE = re.compile(
    r"\b(?:classif|categor|label|class(?:es)?\b|intents?\b|sentiments?\b|tags?\b|topics?\b|teams?\b|queues?\b|options?\b"
    r"|choose|one of|either|assign|route|answer (?:with|only|by))|분류|카테고리|라벨|레이블|의도|중 하나|다음 중",
    re.IGNORECASE,
)
_SEPARATOR = re.compile(r"\s*(?:[,;|/、]\s*(?:or\b|and\b|또는)?|\b(?:or|and)\b|또는)\s*", re.IGNORECASE)
_BULLET = re.compile(r"^\s*(?:[-*\u2022]|\d{1,3}[.)])\s+(\S.*)$")
_END = re.compile(r"[.!?)](?=\W|$)|:\s|$")
_LEADS = re.compile(
    r":\s*|\(|\b(?:one of|either|into|as|among|with|from|between|are|is(?: it| this| the \w+)?)\b\s*(?:the\s+)?|중에서\s*",
    re.IGNORECASE,
)
# an instruction that lists what to do is not a list of labels
_NO_LABEL = re.compile(
    r"(?:the|an?|its|your|my|one|no|not|nothing|only|any|each|all|to|if|what|which)\b", re.IGNORECASE
)
_QUOTES = "\"'`\u201c\u201d\u2018\u2019[](){}<> "
_MOST_WORDS = 4
_FAR_AHEAD = 3.0


@dataclass(frozen=True)
class Named:
    """The labels that a prompt names, in its order, the description of each, and the rest of the prompt."""

    labels: tuple[str, ...]
    meanings: tuple[str, ...]
    rest: str

    def scores(self) -> Array:
        """The share of the prompt's other words that each label has; a small probability if it has none."""
        said = set(_marks_of(self.rest))
        of_label = [set(_marks_of(text)) for text in self.meanings]
        shared = Counter(mark for marks in of_label for mark in marks)
        found = []
        for label, marks in zip(self.labels, of_label, strict=True):
            overlap = sum(1.0 / shared[mark] for mark in marks & said)
            draw = crc32(f"{label}\n{self.rest}".encode("utf-8", "surrogatepass")) / 2**32
            found.append(_FAR_AHEAD * overlap + 0.5 * draw)
        return np.array(found, np.float32)


def named_labels(prompt: str) -> Named | None:
    """The labels that a prompt asks to choose from; None if it names none."""
    lines = prompt.split("\n")
    for at, line in enumerate(lines):
        if _CUE.search(line) is None:
            continue
        found = _listed_below(lines, at) or _listed_in(lines, at)
        if found is not None:
            return found
    return None


def _listed_below(lines: list[str], at: int) -> Named | None:
    """One label per line, as a list with bullets or numbers, below the line with the cue."""
    under = at + 1
    while under < len(lines) and not lines[under].strip():
        under += 1
    items = []
    end = under
    while end < len(lines) and (bullet := _BULLET.match(lines[end])):
        items.append(bullet[1].strip())
        end += 1
    labels = [_label_of(re.split(r":\s| [-\u2013\u2014] ", item)[0]) for item in items]
    if len(labels) < 2 or not all(map(_is_label, labels)):
        return None
    return _named(labels, items, "\n".join([*lines[:at], *lines[end:]]))


def _listed_in(lines: list[str], at: int) -> Named | None:
    """Labels separated by commas or `or`, on the cue's line after a colon or a word such as `into`."""
    line = lines[at]
    best: tuple[int, int, list[str]] | None = None
    for lead in _LEADS.finditer(line):
        sentence = max(line.rfind(mark, 0, lead.start()) for mark in (". ", "! ", "? ")) + 1
        end = _END.search(line, lead.end())
        stop = end.start() if end else len(line)
        labels = [_label_of(part) for part in _SEPARATOR.split(line[lead.end() : stop])]
        is_asked = _CUE.search(line, sentence, stop) is not None
        if (
            is_asked
            and len(labels) >= 2
            and all(map(_is_label, labels))
            and (best is None or len(labels) > len(best[2]))
        ):
            best = sentence, stop, labels
    if best is None:
        return None
    sentence, stop, labels = best
    rest = [*lines[:at], line[:sentence], line[stop:], *lines[at + 1 :]]
    return _named(labels, labels, "\n".join(rest))


def _named(labels: list[str], meanings: list[str], rest: str) -> Named:
    of_label = dict(zip(labels, meanings, strict=True))
    return Named(tuple(of_label), tuple(of_label.values()), rest)


def _label_of(text: str) -> str:
    return text.strip(_QUOTES).rstrip(".").strip(_QUOTES)


def _is_label(text: str) -> bool:
    return bool(text) and len(text.split()) <= _MOST_WORDS and _NO_LABEL.match(text) is None


def _marks_of(text: str) -> list[str]:
    """The words of a text and their prefixes: `shipped` and `shipping` share one."""
    words = words_of(text.replace("_", " "))
    return [*words, *(word[:4] + "~" if word.isascii() else word[:2] + "~" for word in words)]
