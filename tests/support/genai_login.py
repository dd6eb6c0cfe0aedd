"""A pytest plugin for google-genai's own tests: a login without Google, the sandbox's address, and short sleeps."""

from __future__ import annotations

import asyncio
import os
import time
from typing import Any

import google.auth
from google.genai import _api_client
from google.oauth2.credentials import Credentials

_LONGEST = 0.3
_init = _api_client.BaseApiClient.__init__
_sleep, _sleep_async = time.sleep, asyncio.sleep


def _default(*_: Any, **__: Any) -> tuple[Credentials, str]:
    return Credentials("fake"), os.environ["GOOGLE_CLOUD_PROJECT"]  # type: ignore[no-untyped-call]


def _init_at_sandbox(self: Any, *arguments: Any, **named: Any) -> None:
    # the client of these tests does not read GOOGLE_VERTEX_BASE_URL, as google-genai's own does
    _init(self, *arguments, **named)
    if self.vertexai:
        self._http_options.base_url = os.environ["GOOGLE_VERTEX_BASE_URL"]


async def _nap(seconds: float, result: Any = None) -> Any:
    return await _sleep_async(min(seconds, _LONGEST), result)


google.auth.default = _default
_api_client.BaseApiClient.__init__ = _init_at_sandbox  # type: ignore[method-assign]
time.sleep = lambda seconds: _sleep(min(float(seconds), _LONGEST))
asyncio.sleep = _nap  # type: ignore[assignment]
