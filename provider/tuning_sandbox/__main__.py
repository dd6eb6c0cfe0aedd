"""`tuning-sandbox`, or `python -m tuning_sandbox`: run the sandbox by hand."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tuning_sandbox.kernel.sandbox import Config


def main(arguments: list[str] | None = None) -> int:
    """Serve until SIGTERM or SIGINT; exit code 1 and one sentence on stderr if it cannot start."""
    config, port = _parse(arguments)
    from tuning_sandbox.kernel.discovery import DiscoveryMissingError
    from tuning_sandbox.kernel.disk_error import DiskError

    try:
        from tuning_sandbox.app import create_app
        from tuning_sandbox.kernel.server import HOST, PortInUseError, check_port, serve
    except ImportError as error:
        print(
            f"the sandbox needs {error.name}, which is not installed; install it with: pip install 'pulumi-gcp-tuning[sandbox]'",
            file=sys.stderr,
        )
        return 1
    try:
        check_port(port)
        app = create_app(config)
        serve(app, app.state.sandbox, port, lambda bound: print(f"sandbox ready at http://{HOST}:{bound}", flush=True))
    except (DiskError, PortInUseError, DiscoveryMissingError) as error:
        print(error, file=sys.stderr)
        return 1
    return 0


def _parse(arguments: list[str] | None) -> tuple[Config, int]:
    from tuning_sandbox.kernel.clock import MOST_SCALE
    from tuning_sandbox.kernel.sandbox import Config, parse_as_of

    parser = argparse.ArgumentParser(
        prog="tuning-sandbox", description="A local server that answers as Google's tuning APIs do."
    )
    parser.add_argument("--port", type=int, default=0, metavar="N", help="port on 127.0.0.1 (default: a free one)")
    parser.add_argument("--data", type=Path, metavar="DIR", help="keep the state in this folder (default: in memory)")
    speed = parser.add_mutually_exclusive_group()
    speed.add_argument(
        "--speed", type=float, metavar="X", help="sandbox seconds per real second (600: ten minutes a second)"
    )
    speed.add_argument("--stepped", action="store_true", help="the clock stops until POST /_sandbox/clock advances it")
    parser.add_argument("--as-of", metavar="DATE", help="the sandbox's date at its start, YYYY-MM-DD (default: today)")
    parser.add_argument("--seed", type=int, metavar="N", help="seed of ids and of training (default: 0)")
    parser.add_argument("--loose", action="store_true", help="accept unknown fields and query parameters")
    chosen = parser.parse_args(arguments)
    as_of = None
    if chosen.as_of is not None:
        try:
            as_of = parse_as_of(chosen.as_of)
        except ValueError:
            parser.error(f"--as-of must be a date, YYYY-MM-DD, not {chosen.as_of!r}")
    if chosen.speed is not None and not 0 < chosen.speed <= MOST_SCALE:
        parser.error(f"--speed must be above 0 and at most {MOST_SCALE:,}")
    if not 0 <= chosen.port <= 65535:
        parser.error("--port must be 0 to 65535")
    mode = "stepped" if chosen.stepped else "scaled" if chosen.speed not in (None, 1.0) else "real"
    config = Config(
        mode=mode, scale=chosen.speed or 1.0, as_of=as_of, seed=chosen.seed, data=chosen.data, loose=chosen.loose
    )
    return config, chosen.port


if __name__ == "__main__":
    sys.exit(main())
