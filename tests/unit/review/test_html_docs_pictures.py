"""The pictures of the docs are those that the code draws now."""

from __future__ import annotations

import re

import pytest

from draw_pictures import DRAWN, PICTURES, are_alike


@pytest.mark.parametrize("name", sorted(DRAWN))
def test_a_picture_is_not_stale(name: str) -> None:
    assert are_alike((PICTURES / name).read_text(encoding="utf-8"), DRAWN[name]()), "run: make docs"


def test_no_picture_is_there_that_nothing_draws() -> None:
    assert {file.name for file in PICTURES.glob("*.svg")} == set(DRAWN)


def test_pictures_are_alike_if_only_a_last_digit_differs() -> None:
    assert are_alike('<text x="10.1">loss</text>', '<text x="10.2">loss</text>')
    assert not are_alike('<text x="10.1">loss</text>', '<text x="12">loss</text>')
    assert not are_alike('<text x="10.1">loss</text>', '<text x="10.1">cost</text>')


def test_the_recording_of_make_up_plays_without_a_script_and_without_a_network() -> None:
    text = (PICTURES / "make-up.svg").read_text(encoding="utf-8")
    assert set(re.findall(r"<(\w+)", text)) == {"svg", "style", "rect", "circle", "g", "text", "tspan"}
    assert "url(" not in text
    assert "@import" not in text
