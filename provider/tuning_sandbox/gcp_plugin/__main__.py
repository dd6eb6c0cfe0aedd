"""Serves the stand-in: prints its port when it is ready, as the Pulumi engine expects of a plugin."""

from __future__ import annotations

import importlib.util
import os
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from types import ModuleType


def main(argv: list[str]) -> int:
    """Serve until the engine ends this process; the engine's address is the last argument."""
    import_only_the_protocol()

    import grpc
    from pulumi.runtime.proto import provider_pb2_grpc

    from tuning_sandbox.gcp_plugin.api import BASE_URL_VARIABLE, Api
    from tuning_sandbox.gcp_plugin.engine import Engine
    from tuning_sandbox.gcp_plugin.servicer import GcpStandIn

    server = grpc.server(
        ThreadPoolExecutor(max_workers=64, thread_name_prefix="gcp"),
        options=[("grpc.max_receive_message_length", 400 << 20), ("grpc.max_send_message_length", 400 << 20)],
    )
    servicer = GcpStandIn(
        Api(os.environ.get(BASE_URL_VARIABLE, "")), Engine(argv[-1] if argv else ""), dict(os.environ)
    )
    provider_pb2_grpc.add_ResourceProviderServicer_to_server(servicer, server)
    port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    print(port, flush=True)
    server.wait_for_termination()
    return 0


def import_only_the_protocol() -> None:
    """Make `pulumi.runtime.proto` importable without running `pulumi/__init__.py`.

    The SDK's top package takes half of the start-up time of this process, which every preview pays; only its protocol
    messages are needed here.
    """
    spec = importlib.util.find_spec("pulumi")
    if spec is None or not spec.submodule_search_locations:
        return
    root = Path(spec.submodule_search_locations[0])
    for name, folder in (("pulumi", root), ("pulumi.runtime", root / "runtime")):
        package = ModuleType(name)
        package.__path__ = [str(folder)]
        sys.modules.setdefault(name, package)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
