"""One sandbox per session in a thread, with the clock stepped; every test gets it fresh."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from sandbox.gemini_api_support import app_of_its_day
from sandbox.pipeline_support import BISON_DAY
from sandbox.running import RunningSandbox, run_sandbox
from tuning_sandbox.app import create_app
from tuning_sandbox.kernel.sandbox import Config, parse_as_of


@pytest.fixture(scope="session")
def running_sandbox() -> Iterator[RunningSandbox]:
    with run_sandbox() as running:
        yield running


@pytest.fixture
def sandbox(running_sandbox: RunningSandbox) -> RunningSandbox:
    """A sandbox without state, as of AS_OF, whose clock stands until it is advanced."""
    running_sandbox.admin("POST", "reset")
    return running_sandbox


@pytest.fixture(scope="session")
def running_in_march() -> Iterator[RunningSandbox]:
    with run_sandbox(create_app(Config(mode="stepped", as_of=parse_as_of("2026-03-01"), seed=7))) as running:
        yield running


@pytest.fixture
def march(running_in_march: RunningSandbox) -> RunningSandbox:
    """As `sandbox`, on a day on which a model takes keys."""
    running_in_march.admin("POST", "reset")
    return running_in_march


@pytest.fixture(scope="session")
def running_in_the_days_of_bison() -> Iterator[RunningSandbox]:
    with run_sandbox(create_app(Config(mode="stepped", as_of=parse_as_of(BISON_DAY), seed=7))) as running:
        yield running


@pytest.fixture
def bison(running_in_the_days_of_bison: RunningSandbox) -> RunningSandbox:
    """As `sandbox`, on a day on which pipelines tune bison models."""
    running_in_the_days_of_bison.admin("POST", "reset")
    return running_in_the_days_of_bison


@pytest.fixture
def gemini() -> Iterator[RunningSandbox]:
    """A sandbox of the days in which the Gemini API tuned models."""
    with run_sandbox(app_of_its_day()) as sandbox:
        yield sandbox
