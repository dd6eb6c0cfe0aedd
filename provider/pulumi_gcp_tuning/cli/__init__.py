"""The command ``gcp-tuning``."""

from pulumi_gcp_tuning.cli.entry import app, main

__all__ = ["app", "main"]
