"""The server: uvicorn on loopback, with one line when it is ready and a fast shutdown."""

from __future__ import annotations

import asyncio
import gc
import signal
import socket
import sys
from collections.abc import Callable
from typing import Any

import uvicorn
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from tuning_sandbox.kernel.sandbox import Sandbox

HOST = "127.0.0.1"
_SWITCH_SECONDS = 0.001


class PortInUseError(Exception):
    """Another program uses the port; the message says what to do."""


class _Protocol(HttpToolsProtocol):
    """Passes the transport to the application, so that a fault can really break the connection."""

    def on_message_begin(self) -> None:
        super().on_message_begin()
        self.scope["extensions"] = {"sandbox.transport": {"abort": _Transport(self.transport).abort}}


class _Transport:
    def __init__(self, transport: asyncio.Transport) -> None:
        self._transport = transport

    def abort(self) -> None:
        """Reset the connection without an orderly close."""
        sock = self._transport.get_extra_info("socket")
        if sock is not None:
            linger = (1).to_bytes(4, sys.byteorder) + (0).to_bytes(4, sys.byteorder)
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
        self._transport.abort()


class _Server(uvicorn.Server):
    def __init__(self, config: uvicorn.Config, sandbox: Sandbox, ready: Callable[[int], Any]) -> None:
        super().__init__(config)
        self._sandbox = sandbox
        self._ready = ready

    async def run_quietly(self) -> None:
        """Serve without replacing the program's signal handlers."""
        await self._serve()

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        if self.started:
            self._sandbox.attach(asyncio.get_running_loop())
            self._ready(self.servers[0].sockets[0].getsockname()[1])

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        # keep-alive connections must not delay the shutdown
        for connection in list(self.server_state.connections):
            connection.shutdown()
            transport = getattr(connection, "transport", None)
            if transport is not None:
                transport.close()
        self._sandbox.close()
        await super().shutdown(sockets)


def make_server(app: Any, sandbox: Sandbox, port: int, ready: Callable[[int], Any]) -> _Server:
    """A server for the application; `ready(port)` is called once it answers."""
    config = uvicorn.Config(
        app,
        host=HOST,
        port=port,
        http=_Protocol,
        ws="none",
        lifespan="off",
        loop="asyncio",
        log_config=None,
        access_log=False,
        server_header=False,
        date_header=False,  # an answer has the date of the sandbox
        timeout_graceful_shutdown=1,
    )
    return _Server(config, sandbox, ready)


def serve(app: Any, sandbox: Sandbox, port: int, ready: Callable[[int], Any]) -> None:
    """Serve until SIGTERM or SIGINT; PortInUseError if the port is taken."""
    check_port(port)
    # an answer takes the interpreter lock a few times; while a job trains in its thread, each wait takes this long
    sys.setswitchinterval(_SWITCH_SECONDS)
    # the garbage collector ignores everything loaded so far, so it takes less time while a job trains
    gc.collect()
    gc.freeze()
    server = make_server(app, sandbox, port, ready)

    async def run() -> None:
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, lambda: setattr(server, "should_exit", True))
        await server.run_quietly()

    asyncio.run(run())


def check_port(port: int) -> None:
    """Raise PortInUseError if the port cannot be bound on loopback."""
    if port == 0:
        return
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError as error:
            raise PortInUseError(
                f"port {port} cannot be used on {HOST} ({error.strerror}); stop what listens there, or choose another with "
                "--port N (0 takes a free one)"
            ) from error
