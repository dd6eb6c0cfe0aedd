"""The expressions of GitHub's workflows and the rules of GitLab's jobs, as far as the files of docs/ci use them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

_TOKEN = re.compile(
    r"\s*(?:(?P<text>'(?:[^']|'')*')|(?P<name>[A-Za-z_][\w-]*(?:\.[\w-]+)*)|(?P<sign>==|!=|&&|\|\||[!()]))"
)
_INSERTED = re.compile(r"\$\{\{(.*?)\}\}", re.DOTALL)
_GITLAB = re.compile(r'\s*\$(\w+)\s*==\s*(?:"([^"]*)"|\$(\w+))\s*')


def fill_in(text: Any, context: Mapping[str, Any]) -> str:
    """The text with the value of each ``${{ expression }}``."""
    return _INSERTED.sub(lambda match: str(value_of(match[1], context)), str(text))


def value_of(expression: str, context: Mapping[str, Any]) -> Any:
    """The value of an expression. What the context lacks is the empty text, as at GitHub."""
    reader = _Reader(expression, context)
    value = reader.either()
    assert reader.next() is None, f"cannot read {expression!r}"
    return value


def holds_at_gitlab(rule: str, variables: Mapping[str, str]) -> bool:
    """Whether a rule of equations that are joined by && holds."""
    for equation in rule.split("&&"):
        match = _GITLAB.fullmatch(equation)
        assert match, f"cannot read {equation!r}"
        wanted = match[2] if match[2] is not None else variables.get(match[3], "")
        if variables.get(match[1], "") != wanted:
            return False
    return True


class _Reader:
    def __init__(self, text: str, context: Mapping[str, Any]) -> None:
        self._tokens: list[tuple[str, str]] = []
        self._context = context
        at = 0
        while text[at:].strip():
            match = _TOKEN.match(text, at)
            assert match, f"cannot read {text[at:]!r}"
            self._tokens.append((match.lastgroup or "", match[match.lastgroup or 0]))
            at = match.end()

    def next(self) -> str | None:
        return self._tokens[0][1] if self._tokens else None

    def either(self) -> Any:
        value = self._both()
        while self.next() == "||":
            self._tokens.pop(0)
            right = self._both()
            value = value or right
        return value

    def _both(self) -> Any:
        value = self._equal()
        while self.next() == "&&":
            self._tokens.pop(0)
            right = self._equal()
            value = value and right
        return value

    def _equal(self) -> Any:
        left = self._one()
        if self.next() not in ("==", "!="):
            return left
        sign = self._tokens.pop(0)[1]
        return (left == self._one()) is (sign == "==")

    def _one(self) -> Any:
        kind, text = self._tokens.pop(0)
        if text == "!":
            return not self._one()
        if text == "(":
            inner = self.either()
            assert self._tokens.pop(0)[1] == ")"
            return inner
        if kind == "text":
            return text[1:-1].replace("''", "'")
        if self.next() == "(":
            del self._tokens[:2]
            return self._context[f"{text}()"]
        value: Any = self._context
        for name in text.split("."):
            value = value.get(name, "") if isinstance(value, Mapping) else ""
        return value
