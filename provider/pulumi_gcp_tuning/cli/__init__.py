"""The command ``gcp-tuning``."""

from pulumi_gcp_tuning.cli.main import app, main

__all__ = ["app", "main"]
