"""A connection to a Google made by hand."""

from __future__ import annotations

from typing import Any, cast

import pytest

from pulumi_gcp_tuning.commands.connection import Connection
from support.audited_cloud import Cloud
from support.hand_made_google import settings


@pytest.fixture
def cloud() -> Cloud:
    return Cloud()


@pytest.fixture
def connection(cloud: Cloud) -> Connection:
    return Connection(settings(), cast("Any", cloud.google), cloud.desk.clock)
