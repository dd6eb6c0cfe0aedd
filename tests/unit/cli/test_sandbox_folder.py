"""Where a project keeps its sandbox, and which Python runs its program."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from pulumi_gcp_tuning.cli.program_python import find_environment, find_program_python
from pulumi_gcp_tuning.cli.sandbox_environment import install_stand_in, link_plugins
from pulumi_gcp_tuning.cli.sandbox_folder import folder_of, place_of


def test_the_folder_lies_beside_the_nearest_project_file(tmp_path: Path) -> None:
    (tmp_path / "shop" / "inner").mkdir(parents=True)
    (tmp_path / "shop" / "Pulumi.yaml").touch()
    assert folder_of(tmp_path / "shop" / "inner").home == tmp_path / "shop" / ".sandbox"
    assert folder_of(tmp_path).home == tmp_path / ".sandbox"


@pytest.mark.parametrize(
    "command", [["pulumi", "-C", "infra", "up"], ["pulumi", "up", "--cwd", "infra"], ["pulumi", "--cwd=infra", "up"]]
)
def test_pulumis_option_for_another_folder_chooses_the_project(command: list[str]) -> None:
    assert place_of(command) == Path("infra")
    assert place_of(["pulumi", "up"]) == Path.cwd()


@pytest.mark.parametrize(
    ("runtime", "environment"),
    [
        ("runtime: python", None),
        ("runtime:\n  name: python\n  options:\n    virtualenv: own", "own"),
        ("runtime:\n  name: python\n  options:\n    toolchain: uv", ".venv"),
        ("runtime: {name: python, options: {toolchain: uv, virtualenv: 'other'}}", "other"),
        ("runtime:\n  name: python\n  options:\n    toolchain: pip\n    # virtualenv: old", None),
    ],
)
def test_a_projects_runtime_options_name_its_environment(tmp_path: Path, runtime: str, environment: str | None) -> None:
    project = tmp_path / "Pulumi.yaml"
    project.write_text(f"name: shop\n{runtime}\n")
    assert find_environment(project, {}) == (None if environment is None else tmp_path / environment)


def test_poetry_is_asked_for_its_environment(tmp_path: Path) -> None:
    project = tmp_path / "Pulumi.yaml"
    project.write_text("runtime:\n  name: python\n  options:\n    toolchain: poetry\n")
    poetry = tmp_path / "bin" / "poetry"
    poetry.parent.mkdir()
    poetry.write_text("#!/bin/sh\necho /caches/shop-3.12\n")
    poetry.chmod(0o755)
    assert find_environment(project, {"PATH": str(poetry.parent)}) == Path("/caches/shop-3.12")


def environment_with(folder: Path, *packages: str) -> Path:
    """A folder that looks like a virtual environment; its python."""
    for package in packages:
        (folder / "lib" / "python3.12" / "site-packages" / f"{package}.dist-info").mkdir(parents=True)
    (folder / "bin").mkdir(parents=True)
    python = folder / "bin" / "python3"
    python.touch(0o755)
    return python


def test_the_python_on_path_runs_a_program_where_it_has_the_package_else_this_one(tmp_path: Path) -> None:
    has = environment_with(tmp_path / "has", "pulumi_gcp_tuning-0.1.0")
    bare = environment_with(tmp_path / "bare")
    assert find_program_python(None, {"PATH": f"{tmp_path}{os.pathsep}{has.parent}"}) == has
    assert find_program_python(None, {"PATH": f"{bare.parent}{os.pathsep}{has.parent}"}) == Path(sys.executable)


def test_the_stand_in_comes_before_a_plugin_of_googles_on_path(tmp_path: Path) -> None:
    home, theirs = tmp_path / "home", tmp_path / "theirs"
    env = {"PULUMI_HOME": str(home), "PATH": "/usr/bin"}
    install_stand_in(env, Path("/an env/bin/python"), ["10.2.0"])
    assert env["PATH"] == "/usr/bin"
    theirs.mkdir()
    (theirs / "pulumi-resource-gcp").touch(0o755)
    env["PATH"] = str(theirs)
    install_stand_in(env, Path("/an env/bin/python"), ["10.2.0"])
    first = Path(env["PATH"].split(os.pathsep)[0]) / "pulumi-resource-gcp"
    assert first.is_relative_to(home)
    assert "exec '/an env/bin/python' -P -u -m tuning_sandbox.gcp_plugin" in first.read_text()


def test_plugins_for_other_packages_serve_in_the_sandbox_and_googles_does_not(tmp_path: Path) -> None:
    theirs = tmp_path / "theirs" / "plugins"
    for name in ("resource-gcp-v10.2.0", "resource-random-v4.18.0", "resource-aws-v7.0.0"):
        (theirs / name).mkdir(parents=True)
        (theirs / name / "plugin").touch()
    (theirs / "resource-aws-v7.0.0.partial").touch()
    link_plugins({"PULUMI_HOME": str(tmp_path / "theirs")}, tmp_path / "home")
    assert [each.name for each in (tmp_path / "home" / "plugins").iterdir()] == ["resource-random-v4.18.0"]
    assert (tmp_path / "home" / "plugins" / "resource-random-v4.18.0" / "plugin").exists()
