"""A misspelt argument: what mypy says of it, and what the program says when it runs. Both name the argument that was meant."""

from __future__ import annotations

import inspect
import subprocess
import sys
import typing
from pathlib import Path
from typing import Any

import pulumi
import pytest

import pulumi_gcp_tuning as tuning
from support.recorded_engine import run

CHECKOUT = Path(__file__).resolve().parents[3]
PUBLIC = {name: getattr(tuning, name) for name in tuning.__all__}
DECLARED = [name for name, each in PUBLIC.items() if isinstance(each, type) and issubclass(each, pulumi.Resource)]
SHAPES = [name for name in PUBLIC if name.endswith("Args")]


def _arguments(name: str) -> list[str]:
    """What a program may give to a resource or to an Args class."""
    if name in SHAPES:
        return [field for each in PUBLIC[name].__mro__ for field in vars(each).get("__annotations__", ())]
    for declaration in typing.get_overloads(PUBLIC[name].__init__) or [PUBLIC[name].__init__]:
        named = [
            each.name for each in inspect.signature(declaration).parameters.values() if each.kind == each.KEYWORD_ONLY
        ]
    return named


def _misspelt(name: str) -> tuple[str, str]:
    """The longest argument, and the same with two letters in the wrong order."""
    right = max(_arguments(name), key=len)
    middle = next(at for at in range(len(right) // 2, len(right)) if right[at - 1] != right[at])
    return right, right[: middle - 1] + right[middle] + right[middle - 1] + right[middle + 1 :]


def _call(name: str) -> str:
    first = "" if name in SHAPES else '"it", '
    return f'tuning.{name}({first}{_misspelt(name)[1]}="x")'


@pytest.fixture(scope="module")
def said_by_mypy(tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    """What mypy says of one program with all of them, a line each. It reads the cache that `make lint` left."""
    program = tmp_path_factory.mktemp("program") / "program.py"
    program.write_text("\n".join(["import pulumi_gcp_tuning as tuning", *map(_call, [*DECLARED, *SHAPES])]), "utf-8")
    mypy = [sys.executable, "-m", "mypy", "--no-error-summary", "--no-pretty", str(program)]
    return subprocess.run(mypy, cwd=CHECKOUT, capture_output=True, text=True, check=False).stdout.splitlines()


@pytest.mark.parametrize("name", [*DECLARED, *SHAPES])
def test_mypy_names_the_argument_that_was_meant(name: str, said_by_mypy: list[str]) -> None:
    right, wrong = _misspelt(name)
    said = [line for line in said_by_mypy if f'"{wrong}"' in line and f'"{name}"' in line]
    assert any(line.partition(" error: ")[2].startswith("Unexpected keyword argument") for line in said), said_by_mypy
    assert any(f'did you mean "{right}"' in line for line in said), said


@pytest.mark.parametrize("name", [*DECLARED, *SHAPES])
def test_the_program_names_the_argument_that_was_meant(name: str, engine: Any) -> None:
    right, wrong = _misspelt(name)
    with pytest.raises(pulumi.RunError) as refused:
        run(lambda: PUBLIC[name](*([] if name in SHAPES else ["it"]), **{wrong: "x"}))
    assert str(refused.value).endswith(f"{wrong}: there is no such argument. Did you mean {right}?")
    assert "\n" not in str(refused.value)
