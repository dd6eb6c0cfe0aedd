"""google-api-python-client, unmodified, with the discovery documents that it ships."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from google.auth.credentials import AnonymousCredentials
from googleapiclient.discovery import build

if TYPE_CHECKING:
    from collections.abc import Iterator


@contextmanager
def discovery_client(api: str, version: str, url: str) -> Iterator[Any]:
    """A client of one API that talks to the sandbox at `url`."""
    credentials = AnonymousCredentials()  # type: ignore[no-untyped-call]
    options = {"api_endpoint": url}
    service = build(api, version, credentials=credentials, static_discovery=True, client_options=options)
    try:
        yield service
    finally:
        service.close()
