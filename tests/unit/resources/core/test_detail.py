"""The kind of change of each property that differs."""

from __future__ import annotations

import pytest

from pulumi_gcp_tuning.resources.core.detail import PropertyDiff, find_property_diffs, property_path_of
from pulumi_gcp_tuning.resources.core.lifecycle import Difference, Place


@pytest.mark.parametrize(
    ("place", "path"),
    [
        (("supervisedTuningSpec", "hyperParameters", "epochCount"), "supervisedTuningSpec.hyperParameters.epochCount"),
        (("labels", "cost.center"), 'labels["cost.center"]'),
        (("labels", 'a"b\\'), 'labels["a\\"b\\\\"]'),
        (("examples", 3, "text"), "examples[3].text"),
    ],
)
def test_a_path_is_written_as_pulumi_reads_it(place: Place, path: str) -> None:
    assert property_path_of(place) == path


def test_an_output_that_drifted_is_no_difference_of_inputs() -> None:
    difference = Difference(changed=True, paths=[("state",), ("model",)])
    found = find_property_diffs(difference, {"name": "a"}, {"name": "a", "state": "FAILED"}, {"name": "a"})
    assert found == {"state": PropertyDiff("UPDATE", False), "model": PropertyDiff("ADD", False)}


def test_an_output_that_differs_is_named_beside_the_input_that_changed() -> None:
    difference = Difference(changed=None, paths=[("a",), ("b",)], replaces=["b"])
    found = find_property_diffs(difference, {"a": 1, "b": 2}, {"a": 1, "b": 3}, {"a": 9, "b": 2})
    assert found == {"a": PropertyDiff("UPDATE", True), "b": PropertyDiff("UPDATE_REPLACE", False)}


def test_what_a_wait_is_for_is_no_change() -> None:
    waits = Difference(changed=True, paths=[("name",), ("model",)], waits=True)
    assert find_property_diffs(waits, {"name": "a"}, {"name": "a"}, {"name": "a"}) == {}
    assert find_property_diffs(waits, {"name": "a"}, {"name": "a"}, {"name": "b"}) == {
        "name": PropertyDiff("UPDATE", True)
    }


def test_without_the_inputs_in_state_the_outputs_are_compared() -> None:
    difference = Difference(changed=None, paths=[("a",)])
    assert find_property_diffs(difference, None, {"a": 1}, {}) == {"a": PropertyDiff("DELETE", True)}


@pytest.mark.parametrize(
    ("ignored", "left"),
    [
        ("labels", []),
        ("labels.team", ['labels["cost.center"]']),
        ('labels["cost.center"]', ["labels.team"]),
        ("labels[*]", []),
        ("lab", ["labels.team", 'labels["cost.center"]']),
    ],
)
def test_a_path_that_is_ignored_covers_what_is_below_it_and_nothing_else(ignored: str, left: list[str]) -> None:
    difference = Difference(changed=None, paths=[("labels", "team"), ("labels", "cost.center")])
    olds = {"labels": {"team": "a"}}
    news = {"labels": {"team": "b", "cost.center": "7"}}
    assert list(find_property_diffs(difference, olds, olds, news, [ignored])) == left


def test_nothing_that_differs_has_no_changes() -> None:
    assert find_property_diffs(Difference(changed=False, paths=[("a",)]), {"a": 1}, {"a": 1}, {"a": 2}) == {}
