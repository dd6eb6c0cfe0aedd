"""What the tests without the CLI may rely on."""

from __future__ import annotations

import asyncio

import pytest


@pytest.fixture(scope="module", autouse=True)
def event_loop_of_programs() -> None:
    """Pulumi's mocks need an event loop, and `asyncio.run` in another test leaves none."""
    try:
        asyncio.get_event_loop_policy().get_event_loop()
    except RuntimeError:
        asyncio.set_event_loop(asyncio.new_event_loop())
