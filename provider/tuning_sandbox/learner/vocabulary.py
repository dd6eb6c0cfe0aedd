"""The vocabulary of a model: learned pieces, and pieces that copy the word after a certain word of the prompt."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from itertools import pairwise

from tuning_sandbox.learner.text import END, pieces_of

MOST_PIECES = 4000
_COPY = "\x00after:"


@dataclass(frozen=True)
class Vocabulary:
    """An ordered list of pieces; index 0 is the end of an answer. `say` gives the text of a piece for a prompt."""

    pieces: tuple[str, ...]
    index: dict[str, int] = field(default_factory=dict, compare=False, repr=False)

    def __post_init__(self) -> None:
        self.index.update({piece: at for at, piece in enumerate(self.pieces)})

    def __len__(self) -> int:
        return len(self.pieces)

    def copies_of(self, prompt: str) -> dict[str, str]:
        """The text of each copying piece that this prompt allows."""
        found: dict[str, str] = {}
        for left, right in _neighbours(prompt):
            piece = _COPY + left
            if piece in self.index:
                found.setdefault(piece, right)
        return found

    def is_copy(self, at: int) -> bool:
        return self.pieces[at].startswith(_COPY)

    def targets_of(self, prompt: str, answer: str) -> list[int]:
        """The answer as piece numbers with the end piece; pieces that are not available are omitted."""
        copies = self.copies_of(prompt)
        said = {text: piece for piece, text in copies.items()}
        numbers = []
        for piece in pieces_of(answer):
            at = self.index.get(piece)
            if at is None and piece.strip() in said and piece.startswith(" "):
                at = self.index[said[piece.strip()]]
            if at is not None:
                numbers.append(at)
        return [*numbers, self.index[END]]


def build_vocabulary(pairs: list[tuple[str, str]], known: tuple[str, ...] = ()) -> Vocabulary:
    """The vocabulary of some prompts and answers, after the pieces already known."""
    counts: Counter[str] = Counter()
    for _, answer in pairs:
        counts.update(pieces_of(answer))
    copies: Counter[str] = Counter()
    for prompt, answer in pairs:
        rare = {p.strip() for p in pieces_of(answer) if p.startswith(" ") and counts[p] <= 2 and len(p) > 2}
        copies.update({_COPY + left for left, right in _neighbours(prompt) if right in rare})
    common = [piece for piece, seen in copies.most_common(200) if seen >= 3]
    copied = {
        " " + right for prompt, _ in pairs if common for left, right in _neighbours(prompt) if _COPY + left in common
    }
    plain = [piece for piece, seen in counts.most_common(MOST_PIECES) if seen > 2 or piece not in copied]
    ordered = dict.fromkeys([END, *known, *plain, *common])
    return Vocabulary(tuple(ordered))


def _neighbours(prompt: str) -> list[tuple[str, str]]:
    words = [piece.strip() for piece in pieces_of(prompt)]
    words = [word for word in words if word]
    return [(left.lower(), right) for left, right in pairwise(words) if right[0].isalnum()]
