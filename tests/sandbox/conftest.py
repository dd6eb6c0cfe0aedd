"""One sandbox per session in a thread, with the clock stepped; every test gets it fresh."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from sandbox.running import RunningSandbox, run_sandbox


@pytest.fixture(scope="session")
def running_sandbox() -> Iterator[RunningSandbox]:
    with run_sandbox() as running:
        yield running


@pytest.fixture
def sandbox(running_sandbox: RunningSandbox) -> RunningSandbox:
    """A sandbox without state, as of AS_OF, whose clock stands until it is advanced."""
    running_sandbox.admin("POST", "reset")
    return running_sandbox
