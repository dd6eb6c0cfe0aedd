"""A recording of a terminal: the lines that a person sees on it, as they change."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

_PARTS: Final = re.compile(
    r"\x1b\](?:[^\x07\x1b]|\x1b(?!\\))*(?:\x07|\x1b\\)"  # a message to the terminal
    r"|\x1b\[(?P<values>[0-9;?]*)[ -/]*(?P<command>[@-~])"
    r"|(?P<control>[\r\n])"
    r"|(?P<text>[^\x00-\x1f\x7f])"
)
_PORT: Final = re.compile(r"(127\.0\.0\.1:)\d{1,5}(?=,)")
Run = list[str]
"""A style and a text: ``["2b", "created"]`` is bold in colour 2, ``u`` is underlined."""


@dataclass
class Screen:
    """A terminal that is as high as it has to be, and knows the few commands that Pulumi and rich send."""

    columns: int
    lines: list[list[tuple[str, str]]] = field(default_factory=lambda: [[]])
    row: int = 0
    column: int = 0
    color: str = ""
    bold: bool = False
    underlined: bool = False

    def feed(self, text: str) -> None:
        """Draw what a command wrote."""
        for part in _PARTS.finditer(text):
            if part["text"]:
                self._put(part["text"])
            elif part["control"] == "\r":
                self.column = 0
            elif part["control"] == "\n":
                self._down()
            elif part["command"]:
                self._obey(part["command"], part["values"])

    def _put(self, letter: str) -> None:
        if self.column == self.columns:
            self._down()
            self.column = 0
        line = self.lines[self.row]
        line.extend([("", " ")] * (self.column + 1 - len(line)))
        style = f"{self.color}{'b' if self.bold else ''}{'u' if self.underlined else ''}"
        line[self.column] = (style, letter)
        self.column += 1

    def _down(self) -> None:
        self.row += 1
        if self.row == len(self.lines):
            self.lines.append([])

    def _obey(self, command: str, values: str) -> None:
        if command == "A":
            self.row = max(0, self.row - int(values or 1))
        elif command == "K":
            del self.lines[self.row][self.column :]
        elif command == "m":
            self._style(values)

    def _style(self, values: str) -> None:
        if values.startswith("38;5;"):
            self.color = values.removeprefix("38;5;")
            return
        for value in map(int, (values or "0").split(";")):
            if value == 0:
                self.color, self.bold, self.underlined = "", False, False
            elif value in (1, 4):
                self.bold, self.underlined = self.bold or value == 1, self.underlined or value == 4
            elif 30 <= value <= 37 or 90 <= value <= 97:
                self.color = str(value - 30 if value < 40 else value - 82)

    def shown(self) -> list[list[Run]]:
        """The lines, each as its runs of one style."""
        return [_runs(line) for line in self.lines]


def _runs(line: Sequence[tuple[str, str]]) -> list[Run]:
    found: list[Run] = []
    for style, letter in line:
        if found and found[-1][0] == style:
            found[-1][1] += letter
        else:
            found.append([style, letter])
    while found and not found[-1][1].rstrip():
        found.pop()
    return found


def changes_of(drawn: Sequence[tuple[float, str]], columns: int) -> Iterator[dict[str, object]]:
    """The lines that change, with the second in which they do. What is half drawn is not seen."""
    screen, before = Screen(columns), [[]]  # type: tuple[Screen, list[list[Run]]]
    for at, (when, text) in enumerate(drawn):
        screen.feed(_PORT.sub(r"\g<1>8085", text))
        half = not text.endswith("\n") or (at + 1 < len(drawn) and drawn[at + 1][0] - when < 0.03)
        if half and at + 1 < len(drawn):
            continue
        now = screen.shown()
        lines = {str(row): runs for row, runs in enumerate(now) if row >= len(before) or before[row] != runs}
        if lines:
            yield {"at": round(when, 1), "lines": lines}
        before = now


def keep(file: Path, drawn: Sequence[tuple[float, str]], columns: int) -> None:
    """Write a recording; one change of the screen is one line of the file."""
    changes = ",\n".join(json.dumps(each, ensure_ascii=False) for each in changes_of(drawn, columns))
    file.write_text(f'{{"columns": {columns}, "changes": [\n{changes}\n]}}\n', encoding="utf-8")


def last_lines(recording: str) -> list[str]:
    """The lines that are on the screen at the end of a recording, as text."""
    screen: dict[int, str] = {}
    for change in json.loads(recording)["changes"]:
        screen |= {int(row): "".join(text for _, text in runs) for row, runs in change["lines"].items()}
    return [screen[row] for row in sorted(screen)]
