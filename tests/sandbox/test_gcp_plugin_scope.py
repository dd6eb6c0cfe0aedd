"""What the stand-in for the gcp plugin covers is written down, and is what this repository's programs use."""

from __future__ import annotations

import ast
import importlib
from collections.abc import Iterator
from pathlib import Path

import pytest

from tuning_sandbox.gcp_plugin.functions import FUNCTIONS
from tuning_sandbox.gcp_plugin.scope import describe, python_name
from tuning_sandbox.gcp_plugin.tokens import RESOURCES

CHECKOUT = Path(__file__).resolve().parents[2]
COVERED = {python_name(token) for token in (*RESOURCES, *FUNCTIONS)}
PROGRAMS = sorted([*(CHECKOUT / "stacks").rglob("*.py"), *(CHECKOUT / "docs" / "examples").rglob("*.py")])


def test_the_page_says_what_the_stand_in_covers() -> None:
    page = (CHECKOUT / "docs" / "sandbox.md").read_text(encoding="utf-8")
    shown = page.partition("tuning_sandbox.gcp_plugin.scope -->\n")[2].partition("<!-- end of scope -->")[0]
    assert shown == describe(), "put the output of `python -m tuning_sandbox.gcp_plugin.scope` between the scope marks"


@pytest.mark.filterwarnings("ignore::DeprecationWarning")  # pulumi_gcp warns of its own modules
@pytest.mark.parametrize("name", sorted(COVERED))
def test_a_covered_name_is_one_of_pulumi_gcp(name: str) -> None:
    _, module, attribute = name.split(".")
    assert hasattr(importlib.import_module(f"pulumi_gcp.{module}"), attribute)


@pytest.mark.parametrize("program", PROGRAMS, ids=lambda path: str(path.relative_to(CHECKOUT)))
def test_a_program_of_this_repository_uses_only_what_is_covered(program: Path) -> None:
    assert set(_names_used(ast.parse(program.read_text(encoding="utf-8")))) <= COVERED


def test_the_programs_use_some_of_it() -> None:
    used = {name for program in PROGRAMS for name in _names_used(ast.parse(program.read_text(encoding="utf-8")))}
    assert {"gcp.storage.Bucket", "gcp.kms.CryptoKey"} <= used


def _names_used(tree: ast.Module) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and (name := ast.unparse(node.func)).startswith("gcp.") and name.count(".") == 2:
            yield name
