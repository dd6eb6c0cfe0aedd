"""What an older release wrote stays usable: its state refreshes, previews without a change and comes down."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from support.golden_states import (
    STATES,
    Case,
    find_left_behind,
    restore_project,
    restore_state,
    restore_world,
)
from support.pulumi_stack import Result, Stack
from support.sandbox_server import SandboxServer

FOLDERS = sorted(file.parent for file in STATES.glob("*/*/case.json"))
Restore = Callable[[Path], Any]


def name_of(folder: Path) -> str:
    return f"{folder.parent.name}-{folder.name}"


@pytest.fixture
def restored(tmp_path: Path, pulumi_cli: Path, pulumi_home: Path) -> Restore:
    @contextmanager
    def restore(folder: Path) -> Iterator[tuple[Stack, SandboxServer]]:
        case = Case.read(folder)
        restore_project(folder, tmp_path / "project")
        restore_world(folder, tmp_path / "world")
        clock = ["--stepped"] if case.waits else ["--speed", "3000"]
        with SandboxServer("--data", str(tmp_path / "world"), "--as-of", case.as_of, *clock) as sandbox:
            env = sandbox.env | {"GCP_TUNING_AS_OF": case.as_of, "PULUMI_CONFIG_PASSPHRASE": case.passphrase}
            stack = Stack.restored(tmp_path / "project", cli=pulumi_cli, home=pulumi_home, env=env)
            restore_state(folder, stack.state_file, sandbox.url)
            yield stack, sandbox

    return restore


def previewed(stack: Stack, case: Case) -> Result:
    return stack.preview(*([] if case.preview else ["--expect-no-changes"])).expect_ok()


def chosen(folder: Path) -> Any:
    return pytest.param(folder, id=name_of(folder), marks=[] if Case.read(folder).quick else [pytest.mark.full])


@pytest.mark.parametrize("folder", [chosen(folder) for folder in FOLDERS])
def test_a_state_of_a_release_refreshes_previews_clean_and_comes_down(
    folder: Path, restored: Restore, tmp_path: Path
) -> None:
    case = Case.read(folder)
    with restored(folder) as (stack, sandbox):
        stack.refresh().expect_ok()
        assert previewed(stack, case).changes == case.preview
        if case.waits:
            sandbox.run()
            stack.up().expect_ok()
            assert [job["state"] for job in sandbox.jobs()] == ["JOB_STATE_SUCCEEDED"]
        stack.destroy().expect_ok()
        assert json.loads(stack.state_file.read_text())["checkpoint"]["latest"].get("resources", []) == []
    assert find_left_behind(tmp_path / "world") == []


@pytest.mark.full
@pytest.mark.parametrize("folder", FOLDERS, ids=name_of)
def test_a_state_of_a_release_previews_clean_before_it_is_refreshed(folder: Path, restored: Restore) -> None:
    case = Case.read(folder)
    with restored(folder) as (stack, _):
        assert previewed(stack, case).changes == case.preview
