from __future__ import annotations

import json
import zipfile
from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def contents(wheel: Path) -> Iterator[zipfile.ZipFile]:
    with zipfile.ZipFile(wheel) as opened:
        yield opened


def test_the_wheel_tells_pulumi_that_it_is_no_plugin(contents: zipfile.ZipFile) -> None:
    assert json.loads(contents.read("pulumi_gcp_tuning/pulumi-plugin.json")) == {"resource": False}


def test_the_wheel_is_typed(contents: zipfile.ZipFile) -> None:
    assert {"pulumi_gcp_tuning/py.typed", "tuning_sandbox/py.typed"} <= set(contents.namelist())


def test_the_wheel_installs_both_commands(contents: zipfile.ZipFile) -> None:
    (name,) = [name for name in contents.namelist() if name.endswith("entry_points.txt")]
    assert contents.read(name).decode().split("\n") == [
        "[console_scripts]",
        "gcp-tuning = pulumi_gcp_tuning.cli:main",
        "tuning-sandbox = tuning_sandbox.__main__:main",
        "",
    ]


def test_the_wheel_holds_every_data_file_of_the_catalogue(contents: zipfile.ZipFile, checkout: Path) -> None:
    catalog = checkout / "provider" / "pulumi_gcp_tuning" / "catalog"
    assert {f"pulumi_gcp_tuning/catalog/{file.name}" for file in catalog.glob("*.json")} <= set(contents.namelist())


def test_the_wheel_holds_the_policy_pack(contents: zipfile.ZipFile) -> None:
    folder = "pulumi_gcp_tuning/policy_pack"
    assert {f"{folder}/PulumiPolicy.yaml", f"{folder}/__main__.py"} <= set(contents.namelist())


def test_the_wheel_carries_its_license(contents: zipfile.ZipFile) -> None:
    assert any(name.endswith("licenses/LICENSE") for name in contents.namelist())
