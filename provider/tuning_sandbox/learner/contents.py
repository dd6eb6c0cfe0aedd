"""What the small model sees of a file: a hash of its bytes, and the words that can be read in them."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Callable
from hashlib import sha256
from itertools import islice

_WORD = re.compile(rb"[A-Za-z]{4,}")
_MOST_BYTES, _MOST_WORDS = 1 << 16, 24
_NAMED = re.compile(r"\[([\w/.+-]+) (gs://[^\]\n]+)\]")


def contents_of(data: bytes) -> str:
    """A word that is the same for the same bytes, and the first words among them."""
    words = dict.fromkeys(word.decode().lower() for word in _WORD.findall(data[:_MOST_BYTES]))
    return " ".join([f"sum{sha256(data).hexdigest()[:12]}", *islice(words, _MOST_WORDS)])


def inline_contents(data: object) -> str:
    """The same of a file that is written in base64; one that cannot be read has none."""
    try:
        return contents_of(base64.b64decode(str(data).replace("-", "+").replace("_", "/"), validate=True))
    except binascii.Error:
        return ""


def show_files(text: str, read: Callable[[str], bytes | None]) -> str:
    """A prompt with what its files hold in place of their names; a file that cannot be read keeps its name."""

    def shown(found: re.Match[str]) -> str:
        data = read(found[2])
        return found[0] if data is None else f"[{found[1]} {contents_of(data)}]"

    return _NAMED.sub(shown, text)
