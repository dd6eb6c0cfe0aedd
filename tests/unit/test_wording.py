"""What a message names is a value, and a door spells it."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path
from typing import Any, get_args

import pytest
from pydantic import BaseModel

import pulumi_gcp_tuning
from pulumi_gcp_tuning.errors import Finding, Refused
from pulumi_gcp_tuning.resources.core.inputs import property_path
from pulumi_gcp_tuning.resources.registry import registered
from pulumi_gcp_tuning.wording import (
    CAMEL_CASE,
    KEYED,
    PYTHON,
    Property,
    PropertyPath,
    Remedy,
    RemedyKind,
    Setting,
    Spelling,
    advise,
    joined,
    words,
)

SOURCES = sorted(Path(pulumi_gcp_tuning.__file__).parent.rglob("*.py"))
ENVIRONMENT = Spelling(camel_case=True, setting=lambda key: key.partition(":")[2].upper())


@pytest.mark.parametrize(
    ("path", "python", "camel_case"),
    [
        ((), "", ""),
        (("location",), "location", "location"),
        (("base_model",), "base_model", "baseModel"),
        (
            ("supervised_tuning_spec", "hyper_parameters", "epoch_count"),
            "supervised_tuning_spec.hyper_parameters.epoch_count",
            "supervisedTuningSpec.hyperParameters.epochCount",
        ),
        (("content_sha256",), "content_sha256", "contentSha256"),
        (("after_jobs", 0), "after_jobs[0]", "afterJobs[0]"),
        (("labels", "cost_centre"), 'labels["cost_centre"]', 'labels["cost_centre"]'),
        (("pulumi_labels", "cost_centre"), 'pulumi_labels["cost_centre"]', 'pulumiLabels["cost_centre"]'),
        (("checks", "hyper_parameters"), 'checks["hyper_parameters"]', 'checks["hyper_parameters"]'),
    ],
)
def test_a_path_is_spelled_as_the_door_spells_and_keys_of_maps_are_left_alone(
    path: PropertyPath, python: str, camel_case: str
) -> None:
    assert (PYTHON.path(path), CAMEL_CASE.path(path)) == (python, camel_case)


def test_a_place_in_state_is_a_path_in_snake_case_with_its_keys_as_they_are() -> None:
    assert property_path(("supervisedTuningSpec", "hyperParameters")) == ("supervised_tuning_spec", "hyper_parameters")
    assert property_path(("labels", "costCentre")) == ("labels", "costCentre")
    assert property_path(("afterJobs", 1)) == ("after_jobs", 1)


@pytest.mark.parametrize(
    ("template", "python", "camel_case"),
    [
        ("Set {base_model}.", "Set base_model.", "Set baseModel."),
        (
            "Set {encryption_spec.kms_key_name}.",
            "Set encryption_spec.kms_key_name.",
            "Set encryptionSpec.kmsKeyName.",
        ),
        ("{on_quota=wait} waits.", "on_quota='wait' waits.", 'onQuota: "wait" waits.'),
        ("Set {checks.model=warn}.", "Set checks={'model': 'warn'}.", 'Set checks: {"model": "warn"}.'),
        ("Raise {gcp-tuning:maxCost}.", "Raise gcp-tuning:maxCost.", "Raise MAXCOST."),
        ("Set {project}, or {gcp:project}.", "Set project, or gcp:project.", "Set project, or PROJECT."),
        ('It is {"text": ...}.', 'It is {"text": ...}.', 'It is {"text": ...}.'),
    ],
)
def test_a_text_names_properties_and_configuration_keys_as_its_door_does(
    template: str, python: str, camel_case: str
) -> None:
    assert str(words(template)) == python
    assert words(template).spelled(ENVIRONMENT) == camel_case


def test_a_value_is_never_read_as_a_template() -> None:
    assert words("{what} is wrong.", what="{base_model}").spelled(CAMEL_CASE) == "{base_model} is wrong."


def test_a_text_in_a_text_keeps_its_values() -> None:
    inner = words("set {tuning_mode} to {mode}", mode="FULL")
    assert words("Go on: {inner}.", inner=inner).parts == (
        "Go on: set ",
        Property(("tuning_mode",)),
        " to FULL.",
    )


def test_truth_is_spelled_as_the_language_does() -> None:
    text = words("Use {yes} or {no}.", yes=True, no=False)
    assert (str(text), text.spelled(CAMEL_CASE)) == ("Use True or False.", "Use true or false.")


def test_texts_are_joined_with_their_values() -> None:
    found = joined(" and ", ["one", Property(("base_model",)), words("{gcp:region}")])
    assert found.parts == ("one and ", Property(("base_model",)), " and ", Setting("gcp:region"))


def test_a_finding_is_printed_in_the_words_of_its_door() -> None:
    finding = Finding(
        path=("supervised_tuning_spec", "tuning_mode"),
        problem=words("{tuning_mode} is missing."),
        remedy=advise("set a property", "Set {tuning_mode} to FULL."),
    )
    assert str(finding.printed(PYTHON)) == (
        "supervised_tuning_spec.tuning_mode: tuning_mode is missing. Set tuning_mode to FULL."
    )
    assert str(finding.printed(CAMEL_CASE)) == (
        "supervisedTuningSpec.tuningMode: tuningMode is missing. Set tuningMode to FULL."
    )


def test_an_error_keeps_what_it_names_as_values() -> None:
    error = Refused(words("{gcp-tuning:catalog} is not JSON."))
    assert (str(error), error.words.parts[0]) == ("gcp-tuning:catalog is not JSON.", Setting("gcp-tuning:catalog"))
    assert str(Refused("Plain.").words) == "Plain."


def test_every_map_among_the_inputs_is_known_to_have_keys_of_the_users() -> None:
    maps = {name for frame in registered() for name, field in fields(frame.resource.Args) if "dict[" in str(field)}
    assert maps == KEYED


def test_every_kind_of_remedy_is_given_by_a_rule() -> None:
    given = {kind for call in calls_of("advise", "Remedy") for kind in strings(call.args[0])}
    assert given == set(get_args(RemedyKind))


def test_what_varies_in_a_text_is_a_value_of_it() -> None:
    templates = [*((call, call.args[0]) for call in calls_of("words")), *((c, c.args[1]) for c in calls_of("advise"))]
    built = [
        call.lineno for call, template in templates for node in ast.walk(template) if isinstance(node, ast.JoinedStr)
    ]
    assert len(templates) > 100
    assert built == []


def test_a_remedy_shows_its_words() -> None:
    assert str(Remedy("wait", words("Wait for {base_model}."))) == "Wait for base_model."


def fields(model: type[BaseModel]) -> Iterator[tuple[str, Any]]:
    """The fields of a model and of those in it, with their annotations."""
    for name, field in model.model_fields.items():
        yield name, field.annotation
        for inner in (field.annotation, *get_args(field.annotation)):
            if isinstance(inner, type) and issubclass(inner, BaseModel):
                yield from fields(inner)


def calls_of(*names: str) -> Iterator[ast.Call]:
    for file in SOURCES:
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if (
                isinstance(node, ast.Call)
                and isinstance(node.func, ast.Name)
                and node.func.id in names
                and file.stem != "wording"
            ):
                yield node


def strings(node: ast.AST) -> set[str]:
    return {each.value for each in ast.walk(node) if isinstance(each, ast.Constant) and isinstance(each.value, str)}
