"""The pictures of curves in a review."""

from __future__ import annotations

import re
from itertools import pairwise

from pulumi_gcp_tuning.review.curve_picture import Curve, draw_curves, shown
from pulumi_gcp_tuning.review.drawing import inline

FALLING = Curve(name="in use, training", points=[(step, 4 / step) for step in range(1, 500)])


def heights(picture: str, class_: str) -> list[float]:
    """Where the texts of a class are, from the top."""
    return [float(y) for y in re.findall(rf'class="{class_}[^"]*" x="[\d.]+" y="([\d.]+)"', picture)]


def test_a_log_scale_is_named_in_the_title() -> None:
    assert ">Loss (log scale)<" in inline(draw_curves("Loss", [FALLING]))


def test_a_linear_scale_is_not_named() -> None:
    assert ">Loss<" in inline(draw_curves("Loss", [Curve(name="a", points=[(1, 3), (2, 2)])]))


def test_a_share_is_shown_from_0_to_100_percent() -> None:
    picture = inline(draw_curves("Accuracy", [Curve(name="a", points=[(1, 0.4), (2, 0.9)])], percent=True))
    assert all(f">{text}<" in picture for text in ("0%", "100%", "90%"))


def test_last_values_that_are_equal_are_written_below_each_other() -> None:
    curves = [Curve(name=f"{at}", points=[(1, 3), (9, 0.5)], series=at % 2, dashed=at > 1) for at in range(4)]
    places = heights(inline(draw_curves("Loss", curves)), "value")
    assert len(places) == 4
    assert all(lower - upper >= 13.9 for upper, lower in pairwise(places))


def test_last_values_stay_above_the_axis() -> None:
    curves = [Curve(name=f"{at}", points=[(1, 3), (9, 0.5)], series=at) for at in range(2)]
    assert max(heights(inline(draw_curves("Loss", curves)), "value")) <= 185.1


def test_a_screen_reader_hears_the_first_and_the_last_value() -> None:
    assert "in use, training from 4 to 0.008" in draw_curves("Loss", [FALLING]).get("aria-label", "")


def test_a_long_training_is_drawn_with_few_points_and_keeps_its_spikes() -> None:
    points = [(float(step), 1.0) for step in range(100_000)]
    points[51_234] = (51_234.0, 900.0)
    picture = inline(draw_curves("Loss", [Curve(name="a", points=points)]))
    assert len(picture) < 20_000
    top = re.findall(r'class="curve series-0 raw" d="M([^"]+)"', picture)[0]
    assert min(float(point.split()[1]) for point in top.split("L")) == 34


def test_a_training_of_one_step_is_a_dot() -> None:
    picture = inline(draw_curves("Loss", [Curve(name="a", points=[(1, 2)])]))
    assert ("<circle" in picture, "<path" in picture) == (True, False)


def test_no_values_give_an_empty_frame_that_says_so() -> None:
    assert draw_curves("Loss", []).get("aria-label") == "Loss: no values"


def test_values_that_are_no_numbers_are_left_out() -> None:
    picture = inline(draw_curves("Loss", [Curve(name="a", points=[(1, float("nan")), (2, float("inf")), (3, 1)])]))
    assert "nan" not in picture
    assert "inf" not in picture


def test_small_and_large_values_are_short() -> None:
    assert [shown(value) for value in (0, 0.0000123, 0.0042, 1.2345, 123456)] == ["0", "1e-5", "0.0042", "1.23", "1e5"]
