"""The catalogue: every row stands by itself and with the others."""

from __future__ import annotations

from datetime import date

import pytest

from pulumi_gcp_tuning import catalog

TODAY = date(2026, 11, 21)


@pytest.mark.parametrize("row", catalog.shipped().models.values(), ids=lambda row: row.id)
def test_a_model_names_places_and_a_successor_that_exist(row: catalog.ModelRow) -> None:
    assert row.source
    assert set(row.regions) <= set(catalog.shipped().regions)
    assert set(row.result_locations) <= set(row.regions)
    assert set(row.result_locations.values()) <= {"us", "eu"}
    assert row.successor is None or row.successor in catalog.shipped().models
    assert row.last_tuning is None or (row.retired is not None and row.last_tuning < row.retired)
    assert row.default_adapter_size is None or row.default_adapter_size in row.adapter_sizes


def test_what_can_be_tuned_today() -> None:
    assert catalog.shipped().tunable_models(TODAY, region="us-central1")[:2] == [
        "gemini-3.5-flash",
        "gemini-3.1-flash-lite",
    ]
    assert catalog.shipped().tunable_models(TODAY, cmek=True) == []


def test_the_catalogue_is_played_at_a_date() -> None:
    assert "gemini-1.5-pro-002" in catalog.shipped().tunable_models(date(2025, 1, 1))
    assert "gemini-1.5-pro-002" not in catalog.shipped().tunable_models(TODAY)


def test_results_appear_in_us_or_eu_for_todays_models() -> None:
    row = catalog.shipped().find_model("publishers/google/models/gemini-3.5-flash")
    assert row is not None
    assert [row.result_location(place) for place in row.regions] == ["us", "eu"]
    older = catalog.shipped().find_model("gemini-2.5-flash")
    assert older is not None
    assert older.result_location("asia-east1") == "asia-east1"


def test_the_nearest_names_are_found() -> None:
    assert catalog.shipped().nearest_region("us-centra1") == "us-central1"
    assert catalog.shipped().nearest_model("gemini-3.5-flsh") == "gemini-3.5-flash"
    assert catalog.shipped().nearest_region("US-Central1") == "us-central1"
    assert catalog.shipped().nearest_model("Gemini-3.5-Flash") == "gemini-3.5-flash"
    assert catalog.shipped().nearest_region("zzz") is None
