"""Counts while a file is read, in bounded memory: hashes of rows, sizes, and the answers if they are few."""

from __future__ import annotations

from array import array
from bisect import bisect_right
from collections import Counter
from collections.abc import Iterator
from typing import Final

from pulumi_gcp_tuning.datasets.facts import Facts, NamedFile
from pulumi_gcp_tuning.datasets.tokens import TextCount

MOST_REMEMBERED: Final = 4_000_000
MOST_LABELS: Final = 100
LONGEST_LABEL: Final = 64
MOST_INSTRUCTIONS: Final = 1000
SAMPLED: Final = 1000
MOST_FILES: Final = 1000
_SAMPLE_CHARACTERS: Final = 1000
_PASS: Final = 100_000


class Tally:
    """The counts of one file."""

    def __init__(self) -> None:
        self.examples = self.broken = self.turns = 0
        self.images = self.audio_files = self.videos = self.documents = self.pdfs = 0
        self.rows_with_calls = self.rows_dropped = 0
        self.resolution: tuple[str, int] | None = None
        self.named_files: dict[NamedFile, int] = {}
        self.characters = self.answer_characters = self.longest = 0
        self.text = TextCount()
        self.level: str | None = None
        self.rows_with_files = self.rows_with_instruction = 0
        self.first_without_instruction: int | None = None
        self.instructions: Counter[int] | None = Counter()
        self._instructed: dict[int, int] = {}
        self.answers: Counter[str] | None = Counter()
        self.sample: list[tuple[int, str]] = []
        # eight bytes for each row, in order; duplicates are searched for at the end
        self.hashes = array("q")
        self._firsts: list[int] = [0]
        self._lines: list[int] = [1]

    def take(self, facts: Facts, line: int) -> None:
        """Counts one row."""
        characters = facts.characters
        self._remember(hash(tuple(facts.texts)), line)
        self.characters += characters
        self.text.take(facts, characters)
        self.level = self.level or facts.resolution
        self.answer_characters += facts.answer_characters
        self.longest = max(self.longest, characters)
        self.turns += facts.turns
        self.rows_with_calls += bool(facts.calls)
        if facts.files:
            self._take_files(facts, line)
        self._take_instruction(facts.system, line)
        self._take_answer(facts.answer)
        if len(self.sample) < SAMPLED and (words := facts.first_words):
            self.sample.append((line, words[:_SAMPLE_CHARACTERS]))

    def skip(self, line: int) -> None:
        """Counts a row with invalid content: it is never a duplicate, but row numbers still match lines."""
        self.broken += 1
        self._remember(hash((type(self), line)), line)

    def find_other_instruction(self, usual: int) -> int:
        """The first line whose instruction differs from the one with that hash."""
        return min(line for each, line in self._instructed.items() if each != usual)

    def line_of(self, row: int) -> int:
        """The line of a row (counted from 0)."""
        at = bisect_right(self._firsts, row) - 1
        return self._lines[at] + row - self._firsts[at]

    def repeats(self) -> dict[int, int]:
        """The hashes that occur more than once, and how often."""
        if len(self.hashes) <= _PASS:
            if len(set(self.hashes)) == len(self.hashes):
                return {}
            return {each: count for each, count in Counter(self.hashes).items() if count > 1}
        found: dict[int, int] = {}
        for suspects in _in_passes(self._suspects()):
            counts = Counter(filter(suspects.__contains__, self.hashes))
            found.update((each, count) for each, count in counts.items() if count > 1)
        return found

    def shared_with(self, other: Tally) -> set[int]:
        """The hashes that both files contain."""
        small, large = sorted((self.hashes, other.hashes), key=len)
        return {each for part in _in_passes(small) for each in part.intersection(large)}

    def lines_of(self, hashed: int) -> Iterator[int]:
        """The lines with that hash, in order."""
        at = -1
        while True:
            try:
                at = self.hashes.index(hashed, at + 1)
            except ValueError:
                return
            yield self.line_of(at)

    def _remember(self, hashed: int, line: int) -> None:
        if self._lines[-1] - self._firsts[-1] != line - self.examples:
            self._firsts.append(self.examples)
            self._lines.append(line)
        self.examples += 1
        if len(self.hashes) < MOST_REMEMBERED:
            self.hashes.append(hashed)

    def _take_files(self, facts: Facts, line: int) -> None:
        self.rows_with_files += 1
        self.images += facts.images
        self.audio_files += facts.audio_files
        self.videos += facts.videos
        self.documents += facts.documents
        self.pdfs += facts.pdfs
        if len(self.named_files) < MOST_FILES:
            self.named_files |= {file: line for file in facts.files if file not in self.named_files}

    def _take_instruction(self, text: str | None, line: int) -> None:
        if text is None:
            if self.first_without_instruction is None:
                self.first_without_instruction = line
            return
        self.rows_with_instruction += 1
        if self.instructions is None:
            return
        hashed = hash(text)
        self.instructions[hashed] += 1
        self._instructed.setdefault(hashed, line)
        if len(self.instructions) > MOST_INSTRUCTIONS:
            self.instructions = None

    def _take_answer(self, answer: str) -> None:
        """Counts answers as long as they look like labels: few, and short."""
        if self.answers is None:
            return
        self.answers[answer] += 1
        if len(self.answers) > MOST_LABELS or len(answer) > LONGEST_LABEL:
            self.answers = None

    def _suspects(self) -> array[int]:
        """Every hash that may equal an earlier one: one byte for each slot that a hash was put into."""
        bits = min(24, (8 * len(self.hashes)).bit_length())
        mask, slots = (1 << bits) - 1, bytearray(1 << bits)
        again = array("q")
        for each in self.hashes:
            slot = each & mask
            if slots[slot]:
                again.append(each)
            else:
                slots[slot] = 1
        return again


def _in_passes(values: array[int]) -> Iterator[set[int]]:
    for start in range(0, len(values), _PASS):
        yield set(values[start : start + _PASS])
