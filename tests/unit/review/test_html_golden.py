"""The golden reviews as HTML: what the real CLI reported, rendered again."""

from __future__ import annotations

import pytest

from pulumi_gcp_tuning.review.html import page
from pulumi_gcp_tuning.review.report import Review
from support.golden_reviews import FOLDER, expect_golden, review_in
from support.large_review import many
from support.self_contained import find_outside

LARGE = "2000-resources"  # its JSON is too large to keep
NAMES = sorted({LARGE, *(file.stem for file in FOLDER.glob("*.json"))})


def review_named(name: str) -> Review:
    return many(2000) if name == LARGE else review_in((FOLDER / f"{name}.json").read_text(encoding="utf-8"))


@pytest.mark.parametrize("name", NAMES)
def test_a_golden_review_gives_the_golden_page(name: str) -> None:
    expect_golden(f"{name}.html", page(review_named(name)))


@pytest.mark.parametrize("name", NAMES)
def test_a_golden_page_loads_nothing(name: str) -> None:
    assert find_outside((FOLDER / f"{name}.html").read_text(encoding="utf-8")) == []


def test_no_secret_of_an_input_is_on_the_page() -> None:
    assert "hunter" not in page(review_named("secrets-in-inputs"))


@pytest.mark.parametrize("form", ["md", "json", "html"])
def test_every_case_has_its_golden_report_in_each_form(form: str) -> None:
    found = {file.stem for file in FOLDER.glob(f"*.{form}")}
    assert found == set(NAMES)
    assert len(found) == 13  # the twelve cases, and the policies
