"""The recording of `make up` that the docs show is what `make up` prints now."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING

import pytest

from support.markdown import stable
from support.pulumi_stack import CHECKOUT
from support.recording import keep, last_lines
from support.terminal import record_terminal

if TYPE_CHECKING:
    from pathlib import Path

    from stacks.conftest import MadeUp

COLUMNS = 120
KEPT = CHECKOUT / "tests" / "golden" / "make-up.json"
"""``WRITE_GOLDEN=1`` writes it in place of comparing; then run `make docs`."""


@pytest.mark.full
def test_the_recording_of_make_up_is_not_stale(bare_checkout: MadeUp, tmp_path: Path) -> None:
    command = [sys.executable, "scripts/up.py"]
    try:
        code, drawn = record_terminal(command, bare_checkout.folder, os.environ | bare_checkout.env, columns=COLUMNS)
    finally:
        bare_checkout.down()
    assert code == 0
    file = KEPT if os.environ.get("WRITE_GOLDEN") else tmp_path / "make-up.json"
    keep(file, drawn, COLUMNS)
    kept, now = (sorted(map(stable, last_lines(each.read_text(encoding="utf-8")))) for each in (KEPT, file))
    assert kept == now, "WRITE_GOLDEN=1 records it again"
