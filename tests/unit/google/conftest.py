"""A scripted server, a clock of the test's own, and our client between them."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING

import pytest
from cryptography.hazmat.primitives import serialization

from pulumi_gcp_tuning.config import Settings
from pulumi_gcp_tuning.google import Google
from pulumi_gcp_tuning.signing import CredentialsChoice
from support.fake_google import FakeClock, FakeGoogle, serving
from support.least_answers import least_answer

if TYPE_CHECKING:
    from collections.abc import Iterator

TOKEN = "ya29.very-secret-token-of-a-test"


@pytest.fixture(scope="session", autouse=True)
def keys_parsed_once() -> Iterator[None]:
    """A private key takes 35 ms to check; these tests read the same one hundreds of times."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(serialization, "load_pem_private_key", functools.cache(serialization.load_pem_private_key))
        yield


@pytest.fixture
def server() -> Iterator[FakeGoogle]:
    """Answers the least that Google would to everything that is not scripted."""
    with serving(least_answer) as fake:
        yield fake


@pytest.fixture
def clock() -> FakeClock:
    """Nothing sleeps."""
    return FakeClock()


@pytest.fixture
def google(server: FakeGoogle, clock: FakeClock) -> Iterator[Google]:
    """Our client, signed with a literal token, pointed at the server."""
    settings = Settings(
        project="my-project",
        location="us-central1",
        base_url=server.url,
        poll_interval=20.0,
        credentials=CredentialsChoice(kind="token", text=TOKEN, source="GCP_TUNING_ACCESS_TOKEN"),
    )
    client = Google(settings, clock)
    client.transport._draw = lambda: 0.5
    yield client
    client.close()
