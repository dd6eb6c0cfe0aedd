"""The page `Your first pull request`: its commands in their order in one shell, and what they print."""

from __future__ import annotations

import itertools
import os
import shlex
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from support.markdown import expect_shown, find_blocks

if TYPE_CHECKING:
    from stacks.conftest import MadeUp

PAGE = Path(__file__).resolve().parents[2] / "docs" / "first-pull-request.md"
RUN_HERE = "tests/stacks/test_first_pull_request.py runs it"
COMPARED_HERE = "tests/stacks/test_first_pull_request.py compares it"
NEXT = "---- the next block ----"


def given_environment(made: MadeUp) -> str:
    """What `make up` of a new clone would install: the environment of the tests, older files that it was made from."""
    venv = f"ln -s {shlex.quote(sys.prefix)} .venv\nprintf '.venv\\n' >> .git/info/exclude\n"
    git = f"export GIT_CONFIG_GLOBAL={os.devnull}\n"
    names = "\n".join(
        f"export GIT_{who}_NAME=Reader GIT_{who}_EMAIL=reader@shop.test" for who in ("AUTHOR", "COMMITTER")
    )
    settings = "\n".join(f"export {name}={shlex.quote(value)}" for name, value in made.env.items())
    return f"{venv}touch -t 200001010000 requirements.lock pyproject.toml\n{git}{names}\n{settings}\n"


@pytest.mark.full
def test_a_reader_gets_from_an_empty_folder_to_the_merge_and_back(bare_checkout: MadeUp, tmp_path: Path) -> None:
    blocks = [block for block in find_blocks(PAGE) if block.argument in (RUN_HERE, COMPARED_HERE)]
    repository, reader = bare_checkout.folder, tmp_path / "reader"
    reader.mkdir()
    (repository / ".venv").unlink()
    git = ["git", "-c", "user.name=Author", "-c", "user.email=author@shop.test", "-C", str(repository)]
    for command in (["init", "--quiet", "-b", "main"], ["add", "--all"], ["commit", "--quiet", "-m", "All of it"]):
        subprocess.run([*git, *command], check=True)

    commands = [block for block in blocks if block.argument == RUN_HERE]
    first, *rest = (block.text for block in commands)
    prepared = given_environment(bare_checkout)
    assert "<this repository>" in first
    script = [first.replace("<this repository>", shlex.quote(str(repository))) + prepared, *rest]
    done = subprocess.run(
        ["bash", "-e", "-c", "\n".join(f"{text}echo; echo '{NEXT}'" for text in script)],
        cwd=reader, capture_output=True, text=True, check=False,
    )  # fmt: skip
    try:
        assert done.returncode == 0, done.stdout + done.stderr
    finally:
        if done.returncode and (reader / "pulumi-gcp-tuning").exists():
            subprocess.run(["make", "down"], cwd=reader / "pulumi-gcp-tuning", capture_output=True, check=False)
    said = dict(zip((block.line for block in commands), done.stdout.split(NEXT), strict=False))

    for before, block in itertools.pairwise(blocks):
        if block.argument == COMPARED_HERE:
            expect_shown(block, said[before.line])
    assert (reader / "loss.svg").is_file()
