"""The engine that the tests of declarations talk to."""

from __future__ import annotations

import pulumi
import pytest

from support.recorded_engine import Recorder


@pytest.fixture
def engine() -> Recorder:
    recorder = Recorder()
    pulumi.runtime.set_mocks(recorder, preview=False)
    return recorder
