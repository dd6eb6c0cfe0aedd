"""No two modules import each other, directly or by way of others; imports for type checking and in functions count."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

PROVIDER = Path(__file__).resolve().parents[2] / "provider"
PACKAGES = ("pulumi_gcp_tuning", "tuning_sandbox")
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


def find_circle(graph: Graph) -> list[str] | None:
    """The shortest way from a module back to itself; None where there is none."""
    best: list[str] | None = None
    for start in graph:
        ways = [[start]]
        seen = {start}
        for way in ways:
            for following in sorted(graph[way[-1]]):
                if following == start:
                    best = min(best or [*way, start], [*way, start], key=len)
                if following not in seen:
                    seen.add(following)
                    ways.append([*way, following])
    return best


@pytest.mark.parametrize("package", PACKAGES)
def test_no_module_imports_itself_by_way_of_others(package: str) -> None:
    circle = find_circle(read_imports(PROVIDER, package))
    told = "Move what both need into a module below them; imports for types and in functions count."
    assert circle is None, f"these modules import each other: {' -> '.join(circle or [])}. {told}"


def test_a_circle_through_a_type_checking_import_and_a_lazy_one_is_found(tmp_path: Path) -> None:
    (tmp_path / "p" / "inner").mkdir(parents=True)
    (tmp_path / "p" / "__init__.py").write_text("")
    (tmp_path / "p" / "inner" / "__init__.py").write_text("from p import first\n")
    (tmp_path / "p" / "first.py").write_text("if TYPE_CHECKING:\n    from p.second import Second\n")
    (tmp_path / "p" / "second.py").write_text("def f():\n    import p.inner\n")
    circle = find_circle(read_imports(tmp_path, "p"))
    assert circle is not None
    assert set(circle) == {"p.first", "p.second", "p.inner"}
