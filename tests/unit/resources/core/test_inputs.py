"""Values of a wrong type are refused at preview, each in a sentence with its path and a remedy."""

from __future__ import annotations

from typing import Any

import pytest

from pulumi_gcp_tuning.resources.registry import lifecycle_of
from support.declared_tuning_job import declared
from support.hand_made_google import Desk

SPEC = declared()["supervisedTuningSpec"]


def errors(kind: str, **inputs: Any) -> list[tuple[str, str]]:
    found = lifecycle_of(kind).check(Desk().call(), {}, inputs).findings
    return [(".".join(map(str, each.path)), str(each)) for each in found if each.severity == "error"]


@pytest.mark.parametrize(
    ("wrong", "path", "sentences"),
    [
        ({"baseModel": 5.0}, "base_model", "5.0 is not a string. Give a string."),
        ({"labels": ["a"]}, "labels", "a list is not an object. Use an object (an Args class or a dict)."),
        ({"labels": {"a": 3.0}}, "labels.a", "3.0 is not a string. Give a string."),
        ({"maxCost": "ten"}, "max_cost", "'ten' is not a number. Give a number."),
        ({"maxCost": True}, "max_cost", "True is not a number. Give a number."),
        ({"checks": "off"}, "checks", "'off' is not an object. Use an object (an Args class or a dict)."),
        ({"checks": {"cost": 3.0}}, "checks.cost", "3.0 is not a string. Give a string."),
        (
            {"checks": {"cost": "loud"}},
            "checks",
            "check 'cost' is set to 'loud'; it can be error, warn or off. Correct it, or remove it.",
        ),
        (
            {"supervisedTuningSpec": {**SPEC, "hyperParameters": {"epochCount": True}}},
            "supervised_tuning_spec.hyper_parameters.epoch_count",
            "True is not a whole number. Use a whole number.",
        ),
    ],
)
def test_a_value_of_a_wrong_type_is_refused_with_its_path_and_a_remedy(
    wrong: dict[str, Any], path: str, sentences: str
) -> None:
    assert errors("tuning_job", **{**declared(), **wrong}) == [(path, sentences)]


def test_a_number_of_kept_models_is_never_a_truth_value() -> None:
    job = "projects/p-12345/locations/us-central1/tuningJobs/1"
    found = errors("tuned_model", tuningJob=job, onReplace={"keepLast": True})
    assert found == [("on_replace.keep_last", "True is not a whole number. Use a whole number.")]


def test_a_number_that_is_given_as_text_is_taken() -> None:
    assert errors("tuning_job", **{**declared(), "maxCost": "10"}) == []
