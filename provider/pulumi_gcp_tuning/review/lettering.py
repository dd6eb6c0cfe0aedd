"""How wide a text is in a picture, so that labels fit their boxes and do not overlap.

The browser chooses the font. The widths here are those of DejaVu Sans, which is wider than the usual sans-serif fonts of
Windows, macOS and Android, so a text that fits here fits there.
"""

from __future__ import annotations

import re
import unicodedata
from typing import Final

_WIDTHS: Final = {
    0.32: "'ijlIJ ,./:;\\|",
    0.42: "f-()[]tr!",
    0.53: '"*_`sz?c',
    0.64: "LFkvxyPTYaoeESbdghnpqu$0123456789{}",
    0.72: "KAVBRXZCU",
    0.80: "HNDG&OQ",
    0.88: "w#+<=>^~M",
    1.00: "%mW@",
}
_WIDTH: Final = {letter: width for width, letters in _WIDTHS.items() for letter in letters}
_WORDS: Final = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+")
_BOLD: Final = 1.12
_MORE: Final = "…"


def plain(text: str) -> str:
    """The text in one line, without control characters and marks that change the direction of what follows."""
    spaced = " ".join(text.split())
    return "".join(letter for letter in spaced if unicodedata.category(letter) not in ("Cc", "Cf", "Cs", "Co", "Cn"))


def width_of(text: str, size: float, *, bold: bool = False) -> float:
    """The most that a text of this font size takes, in the unit of the size."""
    return sum(_width_of(letter) for letter in text) * size * (_BOLD if bold else 1)


def fitted(text: str, width: float, size: float, *, bold: bool = False) -> str:
    """The text, or its beginning and its end around an ellipsis if it is wider: names often differ at their ends."""
    if width_of(text, size, bold=bold) <= width:
        return text
    for kept in range(len(text) - 1, 0, -1):
        tail = kept // 3
        shorter = text[: kept - tail].rstrip() + _MORE + (text[-tail:] if tail else "")
        if width_of(shorter, size, bold=bold) <= width:
            return shorter
    return _MORE


def _width_of(letter: str) -> float:
    if letter in _WIDTH:
        return _WIDTH[letter]
    if unicodedata.combining(letter):
        return 0.0
    return 1.05 if unicodedata.east_asian_width(letter) in "WFA" else 0.85


def kind_of(type_: str) -> str:
    """A type of the program in words: ``TuningJob`` is a tuning job, ``BucketIAMMember`` a bucket IAM member."""
    words = _WORDS.findall(type_.rpartition(":")[2].rpartition("/")[2])
    return " ".join(word if word.isupper() and len(word) > 1 else word.lower() for word in words) or type_
