"""The golden reviews as HTML: what the real CLI reported, rendered again."""

from __future__ import annotations

import pytest

from pulumi_gcp_tuning.review.html import page
from support.golden_reviews import FOLDER, expect_golden, review_in
from support.self_contained import find_outside

NAMES = sorted(file.stem for file in FOLDER.glob("*.json"))


@pytest.mark.parametrize("name", NAMES)
def test_a_golden_review_gives_the_golden_page(name: str) -> None:
    expect_golden(f"{name}.html", page(review_in((FOLDER / f"{name}.json").read_text(encoding="utf-8"))))


@pytest.mark.parametrize("name", NAMES)
def test_a_golden_page_loads_nothing(name: str) -> None:
    assert find_outside((FOLDER / f"{name}.html").read_text(encoding="utf-8")) == []


def test_every_golden_page_has_its_review() -> None:
    assert sorted(file.stem for file in FOLDER.glob("*.html")) == NAMES
