"""A sandbox for your own tests, in a thread of the test process, with a clock that the test advances.

It runs while a ``with`` block lasts:

    with Sandbox(as_of="2026-11-21") as sandbox:
        sandbox.call("POST", "/v1/projects/p/locations/us-central1/tuningJobs", {...})
        sandbox.advance(hours=2)
"""

from __future__ import annotations

import asyncio
import json
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import datetime, timedelta
from http.client import HTTPConnection
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from tuning_sandbox.app import create_app
from tuning_sandbox.kernel.clock import from_stamp
from tuning_sandbox.kernel.front import Front
from tuning_sandbox.kernel.sandbox import Config, parse_as_of
from tuning_sandbox.kernel.server import HOST, make_server

__all__ = ["Sandbox", "SandboxError"]


class SandboxError(Exception):
    """An error of the sandbox: the HTTP status, Google's name of the status, and the message."""

    def __init__(self, code: int, status: str, message: str) -> None:
        super().__init__(f"{code} {status}: {message}")
        self.code = code
        self.status = status
        self.message = message


class Sandbox:
    """A sandbox that answers at `url` while the `with` block lasts."""

    def __init__(
        self,
        *,
        as_of: str | None = None,
        speed: float | None = None,
        seed: int = 0,
        data: str | Path | None = None,
    ) -> None:
        """As of a date (default: today). The clock is stepped; with `speed`, that many seconds pass in one real second.

        The same `seed` and calls give the same ids, models and answers. With `data` the state is kept in that folder.
        """
        self._config = Config(
            mode="stepped" if speed is None else "scaled",
            scale=speed or 1.0,
            as_of=parse_as_of(as_of) if as_of else None,
            seed=seed,
            data=Path(data) if data else None,
        )
        self._running = ExitStack()
        self._url = ""

    def __enter__(self) -> Self:
        """Start it. It is ready when this returns."""
        self._url = self._running.enter_context(serve_in_thread(create_app(self._config)))
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Stop it. Without `data` its state is lost."""
        self._running.close()
        self._url = ""

    @property
    def url(self) -> str:
        """Its address, `http://127.0.0.1:PORT`."""
        if not self._url:
            raise RuntimeError("the sandbox runs inside its `with` block only")
        return self._url

    @property
    def environment(self) -> dict[str, str]:
        """The environment variables that point pulumi-gcp-tuning at it; set them for the process that runs Pulumi."""
        day = self.now.date().isoformat()
        return {"GCP_TUNING_BASE_URL": self.url, "GCP_TUNING_AS_OF": day, "GCP_TUNING_POLL_INTERVAL": "0.25"}

    @property
    def now(self) -> datetime:
        """The current time of its clock."""
        return from_stamp(self.call("GET", "/_sandbox/clock")["now"])

    def advance(self, seconds: float = 0.0, *, minutes: float = 0.0, hours: float = 0.0, days: float = 0.0) -> datetime:
        """Advance the clock. Everything that is due, training included, has happened when this returns the new time."""
        span = timedelta(seconds=seconds, minutes=minutes, hours=hours, days=days).total_seconds()
        return from_stamp(self.call("POST", "/_sandbox/clock", {"advance_seconds": span})["now"])

    def reset(self) -> None:
        """Delete all state and set the clock to its start."""
        self.call("POST", "/_sandbox/reset")

    def call(self, method: str, path: str, body: Any = None) -> dict[str, Any]:
        """One call of Google's JSON APIs, or of the sandbox's own below `/_sandbox/`; SandboxError if it is refused."""
        connection = HTTPConnection(HOST, int(self.url.rpartition(":")[2]))
        try:
            data = None if body is None else json.dumps(body)
            connection.request(method, path, data, {"content-type": "application/json"})
            answer = connection.getresponse()
            text = answer.read().decode()
        finally:
            connection.close()
        try:
            got = json.loads(text) if text.strip() else {}
        except ValueError:
            raise SandboxError(answer.status, "UNKNOWN", f"{method} {path} is not a path of the sandbox") from None
        if answer.status >= 400:
            error = got.get("error", {})
            raise SandboxError(answer.status, error.get("status", "UNKNOWN"), error.get("message", text))
        found: dict[str, Any] = got
        return found


@contextmanager
def serve_in_thread(app: Front) -> Iterator[str]:
    """Serve an application on a free port until the block ends. Yields its address."""
    ports: list[int] = []
    failures: list[BaseException] = []
    ready = threading.Event()

    def note(port: int) -> None:
        ports.append(port)
        ready.set()

    server = make_server(app, app.sandbox, 0, note)

    def run() -> None:
        try:
            asyncio.run(server.run_quietly())
        except BaseException as error:  # noqa: BLE001 - the calling thread raises an error for it
            failures.append(error)
        finally:
            ready.set()

    thread = threading.Thread(target=run, name="sandbox", daemon=True)
    thread.start()
    ready.wait()
    if not ports:
        thread.join()
        raise RuntimeError("the sandbox did not start") from (failures[0] if failures else None)
    try:
        yield f"http://{HOST}:{ports[0]}"
    finally:
        server.should_exit = True
        thread.join()
