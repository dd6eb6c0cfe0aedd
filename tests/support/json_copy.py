"""A copy of JSON-like data, several times faster than ``copy.deepcopy``."""

from __future__ import annotations

from typing import Any, TypeVar, cast

T = TypeVar("T")


def json_copy(value: T) -> T:
    """The same values in dicts and lists of their own."""
    return cast("T", _copy(value))


def _copy(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _copy(each) for key, each in value.items()}
    return [_copy(each) for each in value] if isinstance(value, list) else value
