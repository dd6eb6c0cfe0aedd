"""The answer of ``pulumi preview --json``: what is read of it, and what is refused."""

from __future__ import annotations

import json
from typing import Any

import pytest

from pulumi_gcp_tuning.errors import Refused
from pulumi_gcp_tuning.review.previews import (
    answer_in,
    changes_of,
    failure_in,
    named_by,
    policies_in,
    preview_of,
    said_in,
    spelled,
    text_of,
)
from pulumi_gcp_tuning.review.report import REMEDIATION
from support.fake_cli import urn
from support.planned_steps import SECRET, UNKNOWN, answer, preview, step

JOB = urn("TuningJob", "router")


def changes(old: dict[str, Any], new: dict[str, Any], **more: Any) -> dict[str, tuple[str | None, str | None]]:
    [planned] = preview(step("update", "TuningJob", old=old, new=new, **more)).steps
    return {each.path: (each.old, each.new) for each in changes_of(planned)}


@pytest.mark.parametrize("cut", [1, 20, -2])
def test_a_file_that_is_cut_off_is_refused(cut: int) -> None:
    text = json.dumps(answer(step("create", "TuningJob")))
    with pytest.raises(Refused, match="cut off"):
        answer_in(text[:cut])


@pytest.mark.usefixtures("no_collection")
def test_a_file_that_is_nested_without_end_is_refused() -> None:
    with pytest.raises(Refused, match="cut off"):
        answer_in("[" * 200_000)


@pytest.mark.parametrize("path", ["labels[²]", f"labels[{'9' * 5_000}]"])
def test_a_path_that_leads_nowhere_is_no_change(path: str) -> None:
    assert changes({"labels": [1]}, {"labels": [2]}, detailedDiff={path: {}}) == {}


@pytest.mark.parametrize(
    "other",
    [
        [],
        {},
        {"steps": 3},
        {"steps": [{}]},
        {"steps": ["same"]},
        {"steps": [], "changeSummary": {"create": "x"}},
        {"steps": [], "diagnostics": [3]},
        {"steps": [{"op": "create", "urn": JOB, "newState": 3}]},
        {"steps": [{"op": "create", "urn": JOB, "newState": {"inputs": 3}}]},
        {"steps": [{"op": "create", "urn": JOB, "oldState": {"outputs": [1]}}]},
        {"steps": [{"op": "create", "urn": JOB, "newState": {"dependencies": 3}}]},
        {"steps": [{"op": "create", "urn": JOB, "detailedDiff": 3}]},
        {"result": "succeeded", "operations": {}},
    ],
)
def test_a_file_of_another_version_is_refused(other: Any) -> None:
    with pytest.raises(Refused, match="supported version"):
        preview_of(json.loads(json.dumps(other)))


def test_a_change_is_found_without_the_help_of_the_engine() -> None:
    old, new = {"labels": {"team": "a", "x": "1"}, "same": 1}, {"labels": {"team": "b", "x": "1"}, "same": 1}
    assert changes(old, new) == {"labels.team": ("a", "b")}


def test_the_paths_of_the_engine_are_followed_down_to_what_differs() -> None:
    old, new = {"spec": {"epochCount": 3, "rate": 1}, "b": 1}, {"spec": {"epochCount": 4, "rate": 1}, "b": 2}
    assert changes(old, new, diffReasons=["spec"]) == {"spec.epoch_count": ("3", "4")}


def test_exact_paths_of_the_engine_are_read() -> None:
    detail = {"spec.files[1]": {"kind": "update"}, 'labels["a.b"]': {"kind": "add"}}
    old = {"spec": {"files": ["x", "y"]}, "labels": {}}
    new = {"spec": {"files": ["x", "z"]}, "labels": {"a.b": "1"}}
    assert changes(old, new, detailedDiff=detail) == {"spec.files[1]": ("y", "z"), 'labels["a.b"]': (None, "1")}


def test_what_our_constructors_add_is_no_change() -> None:
    assert changes({"resourceUrn": "a", "__provider": "x"}, {"resourceUrn": "b", "__provider": "y"}) == {}


@pytest.mark.parametrize("path", [None, ["password"], ["password.inner"]])
def test_a_secret_is_named_and_not_shown(path: list[str] | None) -> None:
    found = changes({"password": SECRET}, {"password": {**SECRET, "plaintext": "other"}}, diffReasons=path)
    assert set(found.values()) <= {("[secret]", "[secret]")}


def test_a_secret_inside_of_a_value_is_not_shown() -> None:
    assert text_of({"a": [SECRET, UNKNOWN]}) == '{"a": ["[secret]", "known after apply"]}'


def test_rows_of_data_are_counted_and_not_shown() -> None:
    rows = [{"textInput": "my address", "output": "billing"}]
    found = changes({"examples": rows}, {"examples": rows * 3}, diffReasons=["examples[0].textInput", "examples"])
    assert found == {"examples": ("1 row", "3 rows")}


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, None),
        (8.0, "8"),
        (1_000_001, "1000001"),
        (0.00012345678, "0.00012345678"),
        (True, "true"),
        ("a\nb", "a b"),
        (UNKNOWN, "known after apply"),
        ("x" * 200, "x" * 97 + "..."),
    ],
)
def test_a_value_is_a_text_of_one_short_line(value: Any, text: str | None) -> None:
    assert text_of(value) == text


def test_a_path_is_spelled_as_a_program_writes_it() -> None:
    assert spelled('supervisedTuningSpec.files[0].uri["aB.c"]') == 'supervised_tuning_spec.files[0].uri["aB.c"]'


def test_errors_of_the_cli_are_its_failure_and_warnings_are_findings() -> None:
    said = [
        {"severity": "error", "urn": JOB, "message": "no\n"},
        {"severity": "warning", "urn": JOB, "message": "odd"},
        {"severity": "info#err", "message": "of the program"},
    ]
    read = preview(diagnostics=said)
    assert failure_in(read) == "router: no"
    assert [(each.severity, each.problem) for each in said_in(read)] == [("warn", "odd")]


@pytest.mark.parametrize(
    ("event", "severity"),
    [
        ({"enforcementLevel": "mandatory"}, "error"),
        ({"enforcementLevel": "advisory"}, "warn"),
        ({"enforcementLevel": "mandatory", "exceptions": [{"id": "E1", "reason": "agreed"}]}, "info"),
    ],
)
def test_a_mandatory_policy_without_an_exception_is_an_error(event: dict[str, Any], severity: str) -> None:
    told = {"message": "<{%reset%}>No labels.<{%reset%}>\n", "policyPackName": "house", "policyName": "labels"}
    [found] = policies_in([{**told, **event, "resourceUrn": JOB}])
    assert (found.severity, found.problem, found.check) == (severity, "No labels.", "house labels")


def test_a_policy_that_changes_inputs_of_ours_is_a_warning() -> None:
    told = {"event": REMEDIATION, "policyPackName": "house", "policyName": "describes"}
    [found] = policies_in([{**told, "resourceUrn": each} for each in (JOB, "urn:pulumi:dev::shop::gcp:a/b:C::c")])
    assert (found.severity, found.resource, found.check) == ("warn", named_by(JOB), "house describes")
