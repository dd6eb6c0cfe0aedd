"""With this folder on PYTHONPATH the clock is fast, and an answer is waited for two seconds in place of a minute."""

from __future__ import annotations

import runpy
from pathlib import Path

from pulumi_gcp_tuning.google.gapic import GapicWire
from pulumi_gcp_tuning.google.transport import Transport

SECONDS = 2.0

runpy.run_path(str(Path(__file__).parents[1] / "fast_clock" / "sitecustomize.py"))
for method in (Transport.send, Transport.exchange, GapicWire.call):
    assert method.__kwdefaults__ is not None
    method.__kwdefaults__["read_seconds"] = SECONDS
