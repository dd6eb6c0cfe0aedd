"""The fenced blocks of a Markdown file, each with the marker that says how it is held against reality.

A block must be preceded by one HTML comment: ``<!-- program -->`` (a Pulumi program: up and destroy), ``<!-- file: NAME -->``
(a file that the commands of the page use), ``<!-- shell -->`` (commands, run one after the other;
``<!-- shell: slow -->`` in make test-full only), ``<!-- output: COMMAND -->``
(what COMMAND prints, ids and times aside) or ``<!-- skip: REASON -->``.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

_BLOCK = re.compile(
    r"(?:^<!-- (?P<marker>[^\n]*?) -->\n)?^```(?P<language>\w*)\n(?P<text>.*?)^```$", re.MULTILINE | re.DOTALL
)


@dataclass(frozen=True)
class Block:
    """One fenced block."""

    file: Path
    line: int
    marker: str
    language: str
    text: str

    @property
    def kind(self) -> str:
        """``program``, ``file``, ``shell``, ``output``, ``skip`` or ``""`` where the marker is missing."""
        return self.marker.partition(":")[0].strip()

    @property
    def argument(self) -> str:
        """What stands after the colon."""
        return self.marker.partition(":")[2].strip()

    def __str__(self) -> str:
        return f"{self.file.name}:{self.line}"


def find_blocks(file: Path) -> Iterator[Block]:
    """Every fenced block of one file, in order."""
    text = file.read_text(encoding="utf-8")
    for match in _BLOCK.finditer(text):
        line = text.count("\n", 0, match.start()) + 1
        yield Block(file, line, match["marker"] or "", match["language"], match["text"])


_CHANGING = re.compile(r"\b[0-9a-f]{7,}\b|\d+(\.\d+)?")


def stable(line: str) -> str:
    """A line without what differs from run to run: ids, times, numbers, runs of blanks."""
    return re.sub(r"\s+", " ", _CHANGING.sub("#", line)).strip()


def expect_shown(block: Block, said: str) -> None:
    """Each line of the block is one that was printed; ``...`` is any number of lines."""
    printed = {stable(line) for line in said.splitlines()}
    shown = [stable(line) for line in block.text.splitlines() if stable(line) not in ("", "...")]
    missing = [line for line in shown if line not in printed]
    assert not missing, f"{block} shows what is not printed: {missing}\n" + "\n".join(sorted(printed))
