"""The syntax of label keys and values and of bucket names, and the two spellings of a property."""

from __future__ import annotations

import re
from typing import Final

MOST_IN_A_LABEL: Final = 64
"""Characters in a label's key or value, by Google's discovery document."""

BUCKET_NAME: Final = r"[a-z0-9][a-z0-9._-]{1,220}[a-z0-9]"
"""A pattern; only domain-named buckets have more than 63 characters."""


def is_label_key(text: str) -> bool:
    """Whether Google accepts ``text`` as the key of a label."""
    return 1 <= len(text) <= MOST_IN_A_LABEL and text[0].isalpha() and _is_plain(text)


def is_label_value(text: str) -> bool:
    """Whether Google accepts ``text`` as the value of a label; it may be empty."""
    return len(text) <= MOST_IN_A_LABEL and _is_plain(text)


def camel(name: str) -> str:
    """``base_model`` as it is in state: ``baseModel``."""
    return re.sub(r"_([a-z0-9])", lambda found: found[1].upper(), name)


def snake(name: str) -> str:
    """``baseModel`` as a program writes it: ``base_model``."""
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name).lower()


def counted(count: int, noun: str) -> str:
    """``1 row``, ``1,200 rows``."""
    return f"{count:,} {noun}{'' if count == 1 else 's'}"


def _is_plain(text: str) -> bool:
    return all(c in "_-" or c.isdigit() or (c.isalpha() and c == c.lower()) for c in text)
