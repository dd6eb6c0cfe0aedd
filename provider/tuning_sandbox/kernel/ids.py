"""Seeded identifiers: the same seed and the same calls give the same bytes."""

from __future__ import annotations

import random
import string


class Ids:
    """Numbers, etags and tokens in the forms Google uses."""

    def __init__(self, seed: int, used: int = 0) -> None:
        """`used` is the number of ids issued before (a restart continues from there)."""
        self.used = used
        self._seed = seed

    def _random(self) -> random.Random:
        self.used += 1
        return random.Random(f"{self._seed}/{self.used}")

    def number(self, digits: int) -> str:
        """A decimal number of exactly so many digits; with 16 or more digits it is unique."""
        return str(self._random().randrange(10 ** (digits - 1), 10**digits))

    def token(self, length: int) -> str:
        """A url-safe token."""
        return "".join(self._random().choices(string.ascii_letters + string.digits + "-_", k=length))

    def etag(self) -> str:
        """An opaque etag as Vertex writes it."""
        return "AMEw9y" + self.token(26)
