"""What things cost while nobody asks them anything."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from pulumi_gcp_tuning.audit.costs import age_of, cost_of_endpoints, cost_of_job, cost_of_object, shown_age
from pulumi_gcp_tuning.catalog import shipped

NOW = datetime(2026, 11, 28, tzinfo=UTC)
GPUS = {"machineType": "g2-standard-96", "acceleratorType": "NVIDIA_L4", "acceleratorCount": 8}


def endpoint(**resources: Any) -> dict[str, Any]:
    return {"deployedModels": [{"id": "1", **resources}]}


def test_a_tuned_gemini_model_costs_by_the_call() -> None:
    cost = cost_of_endpoints([endpoint(), endpoint()])
    assert (cost.text, cost.usd_per_hour) == ("per request", 0.0)


def test_an_endpoint_on_which_nothing_serves_costs_nothing() -> None:
    assert cost_of_endpoints([{}]).text == "nothing"


def test_machines_are_counted_over_all_endpoints_and_have_no_price() -> None:
    dedicated = {"machineSpec": GPUS, "minReplicaCount": 2}
    cost = cost_of_endpoints(
        [endpoint(dedicatedResources=dedicated), endpoint(dedicatedResources=dedicated), endpoint()]
    )
    assert cost.machines == ("4 x g2-standard-96 with 8 NVIDIA_L4",)
    assert (cost.text, cost.usd_per_hour) == ("4 x g2-standard-96 with 8 NVIDIA_L4, per hour", None)


def test_a_job_costs_its_training_at_the_price_of_the_catalogue() -> None:
    priced = next(row for row in shipped().models.values() if row.price and row.product == "GEMINI")
    assert priced.price is not None
    rate = f"${priced.price.usd_per_million_training_tokens:g} per 1M tokens"
    assert rate in cost_of_job({"baseModel": priced.id}, shipped()).text
    assert cost_of_job({"baseModel": "nobody-knows"}, shipped()).text == "its training"


@pytest.mark.parametrize(("size", "text"), [("12", "storage of 12 bytes"), ("2500000", "storage of 2.5 MB")])
def test_an_object_costs_its_storage(size: str, text: str) -> None:
    assert cost_of_object({"size": size}).text == text


@pytest.mark.parametrize(
    ("created", "age"),
    [
        ("2026-11-25T00:00:00Z", "3 days"),
        ("2026-11-27T23:00:00Z", "1 hour"),
        ("2026-11-27T23:57:30Z", "2 minutes"),
        ("2026-11-28T00:00:09Z", "less than a minute"),
        (None, "unknown"),
        ("yesterday", "unknown"),
    ],
)
def test_an_age_is_one_number(created: str | None, age: str) -> None:
    assert shown_age(age_of(created, NOW)) == age
