"""What a merge makes, replaces or changes beside its trainings, also where preview cannot know which of these it is."""

from __future__ import annotations

from typing import Any

import pytest

from pulumi_gcp_tuning.review.html import page
from pulumi_gcp_tuning.review.markdown import markdown
from support.planned_steps import JOB, JOB_INPUTS, SPEC, UNKNOWN, review, step

LATER = JOB_INPUTS | {"supervisedTuningSpec": SPEC | {"trainingDatasetUri": UNKNOWN}}
IN_SPEC = {"supervisedTuningSpec.trainingDatasetUri": {"kind": "update"}}


def test_what_is_created_without_a_training_is_a_change() -> None:
    found = review(step("create", "Endpoint", "support"), step("import", "TunedModel"))
    assert found.sentence == "This merge trains 0 models, replaces 0, deletes 0, creates 1, imports 1."
    text = markdown(found)
    assert "- creates Endpoint `support`\n" in text
    assert "- imports TunedModel `router`\n" in text
    assert "imported</span>" in page(found)


@pytest.mark.parametrize(
    ("kind", "old", "new", "paths", "may"),
    [
        ("TuningJob", JOB_INPUTS, LATER, IN_SPEC, "train 1"),
        ("TuningJob", JOB_INPUTS, LATER, None, "train 1"),
        ("GeminiApiTunedModel", {"contentSha256": "a"}, {"contentSha256": UNKNOWN}, None, "train 1"),
        ("TunedModel", {"tuningJob": JOB}, {"tuningJob": UNKNOWN}, None, "replace 1"),
        ("ModelDeployment", {"endpoint": "a"}, {"endpoint": UNKNOWN}, None, "replace 1"),
        ("Endpoint", {"labels": {}}, {"labels": {"a": UNKNOWN}}, None, ""),
        ("TunedModel", {"tuningJob": JOB}, {"tuningJob": UNKNOWN, "labels": {}}, {"labels": {"kind": "add"}}, ""),
    ],
)
def test_a_value_that_is_known_only_at_apply_may_replace_and_is_never_ok(
    kind: str, old: dict[str, Any], new: dict[str, Any], paths: dict[str, Any] | None, may: str
) -> None:
    found = review(step("update", kind, old=old, new=new, detailedDiff=paths))
    assert (found.verdict, found.sentence.count("may ")) == (("WARN", 1) if may else ("OK", 0))
    assert f"may {may} (known only at apply)" in found.sentence if may else "updates 1 in place" in found.sentence
    for text in (markdown(found), page(found)):
        assert ("known only at apply" in text) is bool(may)
        assert ("which is paid for" in text) is may.startswith("train")


def test_a_change_that_alone_trains_nothing_is_no_reason() -> None:
    other = SPEC | {"hyperParameters": {"epochCount": 9}}
    new = JOB_INPUTS | {"supervisedTuningSpec": other, "labels": {"team": "sales"}}
    job = step("replace", "TuningJob", old=JOB_INPUTS, new=new, replaceReasons=["supervisedTuningSpec"])
    [training] = review(job).trainings
    assert [each.path for each in training.changes] == ["supervised_tuning_spec.hyper_parameters.epoch_count"]
    assert [each.path for each in training.others] == ["labels"]
    text = markdown(review(job))
    assert "also `labels` changes" in text
    assert "because `labels`" not in text


def test_the_rows_of_a_model_of_the_gemini_api_are_the_reason_of_its_training() -> None:
    old, new = ({"contentSha256": each, "examples": [each], "labels": {each: each}} for each in "ab")
    model = step("replace", "GeminiApiTunedModel", old=old, new=new, replaceReasons=["contentSha256"])
    [training] = review(model).trainings
    assert [each.path for each in training.changes] == ["content", "examples"]
