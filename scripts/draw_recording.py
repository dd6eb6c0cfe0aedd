"""Draws a recording of a terminal as an SVG file that plays by itself, without a script and without a network.

Each state of a line is drawn once and shown for its time. Who prefers no motion sees the last screen.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final
from xml.etree import ElementTree as ET

ROWS: Final = 34
HOLD: Final = 6.0
"""For how many seconds the last screen stays before the recording begins again."""
TYPED: Final = 1.0
"""For how many seconds only the command is there."""
LONGEST: Final = 1.0
"""For how many seconds a screen without a change stays; waiting for longer is cut."""
_WORDS: Final = re.compile(r"\S+(?: \S+)*")
"""Words with one blank between them: several blanks are not kept in an SVG file."""
_LETTER: Final = 7.2
_LINE: Final = 17
_MARGIN: Final = 16
_BAR: Final = 30
_COLORS: Final = {"1": "#ff8f8b", "2": "#4cc38a", "3": "#ffb454", "4": "#70b8ff", "5": "#baa7ff", "6": "#5fd7d7",
                  "8": "#8b9099", "9": "#ff8f8b", "10": "#4cc38a", "11": "#ffb454", "12": "#70b8ff", "13": "#d7a6f5"}  # fmt: skip


@dataclass(frozen=True)
class Shown:
    """One state of a line and the seconds between which it is on the screen; ``until`` is None if it stays."""

    row: int
    runs: Sequence[tuple[str, str]]
    since: float
    until: float | None


def draw_recording(recording: Mapping[str, Any], command: str, label: str) -> str:
    """The whole SVG file. The command is the first line."""
    changes = list(_shortened(recording["changes"]))
    lasts = round(changes[-1][0] + HOLD, 1)
    states = [Shown(0, [("2b", "$ "), ("", command)], 0, None), *_states(changes)]
    width = round(recording["columns"] * _LETTER) + 2 * _MARGIN
    height = _BAR + ROWS * _LINE + _MARGIN
    size = {"width": str(width), "height": str(height), "viewBox": f"0 0 {width} {height}"}
    root = ET.Element("svg", {"xmlns": "http://www.w3.org/2000/svg", **size, "role": "img", "aria-label": label})
    styles = [_STYLE, *(f".c{name}{{fill:{color}}}" for name, color in _COLORS.items())]
    style = ET.SubElement(root, "style")
    ET.SubElement(root, "rect", {"class": "window", "width": str(width), "height": str(height), "rx": "10"})
    for at in range(3):
        ET.SubElement(root, "circle", {"class": "dot", "cx": str(20 + at * 18), "cy": "16", "r": "5"})
    inside = {"y": str(_BAR), "width": str(width), "height": str(ROWS * _LINE)}
    scrolled = ET.SubElement(ET.SubElement(root, "svg", inside), "g", {"class": "all"})
    times: dict[tuple[float, float | None], str] = {}
    for each in states:
        name = times.setdefault((each.since, each.until), f"t{len(times)}")
        scrolled.append(_line(each, name))
    styles += [_shown(name, since, until, lasts) for (since, until), name in times.items()]
    styles.append(_scroll(states, lasts))
    style.text = "\n".join(styles)
    return ET.tostring(root, encoding="unicode") + "\n"


_STYLE: Final = """\
text{font-family:ui-monospace,SFMono-Regular,Menlo,Consolas,"DejaVu Sans Mono",monospace;font-size:12px;fill:#edeef0}
.window{fill:#17191d}.dot{fill:#3b3f47}.b{font-weight:700}.u{text-decoration:underline}
.gone{visibility:hidden}
@media (prefers-reduced-motion:reduce){*{animation:none!important}}"""


def _shortened(changes: Sequence[Mapping[str, Any]]) -> Iterator[tuple[float, Mapping[str, Any]]]:
    """The seconds and the lines of the changes, without the time in which nothing happens."""
    now, before = TYPED, 0.0
    for change in changes:
        now, before = round(now + min(change["at"] - before, LONGEST), 1), change["at"]
        yield now, change["lines"]


def _states(changes: Sequence[tuple[float, Mapping[str, Any]]]) -> Iterator[Shown]:
    open_lines: dict[int, tuple[float, Any]] = {}
    for at, lines in changes:
        for row, runs in ((int(row) + 1, runs) for row, runs in lines.items()):
            if row in open_lines:
                since, before = open_lines[row]
                yield Shown(row, before, since, at)
            open_lines[row] = (at, runs)
    for row, (since, runs) in open_lines.items():
        yield Shown(row, runs, since, None)


def _line(each: Shown, name: str) -> ET.Element:
    made = ET.Element(
        "text", {"class": name if each.until is None else f"{name} gone", "y": str(each.row * _LINE + 13)}
    )
    column = 0
    for style, text in each.runs:
        color = style.rstrip("bu")
        classes = [f"c{color}"] * (color in _COLORS) + [mark for mark in "bu" if mark in style]
        for word in _WORDS.finditer(text):
            x, length = _MARGIN + (column + word.start()) * _LETTER, len(word.group()) * _LETTER
            place = {"x": f"{x:.1f}", "textLength": f"{length:.1f}"}
            part = ET.SubElement(made, "tspan", place | ({"class": " ".join(classes)} if classes else {}))
            part.text = word.group()
        column += len(text)
    return made


def _shown(name: str, since: float, until: float | None, lasts: float) -> str:
    """The rule that shows a line between two seconds of each round."""
    if since == 0 and until is None:
        return ""
    begin, end = _percent(since, lasts), "" if until is None else f"{_percent(until, lasts)}{{visibility:hidden}}"
    hidden = "" if since == 0 else "0%{visibility:hidden}"
    frames = f"@keyframes {name}{{{hidden}{begin}{{visibility:visible}}{end}}}"
    return f"{frames}.{name}{{animation:{name} {lasts:g}s step-end infinite}}"


def _scroll(states: Sequence[Shown], lasts: float) -> str:
    """The rule that keeps the newest lines in the window."""
    lowest, frames, above = 0, ["0%{transform:translateY(0)}"], 0
    for since in sorted({each.since for each in states}):
        lowest = max([lowest, *(each.row for each in states if each.since == since)])
        if lowest - ROWS + 1 > above:
            above = lowest - ROWS + 1
            frames.append(f"{_percent(since, lasts)}{{transform:translateY(-{above * _LINE}px)}}")
    rule = f".all{{transform:translateY(-{above * _LINE}px);animation:scroll {lasts:g}s step-end infinite}}"
    return f"@keyframes scroll{{{''.join(frames)}}}{rule}"


def _percent(second: float, lasts: float) -> str:
    return f"{100 * second / lasts:.2f}%"


def read(text: str) -> Mapping[str, Any]:
    """A recording that tests/support/recording.py wrote."""
    made: Mapping[str, Any] = json.loads(text)
    return made
