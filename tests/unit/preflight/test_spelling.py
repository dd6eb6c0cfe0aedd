"""Names, labels and URIs: each rule refuses one case with its path and the way out, and its neighbour passes."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pulumi_gcp_tuning.errors import Finding, Printed
from pulumi_gcp_tuning.preflight.spelling import (
    check_dataset_uri,
    check_display_name,
    check_labels,
    check_service_account,
)
from pulumi_gcp_tuning.wording import PYTHON

AT = ("supervised_tuning_spec", "training_dataset_uri")
URI = PYTHON.path(AT)


def only(findings: list[Finding]) -> Printed:
    assert len(findings) == 1, findings
    return findings[0].printed(PYTHON)


def test_a_label_key_is_refused_at_its_own_path_with_a_better_one() -> None:
    found = only(check_labels({"My Team": "shop"}))
    assert (found.path, found.check) == ('labels["My Team"]', "labels")
    assert found.remedy.endswith("For example 'my-team'.")
    assert check_labels({"my-team": "shop"}) == []


def test_a_label_value_is_refused_with_a_better_one() -> None:
    found = only(check_labels({"team": "The Shop"}, path=("pulumi_labels",)))
    assert found.path == 'pulumi_labels["team"]'
    assert "'the-shop'" in found.remedy
    assert check_labels({"team": "the-shop"}) == []


def test_the_plugins_own_labels_are_refused() -> None:
    found = only(check_labels({"gcp-tuning-id": "x"}))
    assert (found.path, found.remedy) == ('labels["gcp-tuning-id"]', "Choose another key.")
    assert check_labels({"gcp-tuning": "x"}) == []


def test_all_labels_are_judged_at_once() -> None:
    assert len(check_labels({"A": "ok", "ok": "B", "c": "fine"})) == 2


def test_a_value_that_is_not_known_yet_is_not_judged() -> None:
    assert check_labels({"team": object()}) == check_labels(None) == []


@pytest.mark.parametrize(("name", "remedy"), [("", "Give one, or leave it out."), ("x" * 129, "Shorten it.")])
def test_a_display_name_that_is_empty_or_too_long_is_refused(name: str, remedy: str) -> None:
    found = only(check_display_name(name, path=("tuned_model_display_name",)))
    assert (found.path, found.remedy) == ("tuned_model_display_name", remedy)
    assert check_display_name("x" * 128, path=("tuned_model_display_name",)) == []


@pytest.mark.parametrize("uri", ["train.jsonl", "gs://", "gs://bucket", "s3://bucket/train.jsonl", ""])
def test_what_is_no_uri_of_an_object_is_refused_with_an_example(uri: str) -> None:
    found = only(check_dataset_uri(uri, path=AT))
    assert (found.path, found.severity) == (URI, "error")
    assert "It looks like this: gs://" in found.remedy
    assert check_dataset_uri("gs://bucket/train.jsonl", path=AT) == []


def test_a_multimodal_dataset_of_vertex_ai_passes_with_a_warning_that_it_is_not_read() -> None:
    found = only(check_dataset_uri("projects/shop/locations/us-central1/datasets/123", path=AT))
    assert (found.path, found.check, found.severity) == (URI, "dataset", "warn")
    assert "is not read" in found.problem
    assert only(check_dataset_uri("projects/shop/locations/us-central1/datasets/", path=AT)).severity == "error"


def test_another_ending_than_jsonl_is_a_warning() -> None:
    found = only(check_dataset_uri("gs://bucket/train.json", path=AT))
    assert (found.path, found.severity) == (URI, "warn")
    assert "*.jsonl" in found.remedy


def test_what_is_no_service_account_is_refused_with_an_example() -> None:
    found = only(check_service_account("tuner"))
    assert (found.path, found.check) == ("service_account", "identity")
    assert "tuner@my-project.iam.gserviceaccount.com" in found.remedy
    assert check_service_account("tuner@my-project.iam.gserviceaccount.com") == []


@given(st.none() | st.text(), st.dictionaries(st.text(), st.text() | st.integers() | st.none()))
def test_any_text_gives_findings_with_a_way_out_and_never_an_exception(
    text: str | None, labels: dict[str, Any]
) -> None:
    found = [
        *check_labels(labels),
        *check_display_name(text, path=("x",)),
        *check_dataset_uri(text, path=("x",)),
        *check_service_account(text),
    ]
    assert all(finding.path and str(finding.problem) and str(finding.remedy) for finding in found)
