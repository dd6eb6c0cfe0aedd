"""What a function can reach: the names it mentions, and what those mention, through the modules of the package."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator
from functools import cache
from importlib.util import find_spec
from pathlib import Path

PACKAGE = "pulumi_gcp_tuning"
Place = tuple[str, str]
"""A module and a name at its top."""


def reached_from(starts: Iterable[Place]) -> set[Place]:
    """Every top-level function, class and constant of the package that the given ones mention, directly or not."""
    seen: set[Place] = set()
    waiting = list(starts)
    while waiting:
        place = waiting.pop()
        if place not in seen:
            seen.add(place)
            waiting += _mentioned(*place)
    return seen


def _mentioned(module: str, name: str) -> Iterator[Place]:
    tops, imports = _read(module)
    if name in imports:
        yield imports[name]
    for node in (inner for top in tops.get(name, ()) for inner in ast.walk(top)):
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith(PACKAGE):
            yield from (_imported(str(node.module), alias.name) for alias in node.names)
        elif isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
            owner = imports.get(node.value.id, ("", ""))
            yield (f"{owner[0]}.{owner[1]}", node.attr) if owner[1] and _is_module(".".join(owner)) else (module, name)
        elif isinstance(node, ast.Name):
            yield imports.get(node.id, (module, node.id))


@cache
def _read(module: str) -> tuple[dict[str, list[ast.stmt]], dict[str, Place]]:
    if not _is_module(module):
        return {}, {}
    spec = find_spec(module)
    assert spec is not None
    assert spec.origin is not None
    tree = ast.parse(Path(spec.origin).read_text(encoding="utf-8"))
    tops: dict[str, list[ast.stmt]] = {}
    imports: dict[str, Place] = {}
    for node in tree.body:
        if isinstance(node, ast.FunctionDef | ast.ClassDef):
            tops.setdefault(node.name, []).append(node)
        elif isinstance(node, ast.Assign | ast.AnnAssign):
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            for target in targets:
                if isinstance(target, ast.Name):
                    tops.setdefault(target.id, []).append(node)
        elif isinstance(node, ast.ImportFrom) and (node.module or "").startswith(PACKAGE):
            for alias in node.names:
                imports[alias.asname or alias.name] = _imported(str(node.module), alias.name)
    return tops, imports


def _imported(module: str, name: str) -> Place:
    return module, name


@cache
def _is_module(name: str) -> bool:
    try:
        return find_spec(name) is not None
    except (ModuleNotFoundError, ValueError):
        return False
