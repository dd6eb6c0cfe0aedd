"""Every fenced block of README and docs is run, compared with the real output, or skipped with a reason."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from support.markdown import Block, expect_shown, find_blocks
from support.tuning_programs import rows

if TYPE_CHECKING:
    from stacks.conftest import MadeUp, TuningStack
    from support.sandbox_server import SandboxServer

CHECKOUT = Path(__file__).resolve().parents[2]
FILES = [CHECKOUT / "README.md", *sorted((CHECKOUT / "docs").glob("*.md")), *sorted((CHECKOUT / "docs").glob("*/*.md"))]
EXAMPLE = "docs/examples/"
BLOCKS = [block for file in FILES for block in find_blocks(file)]
# Each page is a program of its own; here their resources get names that differ.
ALL_PAGES = """
import pathlib
import pulumi

begin = pulumi.Resource.__init__
for page in sorted(pathlib.Path("pages").iterdir()):
    def begin_named(self, kind, name, *rest, page=page.stem, **more):
        begin(self, kind, f"{name} of {page}", *rest, **more)
    pulumi.Resource.__init__ = begin_named
    exec(compile(page.read_text(), page, "exec"), {"__name__": "__main__"})
"""


def of_kind(kind: str) -> list[Block]:
    return [block for block in BLOCKS if block.kind == kind]


@pytest.mark.parametrize("block", BLOCKS, ids=str)
def test_a_block_says_how_it_is_checked(block: Block) -> None:
    assert block.kind in ("program", "file", "shell", "output", "skip"), f"{block} has no marker"
    assert block.kind not in ("skip", "output", "file") or block.argument, (
        f"{block} needs a reason, a command or a name"
    )


def test_the_programs_of_all_pages_go_up_together_stand_as_declared_and_come_down(
    tuning_stack: TuningStack, sandbox: SandboxServer
) -> None:
    stack = tuning_stack(ALL_PAGES)
    for block in of_kind("program"):
        stack.write(f"pages/{block.file.stem}-{block.line}.py", block.text)
    stack.write("data/train.jsonl", rows(40))
    stack.write("data/validation.jsonl", rows(20, salt="held out"))
    pairs = ({"prompt": f"Ticket {number}", "completion": f"team {number % 3}"} for number in range(40))
    stack.write("data/pairs.jsonl", "".join(f"{json.dumps(pair)}\n" for pair in pairs))
    sandbox.make_bucket("my-bucket")
    stack.up().expect_ok()
    made = {r["urn"].rpartition("::")[2].rpartition(" of ")[2] for r in stack.resources}
    assert made == {file.stem for file in (stack.folder / "pages").iterdir()}
    assert stack.preview("--expect-no-changes").expect_ok().changes == {}
    stack.destroy().expect_ok()
    assert stack.resources == []


def is_slow(block: Block) -> bool:
    return EXAMPLE in block.text or block.argument == "slow"


@pytest.mark.parametrize("block", [each for each in of_kind("shell") if not is_slow(each)], ids=str)
def test_commands_run(made_up: MadeUp, block: Block) -> None:
    run_block(made_up, block)


@pytest.mark.full
@pytest.mark.parametrize("block", [each for each in of_kind("shell") if is_slow(each)], ids=str)
def test_commands_that_bring_a_stack_up_and_down_run(made_up: MadeUp, block: Block) -> None:
    run_block(made_up, block)


def write_files(made_up: MadeUp, page: Path) -> None:
    """What a reader of the page has saved before the commands on it are run."""
    for block in of_kind("file"):
        if block.file == page:
            (made_up.folder / block.argument).write_text(block.text, encoding="utf-8")


def run_block(made_up: MadeUp, block: Block) -> None:
    write_files(made_up, block.file)
    script = "set -e\n" + block.text
    env = os.environ | {"PATH": f"{made_up.folder / '.venv' / 'bin'}:{os.environ['PATH']}"} | made_up.env
    done = subprocess.run(
        ["bash", "-c", script], cwd=made_up.folder, env=env, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, f"{block}\n{done.stdout}\n{done.stderr}"


@pytest.mark.parametrize("block", of_kind("output"), ids=str)
def test_output_is_what_the_command_prints(made_up: MadeUp, block: Block) -> None:
    write_files(made_up, block.file)
    expect_shown(block, made_up.output_of(block.argument))
