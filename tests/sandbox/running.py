"""A sandbox that runs in a thread of the tests."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import requests

from tuning_sandbox.app import create_app
from tuning_sandbox.kernel.sandbox import Config, Sandbox, parse_as_of
from tuning_sandbox.testing import serve_in_thread

AS_OF = "2026-11-21"


@dataclass
class RunningSandbox:
    """A sandbox that answers at `url`."""

    url: str
    state: Sandbox
    session: requests.Session = field(default_factory=requests.Session)

    def request(self, method: str, path: str, **arguments: Any) -> requests.Response:
        return self.session.request(method, self.url + path, timeout=300, **arguments)

    def get(self, path: str, **arguments: Any) -> requests.Response:
        return self.request("GET", path, **arguments)

    def post(self, path: str, **arguments: Any) -> requests.Response:
        return self.request("POST", path, **arguments)

    def put(self, path: str, **arguments: Any) -> requests.Response:
        return self.request("PUT", path, **arguments)

    def patch(self, path: str, **arguments: Any) -> requests.Response:
        return self.request("PATCH", path, **arguments)

    def delete(self, path: str, **arguments: Any) -> requests.Response:
        return self.request("DELETE", path, **arguments)

    def admin(self, method: str, path: str, body: Any = None) -> dict[str, Any]:
        answer = self.request(method, f"/_sandbox/{path}", json=body)
        assert answer.status_code == 200, answer.text
        got: dict[str, Any] = answer.json()
        return got

    def advance(self, seconds: float) -> dict[str, Any]:
        return self.admin("POST", "clock", {"advance_seconds": seconds})


@contextmanager
def run_sandbox(app: Any = None) -> Iterator[RunningSandbox]:
    """Serve an application (default: all APIs, clock stepped, as of AS_OF) on a free port until the block ends."""
    app = app or create_app(Config(mode="stepped", as_of=parse_as_of(AS_OF), seed=7))
    with serve_in_thread(app) as url:
        running = RunningSandbox(url, app.state.sandbox)
        try:
            yield running
        finally:
            running.session.close()
