"""What the clients that judge the sandbox are installed from, and what is said where they cannot be had."""

from __future__ import annotations

import json
import re
from importlib.metadata import version
from pathlib import Path

import pytest

from support.client_environments import CLIENTS, NotAvailableError, make_go, make_node
from tuning_sandbox.fidelity import OWN_TESTS

LOCKS = sorted(CLIENTS.glob("*.lock"))


@pytest.fixture
def bare(tmp_path: Path) -> dict[str, str]:
    """The environment of a machine with nothing on PATH and an empty cache."""
    (tmp_path / "bin").mkdir()
    return {"PATH": f"{tmp_path / 'bin'}", "XDG_CACHE_HOME": str(tmp_path / "cache"), "HOME": str(tmp_path)}


def install(bare: dict[str, str], name: str, script: str) -> None:
    """A tool of this name on the PATH of the bare machine."""
    tool = Path(bare["PATH"], name)
    tool.write_text(f"#!/bin/sh\n{script}\n", encoding="utf-8")
    tool.chmod(0o755)


def cached(bare: dict[str, str]) -> list[str]:
    """What is in the cache besides the locks."""
    return [path.name for path in Path(bare["XDG_CACHE_HOME"]).glob("*/*") if path.suffix != ".lock"]


def test_a_machine_without_the_tool_is_told_its_name(bare: dict[str, str]) -> None:
    with pytest.raises(NotAvailableError, match="go is not installed"):
        make_go(bare)


def test_a_machine_without_a_registry_is_told_so_and_keeps_nothing(bare: dict[str, str]) -> None:
    install(bare, "npm", "echo 'npm error code ENOTFOUND' >&2; exit 1")
    with pytest.raises(NotAvailableError, match=r"npm reaches no package registry \(ENOTFOUND\)"):
        make_node(bare)
    assert cached(bare) == []


def test_an_install_that_fails_for_another_reason_is_no_reason_to_skip(bare: dict[str, str]) -> None:
    install(bare, "npm", "echo 'npm error code EINTEGRITY' >&2; exit 1")
    with pytest.raises(AssertionError, match="EINTEGRITY"):
        make_node(bare)
    assert cached(bare) == []


def test_an_environment_is_made_once(bare: dict[str, str]) -> None:
    install(bare, "npm", 'echo made >> "$HOME/runs"')
    assert make_node(bare) == make_node(bare)
    assert Path(bare["HOME"], "runs").read_text(encoding="utf-8") == "made\n"


@pytest.mark.parametrize("lock", LOCKS, ids=lambda path: path.name)
def test_every_package_of_a_python_lock_has_a_hash(lock: Path) -> None:
    entries = re.split(r"\n(?=\S)", lock.read_text(encoding="utf-8").strip())
    assert [entry for entry in entries if "==" not in entry or "--hash=sha256:" not in entry] == []


def test_every_package_of_the_node_lock_has_a_hash() -> None:
    packages = json.loads((CLIENTS / "package-lock.json").read_bytes())["packages"]
    assert [name for name, entry in packages.items() if name and not entry.get("integrity")] == []


@pytest.mark.parametrize("name", [*(path.name for path in LOCKS), "package-lock.json", "go.mod", "go.sum"])
def test_no_lock_names_an_address(name: str) -> None:
    assert "://" not in (CLIENTS / name).read_text(encoding="utf-8")


def test_googles_own_tests_are_those_of_the_locked_version() -> None:
    held = (CLIENTS / "genai-tests.lock").read_text(encoding="utf-8")
    assert f"google-genai=={version('google-genai')} " in held


def test_the_counts_of_googles_own_tests_are_those_of_the_locked_version() -> None:
    assert json.loads(OWN_TESTS.read_bytes())["version"] == version("google-genai"), (
        "count again: PYTHONPATH=scripts:tests .venv/bin/python -m support.genai_tests"
    )
