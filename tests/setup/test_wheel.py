from __future__ import annotations

import json
import shutil
import subprocess
import sys
import zipfile
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture(scope="module")
def wheel(checkout: Path, tmp_path_factory: pytest.TempPathFactory) -> zipfile.ZipFile:
    # A copy, because setuptools writes build/ and *.egg-info beside the source.
    source = tmp_path_factory.mktemp("source")
    shutil.copytree(checkout / "provider", source / "provider", ignore=shutil.ignore_patterns("*.egg-info"))
    for name in ("pyproject.toml", "README.md", "LICENSE"):
        shutil.copy(checkout / name, source / name)
    out = source / "dist"
    command = [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", str(out), str(source)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return zipfile.ZipFile(next(out.glob("*.whl")))


def test_the_wheel_tells_pulumi_that_it_is_no_plugin(wheel: zipfile.ZipFile) -> None:
    assert json.loads(wheel.read("pulumi_gcp_tuning/pulumi-plugin.json")) == {"resource": False}


def test_the_wheel_is_typed(wheel: zipfile.ZipFile) -> None:
    assert {"pulumi_gcp_tuning/py.typed", "tuning_sandbox/py.typed"} <= set(wheel.namelist())


def test_the_wheel_installs_both_commands(wheel: zipfile.ZipFile) -> None:
    (name,) = [name for name in wheel.namelist() if name.endswith("entry_points.txt")]
    assert wheel.read(name).decode().split("\n") == [
        "[console_scripts]",
        "gcp-tuning = pulumi_gcp_tuning.cli:main",
        "tuning-sandbox = tuning_sandbox.__main__:main",
        "",
    ]


def test_the_wheel_holds_every_data_file_of_the_catalogue(wheel: zipfile.ZipFile, checkout: Path) -> None:
    catalog = checkout / "provider" / "pulumi_gcp_tuning" / "catalog"
    assert {f"pulumi_gcp_tuning/catalog/{file.name}" for file in catalog.glob("*.json")} <= set(wheel.namelist())


def test_the_wheel_carries_its_license(wheel: zipfile.ZipFile) -> None:
    assert any(name.endswith("licenses/LICENSE") for name in wheel.namelist())
