"""The filter and order of pipelineJobs.list: comparisons joined with AND, OR, NOT and parentheses, as AIP-160 has them."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import datetime
from fnmatch import fnmatchcase
from typing import Any

from tuning_sandbox.kernel import GoogleError, from_stamp, invalid_argument
from tuning_sandbox.spelling import to_camel, to_snake
from tuning_sandbox.vertex.pipelines.course import STATES

Doc = dict[str, Any]
Test = Callable[[Doc], bool]
_TOKEN = re.compile(
    r"""\s*(?:(?P<mark>[()])|(?P<operator><=|>=|!=|=|<|>|:)|"(?P<quoted>(?:[^"\\]|\\.)*)"|(?P<word>[^\s()<>=!:"]+))"""
)
_TIMES = ("create_time", "update_time", "end_time")
_ORDERED = (*_TIMES, "start_time")
_EQUAL = ("=", "!=")
_TEXTS: dict[str, tuple[tuple[str, ...], Callable[[Doc], str]]] = {
    "pipeline_name": (_EQUAL, lambda job: str(job["pipelineSpec"]["pipelineInfo"]["name"])),
    "display_name": ((*_EQUAL, ":"), lambda job: str(job.get("displayName", ""))),
    "pipeline_job_user_id": ((*_EQUAL, ":"), lambda job: str(job["name"].rpartition("/")[2])),
    "state": (_EQUAL, lambda job: str(job["state"])),
    "template_uri": ((*_EQUAL, ":"), lambda job: str(job.get("templateUri", ""))),
    "template_metadata.version": ((*_EQUAL, ":"), lambda job: str(job.get("templateMetadata", {}).get("version", ""))),
}
_MOST_LEVELS = 20
Token = tuple[str, str]


def compile_filter(text: str) -> Test:
    """A test for one pipeline; 400 for what the documentation does not name."""
    tokens = _Tokens(text)
    if not tokens.left:
        return lambda _job: True
    test = _either_or_both(tokens, 0)
    if tokens.left:
        raise tokens.error()
    return test


def order(jobs: list[Doc], order_by: str | None) -> list[Doc]:
    """The pipelines, which come oldest first, in the order that is asked for; newest first without one."""
    ordered = list(reversed(jobs))
    for part in reversed((order_by or "").split(",")):
        name, _, direction = part.strip().partition(" ")
        if not name:
            continue
        if to_snake(name) not in _ORDERED or direction.strip() not in ("", "asc", "desc"):
            raise invalid_argument(f"Invalid order_by: {order_by}", "order_by")
        key = to_camel(name)
        ordered.sort(key=lambda job: str(job.get(key, "")), reverse=direction.strip() == "desc")
    return ordered


class _Tokens:
    """What is left of a filter, piece by piece."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.left: list[Token] = []
        at, whole = 0, text.rstrip()
        while at < len(whole):
            match = _TOKEN.match(whole, at)
            if match is None:
                raise self.error()
            self.left.append((str(match.lastgroup), match[str(match.lastgroup)]))
            at = match.end()

    def error(self) -> GoogleError:
        """The 400 for a text that is no filter."""
        return invalid_argument(f"Invalid filter: {self.text}", "filter")

    def take(self, *wanted: Token) -> bool:
        """Whether the next token is one of these; it is then gone."""
        if self.left and self.left[0] in wanted:
            self.left.pop(0)
            return True
        return False

    def need(self, *kinds: str) -> str:
        """The next token, which must be of one of these kinds."""
        if not self.left or self.left[0][0] not in kinds:
            raise self.error()
        return self.left.pop(0)[1]


def _either_or_both(tokens: _Tokens, level: int) -> Test:
    if level > _MOST_LEVELS:
        raise tokens.error()
    all_of = [_either(tokens, level)]
    while tokens.take(("word", "AND")):
        all_of.append(_either(tokens, level))
    return lambda job: all(test(job) for test in all_of)


def _either(tokens: _Tokens, level: int) -> Test:
    # OR binds more strongly than AND: google.aip.dev/160
    any_of = [_one(tokens, level)]
    while tokens.take(("word", "OR")):
        any_of.append(_one(tokens, level))
    return lambda job: any(test(job) for test in any_of)


def _one(tokens: _Tokens, level: int) -> Test:
    if tokens.take(("word", "NOT")):
        test = _one(tokens, level)
        return lambda job: not test(job)
    if tokens.take(("mark", "(")):
        test = _either_or_both(tokens, level + 1)
        if not tokens.take(("mark", ")")):
            raise tokens.error()
        return test
    return _comparison(tokens)


def _comparison(tokens: _Tokens) -> Test:
    field = tokens.need("word")
    operator, value = tokens.need("operator"), tokens.need("quoted", "word")
    head, _, key = field.partition(".")
    name = to_snake(field)
    if head == "labels":
        return _label(tokens, key, operator, value)
    if name in _TIMES:
        return _time(tokens, to_camel(name), operator, value)
    if name not in _TEXTS or operator not in _TEXTS[name][0]:
        raise tokens.error()
    if name == "state" and value not in STATES.values():
        raise tokens.error()
    read = _TEXTS[name][1]
    if operator == ":":
        return lambda job: fnmatchcase(read(job), re.sub(r"([\[?])", r"[\1]", value))
    return lambda job: (read(job) == value) == (operator == "=")


def _label(tokens: _Tokens, key: str, operator: str, value: str) -> Test:
    if not key and operator == ":":
        return lambda job: value in job.get("labels", {})
    if not key or operator not in (*_EQUAL, ":"):
        raise tokens.error()
    if operator == ":" and value == "*":
        return lambda job: key in job.get("labels", {})
    if operator == ":":
        raise tokens.error()
    return lambda job: (job.get("labels", {}).get(key) == value) == (operator == "=")


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
    return lambda job: field in job and compare[operator](from_stamp(job[field]))
