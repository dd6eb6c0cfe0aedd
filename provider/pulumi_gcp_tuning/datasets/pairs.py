"""Rows of two strings, many in one call: a row of such a format has one shape, so there is nothing to learn."""

from __future__ import annotations

from operator import itemgetter
from secrets import randbelow
from typing import TYPE_CHECKING, Any, Final

import orjson

from pulumi_gcp_tuning.datasets.formats import PAIRS, Format
from pulumi_gcp_tuning.datasets.tally import SAMPLED, Tally

if TYPE_CHECKING:
    from pulumi_gcp_tuning.datasets.facts import Facts
    from pulumi_gcp_tuning.datasets.skeleton import Ceilings

TURNS: Final = 2


class Pairs:
    """Reads blocks of pairs; a block with anything else in it is left to ``check_row``.

    All rows of a block are parsed as one list, with a number that nobody can guess in place of each line end. Where
    that number stands at every second place, and as often as there are line ends, each line is one JSON value: a line
    end inside of a string or of an object would have taken the number with it.
    """

    system_varies = True  # a pair has no instruction

    def __init__(self, form: Format, ceilings: Ceilings) -> None:
        asked, answer = PAIRS[form.id]
        self._asked, self._answer = itemgetter(asked), itemgetter(answer)
        self._ceilings = ceilings
        self._number = 10**8 + randbelow(9 * 10**8)
        self._between = b",%d," % self._number

    def learn(self, line: bytes, row: dict[str, Any], facts: Facts) -> None:
        """Nothing: the shape is known."""

    def __len__(self) -> int:
        return 1

    def take(self, block: bytes, line: int, tally: Tally) -> int:
        """Counts all rows of a block and answers how many they are, or 0 and counts nothing where one does not fit."""
        body = block.replace(b"\n", self._between)
        ends = (len(body) - len(block)) // (len(self._between) - 1)
        try:
            flat = orjson.loads(b"".join((b"[", body, b"]")))
            rows = flat[::2]
            if len(rows) != ends + 1 or flat[1::2].count(self._number) != ends or set(map(len, rows)) != {2}:
                return 0
            asked: list[str] = list(map(self._asked, rows))
            answers: list[str] = list(map(self._answer, rows))
            if not (all(map(str.strip, asked)) and all(map(str.strip, answers))):
                return 0
        except (ValueError, TypeError, KeyError):
            return 0
        sizes = list(map(len, asked)), list(map(len, answers))
        longest = max(sizes[0]), max(sizes[1])
        if not self._fit(*longest):
            return 0
        self._count(asked, answers, sizes, sum(longest), line, tally)
        return len(rows)

    def _fit(self, asked: int, answer: int) -> bool:
        limits = self._ceilings
        return (
            (limits.row is None or asked + answer <= limits.row)
            and (limits.asked is None or asked <= limits.asked)
            and (limits.answer is None or answer <= limits.answer)
        )

    def _count(
        self,
        asked: list[str],
        answers: list[str],
        sizes: tuple[list[int], list[int]],
        longest: int,
        line: int,
        tally: Tally,
    ) -> None:
        rows, answered = len(asked), sum(sizes[1])
        tally.characters += sum(sizes[0]) + answered
        tally.answer_characters += answered
        if longest > tally.longest:
            tally.longest = max(tally.longest, *map(sum, zip(*sizes, strict=True)))
        tally.turns += TURNS * rows
        tally.take_instructions(None, line)
        tally.take_answers(answers)
        for index in range(min(rows, SAMPLED - len(tally.sample))):
            tally.take_sample(line + index, asked[index])
        tally.take_many(list(map(hash, zip(asked, answers, strict=True))), line)
