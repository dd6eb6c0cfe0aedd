"""The list filters of models and endpoints: `model=`, `displayName=`, `labels.k="v"`, `labels.k:*`, joined with AND."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from tuning_sandbox.kernel import invalid_argument

_TERM = re.compile(
    r"""^\s*(?:labels\.(?P<label>"[^"]+"|[\w\-]+)|labels:(?P<has>[\w\-]+)|(?P<field>\w+))\s*"""
    r"""(?:(?P<operator>!=|=|:)\s*(?P<value>"[^"]*"|'[^']*'|[^\s"']+))?\s*$"""
)


def compile_filter(text: str, fields: dict[str, Callable[[dict[str, Any]], str]]) -> Callable[[dict[str, Any]], bool]:
    """A test for one resource; 400 for a filter that is not documented. Field names in camel or snake case."""
    tests = [_compile_term(term, text, fields) for term in re.split(r"\s+AND\s+", text)] if text.strip() else []
    return lambda resource: all(test(resource) for test in tests)


def _compile_term(
    term: str, whole: str, fields: dict[str, Callable[[dict[str, Any]], str]]
) -> Callable[[dict[str, Any]], bool]:
    match = _TERM.match(term)
    if match is None:
        raise invalid_argument(f"Invalid filter: {whole}", field="filter")
    value = (match["value"] or "").strip("\"'")
    operator = match["operator"]
    if match["has"]:
        return lambda resource: match["has"] in resource.get("labels", {})
    if match["label"]:
        label = match["label"].strip('"')
        if operator == ":" and value == "*":
            return lambda resource: label in resource.get("labels", {})
        if operator in ("=", "!="):
            return lambda resource: (resource.get("labels", {}).get(label) == value) == (operator == "=")
        raise invalid_argument(f"Invalid filter: {whole}", field="filter")
    name = re.sub(r"_(\w)", lambda part: part[1].upper(), match["field"])
    if name not in fields or operator not in ("=", "!="):
        raise invalid_argument(f"Invalid filter: {whole}", field="filter")
    read = fields[name]
    return lambda resource: (read(resource) == value) == (operator == "=")


def ordered(items: list[dict[str, Any]], order_by: str | None) -> list[dict[str, Any]]:
    """Items by `display_name`, `create_time` or `update_time`, each with an optional ` desc`; by default newest first."""
    if not order_by:
        return list(reversed(items))
    for part in reversed(order_by.split(",")):
        field, _, direction = part.strip().partition(" ")
        name = re.sub(r"_(\w)", lambda found: found[1].upper(), field)
        if name not in ("displayName", "createTime", "updateTime") or direction.strip() not in ("", "asc", "desc"):
            raise invalid_argument(f"Invalid order_by: {order_by}", field="orderBy")
        items = sorted(items, key=lambda item: str(item.get(name, "")), reverse=direction.strip() == "desc")
    return items
