"""The fields of Pulumi's answers, read by their types. A field of another type is an answer of another version."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, TypeVar

_Read = TypeVar("_Read")

_NEED_OLD = frozenset({"delete", "delete-replaced", "discard", "discard-replaced", "replace", "update"})
_NEED_NEW = frozenset({"create", "create-replacement", "import", "import-replacement", "replace", "update"})
_OTHERS = frozenset({"same", "read", "read-replacement", "refresh", "remove-pending-replace"})
_SEVERITIES = frozenset({"debug", "info", "warning", "error"})


class Misshapen(ValueError):
    """A field that is missing or of another type. Its text names the field and shows no value."""


def each_of(values: Any, name: str, read: Callable[[Mapping[str, Any]], _Read]) -> list[_Read]:
    """What is read of each object of a list; an error names the place of the object."""
    found = []
    for at, value in enumerate(listed(values, name)):
        place = f"{name}[{at}]"
        if not isinstance(value, Mapping):
            raise Misshapen(place)
        try:
            found.append(read(value))
        except Misshapen as error:
            raise Misshapen(f"{place}.{error}") from None
    return found


def mapping(value: Any, name: str) -> Mapping[str, Any]:
    """An object; an empty one for null."""
    found: Mapping[str, Any] = _of_type(value, name, Mapping, {})
    return found


def listed(value: Any, name: str) -> list[Any]:
    """A list; an empty one for null."""
    found: list[Any] = _of_type(value, name, list, [])
    return found


def texts(of: Mapping[str, Any], name: str) -> tuple[str, ...]:
    """A list of texts; an empty one for null or nothing."""
    found = listed(of.get(name), name)
    if not all(isinstance(each, str) for each in found):
        raise Misshapen(name)
    return tuple(found)


def text_at(of: Mapping[str, Any], name: str) -> str:
    """A text; an empty one for null or nothing."""
    found: str = _of_type(of.get(name), name, str, "")
    return found


def flag(of: Mapping[str, Any], name: str) -> bool | None:
    """True, false, or None for null or nothing."""
    found: bool | None = _of_type(of.get(name), name, bool, None)
    return found


def count(value: Any, name: str) -> int:
    """A number that counts something."""
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value < 1e12:
        raise Misshapen(name)
    return int(value)


def operation_of(step: Mapping[str, Any]) -> str:
    """The operation of a step, if it is a known one and the step has the states that it needs."""
    op = text_at(step, "op")
    if op not in _NEED_OLD | _NEED_NEW | _OTHERS:
        raise Misshapen("op")
    for name, needed in (("oldState", _NEED_OLD), ("newState", _NEED_NEW)):
        if op in needed and step.get(name) is None:
            raise Misshapen(name)
    return op


def check_state(state: Mapping[str, Any]) -> None:
    """Raises Misshapen if a field of a resource's state has another type, also one that this review does not need."""
    for name in ("inputs", "outputs"):
        mapping(state.get(name), name)
    for name in ("dependencies", "additionalSecretOutputs"):
        texts(state, name)
    for name in ("protect", "retainOnDelete", "custom"):
        flag(state, name)
    text_at(state, "id")


def severity_of(diagnostic: Mapping[str, Any]) -> str:
    """``error``, ``warning``, ``info`` or ``debug``, without the name of the stream behind it."""
    severity = text_at(diagnostic, "severity").partition("#")[0]
    if severity not in _SEVERITIES:
        raise Misshapen("severity")
    return severity


def _of_type(value: Any, name: str, kind: type, empty: Any) -> Any:
    if value is None:
        return empty
    if not isinstance(value, kind):
        raise Misshapen(name)
    return value
