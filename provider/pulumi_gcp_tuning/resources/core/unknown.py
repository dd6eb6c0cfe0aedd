"""The value that only apply will know. ``dynamic.py`` needs it in the program, which loads nothing else of ``resources/``."""

from __future__ import annotations

from typing import Any, Final


class Unknown:
    """The type of :data:`UNKNOWN`, a value that only apply will know. Falsy, equal only to itself."""

    _only: Unknown | None = None

    def __new__(cls) -> Unknown:  # noqa: PYI034
        """Returns the single instance."""
        if cls._only is None:
            cls._only = super().__new__(cls)
        return cls._only

    def __bool__(self) -> bool:
        return False

    def __deepcopy__(self, memo: dict[int, Any]) -> Unknown:
        return self

    def __repr__(self) -> str:
        return "UNKNOWN"


UNKNOWN: Final = Unknown()
