"""Rows that a program wrote share everything but their texts: what a judged row leaves when its texts are taken out.

Where rows of a block consist of literals that were judged before, only the texts between them are parsed, all of the block
in one call. Each literal is replaced by a number that nobody can guess, standing outside of any string; so the parsed list
has those numbers, in order, exactly where the literals stood, and nothing else can look like it. What does not fit is left
to ``check_row``, whose verdict counts; this only repeats it for rows of a shape that it found nothing wrong with.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import chain, pairwise, repeat
from operator import eq
from secrets import randbelow
from typing import Any, Final, Literal

import orjson

from pulumi_gcp_tuning.datasets.facts import Facts
from pulumi_gcp_tuning.datasets.formats import Format
from pulumi_gcp_tuning.datasets.media import IMAGE_OBJECT, OBJECT
from pulumi_gcp_tuning.datasets.tally import SAMPLED, Tally

MOST_SHAPES: Final = 24
MOST_LITERALS: Final = 8
_LONG: Final = 64
_STRING: Final = re.compile(rb'"(?:[^"\\]|\\.)*+"(\s*+:)?+')
_OBJECTS: Final = {"file": OBJECT, "image": IMAGE_OBJECT}

Kind = Literal["asked", "answer", "system", "file", "image"]


@dataclass(frozen=True)
class Ceilings:
    """The most characters of a row, of what is asked and of an answer; None where there is no limit."""

    row: float | None = None
    asked: int | None = None
    answer: int | None = None


@dataclass(frozen=True)
class _Shape:
    kinds: tuple[Kind, ...]
    order: tuple[int, ...]  # the slots of the conversation, in the order in which check_row reads them
    ids: tuple[int, ...]
    facts: Facts
    fixed_system: str | None
    slots: dict[Kind, tuple[int, ...]]

    @property
    def fixed(self) -> int:
        """The characters that every row of it has, of the instruction and the tools."""
        return len(self.fixed_system or "") + self.facts.declared


_Group = tuple[_Shape, list[list[str]], Sequence[int]]


class Skeletons:
    """The shapes that were learned in one file."""

    def __init__(self, form: Format, ceilings: Ceilings, *, system_varies: bool = False) -> None:
        self.system_varies = system_varies
        self._form = form
        self._ceilings = ceilings
        self._shapes: dict[bytes, _Shape] = {}
        self._codes: dict[bytes, bytes] = {}
        self._starts: list[bytes] = []
        self._ends: list[bytes] = []
        self._numbers: dict[bytes, int] = {}
        self._separators: list[tuple[bytes, bytes]] = []
        self._mids: list[tuple[bytes, bytes]] = []
        self._code_of: dict[int, bytes] = {}

    def __len__(self) -> int:
        return len(self._shapes)

    def learn(self, line: bytes, row: dict[str, Any], facts: Facts) -> None:
        """Takes the shape of a row in which nothing was found."""
        # a call is a text made of many: what repeats could not be told by the texts between literals
        if (
            facts.calls
            or len(self._shapes) >= MOST_SHAPES
            or (self._form.id == "preference-pairs" and not _is_plain_pair(row))
        ):
            return
        tokens = [match.span() for match in _STRING.finditer(line) if match[1] is None]
        leaves = list(_leaves(row, ()))
        if len(tokens) != len(leaves):
            return
        found = [
            (span, kind)
            for span, (path, text) in zip(tokens, leaves, strict=True)
            if (kind := self._kind(path, text, row))
        ]
        if sum(kind == "system" for _, kind in found) > 1 or all(kind != "answer" for _, kind in found):
            return
        spans = [span for span, _ in found]
        start, end = line[: spans[0][0] + 1], line[spans[-1][1] - 1 :]
        mids = [line[left[1] - 1 : right[0] + 1] for left, right in pairwise(spans)]
        if not self._admit(start, mids, end):
            return
        key = b"".join(self._codes[each] for each in (b"s" + start, *(b"m" + mid for mid in mids), b"e" + end))
        kinds = tuple(kind for _, kind in found)
        ids = tuple(self._numbers[mid] for mid in mids)
        fixed = None if "system" in kinds else facts.system
        slots: dict[Kind, tuple[int, ...]] = {
            kind: tuple(i for i, each in enumerate(kinds) if each == kind) for kind in set(kinds)
        }
        self._shapes[key] = _Shape(kinds, _order(kinds), ids, facts, fixed, slots)

    def take(self, block: bytes, line: int, tally: Tally) -> int:
        """Counts all rows of a block and answers how many they are, or 0 and counts nothing where one does not fit."""
        start = next((each for each in self._starts if block.startswith(each)), None)
        end = next((each for each in self._ends if block.endswith(each)), None)
        if start is None or end is None or len(block) < len(start) + len(end):
            return 0
        body = self._between_rows(block, start, end)
        if body is None:
            return 0
        for literal, token in self._mids:
            # split and join search once where replace searches twice (measured: 14 ms and 22 ms for 40 MB)
            body = token.join(body.split(literal))
        try:
            flat = orjson.loads(b'["' + body + b'"]')
            texts: list[str] = flat[::2]
            # a text that holds '", "' makes two of one: then the last place is not a text's
            if len(flat) % 2 == 0 or not all(map(str.strip, texts)):
                return 0
            groups = self._groups(start, end, flat[1::2], texts)
            if groups is None or not all(self._fits(shape, columns) for shape, columns, _ in groups):
                return 0
        except (ValueError, TypeError, KeyError):
            return 0
        return self._count_all(groups, line, tally)

    def _count_all(self, groups: list[_Group], line: int, tally: Tally) -> int:
        rows = sum(len(columns[0]) for _, columns, _ in groups)
        hashes = [0] * rows
        for shape, columns, places in groups:
            found = self._count(shape, columns, line, places, tally)
            if len(groups) == 1:
                hashes = found
            else:
                for place, each in zip(places, found, strict=True):
                    hashes[place] = each
        for index in range(min(rows, SAMPLED - len(tally.sample)) if len(groups) == 1 else 0):
            tally.take_sample(line + index, groups[0][1][groups[0][0].order[0]][index])
        tally.take_many(hashes, line)
        return rows

    def _between_rows(self, block: bytes, start: bytes, end: bytes) -> bytes | None:
        """The block with a number in place of what ends a row and begins the next."""
        if len(self._separators) == 1 and len(start) > _LONG:
            # cutting each line is faster than searching for a long literal (measured: 34 ms and 48 ms for 40 MB)
            lines = block.split(b"\n")
            if not (all(map(bytes.startswith, lines, repeat(start))) and all(map(bytes.endswith, lines, repeat(end)))):
                return None
            inner = slice(len(start), -len(end))
            return self._separators[0][1].join([line[inner] for line in lines])
        body = block[len(start) : len(block) - len(end)]
        for literal, token in self._separators:
            body = token.join(body.split(literal))
        return body

    def _groups(self, start: bytes, end: bytes, ids: list[int], texts: list[str]) -> list[_Group] | None:
        """The rows by shape: their texts in columns, and their places in the block."""
        code = self._codes
        if len(self._shapes) == 1:
            (shape,) = self._shapes.values()
            slots = len(shape.kinds)
            rows, rest = divmod(len(texts), slots)
            fits = not rest and all(ids[i::slots].count(each) == rows for i, each in enumerate(shape.ids))
            if not fits or ids[slots - 1 :: slots].count(self._numbers[end + b"\n" + start]) != rows - 1:
                return None
            return [(shape, [texts[i::slots] for i in range(slots)], range(rows))]
        joined = code[b"s" + start] + b"".join(map(self._code_of.__getitem__, ids)) + code[b"e" + end]
        keys = joined.split(b"\n")
        if not self._shapes.keys() >= set(keys):
            return None
        at = 0
        found: dict[bytes, tuple[list[int], list[int]]] = {key: ([], []) for key in set(keys)}
        for place, key in enumerate(keys):
            begins, places = found[key]
            begins.append(at)
            places.append(place)
            at += len(key) - 1
        return [
            (self._shapes[key], [[texts[at + i] for at in begins] for i in range(len(key) - 1)], places)
            for key, (begins, places) in found.items()
        ]

    def _fits(self, shape: _Shape, columns: list[list[str]]) -> bool:
        limits = self._ceilings
        slots = shape.slots
        for kind, pattern in _OBJECTS.items():
            if kind in slots and not all(all(map(pattern.match, columns[i])) for i in slots[kind]):
                return False
        longest = [max(map(len, column)) for column in columns]
        if limits.row is not None and sum(longest) + shape.fixed > limits.row:
            return False
        if limits.asked is not None and sum(longest[i] for i in slots.get("asked", ())) > limits.asked:
            return False
        if limits.answer is not None and sum(longest[i] for i in slots.get("answer", ())) > limits.answer:
            return False
        if self._form.id == "preference-pairs":
            first, second = slots["answer"][-2:]
            return not any(map(eq, columns[first], columns[second]))
        return True

    def _count(
        self, shape: _Shape, columns: list[list[str]], line: int, places: Sequence[int], tally: Tally
    ) -> list[int]:
        rows = len(columns[0])
        slots, facts = shape.slots, shape.facts
        sizes = [list(map(len, column)) for column in columns]
        for i in chain(slots.get("file", ()), slots.get("image", ())):
            sizes[i] = [0] * rows
        fixed = shape.fixed
        longest = sum(map(max, sizes)) + fixed
        if longest > tally.longest:
            longest = max(map(sum, zip(*sizes, strict=True))) + fixed
        tally.characters += sum(map(sum, sizes)) + rows * fixed
        tally.answer_characters += sum(sum(sizes[i]) for i in slots.get("answer", ()))
        tally.longest = max(tally.longest, longest)
        tally.turns += rows * facts.turns
        tally.images += rows * facts.images
        tally.audio_files += rows * facts.audio_files
        tally.documents += rows * facts.documents
        tally.rows_with_files += rows * bool(facts.images or facts.audio_files or facts.documents)
        if "system" in slots:
            tally.take_instructions(columns[slots["system"][0]], line, places)
        else:
            tally.take_instructions(None if shape.fixed_system is None else [shape.fixed_system], line, places)
        tally.take_answers(columns[slots["answer"][-1]])
        return list(map(hash, zip(*[columns[i] for i in shape.order], strict=True)))

    def _admit(self, start: bytes, mids: Sequence[bytes], end: bytes) -> bool:
        starts = [*self._starts, *([] if start in self._starts else [start])]
        ends = [*self._ends, *([] if end in self._ends else [end])]
        known = [literal for literal, _ in self._mids]
        new = [*known, *(mid for mid in dict.fromkeys(mids) if mid not in known)]
        if len(starts) * len(ends) > MOST_LITERALS or len(new) > MOST_LITERALS:
            return False
        self._starts = sorted(starts, key=len, reverse=True)
        self._ends = sorted(ends, key=len, reverse=True)
        for kind, literals in ((b"s", starts), (b"m", new), (b"e", ends)):
            for literal in literals:
                self._codes.setdefault(kind + literal, bytes([32 + len(self._codes)]))
        both = {e + b"\n" + s: self._codes[b"e" + e] + b"\n" + self._codes[b"s" + s] for s in starts for e in ends}
        self._separators = [(each, self._token(each, both[each])) for each in sorted(both, key=len, reverse=True)]
        self._mids = [
            (each, self._token(each, self._codes[b"m" + each])) for each in sorted(new, key=len, reverse=True)
        ]
        return True

    def _token(self, literal: bytes, code: bytes) -> bytes:
        number = self._numbers.setdefault(literal, 10**8 + randbelow(9 * 10**8))
        self._code_of[number] = code
        return b'",%d,"' % number

    def _kind(self, path: tuple[str | int, ...], text: str, row: dict[str, Any]) -> Kind | None:
        if not text.strip():
            return None
        top, last = path[0], path[-1]
        if top in ("systemInstruction", "system_instruction", "context"):
            return "system" if self.system_varies and last in ("text", "context") else None
        if last in ("fileUri", "file_uri"):
            return "file" if OBJECT.match(text) else None
        if last == "url":
            return "image" if IMAGE_OBJECT.match(text) else None
        if top == "completions":
            return "answer" if last == "text" else None
        is_text = (last == "content" and len(path) == 3) or (last == "text" and len(path) == 5)
        if top not in ("messages", "contents") or not is_text:
            return None
        turn = row[str(top)][path[1]]
        role = turn.get("role", turn.get("author"))
        if role == "system":
            return "system" if self.system_varies else None
        return "answer" if role == self._form.answers else "asked"


def _order(kinds: tuple[Kind, ...]) -> tuple[int, ...]:
    return tuple(i for i, kind in enumerate(kinds) if kind != "system")


def _leaves(value: Any, path: tuple[str | int, ...]) -> Iterator[tuple[tuple[str | int, ...], str]]:
    if isinstance(value, str):
        yield path, value
    elif isinstance(value, dict):
        for key, inner in value.items():
            yield from _leaves(inner, (*path, key))
    elif isinstance(value, list):
        for index, inner in enumerate(value):
            yield from _leaves(inner, (*path, index))


def _is_plain_pair(row: dict[str, Any]) -> bool:
    """Whether the two completions are the last two texts of the row."""
    keys = list(row)
    return keys.index("contents") < keys.index("completions") and all(
        len(each["completion"]["parts"]) == 1 for each in row["completions"]
    )
