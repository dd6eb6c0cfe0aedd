"""Partial answers: the `fields` parameter that every Google API has (`items(id,name),nextPageToken`, `a/b`, `*`)."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from tuning_sandbox.kernel.discovery import Document, Schema
from tuning_sandbox.kernel.errors import GoogleError, invalid_argument
from tuning_sandbox.spelling import read_mask, to_camel

if TYPE_CHECKING:
    from tuning_sandbox.kernel.call import Call

Mask = dict[str, "Mask"]
_TOKEN = re.compile(r"\s*(?:(?P<mark>[(),/])|(?P<word>[\w@*.-]+))")
_MOST_LEVELS = 20


def keep_fields(body: dict[str, Any], fields: str, document: Document | None, schema: str | None) -> dict[str, Any]:
    """The parts of an answer that `fields` names; 400 if it is malformed or names an unknown field."""
    mask = _Reader(fields).read()
    if document is not None and schema is not None:
        _check(mask, document, {"$ref": schema}, "", fields)
    kept: dict[str, Any] = _keep(body, mask)
    return kept


def keep_masked(call: Call, page: dict[str, Any], key: str) -> dict[str, Any]:
    """A page whose items have only the fields of the query's readMask; all fields without one."""
    paths = read_mask(call.query.get("readMask", ""))
    if not paths:
        return page
    mask: Mask = {}
    for path in paths:
        at = mask
        for step in path.split("."):
            at = at.setdefault(step, {})
    if call.document is not None and call.method is not None and call.method.response:
        items = call.document.schemas[call.method.response]["properties"][key]
        _check(mask, call.document, items, "", "readMask")
    return {**page, key: [_keep(item, mask) for item in page[key]]}


def _keep(value: Any, mask: Mask) -> Any:
    if not mask:
        return value
    if isinstance(value, list):
        return [_keep(item, mask) for item in value]
    if not isinstance(value, dict):
        return value
    if "*" in mask:
        return {key: _keep(item, {**mask["*"], **mask.get(key, {})}) for key, item in value.items()}
    return {key: _keep(item, mask[key]) for key, item in value.items() if key in mask}


def _check(mask: Mask, document: Document, schema: Schema, path: str, fields: str) -> None:
    while "$ref" in schema or schema.get("type") == "array":
        schema = document.schemas.get(schema["$ref"], {}) if "$ref" in schema else schema["items"]
    properties = schema.get("properties")
    for name, below in mask.items():
        where = f"{path}/{name}" if path else name
        if name == "*":
            continue
        if properties is None:
            if schema.get("type") == "object":
                continue
            raise _no_field(where)
        if name not in properties:
            raise _no_field(where)
        if below:
            _check(below, document, properties[name], where, fields)


def _no_field(path: str) -> GoogleError:
    return invalid_argument(f"Invalid field selection {path}", "fields")


class _Reader:
    def __init__(self, text: str) -> None:
        self.text = text
        self.tokens: list[str] = []
        at, whole = 0, text.rstrip()
        while at < len(whole):
            match = _TOKEN.match(whole, at)
            if match is None:
                raise self.error()
            self.tokens.append(match["mark"] or match["word"])
            at = match.end()

    def error(self) -> GoogleError:
        return invalid_argument(f"Invalid field selection {self.text}", "fields")

    def read(self) -> Mask:
        mask = self.several(0)
        if self.tokens:
            raise self.error()
        return mask

    def several(self, level: int) -> Mask:
        if level > _MOST_LEVELS:
            raise self.error()
        mask: Mask = {}
        while True:
            self.one(mask, level)
            if not self.take(","):
                return mask

    def one(self, mask: Mask, level: int) -> None:
        names = [self.name()]
        while self.take("/"):
            names.append(self.name())
        # newer Google APIs also write a path with dots
        steps = [to_camel(step) for name in names for step in name.split(".")]
        below: Mask = {}
        if self.take("("):
            below = self.several(level + 1)
            if not self.take(")"):
                raise self.error()
        for step in steps[:-1]:
            mask = mask.setdefault(step, {})
        mask.setdefault(steps[-1], {}).update(below)

    def name(self) -> str:
        if not self.tokens or self.tokens[0] in "(),/":
            raise self.error()
        return self.tokens.pop(0)

    def take(self, mark: str) -> bool:
        if self.tokens and self.tokens[0] == mark:
            self.tokens.pop(0)
            return True
        return False
