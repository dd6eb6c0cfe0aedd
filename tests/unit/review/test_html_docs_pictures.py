"""The pictures of the docs are those that the code draws now."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from draw_pictures import DRAWN, PICTURES

NUMBER = re.compile(r"-?\d+(?:\.\d+)?")


@pytest.mark.parametrize("name", sorted(DRAWN))
def test_a_picture_is_not_stale(name: str) -> None:
    kept, drawn = (PICTURES / name).read_text(encoding="utf-8"), DRAWN[name]()
    assert NUMBER.sub("0", kept) == NUMBER.sub("0", drawn), "run: python scripts/draw_pictures.py"
    # The last digit of a training may differ between processors.
    assert [float(each) for each in NUMBER.findall(kept)] == pytest.approx(
        [float(each) for each in NUMBER.findall(drawn)], abs=0.5
    )


def test_no_picture_is_there_that_nothing_draws(checkout: Path) -> None:
    assert {file.name for file in PICTURES.glob("*.svg")} == set(DRAWN)
