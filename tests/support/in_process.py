"""A sandbox in the process of the tests, reached through the provider's own session: every call is counted, and may go wrong.

world = World("2026-11-21")             # one for all cells: what it takes to start is paid once
wire = Wire(world)                      # one process's way to it; wire.calls lists what was asked
google = wire.connect(settings)         # the real google/, on the clock of the sandbox
wire.event = At(3, "lost")              # the fourth call meets that
"""

from __future__ import annotations

import io
import json
import re
from collections.abc import Callable, Coroutine, Mapping
from concurrent.futures import Executor, Future
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final
from urllib.parse import urlsplit

import requests
from requests.adapters import HTTPAdapter
from urllib3 import HTTPResponse
from urllib3.exceptions import ProtocolError

from pulumi_gcp_tuning.config import Settings
from pulumi_gcp_tuning.google import Google
from pulumi_gcp_tuning.resources.facts import surroundings
from support.cli_cells import FAULTS, KILLS, STATUSES
from support.sandbox_server import CONCURRENT_JOBS, PROJECT, REGION
from tuning_sandbox.app import create_app
from tuning_sandbox.kernel.ids import Ids
from tuning_sandbox.kernel.sandbox import Config, parse_as_of
from tuning_sandbox.vertex import endpoints, training, work

ADDRESS: Final = "http://127.0.0.1:8085"
EVENTS: Final = (*KILLS, *FAULTS, "503 after the effect", "429 after the effect")
WRONG_SHAPE: Final = b'{"name": 3, "state": ["?"], "labels": "none", "error": null}'
MALFORMED: Final = b"<html>Please log in.</html>"
_STAND_INS: Final = (
    (re.compile(r"gcp-tuning-[0-9a-f]{16}-[0-9a-f]{16}(-[0-9]+)?"), "N"),
    (re.compile(r"(tuning-datasets%2F)[0-9a-f]+"), r"\1N"),
    (re.compile(r"[0-9]{6,}(%40[0-9]+|@[0-9]+)?"), "N"),
)


class Killed(BaseException):
    """kill -9: nothing of the process runs after it."""


@dataclass(frozen=True)
class At:
    """What the call with this number meets."""

    number: int
    event: str


class World:
    """The cloud, its clock standing still but where somebody sleeps."""

    def __init__(self, as_of: str) -> None:
        self.front = create_app(Config(mode="stepped", as_of=parse_as_of(as_of), seed=0))
        self.sandbox = self.front.sandbox
        self.ask("POST", "/_sandbox/quotas", {"metric": CONCURRENT_JOBS, "limit": 64})
        self.ask("POST", "/_sandbox/vertex", {"durationScale": 0.005})  # a wait is a few calls long
        self.ask("POST", f"/storage/v1/b?project={PROJECT}", {"name": "shop-data", "location": REGION})

    def ask(self, method: str, path: str, body: Any = None) -> Any:
        """One call of ours; no event strikes it."""
        answer = requests.Request(method, ADDRESS + path, json=body).prepare()
        found = self.answer(answer)
        assert found.status < 400, found.data
        return json.loads(found.data or b"{}")

    def answer(self, request: requests.PreparedRequest) -> HTTPResponse:
        """What the sandbox answers."""
        sent: list[dict[str, Any]] = []
        body = request.body or b""
        if hasattr(body, "read"):
            body = body.read()
        raw = body.encode() if isinstance(body, str) else bytes(body)
        url = urlsplit(str(request.url))
        scope = {
            "method": request.method,
            "path": url.path,
            "raw_path": url.path.encode(),
            "query_string": url.query.encode(),
            "headers": [(k.lower().encode(), str(v).encode("latin-1")) for k, v in request.headers.items()],
        }

        async def receive() -> dict[str, Any]:
            return {"type": "http.request", "body": raw, "more_body": False}

        async def send(message: Any) -> None:
            sent.append(message)

        _run(self.front(scope, receive, send))
        headers = {k.decode(): v.decode("latin-1") for k, v in sent[0]["headers"]}
        content = b"".join(message.get("body", b"") for message in sent[1:])
        return respond(sent[0]["status"], content, headers)

    def take(self) -> Snapshot:
        """What there is now; nothing may be under way."""
        sandbox = self.sandbox
        assert sandbox.clock.next_due() is None, "work is under way"
        store = sandbox.store
        docs = {kind: dict(store.collection(kind)._docs) for kind in store.kinds()}
        return Snapshot(docs, dict(store.blobs._memory), sandbox.ids.used, sandbox.clock.now())

    def restore(self, snapshot: Snapshot) -> None:
        """As it was then."""
        sandbox, store = self.sandbox, self.sandbox.store
        sandbox.clock.clear()
        sandbox._generation += 1
        sandbox._memories.clear()
        sandbox.faults.clear()
        sandbox.journal.clear()
        for kind in store.kinds():
            collection, kept = store.collection(kind), snapshot.docs.get(kind, {})
            collection._docs = dict(kept)
            collection._sorted = sorted(kept)
        store.blobs._memory = dict(snapshot.blobs)
        store._history.clear()
        sandbox.ids = Ids(sandbox.seed, snapshot.ids)
        sandbox.clock._base = snapshot.now


@dataclass(frozen=True)
class Snapshot:
    """What a world held."""

    docs: Mapping[str, Mapping[str, str]]
    blobs: Mapping[str, bytes]
    ids: int
    now: datetime


class WorldClock:
    """The sandbox's clock as the provider's own."""

    def __init__(self, world: World) -> None:
        self._world = world

    def now(self) -> datetime:
        return self._world.sandbox.clock.now()

    def monotonic(self) -> float:
        return self.now().timestamp()

    def sleep(self, seconds: float, cancelled: Callable[[], bool]) -> None:
        self._world.sandbox.clock.advance(max(seconds, 0.001))


@dataclass
class Wire(HTTPAdapter):
    """How one process of the provider reaches the world."""

    world: World
    event: At | None = None
    place: str = ""
    calls: list[str] = field(default_factory=list)
    dead: bool = False

    def __post_init__(self) -> None:
        super().__init__()

    def connect(self, settings: Settings) -> Google:
        """The provider's google/ over this wire."""
        google = Google(settings, WorldClock(self.world))
        google.transport._draw = lambda: 0.5
        google.transport.session.mount("http://", self)
        return google

    def send(self, request: requests.PreparedRequest, **_options: Any) -> requests.Response:  # type: ignore[override]
        if self.dead:
            raise Killed
        number = len(self.calls)
        self.calls.append(f"{self.place}: {described(request)}")
        event = self.event.event if self.event is not None and self.event.number == number else ""
        if self.event == At(number - 1, "kill after the answer"):
            self._die()
        return self.build_response(request, self._meet(event, request))

    def _meet(self, event: str, request: requests.PreparedRequest) -> HTTPResponse:
        if event in STATUSES:
            return self._refuse(int(event), request)
        if event == "kill before":
            self._die()
        if event == "reset":
            raise broken(request)
        if event == "stale":
            self.world.sandbox.faults.add({"kind": "stale"})
        answer = self.world.answer(request)
        if event == "kill after the effect":
            self._die()
        if event == "timeout":
            raise requests.ReadTimeout("Read timed out. (read timeout=60.0)", request=request)
        if event == "lost":
            raise broken(request)
        if event[:3] in STATUSES:
            return self._refuse(int(event[:3]), request, ask=False)
        return _spoiled(event, answer)

    def _refuse(self, status: int, request: requests.PreparedRequest, *, ask: bool = True) -> HTTPResponse:
        fault = self.world.sandbox.faults.add({"kind": "status", "status": status})
        if ask:
            return self.world.answer(request)
        family = "gcs" if "/storage/" in str(request.url) else "google"
        body = fault.error().to_wire(family)
        fault.left = 0
        return respond(status, json.dumps(body).encode(), {"content-type": "application/json"})

    def _die(self) -> None:
        self.dead = True
        raise Killed


class AtOnce(Executor):
    """Does in the calling thread what it is given, so that calls come in one order."""

    def submit(self, fn: Any, /, *args: Any, **kwargs: Any) -> Future[Any]:
        done: Future[Any] = Future()
        try:
            done.set_result(fn(*args, **kwargs))
        except Exception as error:  # noqa: BLE001  # as an executor does
            done.set_exception(error)
        return done


def made_simple(patch: Any) -> None:
    """Facts are fetched one after the other, operations take a second, and what one job has learned no other learns again."""
    patch.setattr(surroundings, "_pool", AtOnce)
    learned: dict[str, Any] = {}

    def learn(prepared: Any, base: Any, recipe: Any, stopped: Any, parent: bytes | None) -> Any:
        key = f"{hash(parent)} {base.name} {recipe} {len(prepared.training.examples)}"
        if key not in learned:
            learned[key] = work.learn(prepared, base, recipe, stopped, parent)
        return learned[key]

    patch.setattr(training, "learn", learn)
    for name in ("CREATE_SECONDS", "DEPLOY_SECONDS", "UNDEPLOY_SECONDS"):
        patch.setattr(endpoints, name, 1.0)


def described(request: requests.PreparedRequest) -> str:
    """Method and path, without what differs from run to run."""
    path = urlsplit(str(request.url)).path
    for pattern, stand_in in _STAND_INS:
        path = pattern.sub(stand_in, path)
    return f"{request.method} {path}"


def _spoiled(event: str, answer: HTTPResponse) -> HTTPResponse:
    """The answer as an event leaves it."""
    if event == "truncated":
        length = {**answer.headers, "content-length": str(len(answer.data))}
        return respond(answer.status, answer.data[: len(answer.data) // 2], length)
    if event == "malformed":
        return respond(200, MALFORMED, {"content-type": "text/html"})
    if event == "wrong shape":
        return respond(200, WRONG_SHAPE, {"content-type": "application/json"})
    return answer


def respond(status: int, content: bytes, headers: Mapping[str, str]) -> HTTPResponse:
    return HTTPResponse(io.BytesIO(content), headers=dict(headers), status=status, preload_content=False)


def broken(request: requests.PreparedRequest) -> requests.ConnectionError:
    reason = ProtocolError("Connection aborted.", ConnectionResetError(104, "Connection reset by peer"))
    return requests.ConnectionError(reason, request=request)


def _run(coroutine: Coroutine[Any, Any, None]) -> None:
    """To its end; nothing in it waits."""
    try:
        coroutine.send(None)
    except StopIteration:
        return
    raise AssertionError("the sandbox waited")
