"""A stack that has gone up once, and what Google held then, for every test that begins there.

    folder/project   the stack's project with its configuration and state
    folder/world     the data folder of its sandbox
    folder/origin    the address that the sandbox had

Each test gets copies of its own: a project and a sandbox of its own that starts where the first one ended.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from support.pulumi_stack import Stack
from support.sandbox_server import CONCURRENT_JOBS, PROJECT, REGION, SandboxServer
from support.tuning_programs import rows

CONFIG: Final = {"gcp:project": PROJECT, "gcp:region": REGION}
SPEED: Final = "3000"


def start(world: Path) -> SandboxServer:
    """A sandbox on a data folder, new or not, its clock as fast as that of the other sandboxes of the tests."""
    return SandboxServer("--data", str(world), "--speed", SPEED)


def take(folder: Path, program: str, cli: Path, home: Path) -> None:
    """Let a program go up on 40 rows in a cloud with one bucket, and keep what there is then."""
    with start(folder / "world") as server:
        server.admin("POST", "quotas", {"metric": CONCURRENT_JOBS, "limit": 64})
        server.make_bucket()
        stack = Stack(folder / "project", program, cli=cli, home=home, config=CONFIG, env=server.env)
        stack.write("train.jsonl", rows())
        stack.up().expect_ok()
        (folder / "origin").write_text(server.url)


@contextmanager
def restored(snapshot: Path, folder: Path, cli: Path, home: Path) -> Iterator[tuple[Stack, SandboxServer]]:
    """The stack and its sandbox as they were, both to do with as one likes."""
    shutil.copytree(snapshot, folder)
    with start(folder / "world") as server:
        stack = Stack.restored(folder / "project", cli=cli, home=home, env=server.env)
        text = stack.state_file.read_text()
        stack.state_file.write_text(text.replace((snapshot / "origin").read_text(), server.url))
        yield stack, server
