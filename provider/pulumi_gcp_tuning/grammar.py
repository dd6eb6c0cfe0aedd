"""The syntax of label keys and values and of bucket names, and the two spellings of a property."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

MOST_IN_A_LABEL: Final = 64
"""Characters in a label's key or value, by Google's discovery document."""

BUCKET_NAME: Final = r"[a-z0-9][a-z0-9._-]{1,220}[a-z0-9]"
"""A pattern; only domain-named buckets have more than 63 characters."""

_MOST_IN_A_BUCKET_PART: Final = 63  # characters between dots
_MOST_IN_AN_OBJECT_NAME: Final = 1024  # bytes in UTF-8
_GOOGLES_OBJECTS: Final = ".well-known/acme-challenge/"
_IPV4: Final = re.compile(r"\d{1,3}(\.\d{1,3}){3}")


def is_label_key(text: str) -> bool:
    """Whether Google accepts ``text`` as the key of a label."""
    return 1 <= len(text) <= MOST_IN_A_LABEL and text[0].isalpha() and _is_plain(text)


def is_label_value(text: str) -> bool:
    """Whether Google accepts ``text`` as the value of a label; it may be empty."""
    return len(text) <= MOST_IN_A_LABEL and _is_plain(text)


def wrong_in_bucket_name(name: str) -> str | None:
    """Why no bucket can have that name, by Cloud Storage's rules; None if one can."""
    if not re.fullmatch(BUCKET_NAME, name) or any(len(part) > _MOST_IN_A_BUCKET_PART for part in name.split(".")):
        return "it has 3 to 63 lower-case letters, digits, '-', '_' and '.', and begins and ends with a letter or digit"
    if _IPV4.fullmatch(name):
        return "it is an IP address"
    if name.startswith("goog"):
        return "names that begin with goog are Google's own"
    return None


def wrong_in_object_name(name: str) -> str | None:
    """Why no object can have that name, by Cloud Storage's rules; None if one can."""
    if len(name.encode()) > _MOST_IN_AN_OBJECT_NAME:
        return f"an object's name has at most {_MOST_IN_AN_OBJECT_NAME} bytes"
    if "\n" in name or "\r" in name:
        return "an object's name has no line feed and no carriage return"
    if name.startswith(_GOOGLES_OBJECTS):
        return f"an object's name does not begin with {_GOOGLES_OBJECTS}"
    return None


def camel(name: str) -> str:
    """``base_model`` as it is in state: ``baseModel``."""
    return re.sub(r"_([a-z0-9])", lambda found: found[1].upper(), name)


def snake(name: str) -> str:
    """``baseModel`` as a program writes it: ``base_model``."""
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name).lower()


def counted(count: int, noun: str) -> str:
    """``1 row``, ``1,200 rows``."""
    return f"{count:,} {noun}{'' if count == 1 else 's'}"


def in_dollars(usd: float) -> str:
    """US dollars with cents; with four digits below a cent."""
    return f"${usd:.4f}" if 0 < usd < 0.01 else f"${usd:,.2f}"


def some_of(names: Sequence[str], most: int) -> str:
    """``a, b and 3 more``: at most so many of the names, and the number of the others."""
    return ", ".join(names[:most]) + (f" and {len(names) - most} more" if len(names) > most else "")


def _is_plain(text: str) -> bool:
    return all(c in "_-" or c.isdigit() or (c.isalpha() and c == c.lower()) for c in text)
