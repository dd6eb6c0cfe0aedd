"""Messages to Pulumi's engine: lines of its log, and what exists of a failed resource."""

# One connection per process.
# ruff: noqa: PLW0603
from __future__ import annotations

import os
import socket
import threading
import time
from collections.abc import Callable, Mapping
from typing import Any, Final

import grpc

from pulumi_gcp_tuning.redaction import redact

LAST_SECONDS: Final = 30.0  # time for running requests after the engine ended

_saying: Final = threading.Lock()
_said: Final[set[tuple[str, str, str]]] = set()
_shown: Final[set[str]] = set()  # the URNs whose status column shows a line of :func:`tell`
_stub: Any = None


def connect(address: str, *, gone: Callable[[], object]) -> None:
    """Connect to the engine at this address. When the engine ends, ``gone`` is called, and this process ends soon after."""
    global _stub
    from pulumi.runtime.proto import engine_pb2_grpc

    _stub = engine_pb2_grpc.EngineStub(grpc.insecure_channel(address))
    threading.Thread(target=_watch, args=(address, gone), name="engine-watch", daemon=True).start()


def unfinished_status(id: str, outputs: Mapping[str, Any], reason: str, *, awaited: bool = False) -> bytes:  # noqa: A002
    """The status of a call that fails although something exists: the engine keeps it and reads it before the next run.

    With ``awaited`` the engine keeps the state as it was, continues with the other resources and ends with exit code 10.
    Engines before 3.274 ignore the detail for this and use the detail after it.
    """
    from google.protobuf import struct_pb2
    from google.rpc import status_pb2  # type: ignore[import-untyped]
    from pulumi.runtime.proto import provider_pb2

    properties = struct_pb2.Struct()
    properties.update(dict(outputs))
    detail = provider_pb2.ErrorResourceInitFailed(
        id=id, properties=properties, reasons=[reason], refresh_before_update=True
    )
    status = status_pb2.Status(code=grpc.StatusCode.UNKNOWN.value[0], message=reason)
    if awaited:
        status.details.add().Pack(provider_pb2.ErrorResourceAwaitFailed())
    status.details.add().Pack(detail)
    packed: bytes = status.SerializeToString()
    return packed


def report(urn: str, line: str) -> None:
    """Show a line in the resource's status column until the next one."""
    _log("INFO", urn, line, ephemeral=True)


def warn(urn: str, text: str) -> None:
    """Add a warning to the resource's diagnostics, once per run."""
    if _is_new("WARNING", urn, text) and not _log("WARNING", urn, text, ephemeral=False):
        import pulumi

        pulumi.log.warn(redact(text))


def tell(urn: str, text: str) -> None:
    """Add a line of information to the resource's diagnostics, once per run."""
    if _is_new("INFO", urn, text):
        _log("INFO", urn, text, ephemeral=False)
        _shown.add(urn)


def clear_status(urn: str) -> None:
    """Empty the resource's status column if :func:`tell` was used: the engine repeats the last line there at each step."""
    if urn in _shown:
        _shown.discard(urn)
        _log("INFO", urn, "", ephemeral=True)


def _is_new(severity: str, urn: str, text: str) -> bool:
    with _saying:
        said = (severity, urn, text)
        new = said not in _said
        _said.add(said)
        return new


def debug(urn: str, text: str) -> bool:
    """Write to Pulumi's debug log (``pulumi up --debug``); False if there is none."""
    return _log("DEBUG", urn, text, ephemeral=False)


def _log(severity: str, urn: str, text: str, *, ephemeral: bool) -> bool:
    if _stub is None:
        return False
    from pulumi.runtime.proto import engine_pb2

    request = engine_pb2.LogRequest(
        severity=engine_pb2.LogSeverity.Value(severity), message=redact(text), urn=urn, ephemeral=ephemeral
    )
    try:
        _stub.Log(request, timeout=5)
    except grpc.RpcError:  # a failure to show progress must not fail the run
        return False
    return True


def _watch(address: str, gone: Callable[[], object]) -> None:
    """Detects the end of the engine (kill -9, a stopped runner), after which no result is recorded."""
    while not _refuses(address):
        time.sleep(1.0)
    gone()
    time.sleep(LAST_SECONDS)
    os._exit(1)


def _refuses(address: str) -> bool:
    """Whether nothing listens at the address any more."""
    host, _, port = address.rpartition(":")
    try:
        socket.create_connection((host, int(port)), timeout=5).close()
    except ConnectionRefusedError:
        return True
    except OSError:
        return False
    return False
