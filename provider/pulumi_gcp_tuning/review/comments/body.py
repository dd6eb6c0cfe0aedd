"""The text of a comment: the hidden marker that finds it again, and the limit of its length."""

from __future__ import annotations

from typing import Final
from urllib.parse import quote

_FENCE: Final = "```"
_ROOM: Final = 100  # for the sentence that says so


def marker_of(project: str, stack: str) -> str:
    """The first line of the comment of a stack, which a page does not show."""
    named = "/".join(quote(part, safe="") for part in (project, stack.rpartition("/")[2]))
    return f"<!-- gcp-tuning review {named} -->"


def body_of(markdown: str, marker: str, limit: int, whole: str) -> str:
    """The comment. A report that is too long is cut after a line, and then says where the ``whole`` is."""
    body = f"{marker}\n{markdown}"
    return body if length_of(body) <= limit else _cut(body, limit, whole)


def length_of(text: str) -> int:
    """The length as a forge may count it: some count a letter outside of the first 65,536 twice."""
    return len(text) + sum(letter > "\uffff" for letter in text)


def _cut(body: str, limit: int, whole: str) -> str:
    room = limit - length_of(whole) - _ROOM
    kept: list[str] = []
    closing: list[str] = []
    fenced, opened = False, 0
    for line in body.splitlines():
        room -= length_of(line) + 1
        fenced ^= line.lstrip().startswith(_FENCE)
        opened += line.count("<details") - line.count("</details>")
        closes = [_FENCE] * fenced + ["</details>"] * opened
        if sum(len(each) + 1 for each in closes) > room:
            break
        kept.append(line)
        closing = closes
    return "\n".join([*kept, *closing, "", f"**This report is cut to {limit:,} characters.** {whole}", ""])
