"""The front end: finds the route, checks the caller, calls the module, and writes its answer as Google would."""

from __future__ import annotations

import asyncio
import html
import json
import sys
import traceback
from collections.abc import Awaitable, Callable, Iterable, MutableMapping
from dataclasses import dataclass, field
from datetime import UTC, timedelta
from email.utils import format_datetime
from types import SimpleNamespace
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from tuning_sandbox.kernel import access
from tuning_sandbox.kernel.admin import Admin
from tuning_sandbox.kernel.api import Api, Router, ServedRoute
from tuning_sandbox.kernel.call import Answer, Call
from tuning_sandbox.kernel.errors import GoogleError, invalid_argument
from tuning_sandbox.kernel.faults import Fault
from tuning_sandbox.kernel.parameters import check_query, not_served, refuse_unread
from tuning_sandbox.kernel.partial import keep_fields
from tuning_sandbox.kernel.sandbox import Sandbox
from tuning_sandbox.kernel.wire import write_message

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]

JSON = "application/json; charset=UTF-8"
_HEADERS = {
    "google": {
        "vary": "Origin, X-Origin, Referer",
        "server": "ESF",
        "cache-control": "private",
        "x-content-type-options": "nosniff",
        "x-frame-options": "SAMEORIGIN",
        "x-xss-protection": "0",
    },
    "gcs": {
        "server": "UploadServer",
        "cache-control": "no-cache, no-store, max-age=0, must-revalidate",
        "vary": "Origin, X-Origin",
    },
}
_HEADERS["iam"] = _HEADERS["google"]
_OWN_NAMES = frozenset({"127.0.0.1", "localhost", "::1"})


@dataclass
class Request:
    """The HTTP request as received."""

    method: str
    path: str
    query: str
    headers: dict[str, str]
    body: bytes

    @property
    def target(self) -> str:
        """Path and query."""
        return f"{self.path}?{self.query}" if self.query else self.path


@dataclass
class Reply:
    """The HTTP response."""

    status: int
    body: bytes
    headers: dict[str, str] = field(default_factory=dict)


class Front:
    """The ASGI application for every path."""

    def __init__(self, sandbox: Sandbox, apis: Iterable[Api]) -> None:
        self.sandbox = sandbox
        self._apis = tuple(apis)
        self.state = SimpleNamespace(sandbox=sandbox)
        self._router = Router(self._apis)
        self._admin = Admin(sandbox, self._apis)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one HTTP request."""
        send = _dated(send, self.sandbox)
        request = await _read(scope, receive)
        foreign = _foreign(request)
        if foreign is not None:
            await _send(send, _json_reply(foreign.to_wire(), foreign.http, "google"))
            return
        if request.path == "/_sandbox" or request.path.startswith("/_sandbox/"):
            await _send(send, self._answer_admin(request))
            return
        sandbox = self.sandbox
        sandbox.clock.fire_due()
        found = self._find(request)
        route_id = _id_of(found[0]) if isinstance(found, tuple) else None
        entry = sandbox.journal.add(
            method=request.method,
            path=request.target,
            route=route_id,
            headers=request.headers,
            body=request.body,
            at=sandbox.clock.stamp(),
            sized_only=isinstance(found, tuple) and found[0].raw,
        )
        fault = sandbox.faults.take(request.method, request.target, route_id, entry["seq"], sandbox.clock.stamp())
        if fault is not None:
            entry["fault"] = fault.number
            if "delaySeconds" in fault.spec:
                await asyncio.sleep(float(fault.spec["delaySeconds"]))
            if fault.kind == "close":
                await _abort(scope, receive)
                return
            if fault.kind == "hold":
                await _until_gone(receive)
                return
        reply = self._answer(request, found, fault)
        entry["status"] = reply.status
        if fault is not None and fault.kind == "lost" and "status" not in fault.spec:
            entry["status"] = None
            await _abort(scope, receive)
        elif fault is not None and fault.kind == "mute":
            entry["status"] = None
            await _until_gone(receive)
        elif fault is not None and fault.kind == "truncate":
            await _send(send, reply, upto=len(reply.body) // 2)
            await _abort(scope, receive)
        else:
            await _send(send, reply)

    def _find(self, request: Request) -> tuple[ServedRoute, dict[str, str]] | GoogleError | None:
        found = self._router.find(request.method, request.path)
        return found if found is not None else self._unimplemented(request)

    def _answer(
        self, request: Request, found: tuple[ServedRoute, dict[str, str]] | GoogleError | None, fault: Fault | None
    ) -> Reply:
        family = found[0].api.family if isinstance(found, tuple) else "google"
        try:
            if fault is not None and fault.kind == "status":
                raise fault.error()
            if found is None:
                return _not_found_page(request)
            if isinstance(found, GoogleError):
                raise found
            reply = self._call(request, *found, fault)
            if fault is not None and fault.kind == "lost" and "status" in fault.spec:
                raise fault.error()
            if fault is not None and fault.kind == "answer":
                return Reply(200, fault.spec["body"].encode(), {"content-type": JSON, **_HEADERS[family]})
            return reply
        except GoogleError as error:
            if error.http == 304:
                return Reply(304, b"", dict(_HEADERS[family]))
            reply = _json_reply(error.to_wire(family), error.http, family)
            if fault is not None:
                reply.headers.update(fault.spec.get("headers", {}))
            return reply
        except Exception as error:  # noqa: BLE001 - an error in the sandbox is returned, not dropped
            traceback.print_exc(file=sys.stderr)
            text = f"the sandbox itself failed on {request.method} {request.path}: {type(error).__name__}: {error}"
            return _json_reply(GoogleError(500, "INTERNAL", text).to_wire(family), 500, family)

    def _call(self, request: Request, route: ServedRoute, params: dict[str, str], fault: Fault | None) -> Reply:
        sandbox = self.sandbox
        call = Call(
            sandbox=sandbox,
            route=route,
            params=params,
            path=request.path,
            query_pairs=parse_qsl(request.query, keep_blank_values=True),
            headers=request.headers,
            raw=request.body,
            principal=sandbox.principals.of(_authorization(request)),
        )
        if not sandbox.config.loose:
            check_query(call)
        with sandbox.transaction():
            access.check_access(call, route.api.denial)
            if route.api.guard is not None:
                route.api.guard(call)
            if fault is not None and fault.kind == "stale" and request.method == "GET":
                seconds = fault.spec.get("seconds")
                moment = None if seconds is None else sandbox.clock.now() - timedelta(seconds=seconds)
                changes = None if seconds is not None else fault.spec.get("changes", 1)
                with sandbox.store.as_of(changes=changes, moment=moment):
                    answer = route.handler(call)
            else:
                answer = route.handler(call)
            if not call.body_was_read and not route.raw and request.method != "GET":
                call.body  # noqa: B018 - an unknown field is refused even if the method did not read the body
            reply = _to_reply(call, answer)
            if not sandbox.config.loose:
                refuse_unread(call)
            return reply

    def _answer_admin(self, request: Request) -> Reply:
        try:
            return _json_reply(
                self._admin.answer(request.method, request.path, request.query, request.body), 200, "google"
            )
        except GoogleError as error:
            return _json_reply(error.to_wire(), error.http, "google")
        except (ValueError, TypeError, ArithmeticError, LookupError, AttributeError) as error:
            # admin bodies have no schema: a value that a handler does not expect is the caller's error
            text = f"the sandbox cannot read this body for {request.path}: {type(error).__name__}: {error}"
            return _json_reply(invalid_argument(text).to_wire(), 400, "google")

    def _unimplemented(self, request: Request) -> GoogleError | None:
        from tuning_sandbox.kernel.known import find_elsewhere, find_method, takes_other_verb

        method = find_method(self._apis, request.method, request.path)
        if method is None and takes_other_verb(self._apis, request.path):
            return GoogleError(404, "NOT_FOUND", "Method not found.")
        what = method or find_elsewhere(request.path)
        if what is None:
            return None
        return GoogleError(
            501, "UNIMPLEMENTED", f"The sandbox does not implement {what} ({request.method} {request.path})."
        )


def _to_reply(call: Call, answer: Any) -> Reply:
    family = call.route.api.family
    if isinstance(answer, dict):
        answer = Answer(answer)
    if isinstance(answer.body, dict):
        body = answer.body
        method, document = call.method, call.document
        schema = method.response if document is not None and method is not None and answer.status == 200 else None
        if document is not None and schema:
            numbers = "enum-encoding=int" in call.query.get("alt", "")
            body = write_message(document, schema, body, enum_numbers=numbers, drop=family != "gcs")
        if call.query.get("fields"):
            body = keep_fields(body, call.query["fields"], document, schema)
        reply = _json_reply(body, answer.status, family, indent=None if call.query.get("prettyPrint") == "false" else 2)
    else:
        if answer.body and answer.status == 200 and call.query.get("fields"):
            raise not_served(call, "fields")
        reply = Reply(answer.status, answer.body or b"", dict(_HEADERS[family]))
    if answer.media_type is not None:
        reply.headers["content-type"] = answer.media_type
    reply.headers.update(answer.headers)
    return reply


def _authorization(request: Request) -> str:
    """The Authorization header, or the query's token in its place."""
    query = dict(parse_qsl(request.query))
    return request.headers.get("authorization") or query.get("access_token") or query.get("oauth_token") or ""


def _json_reply(body: dict[str, Any], status: int, family: str, indent: int | None = 2) -> Reply:
    text = json.dumps(body, indent=indent, ensure_ascii=False) + "\n"
    return Reply(status, text.encode(errors="replace"), {"content-type": JSON, **_HEADERS[family]})


def _not_found_page(request: Request) -> Reply:
    text = (
        "<!DOCTYPE html>\n<html lang=en>\n  <meta charset=utf-8>\n  <title>Error 404 (Not Found)!!1</title>\n"
        f"  <p><b>404.</b> <ins>That\u2019s an error.</ins>\n  <p>The requested URL <code>{html.escape(request.target)}</code> "
        f"was not found on this server ({request.method}).  <ins>That\u2019s all we know.</ins>\n"
    )
    return Reply(404, text.encode(), {"content-type": "text/html; charset=UTF-8", "referrer-policy": "no-referrer"})


def _id_of(route: ServedRoute) -> str | None:
    return route.id or f"{route.api.name}:{route.handler.__name__}"


def _foreign(request: Request) -> GoogleError | None:
    """The 403 for a request that another site's page made a browser send, or that names another host."""
    for header, scheme in (("host", "//"), ("origin", "")):
        value = request.headers.get(header)
        if value is not None and not _is_own(scheme + value):
            return GoogleError(
                403,
                "PERMISSION_DENIED",
                f"The sandbox answers this machine only: the {header.title()} header of the request is {value!r}. Ask it at "
                "http://127.0.0.1:PORT, and not from a web page.",
            )
    return None


def _is_own(url: str) -> bool:
    try:
        name = urlsplit(url).hostname or ""
    except ValueError:
        return False
    return name in _OWN_NAMES or name.endswith(".localhost")


async def _read(scope: Scope, receive: Receive) -> Request:
    chunks: list[bytes] = []
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            break
        chunks.append(message.get("body", b""))
        if not message.get("more_body"):
            break
    raw_path = scope.get("raw_path") or scope["path"].encode()
    return Request(
        method=scope["method"],
        path=raw_path.decode("latin-1").partition("?")[0],
        query=scope["query_string"].decode("latin-1"),
        headers={key.decode("latin-1").lower(): value.decode("latin-1") for key, value in scope["headers"]},
        body=b"".join(chunks),
    )


async def _send(send: Send, reply: Reply, upto: int | None = None) -> None:
    headers = [(key.encode("latin-1"), value.encode("latin-1")) for key, value in reply.headers.items()]
    if reply.status not in {204, 304}:
        headers.append((b"content-length", str(len(reply.body)).encode()))
    await send({"type": "http.response.start", "status": reply.status, "headers": headers})
    body = reply.body if upto is None else reply.body[:upto]
    await send({"type": "http.response.body", "body": body, "more_body": upto is not None})


def _dated(send: Send, sandbox: Sandbox) -> Send:
    """Adds the sandbox's date to the headers of an answer, which Google's have too."""

    async def sent(message: MutableMapping[str, Any]) -> None:
        headers = message.get("headers", [])
        if message["type"] == "http.response.start" and not any(name == b"date" for name, _ in headers):
            date = format_datetime(sandbox.clock.now().astimezone(UTC), usegmt=True)
            message = {**message, "headers": [*headers, (b"date", date.encode())]}
        await send(message)

    return sent


async def _abort(scope: Scope, receive: Receive) -> None:
    transport = scope.get("extensions", {}).get("sandbox.transport")
    if transport is None:
        raise ConnectionResetError("the sandbox broke the connection (injected fault)")
    # send what was written so far before the reset discards it
    await asyncio.sleep(0.02)
    transport["abort"]()
    await _until_gone(receive)


async def _until_gone(receive: Receive) -> None:
    # uvicorn must receive the disconnect before this returns, or it logs that no answer was sent
    while (await receive())["type"] != "http.disconnect":
        pass
