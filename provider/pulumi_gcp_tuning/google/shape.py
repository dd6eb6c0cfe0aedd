"""The shapes that Google's answers must have before they are read. Any other shape is an error of the service, never ``{}``."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, Final

from typing_extensions import TypedDict

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pydantic import TypeAdapter


@dataclass(frozen=True)
class Shape:
    """A shape of answers; the library behind it is built when the first answer comes.

    ``noun`` is the name of such an answer in messages. ``fields`` is a TypedDict of the fields that are read; other fields
    stay in the answer. ``may_be_empty`` allows an answer without a body.
    """

    noun: str
    fields: Any
    may_be_empty: bool = False

    def misfit(self, answer: Mapping[str, Any]) -> str | None:
        """Why the answer is not of this shape, as the end of a sentence; None if it is."""
        from pydantic import ValidationError

        try:
            self._adapter.validate_python(answer, strict=True)
        except ValidationError as error:
            first = error.errors(include_url=False, include_input=False)[0]
            place = ".".join(str(step) for step in first["loc"] if step not in _TYPES)
            wrong = "is missing" if first["type"] == "missing" else "is not what it should be"
            return f"it is not {self.noun}: {place} {wrong}"
        return None

    @cached_property
    def _adapter(self) -> TypeAdapter[Any]:
        from pydantic import TypeAdapter

        return TypeAdapter(self.fields)


_TYPES: Final = ("int", "str", "constrained-str")
"""The last part of a path where pydantic tried several types; no field has such a name."""


class _Nothing(TypedDict):
    pass


NOTHING: Final = Shape("an answer", _Nothing, may_be_empty=True)
"""For calls whose answer is not read."""
