"""``gcp-tuning policy-pack``: where the policy pack is."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path

import typer

import pulumi_gcp_tuning
from pulumi_gcp_tuning.cli.connection import DISTRIBUTION
from pulumi_gcp_tuning.errors import Refused


def policy_pack() -> None:
    """Print the folder of the policy pack, for `pulumi preview --policy-pack`.

    The policies and their configuration are described in docs/policies.md.
    """
    if find_spec("pulumi_policy") is None:
        raise Refused(f"Policy packs need pulumi-policy. Install it with: pip install '{DISTRIBUTION}[policy]'")
    typer.echo(str(Path(pulumi_gcp_tuning.__file__).parent / "policy_pack"))
