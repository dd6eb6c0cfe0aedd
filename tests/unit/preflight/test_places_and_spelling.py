"""Places, models and spelling; any arguments give findings, never an exception."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pulumi_gcp_tuning import catalog
from pulumi_gcp_tuning.preflight.cmek import check_key, check_key_place, check_model_takes_key
from pulumi_gcp_tuning.preflight.facts import Key, Known
from pulumi_gcp_tuning.preflight.hyperparameters import check_adapter_size
from pulumi_gcp_tuning.preflight.places import check_location, check_model
from pulumi_gcp_tuning.preflight.spelling import (
    check_dataset_uri,
    check_display_name,
    check_labels,
    check_service_account,
)

TODAY = date(2026, 11, 21)
TEXT = st.none() | st.text() | st.sampled_from([*catalog.shipped().models, *catalog.shipped().regions])


@given(TEXT, TEXT, TEXT, st.dates(), st.dictionaries(st.text(), st.text()))
def test_any_arguments_give_findings_and_never_an_exception(
    model: str | None, place: str | None, text: str | None, day: date, labels: dict[str, str]
) -> None:
    key = Known(Key.from_wire({"purpose": text, "primary": {"state": text}}))
    found = [
        *check_location(place),
        *check_model(model, place, day),
        *check_key_place(text, place),
        *check_model_takes_key(text, model, place, day),
        *check_key(text, key),
        *check_adapter_size(text, model),
        *check_dataset_uri(text, path=("x",)),
        *check_display_name(text, path=("x",)),
        *check_service_account(text),
        *check_labels(labels),
    ]
    assert all(str(finding.problem) and str(finding.remedy) for finding in found)


def test_what_is_not_known_is_not_judged() -> None:
    assert check_location(None) + check_model(None, None, TODAY) + check_key_place(None, "us-central1") == []


def test_a_model_close_to_its_end_is_a_warning() -> None:
    found = check_model("gemini-2.5-flash", "us-central1", date(2026, 8, 20))
    assert [(f.check, f.severity) for f in found] == [("retirement", "warn")]
    assert check_model("gemini-2.5-flash", "us-central1", date(2026, 7, 1)) == []


def test_a_model_that_takes_no_new_tuning_although_it_still_answers_is_refused() -> None:
    found = check_model("gemini-2.0-flash-001", "us-central1", date(2026, 5, 10))
    assert "its last day of tuning was 2026-05-01" in str(found[0])


def test_a_pipeline_model_is_refused_for_tuning_jobs() -> None:
    found = check_model("code-bison@002", "us-central1", date(2024, 1, 1))
    assert "through pipelines" in str(found[0])


@pytest.mark.parametrize(
    ("size", "model", "fine"),
    [
        ("ADAPTER_SIZE_FOUR", "gemini-3.5-flash", True),
        ("ADAPTER_SIZE_THIRTY_TWO", "gemini-3.5-flash", False),
        ("ADAPTER_SIZE_SIXTEEN", "gemini-2.5-pro", False),
        ("ADAPTER_SIZE_EIGHT", "gemini-1.5-pro-002", False),
        ("ADAPTER_SIZE_TWELVE", None, False),
        (None, "gemini-3.5-flash", True),
    ],
)
def test_adapter_sizes_are_those_that_the_model_offers(size: str | None, model: str | None, fine: bool) -> None:  # noqa: FBT001
    assert (check_adapter_size(size, model) == []) is fine


@pytest.mark.parametrize(
    ("key", "value", "fine"),
    [
        ("team", "shop_1-x", True),
        ("팀", "상점", True),
        ("Team", "shop", False),
        ("1team", "shop", False),
        ("team", "Shop", False),
        ("team", "a b", False),
        ("k" * 64, "v" * 64, True),
        ("k" * 65, "v", False),
        ("team", "v" * 65, False),
        ("team", "", True),
        ("gcp-tuning-id", "x", False),
        ("gcp-tuning-release", "v1", True),
    ],
)
def test_the_grammar_of_labels(key: str, value: str, fine: bool) -> None:  # noqa: FBT001
    assert (check_labels({key: value}) == []) is fine


def test_too_many_labels_leave_room_for_ours() -> None:
    assert check_labels({f"k{n}": "v" for n in range(61)}) == []
    assert "at most 61" in str(check_labels({f"k{n}": "v" for n in range(62)})[0])


@pytest.mark.parametrize("email", ["tuner", "tuner@", "serviceAccount:t@p.iam.gserviceaccount.com/x"])
def test_what_is_no_service_account_is_refused(email: str) -> None:
    assert check_service_account(email)[0].path == ("service_account",)


def test_a_display_name_has_at_most_128_characters() -> None:
    assert check_display_name("x" * 128, path=("display_name",)) == []
    assert "129" in str(check_display_name("x" * 129, path=("display_name",))[0])
