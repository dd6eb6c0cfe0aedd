"""Reviews in a real browser: nothing scrolls sideways, no label covers another, nothing is loaded."""

from __future__ import annotations

import re
from itertools import combinations
from typing import TYPE_CHECKING, Any

import pytest

from pulumi_gcp_tuning.review.html import page
from support.browser import Browser, find_browser
from support.example_reviews import EXAMPLES, retrain_by_data
from support.golden_reviews import FOLDER

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

pytestmark = pytest.mark.full

WIDTHS = (320, 400, 768, 1200)
SMALLEST_LETTER = 8


@pytest.fixture(scope="module")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Browser:
    return find_browser(tmp_path_factory.mktemp("browser"))


@pytest.fixture(scope="module", params=EXAMPLES)
def shown(request: pytest.FixtureRequest, browser: Browser) -> Mapping[int, Mapping[str, Any]]:
    """What was measured of a page at each width, with all its details open."""
    text = page(EXAMPLES[request.param]())
    return {width: browser.measure(text, width, opened=True) for width in WIDTHS}


@pytest.mark.parametrize("width", WIDTHS)
def test_nothing_scrolls_sideways(shown: Mapping[int, Mapping[str, Any]], width: int) -> None:
    measured = shown[width]
    assert measured["width"] == width
    assert measured["scroll"] <= width
    assert (measured["over"], measured["scrolling"]) == ([], 0)


@pytest.mark.parametrize("width", WIDTHS)
def test_labels_of_pictures_do_not_overlap(shown: Mapping[int, Mapping[str, Any]], width: int) -> None:
    assert overlapping(shown[width]["labels"]) == []


@pytest.mark.parametrize("width", WIDTHS)
def test_labels_of_pictures_can_be_read(shown: Mapping[int, Mapping[str, Any]], width: int) -> None:
    assert [label for label in shown[width]["labels"] if label["size"] < SMALLEST_LETTER] == []


@pytest.mark.parametrize("width", WIDTHS)
def test_labels_stay_inside_their_picture(shown: Mapping[int, Mapping[str, Any]], width: int) -> None:
    outside = [
        label["text"]
        for label in shown[width]["labels"]
        if label["box"][0] < label["picture"][0] - 0.5 or label["box"][2] > label["picture"][2] + 0.5
    ]
    assert outside == []


def test_nothing_is_requested(shown: Mapping[int, Mapping[str, Any]]) -> None:
    assert [measured["requests"] for measured in shown.values()] == [[]] * len(WIDTHS)


@pytest.mark.parametrize("name", sorted(file.stem for file in FOLDER.glob("*.html")))
def test_a_golden_page_fits_a_phone(browser: Browser, name: str) -> None:
    measured = browser.measure((FOLDER / f"{name}.html").read_text(encoding="utf-8"), 400, opened=True)
    assert (measured["width"], measured["over"], measured["requests"]) == (400, [], [])
    assert measured["scroll"] <= 400
    assert overlapping(measured["labels"]) == []


def test_a_wide_screen_gets_columns_and_a_narrow_one_gets_rows(browser: Browser) -> None:
    pictures = [browser.measure(page(retrain_by_data()), width)["pictures"][0] for width in (1200, 400)]
    assert pictures == ["picture wide", "picture narrow"]


def test_the_page_is_dark_for_readers_who_prefer_that(browser: Browser) -> None:
    light, dark = (browser.measure(page(retrain_by_data()), 400, dark=dark) for dark in (False, True))
    assert brightness(light["background"]) - brightness(light["ink"]) > 150
    assert brightness(dark["ink"]) - brightness(dark["background"]) > 150


def test_the_browser_sees_a_page_that_is_too_wide(browser: Browser) -> None:
    measured = browser.measure("<!doctype html><body><div style='width:450px'>wide</div>", 400)
    assert measured["scroll"] > 400
    assert len(measured["over"]) == 1


def overlapping(labels: Sequence[Mapping[str, Any]]) -> list[tuple[str, str]]:
    """Labels of one picture that share more than a pixel in both directions."""
    found = []
    for one, other in combinations(labels, 2):
        (left, top, right, bottom), (x, y, end, floor) = one["box"], other["box"]
        same = one["picture"] == other["picture"]
        # A line of text is higher than its letters, so lines that only touch do not overlap.
        if same and min(right, end) - max(left, x) > 1 and min(bottom, floor) - max(top, y) > 3:
            found.append((one["text"], other["text"]))
    return found


def brightness(colour: str) -> float:
    red, green, blue = (float(part) for part in re.findall(r"[\d.]+", colour)[:3])
    return (red + green + blue) / 3
