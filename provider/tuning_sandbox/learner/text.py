"""Cutting text into pieces, and hashing pieces into feature numbers that are the same in every process."""

from __future__ import annotations

import re
from itertools import pairwise
from zlib import crc32

_PIECE = re.compile(r"\s?[^\W_]+(?:['\u2019][^\W_]+)*|\s?[^\w\s]|\s?_+|\s+")
_WORD = re.compile(r"[^\W_]+")

END = "\x00end"
START = "\x00start"
CHARACTERS_PER_TOKEN = 4


def pieces_of(text: str) -> list[str]:
    """Words with their leading space, marks and gaps; joined together they are exactly the text."""
    return _PIECE.findall(text)


def words_of(text: str) -> list[str]:
    """The lower-cased words of a text, without marks."""
    return _WORD.findall(text.lower())


def count_tokens(text: str) -> int:
    """The sandbox's token count of a text: four characters each, rounded up."""
    return -(-len(text) // CHARACTERS_PER_TOKEN)


def bucket_of(text: str, size: int) -> int:
    """A hash of the text below `size`, the same in every process."""
    return crc32(text.encode("utf-8", "surrogatepass")) % size


def prompt_features(prompt: str, size: int) -> list[int]:
    """The distinct feature numbers of a prompt: its words, word beginnings and neighbouring pairs."""
    words = words_of(prompt)[-2000:]
    found = {bucket_of("w:" + word, size) for word in words}
    found.update(bucket_of("b:" + word[:5], size) for word in words if len(word) > 5)
    found.update(bucket_of(f"p:{left} {right}", size) for left, right in pairwise(words))
    return sorted(found)


def context_features(before: list[str], size: int) -> tuple[int, int, int, int]:
    """The feature numbers of a position in an answer: the last one, two and four pieces, and the position itself."""
    last = before[-1] if before else START
    pair = "".join(before[-2:]) if before else START
    run = "".join(before[-4:]) if before else START
    return (
        bucket_of("1:" + last, size),
        bucket_of("2:" + pair, size),
        bucket_of("4:" + run, size),
        bucket_of(f"at:{min(len(before), 24)}", size),
    )
