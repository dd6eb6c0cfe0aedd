"""Tables as wide as the terminal, or paragraphs if a table does not fit."""

from __future__ import annotations

import os
import textwrap
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from rich.console import Console

_TABLE_WIDTH: Final = 150
_PIPE_WIDTH: Final = 100
_NARROWEST: Final = 8


def print_table(title: str, heads: Sequence[str], lines: Sequence[Sequence[str]]) -> None:
    """Prints a table if the terminal is wide enough, else one paragraph for each row."""
    from rich.markup import escape
    from rich.table import Table

    console = _console()
    if console.width < _TABLE_WIDTH:
        console.print(f"[bold]{escape(title)}[/bold]")
        for name, *cells in lines:
            console.print(f"[bold]{escape(name)}[/bold]", highlight=False)
            said = [f"{head}: {cell}" for head, cell in zip(heads[1:], cells, strict=True)]
            for paragraph in _wrapped(said, console.width):
                console.print(escape(paragraph), highlight=False, soft_wrap=True)
        return
    table = Table(title=title, title_justify="left")
    for number, head in enumerate(heads):
        table.add_column(head, overflow="fold", no_wrap=number == 0)
    for line in lines:
        table.add_row(*(escape(cell) for cell in line))
    console.print(table)


def print_columns(heads: Sequence[str], lines: Sequence[Sequence[str]], names: Sequence[str]) -> None:
    """Prints columns, cut at the edge of a terminal, and under each line the names of the thing in full, one a line."""
    from rich.cells import cell_len, set_cell_size

    shown = [[printable(cell) or "-" for cell in line] for line in (heads, *lines)]
    widths = [max(cell_len(line[number]) for line in shown) for number in range(len(heads))]
    excess = sum(widths) + 2 * (len(widths) - 1) - _console().width if _is_shown() else 0
    while excess > 0 and max(widths) > _NARROWEST:
        widest = widths.index(max(widths))
        widths[widest], excess = widths[widest] - 1, excess - 1
    for number, line in enumerate(shown):
        shown_line = "  ".join(
            cell if cell_len(cell) <= width and last else _cut(cell, width, set_cell_size)
            for cell, width, last in zip(line, widths, [*[False] * (len(widths) - 1), True], strict=True)
        )
        print(shown_line.rstrip())
        if number:
            for name in names[number - 1].splitlines():
                print(f"  {printable(name)}")


def printable(text: str) -> str:
    """The text in one line, without characters that a terminal obeys."""
    return " ".join("".join(each if each.isprintable() else " " for each in text).split())


def print_notes(parts: Sequence[str]) -> None:
    """Prints what explains a table, each part in lines that fit the terminal."""
    console = _console()
    for part in parts:
        for line in textwrap.wrap(f"{part}.", console.width, subsequent_indent="  ", break_on_hyphens=False):
            console.print(line, highlight=False, soft_wrap=True, markup=False)


def _cut(cell: str, width: int, sized: Callable[[str, int], str]) -> str:
    """The cell with exactly that width; a cut one ends in an ellipsis."""
    whole = sized(cell, width)
    return whole if whole.rstrip() == cell else sized(cell, width - 1) + "…"


def _wrapped(parts: Sequence[str], width: int) -> list[str]:
    """The parts, joined by semicolons, in lines that break between parts if possible."""
    lines = [""]
    for number, part in enumerate(parts, 1):
        said = part if number == len(parts) else f"{part};"
        joined = f"{lines[-1]} {said}" if lines[-1] else f"  {said}"
        if lines[-1] and len(joined) > width:
            lines.append(f"  {said}")
        else:
            lines[-1] = joined
    return [row for line in lines for row in textwrap.wrap(line, width, subsequent_indent="  ")]


def _is_shown() -> bool:
    """Whether the output has the edge of a terminal; a pipe and a file have none."""
    from rich.console import Console

    return Console().is_terminal or "COLUMNS" in os.environ


def _console() -> Console:
    """The width of the terminal; a common width for a pipe or a file."""
    from rich.console import Console

    return Console() if _is_shown() else Console(width=_PIPE_WIDTH)
