"""Tokens x epochs x price, each with where it comes from."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pulumi_gcp_tuning.catalog import Price, shipped
from pulumi_gcp_tuning.datasets.tokens import FileTokens
from pulumi_gcp_tuning.preflight.cost import (
    Epochs,
    Estimate,
    TokenCount,
    add_files,
    billed_tokens_of,
    check_cost,
    check_epochs,
    epochs_of_steps,
    estimate_cost,
)
from pulumi_gcp_tuning.preflight.facts import NOT_ASKED, Fact, Known, Missing
from support.findings import assert_documented, assert_found

PRICE = Price(usd_per_million_training_tokens=5.0, source="a page", as_of=date(2026, 9, 25))
COUNTED = Known(TokenCount(tokens=1_000_000, source="countTokens"))
THREE = Epochs(count=3)
UNREAD = Missing(subject="the data set", reason="403 Forbidden", needs="storage.objects.get")


def of(
    tokens: Fact[TokenCount] = COUNTED, epochs: Epochs | None = THREE, price: Price | None = PRICE
) -> tuple[Estimate, Fact[TokenCount]]:
    return estimate_cost("gemini-2.5-flash", tokens, epochs, price), tokens


def test_the_cost_is_tokens_times_epochs_times_price_and_each_is_shown() -> None:
    estimate, _ = of()
    assert estimate.usd == 15.0
    assert str(estimate) == (
        "training cost: about $15.00 (1,000,000 tokens, counted by Google x 3 epochs x $5 per 1M training tokens as of 2026-09-25)"
    )


def test_a_job_above_max_cost_is_refused_and_one_at_it_passes() -> None:
    found = check_cost(*of(), 14.99)
    assert_found(found, path="max_cost", check="cost", says="about $15.00, more than $14.99", way_out="raise max_cost")
    assert "supervised_tuning_spec.hyper_parameters.epoch_count" in str(found[0].remedy)
    assert check_cost(*of(), 15.0) == []
    assert check_cost(*of(), None) == []


def test_files_that_are_not_among_the_tokens_are_named_and_their_least_refuses() -> None:
    count = TokenCount(tokens=1_000_000, source="estimate", least=850_000, files=3, left_out="2 videos and 1 document")
    estimate, tokens = of(Known(count))
    assert "1,000,000 tokens, estimated from the text without its 2 videos and 1 document x 3 epochs" in str(estimate)
    assert "about $15.00, $12.75 or more (" in str(estimate)
    found = check_cost(estimate, tokens, 15.0)
    says = "about $15.00 plus the tokens of 2 videos and 1 document, whose number is not known"
    assert_found(found, path="max_cost", check="cost", says=says, way_out="countTokens", severity="warn")
    refused = check_cost(estimate, tokens, 12.0)
    assert_found(refused, path="max_cost", check="cost", says="at least $12.75, more than $12.00", way_out="raise")
    assert check_cost(estimate, tokens, None) == []


def test_an_estimate_below_what_the_files_cost_at_least_is_the_range_alone() -> None:
    files = TokenCount(tokens=1_000, source="estimate", least=1_000_000, most=2_000_000, files=3, left_out="3 videos")
    assert str(of(Known(files))[0]).startswith(
        "training cost: $15.00 to $30.00 (1,000 tokens, estimated from the text w"
    )
    assert str(of(Known(TokenCount(tokens=1_000_000, source="estimate", least=1_000, most=2_000_000)))[0]).startswith(
        "training cost: about $15.00, $0.01 to $30.00 ("
    )


def test_a_training_that_is_free_costs_nothing() -> None:
    free = Price(usd_per_million_training_tokens=0.0, source="a page", as_of=date(2026, 9, 25))
    assert str(of(price=free)[0]).startswith("training cost: none (1,000,000 tokens")


def test_max_cost_refuses_by_the_lower_end_and_warns_between_it_and_the_estimate() -> None:
    estimate, tokens = of(Known(TokenCount(tokens=1_000_000, source="estimate", least=850_000, most=1_150_000)))
    assert "training cost: about $15.00, $12.75 to $17.25 (" in str(estimate)
    assert [finding.severity for finding in check_cost(estimate, tokens, 12.74)] == ["error"]
    between = check_cost(estimate, tokens, 12.75)
    says = "about $15.00, $12.75 to $17.25, which may be more than $12.75"
    assert_found(between, path="max_cost", check="cost", says=says, way_out="countTokens", severity="warn")
    assert check_cost(estimate, tokens, 15.0) == []


def test_images_alone_can_be_dearer_than_max_cost() -> None:
    files = FileTokens(images=336_000, least=84_000, most=672_000, included="300 images")
    text = TokenCount(tokens=3_000, source="estimate", least=2_550, most=3_450)
    four, ten = Epochs(count=4), PRICE.model_copy(update={"usd_per_million_training_tokens": 10.0})
    estimate, tokens = of(Known(add_files(text, files, 0)), four, ten)
    assert "339,000 tokens, estimated from the text with 300 images x 4 epochs" in str(estimate)
    found = check_cost(estimate, tokens, 0.5)
    assert_found(found, path="max_cost", check="cost", says="at least $3.46, more than $0.50", way_out="raise")


def test_what_serving_costs_afterwards_stands_in_the_line() -> None:
    def line(model: str) -> str:
        row = shipped().models[model]
        return str(estimate_cost(model, COUNTED, THREE, PRICE, row.serving))

    said = "; serving it costs $2.25 per 1M tokens in, $13.50 out (1.5 x the base model's price, as of 2026-11-27)"
    assert line("gemini-3.5-flash").endswith(said)
    assert line("gemini-3.5-flash-lite").endswith("; serving it costs 1.5 x the base model's price")
    assert "serving" not in line("google/gemma3@gemma-3-1b-it")


@pytest.mark.parametrize(("count", "warned"), [(12, 0), (100, 0), (101, 1), (1000, 1)])
def test_many_epochs_are_said_with_what_they_cost(count: int, warned: int) -> None:
    estimate, _ = of(Known(TokenCount(tokens=27_000, source="countTokens")), Epochs(count=count))
    found = check_epochs(estimate)
    assert [finding.severity for finding in found] == ["warn"] * warned
    if count == 1000:
        says = "Training for 1,000 epochs costs about $135.00"
        path = "supervised_tuning_spec.hyper_parameters.epoch_count"
        assert_found(found, path=path, check="cost", says=says, way_out="Use fewer", severity="warn")


def test_many_epochs_of_a_model_without_a_price_are_said_as_well() -> None:
    (found,) = check_epochs(of(epochs=Epochs(count=1000), price=None)[0])
    assert "costs 1,000 times what one epoch does" in str(found)


def test_an_unknown_price_is_said_and_not_guessed() -> None:
    estimate, tokens = of(price=None)
    assert estimate.usd is None
    assert "the price of tuning gemini-2.5-flash is not known" in str(estimate)
    assert "3 epochs" in str(estimate)
    found = check_cost(estimate, tokens, 1.0)
    assert_found(found, path="max_cost", check="cost", says="is not known", way_out="catalogue", severity="warn")


def test_a_price_that_is_only_reported_says_so() -> None:
    reported = Price(
        usd_per_million_training_tokens=3.0, source="a report", as_of=date(2026, 9, 25), evidence="assumed"
    )
    assert str(of(price=reported)[0]).endswith("as of 2026-09-25, not confirmed by Google)")
    assert "not confirmed" not in str(of()[0])


def test_epochs_left_to_google_give_the_cost_of_one() -> None:
    estimate, tokens = of(epochs=None)
    assert "about $5.00 per epoch, number of epochs left to Google" in str(estimate)
    assert estimate.per_epoch
    found = check_cost(estimate, tokens, 100.0)
    assert_found(
        found,
        path="max_cost",
        check="cost",
        says="Google chooses the number of epochs",
        way_out="epoch_count",
        severity="warn",
    )
    found = check_cost(estimate, tokens, 4.0)
    assert_found(
        found, path="max_cost", check="cost", says="One epoch would cost about $5.00", way_out="raise max_cost"
    )


def test_tokens_that_are_not_known_until_apply_pass_and_unreadable_ones_are_one_warning() -> None:
    estimate, tokens = of(NOT_ASKED)
    assert str(estimate).startswith("training cost: not estimated (the data set's tokens are not known until apply")
    assert check_cost(estimate, tokens, 0.0) == []
    found = check_cost(*of(UNREAD), 0.0)
    assert_found(found, path="max_cost", check="cost", says="403", way_out="storage.objects.get", severity="warn")


@pytest.mark.parametrize(
    ("steps", "region", "epochs", "shown"),
    [
        (20, "europe-west4", 2.0, "20 steps x batch 24 = 480 of 240 examples"),
        (15, "us-central1", 0.5, "15 steps x batch 8 = 120 of 240 examples"),
    ],
)
def test_steps_are_epochs_as_seed_002_reckons_them(steps: int, region: str, epochs: float, shown: str) -> None:
    read = epochs_of_steps(steps, shipped().models["text-bison@002"].batch_sizes[region], 240)
    assert read == Epochs(count=epochs, shown=shown)
    estimate, _ = of(epochs=read)
    assert shown in str(estimate)
    assert estimate.usd == pytest.approx(5.0 * epochs)


def test_steps_that_may_end_early_are_at_most_so_many_epochs() -> None:
    assert str(epochs_of_steps(20, 24, 240, early_stopping=True)).startswith("at most 2 epochs")
    assert epochs_of_steps(300, 8, None) is None
    assert epochs_of_steps(300, None, 10) is None
    assert epochs_of_steps(300, 8, 0) is None


def test_tokens_that_are_estimated_from_characters_are_said_to_be() -> None:
    assert "1,000 tokens, estimated from the text" in str(of(Known(TokenCount(tokens=1000, source="estimate")))[0])


def test_an_earlier_jobs_count_is_of_one_epoch() -> None:
    estimate, _ = of(Known(billed_tokens_of(1_000_000)))
    assert estimate.usd == 15.0


@pytest.mark.parametrize("count", [float("nan"), float("inf"), -1.0])
def test_a_number_of_epochs_that_is_none_gives_a_line_all_the_same(count: float) -> None:
    assert str(of(epochs=Epochs(count=count))[0]).startswith("training cost: about $")


@given(
    st.integers(),
    st.none() | st.floats(),
    st.none() | st.floats(min_value=0, allow_infinity=False),
    st.none() | st.floats(),
    st.tuples(st.integers(), st.integers(), st.integers()),
)
def test_any_numbers_give_a_line_and_findings(
    tokens: int,
    epochs: float | None,
    price: float | None,
    limit: float | None,
    steps: tuple[int, int, int],
) -> None:
    fact = Known(TokenCount(tokens=tokens, source="estimate"))
    cost = None if price is None else PRICE.model_copy(update={"usd_per_million_training_tokens": price})
    for read in (None if epochs is None else Epochs(count=epochs), epochs_of_steps(*steps)):
        estimate = estimate_cost("x", fact, read, cost)
        assert str(estimate)
        assert_documented(check_cost(estimate, fact, limit))
