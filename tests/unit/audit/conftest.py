"""The stack that the tests of audits look at."""

from __future__ import annotations

import pytest

from support.audited_cloud import Cloud


@pytest.fixture
def cloud() -> Cloud:
    return Cloud()
