"""The text of a comment: the hidden marker that finds it again, and the limit of its length."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final
from urllib.parse import quote

_FENCE: Final = "```"
_ROOM: Final = 100  # for the sentence that says so
_COMMAND: Final = re.compile(r"^(\s*)/(?=\w)")


@dataclass(frozen=True)
class Body:
    """The text of a comment, and whether it holds the whole report."""

    text: str
    is_whole: bool


def marker_of(project: str, stack: str) -> str:
    """The first line of the comment of a stack, which a page does not show."""
    named = "/".join(quote(part, safe="") for part in (project, stack.rpartition("/")[2]))
    return f"<!-- gcp-tuning review {named} -->"


def body_of(markdown: str, marker: str, limit: int, whole: str) -> Body:
    """The comment. A report that is too long is cut after a line, and then says where the ``whole`` is."""
    body = f"{marker}\n" + "".join(_without_commands(markdown))
    return Body(body, is_whole=True) if length_of(body) <= limit else Body(_cut(body, limit, whole), is_whole=False)


def length_of(text: str) -> int:
    """The length as a forge may count it: some count a letter outside of the first 65,536 twice."""
    return len(text) + sum(letter > "\uffff" for letter in text)


def _without_commands(markdown: str) -> Iterator[str]:
    """The lines; GitLab runs a line such as ``/close`` outside of code as a command of the token's account."""
    fenced = False
    for line in markdown.splitlines(keepends=True):
        fenced ^= _is_fence(line)
        yield line if fenced else _COMMAND.sub(r"\1\\/", line)


def _cut(body: str, limit: int, whole: str) -> str:
    room = limit - length_of(whole) - _ROOM
    kept: list[str] = []
    closing: list[str] = []
    fenced, opened = False, 0
    for line in body.splitlines():
        room -= length_of(line) + 1
        fenced ^= _is_fence(line)
        opened += line.count("<details") - line.count("</details>")
        closes = [_FENCE] * fenced + ["</details>"] * opened
        if sum(len(each) + 1 for each in closes) > room:
            break
        kept.append(line)
        closing = closes
    return "\n".join([*kept, *closing, "", f"**This report is cut to {limit:,} characters.** {whole}", ""])


def _is_fence(line: str) -> bool:
    return line.lstrip().startswith(_FENCE)
