"""No two modules import each other, directly or by way of others; imports for type checking and in functions count."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

PROVIDER = Path(__file__).resolve().parents[2] / "provider"
# Circles that are still there. An entry that no circle needs any more fails, so the list can only become shorter.
KNOWN: dict[str, list[frozenset[str]]] = {
    "pulumi_gcp_tuning": [
        frozenset(
            f"pulumi_gcp_tuning.resources.{name}"
            for name in ("facts", "job_listing", "labels", "lifecycle", "run", "slots")
        ),
        frozenset(
            f"pulumi_gcp_tuning.resources.{name}" for name in ("model_deployment", "model_preflight", "tuned_model")
        ),
        frozenset(
            f"pulumi_gcp_tuning.resources.{name}"
            for name in ("endpoint", "endpoint_preflight", "job_facts", "job_preflight", "tuning_job")
        ),
    ],
    "tuning_sandbox": [],
}
Graph = dict[str, set[str]]


def read_imports(root: Path, package: str) -> Graph:
    """Which modules of a package each of its modules names in an import, at any depth of its text."""
    modules = {_name_of(root, path): path for path in sorted((root / package).rglob("*.py"))}
    return {name: _imports_of(path, set(modules)) - {name} for name, path in modules.items()}


def _name_of(root: Path, path: Path) -> str:
    return ".".join(path.relative_to(root).with_suffix("").parts).removesuffix(".__init__")


def _imports_of(path: Path, modules: set[str]) -> set[str]:
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            # `from package import module` names the module, `from module import name` the module before it
            inner = {f"{node.module}.{alias.name}" for alias in node.names}
            found |= inner & modules
            if inner - modules:
                found.add(node.module)
    return found & modules


def find_circle(graph: Graph, allowed: list[frozenset[str]]) -> list[str] | None:
    """The shortest way from a module back to itself that no allowed circle holds as a whole."""
    best: list[str] | None = None
    for start in graph:
        ways = [[start]]
        seen = {start}
        for way in ways:
            for following in sorted(graph[way[-1]]):
                if following == start and not any(set(way) <= circle for circle in allowed):
                    best = min(best or [*way, start], [*way, start], key=len)
                if following not in seen:
                    seen.add(following)
                    ways.append([*way, following])
    return best


@pytest.mark.parametrize("package", KNOWN)
def test_no_module_imports_itself_by_way_of_others(package: str) -> None:
    circle = find_circle(read_imports(PROVIDER, package), KNOWN[package])
    assert circle is None, "these modules import each other: " + " -> ".join(circle or [])


@pytest.mark.parametrize("package", KNOWN)
def test_every_known_circle_is_still_there(package: str) -> None:
    graph = read_imports(PROVIDER, package)
    for known in KNOWN[package]:
        inside = {name: graph.get(name, set()) & known for name in known}
        gone = {name for name in known if name not in graph} or find_circle(inside, []) is None
        assert not gone, f"take this circle off the list, it is gone: {sorted(known)}"


def test_a_circle_through_a_type_checking_import_and_a_lazy_one_is_found(tmp_path: Path) -> None:
    (tmp_path / "p" / "inner").mkdir(parents=True)
    (tmp_path / "p" / "__init__.py").write_text("")
    (tmp_path / "p" / "inner" / "__init__.py").write_text("from p import first\n")
    (tmp_path / "p" / "first.py").write_text("if TYPE_CHECKING:\n    from p.second import Second\n")
    (tmp_path / "p" / "second.py").write_text("def f():\n    import p.inner\n")
    circle = find_circle(read_imports(tmp_path, "p"), [])
    assert circle is not None
    assert set(circle) == {"p.first", "p.second", "p.inner"}
