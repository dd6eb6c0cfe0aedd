"""Hyperparameters: each rule refuses one case with its path and the way out, and its neighbour passes."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pulumi_gcp_tuning import catalog
from pulumi_gcp_tuning.catalog import TUNING_METHODS, Catalogue, Method
from pulumi_gcp_tuning.errors import Finding, Printed
from pulumi_gcp_tuning.preflight.hyperparameters import (
    PATH,
    check_adapter_size,
    check_gemini_api_parameters,
    check_hyperparameters,
    check_pipeline_parameters,
)
from pulumi_gcp_tuning.wording import PYTHON
from support.findings import printed_of

GEMINI = "gemini-3.5-flash"
QWEN = "qwen/qwen3@qwen3-32b"
CODE = "code-bison@002"
CHAT = "codechat-bison@002"
API = "models/gemini-1.5-flash-001-tuning"

AT = PYTHON.path(PATH)


def only(findings: list[Finding]) -> Printed:
    assert len(findings) == 1, findings
    assert findings[0].check == "hyperparameters"
    return findings[0].printed(PYTHON)


@pytest.mark.parametrize(
    ("size", "model", "remedy"),
    [
        ("ADAPTER_SIZE_THIRTY_TWO", GEMINI, "It offers 1, 2, 4, 8, 16."),
        (16, "gemini-2.5-pro", "It offers 1, 2, 4, 8."),
        (8, "gemini-1.5-pro-002", "It offers 1, 4."),
        (2, "gemini-1.5-flash-002", "It offers 1, 4, 8, 16."),
        (4, "google/gemma3@gemma-3-1b-it", "It has no adapter sizes; leave adapter_size out."),
        (3, GEMINI, "Sizes are 1, 2, 4, 8, 16, 32."),
        ("FOUR", None, "Sizes are 1, 2, 4, 8, 16, 32."),
        (True, GEMINI, "Sizes are 1, 2, 4, 8, 16, 32."),
    ],
)
def test_an_adapter_size_that_is_not_offered_is_refused_with_those_that_are(
    size: object, model: str | None, remedy: str
) -> None:
    found = only(check_adapter_size(size, model))
    assert (found.path, found.severity) == (f"{AT}.adapter_size", "error")
    assert found.remedy == remedy


@pytest.mark.parametrize(
    ("size", "model"), [(16, GEMINI), (8.0, "gemini-2.5-pro"), (32, QWEN), (32, None), (None, GEMINI)]
)
def test_an_adapter_size_that_is_offered_passes(size: object, model: str | None) -> None:
    assert check_adapter_size(size, model) == []


def test_a_size_refused_on_an_assumption_is_a_warning() -> None:
    found = only(check_adapter_size(8, "gemini-1.0-pro-002"))
    assert (found.severity, found.evidence) == ("warn", "assumed")


def test_full_tuning_has_no_adapter() -> None:
    found = only(check_adapter_size(8, QWEN, method="FULL"))
    assert found.severity == "warn"
    assert "PEFT_ADAPTER" in found.remedy
    assert check_adapter_size(8, QWEN, method="PEFT_ADAPTER") == []


@pytest.mark.parametrize(
    ("name", "value", "model", "remedy"),
    [
        ("epoch_count", 0, GEMINI, "Use at least 1"),
        ("epoch_count", -3, QWEN, "Use at least 1"),
        ("epoch_count", 2.5, GEMINI, "Use 2"),
        ("epoch_count", True, GEMINI, "Use a number"),
        ("epoch_count", "three", GEMINI, "Use a number"),
        ("learning_rate_multiplier", 0, GEMINI, "Use more than 0"),
        ("learning_rate_multiplier", float("nan"), GEMINI, "Use a number"),
        ("learning_rate_multiplier", float("inf"), GEMINI, "Use a number"),
        ("learning_rate", -1e-4, QWEN, "Use more than 0"),
        ("batch_size", 0, QWEN, "Use at least 1"),
        ("batch_size", 1.5, QWEN, "Use 2"),
    ],
)
def test_what_is_nonsense_for_any_model_is_refused_as_policy(name: str, value: Any, model: str, remedy: str) -> None:
    found = only(check_hyperparameters({name: value}, model))
    assert (found.path, found.evidence, found.severity) == (f"{AT}.{name}", "policy", "error")
    assert found.remedy.startswith(remedy)


@pytest.mark.parametrize(
    ("parameters", "model"),
    [
        ({"epoch_count": 1}, GEMINI),
        ({"epoch_count": 3.0, "learning_rate_multiplier": 0.1, "adapter_size": "ADAPTER_SIZE_FOUR"}, GEMINI),
        ({"epoch_count": 100_000, "learning_rate_multiplier": 50}, GEMINI),
        ({"epoch_count": 3, "learning_rate": 2e-4, "batch_size": 4, "adapter_size": 16}, QWEN),
        ({"epoch_count": None, "adapter_size": None}, GEMINI),
        ({"epoch_count": 2}, "a model nobody knows"),
        ({}, GEMINI),
        (None, None),
    ],
)
def test_what_no_page_forbids_passes(parameters: dict[str, Any] | None, model: str | None) -> None:
    assert check_hyperparameters(parameters, model) == []


@pytest.mark.parametrize(
    ("name", "value", "model", "why"),
    [
        ("learning_rate", 1e-4, GEMINI, "learning_rate_multiplier scales the recommended one"),
        ("batch_size", 8, GEMINI, "only open models take one"),
        ("learning_rate_multiplier", 2, QWEN, "set learning_rate"),
        ("epoch_count", 3, CODE, "train_steps"),
        ("beta", 0.1, GEMINI, "beta is for preference tuning"),
    ],
)
def test_a_parameter_that_the_model_does_not_take_is_refused(name: str, value: float, model: str, why: str) -> None:
    found = only(check_hyperparameters({name: value}, model))
    assert found.path == f"{AT}.{name}"
    assert why in found.problem
    assert "eave" in found.remedy


def test_beta_belongs_to_preference_tuning() -> None:
    path = ("preference_optimization_spec", "hyper_parameters")
    assert check_hyperparameters({"beta": 0.1}, "gemini-2.5-flash", method="PREFERENCE", path=path) == []
    found = only(check_hyperparameters({"beta": 0}, "gemini-2.5-flash", method="PREFERENCE", path=path))
    assert found.path == "preference_optimization_spec.hyper_parameters.beta"


def test_learning_rate_and_its_multiplier_exclude_each_other() -> None:
    found = check_hyperparameters({"learning_rate": 1e-4, "learning_rate_multiplier": 1}, None)
    assert only(found).remedy == "Leave learning_rate out and keep learning_rate_multiplier."
    assert only(found).evidence == "discovery"
    both = check_hyperparameters({"learning_rate": 1e-4, "learning_rate_multiplier": 1}, QWEN)
    assert {finding.path for finding in printed_of(both)} == {f"{AT}.learning_rate_multiplier"}
    assert str(both[-1].remedy) == "Leave learning_rate_multiplier out and keep learning_rate."


def test_a_misspelt_parameter_is_refused_with_the_nearest_one() -> None:
    found = only(check_hyperparameters({"epoch_cuont": 3}, GEMINI))
    assert (found.path, found.remedy) == (f"{AT}.epoch_cuont", "Did you mean epoch_count?")


def test_a_range_that_the_users_rows_establish_is_kept() -> None:
    known = Catalogue.load({"models": [{"id": GEMINI, "epochs": {"minimum": 2, "maximum": 20, "evidence": "docs"}}]})
    found = only(check_hyperparameters({"epoch_count": 21}, GEMINI, catalogue=known))
    assert found.remedy == "Use at least 2 and at most 20."
    assert check_hyperparameters({"epoch_count": 20}, GEMINI, catalogue=known) == []
    assumed = Catalogue.load({"models": [{"id": GEMINI, "epochs": {"maximum": 20, "evidence": "assumed"}}]})
    assert only(check_hyperparameters({"epoch_count": 21}, GEMINI, catalogue=assumed)).severity == "warn"


@pytest.mark.parametrize(
    ("name", "value"),
    [("evaluation_interval", 20), ("enable_early_stopping", True), ("enable_checkpoint_selection", "true")],
)
def test_what_needs_an_evaluation_set_is_refused_without_one_and_for_chat_models(name: str, value: Any) -> None:
    found = only(check_pipeline_parameters({name: value}, CODE))
    assert (found.path, found.severity) == (name, "error")
    assert "Set evaluation_data_uri (10 to 250 examples)" in found.remedy
    assert check_pipeline_parameters({name: value, "evaluation_data_uri": "gs://b/eval.jsonl"}, CODE) == []
    assert check_pipeline_parameters({name: value}, CODE, unknown=["evaluation_data_uri"]) == []
    chat = only(check_pipeline_parameters({name: value}, CHAT))
    assert chat.path == name
    assert "chat model" in chat.problem
    assert chat.remedy == f"Leave {name} out."


def test_what_is_switched_off_needs_no_evaluation_set() -> None:
    off = {"enable_early_stopping": False, "enable_checkpoint_selection": "false"}
    assert check_pipeline_parameters(off, CODE) == []
    assert check_pipeline_parameters({"enable_checkpoint_selection": "default"}, CODE) == []


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("enable_early_stopping", False),
        ("enable_checkpoint_selection", "false"),
        ("enable_checkpoint_selection", "default"),
    ],
)
def test_the_pipeline_of_a_chat_model_does_not_have_the_parameter_to_switch_off(name: str, value: Any) -> None:
    found = only(check_pipeline_parameters({name: value}, CHAT))
    assert (found.path, found.remedy) == (name, f"Leave {name} out.")


def test_a_chat_model_has_no_evaluation() -> None:
    found = only(check_pipeline_parameters({"evaluation_data_uri": "gs://b/eval.jsonl"}, "chat-bison-32k"))
    assert (found.path, found.remedy, found.evidence) == (
        "evaluation_data_uri",
        "Leave evaluation_data_uri out.",
        "seed",
    )


@pytest.mark.parametrize("name", ["train_steps", "learning_rate_multiplier"])
def test_steps_and_multiplier_of_a_pipeline_are_above_zero(name: str) -> None:
    assert only(check_pipeline_parameters({name: 0}, CODE)).path == name
    assert check_pipeline_parameters({name: 1}, CODE) == []


def test_steps_are_whole() -> None:
    assert "whole number" in only(check_pipeline_parameters({"train_steps": 1.5}, CODE)).problem


def test_an_interval_longer_than_the_training_is_a_warning() -> None:
    evaluated = {"evaluation_data_uri": "gs://b/eval.jsonl", "evaluation_interval": 100}
    found = only(check_pipeline_parameters({**evaluated, "train_steps": 50}, CODE))
    assert (found.path, found.severity) == ("evaluation_interval", "warn")
    assert check_pipeline_parameters({**evaluated, "train_steps": 200}, CODE) == []
    by_default = only(check_pipeline_parameters({**evaluated, "evaluation_interval": 301}, CODE))
    assert "only 300 steps" in by_default.problem


def test_checkpoint_selection_is_one_of_three_words() -> None:
    found = only(check_pipeline_parameters({"enable_checkpoint_selection": "best"}, CODE))
    assert found.path == "enable_checkpoint_selection"
    assert '"true", "false" or "default"' in found.remedy


@pytest.mark.parametrize(
    ("parameters", "path", "remedy"),
    [
        ({"epoch_count": 0}, "hyperparameters.epoch_count", "Use at least 1"),
        ({"batch_size": 0}, "hyperparameters.batch_size", "Use at least 1"),
        ({"learning_rate": 0}, "hyperparameters.learning_rate", "Use more than 0"),
        ({"adapter_size": 4}, "hyperparameters.adapter_size", "It has no adapter sizes"),
        ({"learning_rate": 0.001, "learning_rate_multiplier": 1}, "hyperparameters.learning_rate_multiplier", "Leave"),
    ],
)
def test_the_gemini_api_takes_epochs_batch_size_and_one_rate(
    parameters: dict[str, Any], path: str, remedy: str
) -> None:
    found = only(check_gemini_api_parameters(parameters, API))
    assert found.path == path
    assert found.remedy.startswith(remedy)


def test_the_tutorials_own_parameters_pass() -> None:
    assert check_gemini_api_parameters({"batch_size": 2, "learning_rate": 0.001, "epoch_count": 5}, API) == []


VALUES = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text()
    | st.binary()
    | st.lists(st.integers(), max_size=2)
)
NAMES = st.sampled_from(
    [
        "epoch_count",
        "adapter_size",
        "learning_rate_multiplier",
        "learning_rate",
        "batch_size",
        "beta",
        "train_steps",
        "evaluation_interval",
        "evaluation_data_uri",
        "enable_early_stopping",
        "enable_checkpoint_selection",
    ]
)
HUGE = st.sampled_from([10**400, -(10**400), 10**5000, 1e308, 5e-324])


@given(
    st.dictionaries(NAMES | st.text(), VALUES | HUGE),
    st.none() | st.text() | st.sampled_from(list(catalog.shipped().models)),
    st.sampled_from([*TUNING_METHODS, "TEACHER"]),
)
def test_any_values_give_findings_with_a_way_out_and_never_an_exception(
    parameters: dict[str, Any], model: str | None, method: Method
) -> None:
    found = [
        *check_hyperparameters(parameters, model, method=method),
        *check_pipeline_parameters(parameters, model),
        *check_gemini_api_parameters(parameters, model),
    ]
    assert all(finding.path and str(finding.problem) and str(finding.remedy) for finding in found)
