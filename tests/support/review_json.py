"""A review from its JSON form, for tests that render golden reports again."""

from __future__ import annotations

import json
import types
from dataclasses import fields, is_dataclass
from typing import TYPE_CHECKING, Any, Union, get_args, get_origin, get_type_hints

from pulumi_gcp_tuning.review.report import SCHEMA, Review

if TYPE_CHECKING:
    from pathlib import Path


def read_review(file: Path) -> Review:
    """The review that a file holds."""
    plain = json.loads(file.read_text(encoding="utf-8"))
    assert plain.pop("schema") == SCHEMA
    review = _made(Review, plain)
    assert isinstance(review, Review)
    return review


def _made(wanted: Any, value: Any) -> Any:
    if is_dataclass(wanted) and isinstance(wanted, type):
        hints = get_type_hints(wanted)
        assert set(value) == {field.name for field in fields(wanted)}
        return wanted(**{name: _made(hints[name], each) for name, each in value.items()})
    if get_origin(wanted) is tuple:
        kinds = get_args(wanted)
        each_kind = [kinds[0]] * len(value) if kinds[-1] is Ellipsis else list(kinds)
        return tuple(_made(kind, each) for kind, each in zip(each_kind, value, strict=True))
    if get_origin(wanted) in (Union, types.UnionType) and value is not None:
        return _made(next(kind for kind in get_args(wanted) if kind is not type(None)), value)
    return value
