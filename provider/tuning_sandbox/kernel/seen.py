"""The parameters of a request, and which of them were read."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

# the caller and the quota user: they change no answer of the sandbox
CALLER = frozenset({"accessToken", "key", "oauthToken", "quotaUser", "userIp"})
# the format of the answer: `kernel.partial` and the front end apply them
FORM = frozenset({"alt", "fields", "prettyPrint"})
UNCOUNTED = CALLER | FORM
"""Parameters that change neither the effect of a call nor the items of a list."""


class Seen(dict[str, Any]):
    """Values by name that remember which of them were asked for."""

    def __init__(self, values: Mapping[str, Any] | Sequence[tuple[str, Any]] = ()) -> None:
        super().__init__(values)
        self.read: set[str] = set()

    def __getitem__(self, key: str) -> Any:
        self.read.add(key)
        return super().__getitem__(key)

    def get(self, key: str, default: Any = None) -> Any:
        """The value, or the default."""
        self.read.add(key)
        return super().get(key, default)

    def __contains__(self, key: object) -> bool:
        self.read.add(str(key))
        return super().__contains__(key)

    def __iter__(self) -> Iterator[str]:
        self.read.update(super().keys())
        return super().__iter__()

    def items(self) -> Any:
        """All of them, which counts as having read them."""
        self.read.update(super().keys())
        return super().items()

    def unread(self) -> list[str]:
        """The names that nobody asked for."""
        names = super().keys()
        return [name for name in names if name not in self.read]
