"""The axes of the curves in a review, and of those on the terminal."""

from __future__ import annotations

from itertools import pairwise

import pytest

from pulumi_gcp_tuning.review.scales import SMALLEST, Scale, scale_of


@pytest.mark.parametrize(
    ("values", "ticks"),
    [
        ([0.02, 4], [0.03, 0.1, 0.3, 1, 3]),
        ([0.5, 6], [0.5, 1, 2, 5]),
        ([1e-6, 900], [1e-06, 0.0001, 0.01, 1.0, 100.0]),
    ],
)
def test_a_log_scale_is_labelled_with_round_values(values: list[float], ticks: list[float]) -> None:
    assert scale_of(values, log=True).ticks() == pytest.approx(ticks)


@pytest.mark.parametrize(("values", "ticks"), [([0, 600], [0, 200, 400, 600]), ([0.3, 0.9], [0.4, 0.6, 0.8])])
def test_a_linear_scale_is_labelled_with_round_values(values: list[float], ticks: list[float]) -> None:
    assert scale_of(values, log=False).ticks() == pytest.approx(ticks)


def test_a_loss_that_falls_by_magnitudes_gets_a_log_scale() -> None:
    assert scale_of([4, 1, 0.02]).logarithmic


def test_a_loss_that_falls_a_little_gets_a_linear_scale() -> None:
    assert not scale_of([4, 1.5]).logarithmic


def test_values_that_are_not_positive_get_a_linear_scale() -> None:
    assert not scale_of([-1, 0, 900]).logarithmic


def test_a_loss_of_zero_is_drawn_as_the_smallest() -> None:
    assert Scale(SMALLEST, 1, logarithmic=True).share(0) == 0


def test_an_axis_of_equal_values_shows_them_in_its_middle() -> None:
    assert scale_of([2, 2]).share(2) == 0.5


def test_no_value_and_values_that_are_no_numbers_still_give_an_axis() -> None:
    assert scale_of([float("nan"), float("inf")]) == scale_of([]) == Scale(0, 1)


def test_equal_ratios_are_equally_long_on_a_log_scale() -> None:
    shares = [Scale(0.01, 10, logarithmic=True).share(value) for value in (0.01, 0.1, 1, 10)]
    assert [right - left for left, right in pairwise(shares)] == pytest.approx([1 / 3] * 3)
