"""The stand-in's messages to the Pulumi engine: warnings that are shown at the resource."""

from __future__ import annotations

from typing import Any


class Engine:
    """The engine's log; silent if no engine is there (tests)."""

    def __init__(self, address: str) -> None:
        self._address = address
        self._stub: Any = None

    def attach(self, address: str) -> None:
        """Connect to another engine."""
        self._address, self._stub = address, None

    def warn(self, message: str, urn: str) -> None:
        """Show a warning; a log that cannot be reached must never fail a resource."""
        if not self._address:
            return
        import grpc
        from pulumi.runtime.proto import engine_pb2, engine_pb2_grpc

        if self._stub is None:
            self._stub = engine_pb2_grpc.EngineStub(grpc.insecure_channel(self._address))
        try:
            self._stub.Log(engine_pb2.LogRequest(severity=engine_pb2.WARNING, message=message, urn=urn), timeout=5)
        except grpc.RpcError:
            return
