"""Filters and orders of lists: comparisons joined with AND, OR, NOT and parentheses, as in AIP-160."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime
from fnmatch import fnmatchcase
from typing import Any

from tuning_sandbox.kernel.clock import from_stamp
from tuning_sandbox.kernel.errors import GoogleError, invalid_argument
from tuning_sandbox.spelling import to_camel, to_snake

Doc = dict[str, Any]
Test = Callable[[Doc], bool]
_TOKEN = re.compile(
    r"""\s*(?:(?P<mark>[()])|(?P<operator><=|>=|!=|=|<|>|:)|"(?P<quoted>(?:[^"\\]|\\.)*)"|(?P<word>[^\s()<>=!:"]+))"""
)
_EQUAL = ("=", "!=")
TEXT = (*_EQUAL, ":")
_MOST_LEVELS = 20
Token = tuple[str, str]


@dataclass(frozen=True)
class Text:
    """A field that is compared as text; `values` lists its values if they are fixed."""

    read: Callable[[Doc], str]
    operators: tuple[str, ...] = TEXT
    values: frozenset[str] | None = None


@dataclass(frozen=True)
class Fields:
    """The fields for filters, in snake case: texts, times, labels; and the fields for the order."""

    texts: dict[str, Text] = field(default_factory=dict)
    times: tuple[str, ...] = ()
    ordered: tuple[str, ...] = ()
    labels: bool = True
    unserved: tuple[str, ...] = ()


def plain(name: str, operators: tuple[str, ...] = TEXT, values: Iterable[str] | None = None) -> Text:
    """The text of one field, by a path in lowerCamel."""

    def read(doc: Doc) -> str:
        value: Any = doc
        for part in name.split("."):
            value = value.get(part, "") if isinstance(value, dict) else ""
        return str(value).lower() if isinstance(value, bool) else str(value)

    return Text(read, operators, None if values is None else frozenset(values))


def compile_filter(text: str, fields: Fields) -> Test:
    """A test for one item; 400 for an invalid filter, 501 for a field that only Google filters by."""
    tokens = _Tokens(text, fields)
    if not tokens.left:
        return lambda _doc: True
    test = _either_or_both(tokens, 0)
    if tokens.left:
        raise tokens.error()
    return test


def order(docs: list[Doc], order_by: str | None, fields: Fields) -> list[Doc]:
    """The items in the requested order, or unchanged without one."""
    ordered = list(docs)
    for part in reversed((order_by or "").split(",")):
        name, _, direction = part.strip().partition(" ")
        if not name:
            continue
        if to_snake(name) not in fields.ordered or direction.strip() not in ("", "asc", "desc"):
            raise invalid_argument(f"Invalid order_by: {order_by}", "order_by")
        key = to_camel(name)
        ordered.sort(key=lambda doc: str(doc.get(key, "")), reverse=direction.strip() == "desc")
    return ordered


class _Tokens:
    """The remaining tokens of a filter."""

    def __init__(self, text: str, fields: Fields) -> None:
        self.text = text
        self.fields = fields
        self.left: list[Token] = []
        at, whole = 0, text.rstrip()
        while at < len(whole):
            match = _TOKEN.match(whole, at)
            if match is None:
                raise self.error()
            self.left.append((str(match.lastgroup), match[str(match.lastgroup)]))
            at = match.end()

    def error(self) -> GoogleError:
        """The 400 for an invalid filter."""
        return invalid_argument(f"Invalid filter: {self.text}", "filter")

    def take(self, *wanted: Token) -> bool:
        """Consume the next token if it is one of these, and say whether it was."""
        if self.left and self.left[0] in wanted:
            self.left.pop(0)
            return True
        return False

    def need(self, *kinds: str) -> str:
        """Consume the next token, which must be of one of these kinds."""
        if not self.left or self.left[0][0] not in kinds:
            raise self.error()
        return self.left.pop(0)[1]


def _either_or_both(tokens: _Tokens, level: int) -> Test:
    if level > _MOST_LEVELS:
        raise tokens.error()
    all_of = [_either(tokens, level)]
    while tokens.take(("word", "AND")):
        all_of.append(_either(tokens, level))
    return lambda doc: all(test(doc) for test in all_of)


def _either(tokens: _Tokens, level: int) -> Test:
    # OR binds more strongly than AND: google.aip.dev/160
    any_of = [_one(tokens, level)]
    while tokens.take(("word", "OR")):
        any_of.append(_one(tokens, level))
    return lambda doc: any(test(doc) for test in any_of)


def _one(tokens: _Tokens, level: int) -> Test:
    if tokens.take(("word", "NOT")):
        test = _one(tokens, level)
        return lambda doc: not test(doc)
    if tokens.take(("mark", "(")):
        test = _either_or_both(tokens, level + 1)
        if not tokens.take(("mark", ")")):
            raise tokens.error()
        return test
    return _comparison(tokens)


def _comparison(tokens: _Tokens) -> Test:
    name = tokens.need("word")
    operator, value = tokens.need("operator"), tokens.need("quoted", "word")
    head, _, key = name.partition(".")
    snake, fields = to_snake(name), tokens.fields
    if head == "labels" and fields.labels:
        return _label(tokens, key, operator, value)
    if snake in fields.times:
        return _time(tokens, to_camel(name), operator, value)
    if to_snake(head) in fields.unserved:
        raise GoogleError(501, "UNIMPLEMENTED", f"The sandbox does not serve {name} in the filter of this list.")
    text = fields.texts.get(snake)
    if text is None or operator not in text.operators or (text.values is not None and value not in text.values):
        raise tokens.error()
    read = text.read
    if operator == ":":
        return lambda doc: fnmatchcase(read(doc), re.sub(r"([\[?])", r"[\1]", value))
    return lambda doc: (read(doc) == value) == (operator == "=")


def _label(tokens: _Tokens, key: str, operator: str, value: str) -> Test:
    if not key and operator == ":":
        return lambda doc: value in doc.get("labels", {})
    if not key or operator not in (*_EQUAL, ":"):
        raise tokens.error()
    if operator == ":" and value == "*":
        return lambda doc: key in doc.get("labels", {})
    if operator == ":":
        raise tokens.error()
    return lambda doc: (doc.get("labels", {}).get(key) == value) == (operator == "=")


def _time(tokens: _Tokens, field: str, operator: str, value: str) -> Test:
    try:
        moment = from_stamp(value)
    except ValueError:
        raise tokens.error() from None
    compare: dict[str, Callable[[datetime], bool]] = {
        "=": lambda at: at == moment,
        "!=": lambda at: at != moment,
        "<": lambda at: at < moment,
        "<=": lambda at: at <= moment,
        ">": lambda at: at > moment,
        ">=": lambda at: at >= moment,
    }
    if operator not in compare:
        raise tokens.error()
    return lambda doc: field in doc and compare[operator](from_stamp(doc[field]))
