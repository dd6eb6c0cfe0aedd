r"""Regular expressions in linear time, for any pattern (`(a+)+$`).

Python's own `re` backtracks for too long on such a pattern. This module supports letters, `.`, `[sets]`,
`\d \w \s` and their opposites, `( )`, `(?: )`, `|`, `* + ? {m,n}`, `^` and `$`; anything else is an error.
"""

from __future__ import annotations

import re
import warnings
from collections.abc import Callable
from dataclasses import dataclass

MOST_STEPS = 500
MOST_TEXT = 2_000
_MOST_LEVELS = 30
_CLASSES = frozenset("dDwWsS")
_COUNT = re.compile(r"\{(\d{1,3})(,(\d{1,3})?)?\}")
Test = Callable[[str], bool]


class PatternError(ValueError):
    """The reason why a text is not a valid pattern."""


@dataclass
class _Step:
    """One step of the program: a test of a character, a fork, a position in the text, or the end."""

    kind: str
    test: Test | None = None
    ways: tuple[int, ...] = ()


class Pattern:
    """A compiled pattern."""

    def __init__(self, text: str) -> None:
        """PatternError if the pattern is not supported or too large."""
        self.text = text
        self._at = 0
        self._steps: list[_Step] = []
        self._either(0)
        if self._at < len(text):
            raise PatternError(f"unbalanced parenthesis at position {self._at}")
        self._emit(_Step("match"))

    def is_in(self, text: str) -> bool:
        """Whether the pattern is found anywhere in the text, of which the first 2,000 characters count."""
        text = text[:MOST_TEXT]
        now: set[int] = set()
        for at in range(len(text) + 1):
            now = self._spread(now | {0}, at, len(text))
            if any(self._steps[step].kind == "match" for step in now):
                return True
            if at < len(text):
                now = {step + 1 for step in now if (test := self._steps[step].test) is not None and test(text[at])}
        return False

    def _spread(self, steps: set[int], at: int, end: int) -> set[int]:
        seen: set[int] = set()
        left = list(steps)
        while left:
            number = left.pop()
            if number in seen:
                continue
            seen.add(number)
            step = self._steps[number]
            if step.kind == "fork":
                left += step.ways
            elif (step.kind, at) in (("start", 0), ("end", end)):
                left.append(number + 1)
        return seen

    def _emit(self, step: _Step) -> int:
        if len(self._steps) >= MOST_STEPS:
            raise PatternError(f"it has more than {MOST_STEPS} steps")
        self._steps.append(step)
        return len(self._steps) - 1

    def _peek(self) -> str:
        return self.text[self._at : self._at + 1]

    def _either(self, level: int) -> None:
        if level > _MOST_LEVELS:
            raise PatternError(f"it is nested more than {_MOST_LEVELS} levels deep")
        ends = []
        while True:
            fork = self._emit(_Step("fork"))
            self._row(level)
            if self._peek() != "|":
                self._steps[fork].ways = (fork + 1,)
                break
            self._at += 1
            ends.append(self._emit(_Step("fork")))
            self._steps[fork].ways = (fork + 1, len(self._steps))
        for end in ends:
            self._steps[end].ways = (len(self._steps),)

    def _row(self, level: int) -> None:
        while self._peek() not in ("", "|", ")"):
            begin, first = self._at, len(self._steps)
            self._atom(level)
            self._repeat(begin, first, level)

    def _atom(self, level: int) -> None:
        letter = self._peek()
        if letter in "*+?{":
            raise PatternError(f"nothing to repeat at position {self._at}")
        self._at += 1
        if letter == "(":
            if self._peek() == "?":
                if self.text[self._at : self._at + 2] != "?:":
                    raise PatternError(f"an extension (?...) that is not known here at position {self._at}")
                self._at += 2
            self._either(level + 1)
            if self._peek() != ")":
                raise PatternError("missing ), unterminated group")
            self._at += 1
        elif letter in "^$":
            self._emit(_Step("start" if letter == "^" else "end"))
        elif letter == "[":
            self._emit(_Step("char", self._set()))
        elif letter == "\\":
            self._emit(_Step("char", self._escape()))
        elif letter == ".":
            self._emit(_Step("char", lambda found: found != "\n"))
        else:
            self._emit(_Step("char", letter.__eq__))

    def _set(self) -> Test:
        end = self._at + (2 if self._peek() == "^" else 1)
        while end < len(self.text) and self.text[end] != "]":
            end += 2 if self.text[end] == "\\" else 1
        if end >= len(self.text):
            raise PatternError("unterminated character set")
        source = self.text[self._at - 1 : end + 1]
        self._at = end + 1
        try:
            with warnings.catch_warnings():
                warnings.simplefilter(
                    "error", FutureWarning
                )  # a set within a set, which a later Python may read differently
                one = re.compile(source)
        except (re.error, FutureWarning) as error:
            raise PatternError(str(error)) from None
        return lambda found: one.fullmatch(found) is not None

    def _escape(self) -> Test:
        letter = self._peek()
        if not letter:
            raise PatternError("bad escape (end of pattern)")
        self._at += 1
        if letter in _CLASSES:
            one = re.compile("\\" + letter)
            return lambda found: one.fullmatch(found) is not None
        if letter.isalnum():
            raise PatternError(f"bad escape \\{letter} at position {self._at - 2}")
        return letter.__eq__

    def _repeat(self, begin: int, first: int, level: int) -> None:
        least, most = self._count()
        if (least, most) == (1, 1):
            return
        after = self._at
        del self._steps[first:]
        for _ in range(least):
            self._again(begin, level)
        if most is None:
            fork = self._emit(_Step("fork"))
            self._again(begin, level)
            self._emit(_Step("fork", ways=(fork,)))
            self._steps[fork].ways = (fork + 1, len(self._steps))
        else:
            forks = []
            for _ in range(most - least):
                forks.append(self._emit(_Step("fork")))
                self._again(begin, level)
            for fork in forks:
                self._steps[fork].ways = (fork + 1, len(self._steps))
        self._at = after

    def _again(self, begin: int, level: int) -> None:
        self._at = begin
        self._atom(level)

    def _count(self) -> tuple[int, int | None]:
        simple: dict[str, tuple[int, int | None]] = {"*": (0, None), "+": (1, None), "?": (0, 1)}
        sign = self._peek()
        found = _COUNT.match(self.text, self._at)
        if sign in simple and sign:
            self._at += 1
            count = simple[sign]
        elif found is not None:
            self._at = found.end()
            least = int(found[1])
            count = (least, (int(found[3]) if found[3] else None) if found[2] else least)
            if count[1] is not None and count[1] < least:
                raise PatternError("min repeat greater than max repeat")
        else:
            return 1, 1
        if self._peek() == "?":
            self._at += 1
        if self._peek() and self._peek() in "*+?{":
            raise PatternError(f"multiple repeat at position {self._at}")
        return count
