"""A pytest plugin for google-genai's own tests: a login without Google, the sandbox's address, and short sleeps."""

from __future__ import annotations

import asyncio
import os
import time
from typing import Any
from urllib.parse import urlsplit

import google.auth
from google.genai import _api_client
from google.oauth2.credentials import Credentials

_LONGEST = 0.3
_build = _api_client.BaseApiClient._build_request
_SANDBOX = urlsplit(os.environ["GOOGLE_VERTEX_BASE_URL"])
_sleep, _sleep_async = time.sleep, asyncio.sleep


def _default(*_: Any, **__: Any) -> tuple[Credentials, str]:
    return Credentials("fake"), os.environ["GOOGLE_CLOUD_PROJECT"]  # type: ignore[no-untyped-call]


def _build_for_sandbox(self: Any, *arguments: Any, **named: Any) -> Any:
    # these tests name addresses of Google, some of them for one call; one address stands for all of them here
    request = _build(self, *arguments, **named)
    if self.vertexai:
        request.url = urlsplit(request.url)._replace(scheme=_SANDBOX.scheme, netloc=_SANDBOX.netloc).geturl()
    return request


async def _nap(seconds: float, result: Any = None) -> Any:
    return await _sleep_async(min(seconds, _LONGEST), result)


google.auth.default = _default
_api_client.BaseApiClient._build_request = _build_for_sandbox  # type: ignore[method-assign]
time.sleep = lambda seconds: _sleep(min(float(seconds), _LONGEST))
asyncio.sleep = _nap  # type: ignore[assignment]
