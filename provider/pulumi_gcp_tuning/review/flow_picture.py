"""The picture of what depends on what: the dataset, the job that reads it, its model, the endpoint that serves it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

from pulumi_gcp_tuning.review.drawing import FONT_SIZE, NAME_SIZE, Element, add, picture
from pulumi_gcp_tuning.review.layering import Placed, Slot, place_in_columns
from pulumi_gcp_tuning.review.lettering import fitted, plain, width_of

MOST_BOXES: Final = 24
"""Of more boxes than this, those of a kind with the same change are one."""
NARROW: Final = 344.0
"""The width of the narrow picture: what a screen of 400 pixels leaves inside a page."""
BOX_WIDE, BOX_HIGH = 178.0, 66.0
_GAP, _PITCH, _EDGE = 34.0, 84.0, 12.0
_LANE, _ROW = 16.0, 54.0
_PAD: Final = 12.0
_CHANGES: Final = {
    "create": "new",
    "replace": "replaced",
    "update": "updated",
    "delete": "deleted",
    "keep": "kept",
    "import": "imported",
}
"""What a box says of its change; other changes are not drawn as one."""


@dataclass(frozen=True, kw_only=True)
class Box:
    """One thing of the picture. ``needs`` are the keys of what it depends on; ``note`` is a short remark, such as a cost."""

    key: str
    kind: str
    name: str
    change: str = "same"
    note: str = ""
    needs: Sequence[str] = ()
    count: int = 1

    @property
    def word(self) -> str:
        """What happens to it, in a word; empty if nothing does."""
        return _CHANGES.get(self.change, "")


def chosen_boxes(boxes: Sequence[Box]) -> tuple[list[Box], int]:
    """The boxes to draw, and how many more there are, none of which changes or touches a change.

    What does not change is drawn only if it needs, or is needed by, something that does; all is drawn if nothing changes.
    If that is more than ``MOST_BOXES``, boxes of one kind with the same change are drawn as one box with a count.
    """
    changed = {box.key for box in boxes if box.word}
    near = changed | {each for box in boxes if box.key in changed for each in box.needs}
    near |= {box.key for box in boxes if changed.intersection(box.needs)}
    drawn = [box for box in boxes if box.key in near] if changed else list(boxes)
    left_out = len(boxes) - len(drawn)
    return (drawn if len(drawn) <= MOST_BOXES else _merged(drawn)), left_out


def draw_wide(boxes: Sequence[Box], label: str) -> Element:
    """Columns from left to right, with lines from what is needed to what needs it."""
    named = {box.key: box for box in boxes}
    placed = place_in_columns(list(named), [(each, box.key) for box in boxes for each in box.needs])
    at = _corners(placed)
    width = 2 * _EDGE + max(1, len(placed.columns)) * (BOX_WIDE + _GAP) - _GAP
    root = picture(
        width, 2 * _EDGE + max((y for _, y in at.values()), default=0) + BOX_HIGH - _EDGE, label, classes="wide"
    )
    add_tip(root)
    for (start, end), slots in placed.routes.items():
        line = add(root, "path", d=_line([at[slot] for slot in slots]), class_=_line_class(named[start], named[end]))
        line.set("marker-end", "url(#arrow)")
    for box in named.values():
        add_box(root, box, *at[box.key])
    return root


def width_of_wide(boxes: Sequence[Box]) -> int:
    """The width of the picture that :func:`draw_wide` makes, in pixels."""
    keys = [box.key for box in boxes]
    columns = place_in_columns(keys, [(each, box.key) for box in boxes for each in box.needs]).columns
    return round(2 * _EDGE + max(1, len(columns)) * (BOX_WIDE + _GAP) - _GAP)


def draw_narrow(boxes: Sequence[Box], label: str) -> Element:
    """One row for each box, what is needed above what needs it, with lines at the left; ``NARROW`` pixels wide."""
    rows = _rows([box.key for box in boxes], {box.key: box.needs for box in boxes})
    named = {box.key: box for box in boxes}
    lanes = _lanes(rows, {box.key: box.needs for box in boxes})
    root = picture(NARROW, max(1, len(rows)) * _ROW + 8, label, classes="narrow")
    left = 10 + _LANE * (1 + max(lanes.values(), default=0)) + 4
    spot = {key: (10 + _LANE * lanes[key], 4 + _ROW * (number + 0.5)) for number, key in enumerate(rows)}
    for key in rows:
        for each in named[key].needs:
            if each in spot and spot[each][1] < spot[key][1]:
                add(root, "path", d=_rail(spot[each], spot[key]), class_=_line_class(named[each], named[key]))
    for key in rows:
        _add_row(root, named[key], left, *spot[key])
    return root


def add_tip(root: Element) -> None:
    """Defines the tip of arrows, ``url(#arrow)``, for the lines of a picture."""
    arrow = add(add(root, "defs"), "marker", id="arrow", viewBox="0 0 8 8", refX=7, refY=4, orient="auto")
    arrow.set("markerWidth", "7")
    arrow.set("markerHeight", "7")
    add(arrow, "path", d="M0 0 8 4 0 8z", class_="tip")


def _corners(placed: Placed) -> dict[Slot, tuple[float, float]]:
    return {
        slot: (_EDGE + number * (BOX_WIDE + _GAP), _EDGE + placed.rows[slot] * _PITCH)
        for number, column in enumerate(placed.columns)
        for slot in column
    }


def _line(corners: Sequence[tuple[float, float]]) -> str:
    """From the right side of the first slot to the left side of the last, straight through the slots between."""
    middle = BOX_HIGH / 2
    x, y = corners[0][0] + BOX_WIDE, corners[0][1] + middle
    parts = [f"M{x:.0f} {y:.1f}"]
    for number, (left, top) in enumerate(corners[1:], 2):
        end = left - (3 if number == len(corners) else 0)
        half = (x + end) / 2
        parts.append(f"C{half:.0f} {y:.1f} {half:.0f} {top + middle:.1f} {end:.0f} {top + middle:.1f}")
        x, y = left, top + middle
        if number < len(corners):
            x = left + BOX_WIDE
            parts.append(f"H{x:.0f}")
    return "".join(parts)


def _line_class(start: Box, end: Box) -> str:
    return "line moving" if start.word and end.word else "line"


def add_box(root: Element, box: Box, x: float, y: float) -> None:
    """Draws a box with its upper left corner there; it is ``BOX_WIDE`` and ``BOX_HIGH``."""
    group = add(
        root, "g", class_=f"box is-{box.change}{' paid' if box.note else ''}", transform=f"translate({x:.0f} {y:.1f})"
    )
    _add_title(group, box)
    if box.count > 1:
        for shift in (8, 4):
            add(group, "rect", class_="card", x=shift, y=shift, width=BOX_WIDE, height=BOX_HIGH, rx=9)
    add(group, "rect", class_="card", width=BOX_WIDE, height=BOX_HIGH, rx=9)
    add(group, "rect", class_="stripe", width=4, height=BOX_HIGH - 18, x=0, y=9, rx=2)
    inside = BOX_WIDE - 2 * _PAD
    if box.word:
        pill = width_of(box.word, FONT_SIZE, bold=True) + 12
        add(group, "rect", class_="pill", x=BOX_WIDE - 8 - pill, y=8, width=pill, height=17, rx=8.5)
        add(group, "text", box.word, class_="word", x=BOX_WIDE - 8 - pill / 2, y=20, text_anchor="middle")
        inside -= pill + 2
    _add_text(group, box.kind, "kind", _PAD, 20, inside)
    _add_text(group, _name(box), "name", _PAD, 39, BOX_WIDE - 2 * _PAD)
    _add_text(group, box.note, "note", _PAD, 56, BOX_WIDE - 2 * _PAD)


def _add_row(root: Element, box: Box, left: float, x: float, y: float) -> None:
    group = add(root, "g", class_=f"box is-{box.change}{' paid' if box.note else ''}")
    _add_title(group, box)
    add(group, "circle", class_="dot", cx=x, cy=y, r=5.5)
    width = NARROW - left
    pill = width_of(box.word, FONT_SIZE, bold=True) + 12 if box.word else 0
    if box.word:
        add(group, "rect", class_="pill", x=NARROW - pill, y=y - 19, width=pill, height=17, rx=8.5)
        add(group, "text", box.word, class_="word", x=NARROW - pill / 2, y=y - 7, text_anchor="middle")
    _add_text(group, _name(box), "name", left, y - 5, width - pill - 6)
    note = min(width_of(plain(box.note), FONT_SIZE, bold=True) + 1, 0.65 * width) if box.note else 0.0
    kind = min(width_of(plain(box.kind), FONT_SIZE) + 1, width - note - (8 if note else 0))
    _add_text(group, box.kind, "kind", left, y + 12, kind)
    _add_text(group, box.note, "note", left + kind + 8, y + 12, note)


def _add_title(group: Element, box: Box) -> None:
    said = [f"{box.count} x {box.kind}" if box.count > 1 else f"{box.kind} {box.name}", box.word, box.note]
    add(group, "title", ", ".join(plain(each) for each in said if each))


def _add_text(group: Element, text: str, class_: str, x: float, y: float, width: float) -> None:
    bold = class_ != "kind"
    size = NAME_SIZE if class_ == "name" else FONT_SIZE
    if text and width > size:
        add(group, "text", fitted(plain(text), width, size, bold=bold), class_=class_, x=x, y=y)


def _name(box: Box) -> str:
    return f"{box.count} resources" if box.count > 1 else box.name


def _merged(boxes: Sequence[Box]) -> list[Box]:
    """One box for all of a kind with the same change. Of their notes, one that all have stays."""
    home = {box.key: f"{box.kind}\n{box.change}" for box in boxes}
    members: dict[str, list[Box]] = {}
    for box in boxes:
        members.setdefault(home[box.key], []).append(box)
    found = []
    for key, each in members.items():
        needs = dict.fromkeys(home[need] for box in each for need in box.needs if need in home and home[need] != key)
        notes = {box.note for box in each}
        first = replace(each[0], key=key, needs=tuple(needs), count=len(each))
        note = notes.pop() if len(notes) == 1 else ""
        found.append(replace(first, note=f"{note} each" if ":" in note and first.count > 1 else note))
    return found


def _rows(names: Sequence[str], needs: Mapping[str, Sequence[str]]) -> list[str]:
    """The names in an order in which what is needed comes first, and a chain stays together where it can."""
    rows: dict[str, None] = {}
    users: dict[str, list[str]] = {name: [] for name in names}
    for name in names:
        for each in dict.fromkeys(needs[name]):
            if each in users:
                users[each].append(name)
    waiting = [name for name in reversed(names) if not any(each in users for each in needs[name])]
    while len(rows) < len(users):
        name = (
            waiting.pop() if waiting else next(each for each in names if each not in rows)
        )  # the latter closes a circle
        if name not in rows:
            rows[name] = None
            waiting += [each for each in reversed(users[name]) if _is_ready(each, rows, needs, users)]
    return list(rows)


def _is_ready(
    name: str, rows: Mapping[str, None], needs: Mapping[str, Sequence[str]], known: Mapping[str, Sequence[str]]
) -> bool:
    return name not in rows and all(each in rows for each in needs[name] if each in known)


def _lanes(rows: Sequence[str], needs: Mapping[str, Sequence[str]]) -> dict[str, int]:
    """The lane of each row: one that no line uses, which has been drawn above and goes on below."""
    number = {name: at for at, name in enumerate(rows)}
    last = {name: max((number[user] for user in rows if name in needs[user]), default=number[name]) for name in rows}
    lanes: dict[str, int] = {}
    for name in rows:
        used = {lanes[other] for other in lanes if last[other] > number[name]}
        own = [lanes[each] for each in needs[name] if each in lanes and lanes[each] not in used]
        lanes[name] = min(own) if own else next(lane for lane in range(len(rows) + 1) if lane not in used)
    return lanes


def _rail(start: tuple[float, float], end: tuple[float, float]) -> str:
    (x, y), (to_x, to_y) = start, end
    turn = to_y - min(_ROW * 0.7, to_y - y)
    curve = (
        ""
        if x == to_x
        else f"C{x:.0f} {(turn + to_y) / 2:.1f} {to_x:.0f} {(turn + to_y) / 2:.1f} {to_x:.0f} {to_y:.1f}"
    )
    return f"M{x:.0f} {y:.1f}V{turn:.1f}{curve}" if curve else f"M{x:.0f} {y:.1f}V{to_y:.1f}"
