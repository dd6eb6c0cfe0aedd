"""Places what depends on what in columns: a thing is right of all that it depends on, and lines cross as rarely as a few passes find.

Pure and deterministic: the same things in the same order are placed the same way.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Final

_PASSES: Final = 4
Link = tuple[str, str]
Bend = tuple[str, str, int]
"""Where a link passes a column without ending there: from, to, column."""
Slot = str | Bend


@dataclass(frozen=True)
class Placed:
    """Columns from left to right, and for each link the slots that its line passes, both ends included.

    ``rows`` is the place of each slot in its column, in rows that may be fractions; two slots of a column are a row apart.
    """

    columns: Sequence[Sequence[Slot]]
    rows: Mapping[Slot, float]
    routes: Mapping[Link, Sequence[Slot]]


def place_in_columns(names: Sequence[str], links: Iterable[Link]) -> Placed:
    """Columns for these names. A link goes from what is needed to what needs it; links that close a circle are left out."""
    kept = _without_circles(names, links)
    column = _columns(names, kept)
    draft = _Draft([[] for _ in range(1 + max(column.values(), default=-1))])
    for name in names:
        draft.columns[column[name]].append(name)
    for start, end in kept:
        bends: list[Slot] = [(start, end, at) for at in range(column[start] + 1, column[end])]
        for bend, at in zip(bends, range(column[start] + 1, column[end]), strict=True):
            draft.columns[at].append(bend)
        draft.add_route((start, end), [start, *bends, end])
    draft.order()
    return Placed(draft.columns, draft.spread(), draft.routes)


@dataclass
class _Draft:
    columns: list[list[Slot]]
    routes: dict[Link, list[Slot]] = field(default_factory=dict)
    before: dict[Slot, list[Slot]] = field(default_factory=dict)
    after: dict[Slot, list[Slot]] = field(default_factory=dict)

    def add_route(self, link: Link, slots: list[Slot]) -> None:
        self.routes[link] = slots
        for left, right in pairwise(slots):
            self.after.setdefault(left, []).append(right)
            self.before.setdefault(right, []).append(left)

    def order(self) -> None:
        """Sorts each column by the mean place of its neighbours, alternately those of the left and of the right."""
        for number in range(_PASSES):
            forward = number % 2 == 0
            neighbours = self.before if forward else self.after
            for column in self.columns if forward else reversed(self.columns):
                at = {slot: place for each in self.columns for place, slot in enumerate(each)}
                column.sort(key=lambda slot: _mean([at[each] for each in neighbours.get(slot, ())], at[slot]))

    def spread(self) -> dict[Slot, float]:
        """Rows for all slots: near their neighbours, in the order of the column, at least a row apart, from 0 on."""
        rows: dict[Slot, float] = {slot: float(at) for column in self.columns for at, slot in enumerate(column)}
        for number in range(_PASSES):
            forward = number % 2 == 0
            neighbours = self.before if forward else self.after
            for column in self.columns if forward else reversed(self.columns):
                wanted = [_mean([rows[each] for each in neighbours.get(slot, ())], rows[slot]) for slot in column]
                rows.update(zip(column, _apart(wanted), strict=True))
        least = min(rows.values(), default=0.0)
        return {slot: row - least for slot, row in rows.items()}


def _without_circles(names: Sequence[str], links: Iterable[Link]) -> list[Link]:
    """Each link once, without those that lead from a later thing back to one that it needs."""
    known = set(names)
    after: dict[str, set[str]] = {}
    kept: list[Link] = []
    for start, end in dict.fromkeys(links):
        if start == end or start not in known or end not in known or _reaches(after, end, start):
            continue
        after.setdefault(start, set()).add(end)
        kept.append((start, end))
    return kept


def _reaches(after: Mapping[str, set[str]], start: str, goal: str) -> bool:
    seen, waiting = {start}, [start]
    while waiting:
        here = waiting.pop()
        if here == goal:
            return True
        waiting += after.get(here, set()) - seen
        seen |= after.get(here, set())
    return False


def _columns(names: Sequence[str], links: Sequence[Link]) -> dict[str, int]:
    """The column of each name: one more than the last of what it needs; what needs nothing is next to its first user."""
    needs: dict[str, list[str]] = {name: [] for name in names}
    users: dict[str, list[str]] = {name: [] for name in names}
    for start, end in links:
        needs[end].append(start)
        users[start].append(end)
    column: dict[str, int] = {}
    left = dict.fromkeys(names)
    while left:
        ready = [name for name in left if all(each in column for each in needs[name])]
        for name in ready:
            column[name] = 1 + max((column[each] for each in needs[name]), default=-1)
            del left[name]
    for name in names:
        if not needs[name] and users[name]:
            column[name] = min(column[each] for each in users[name]) - 1
    return column


def _apart(wanted: Sequence[float]) -> list[float]:
    """Places in this order, at least 1 apart, as near to the wanted ones as their mean allows."""
    groups: list[tuple[float, int]] = []  # the place of the first member, and how many members are a row apart
    for place in wanted:
        start, count = place, 1
        while groups and start < groups[-1][0] + groups[-1][1]:
            other, members = groups.pop()
            start = (other * members + (start - members) * count) / (members + count)
            count += members
        groups.append((start, count))
    return [start + at for start, count in groups for at in range(count)]


def _mean(values: Sequence[float], otherwise: float) -> float:
    return sum(values) / len(values) if values else otherwise
