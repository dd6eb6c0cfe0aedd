"""The command ``gcp-tuning``.

Importing this package imports nothing else, because `scripts/pulumi` of a checkout uses its modules on every call.
"""

from __future__ import annotations


def main() -> None:
    """The entry point: errors are sentences, never tracebacks."""
    from pulumi_gcp_tuning.cli.entry import main as run

    run()
