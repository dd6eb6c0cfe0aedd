"""A review on a terminal: the Markdown of the report as a reader of the pull request sees it, unfolded."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from rich.console import Console

_FOLDED: Final = re.compile(r"<details><summary>(.*?)</summary>\n\n(.*?)\n\n</details>", re.DOTALL)
_CONTROLS: Final = re.compile(r"[\x00-\x09\x0b-\x1f\x7f-\x9f]")  # a value could move the cursor
_WIDEST: Final = 120


def show(report: str, console: Console | None = None) -> None:
    """Prints the report. Folded sections are open, because a terminal cannot unfold them."""
    from rich.console import Console
    from rich.markdown import Heading, Markdown

    class LeftHeading(Heading):
        def __rich_console__(self, _console: Console, _options: object):  # type: ignore[no-untyped-def]  # noqa: ANN204
            self.text.justify = "left"
            yield self.text

    class Report(Markdown):
        elements = Markdown.elements | {"heading_open": LeftHeading}

    console = console or Console()
    width = min(console.width, _WIDEST)
    text = _FOLDED.sub(r"### \1\n\n\2", _CONTROLS.sub("?", report))
    console.print(Report(text), width=width)
