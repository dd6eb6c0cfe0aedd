"""Findings hold what they name as values: a door of another language spells all of it in its own way."""

from __future__ import annotations

import ast
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, get_args

import pytest
from pydantic import BaseModel

import pulumi_gcp_tuning
from preflight.test_table import judged
from pulumi_gcp_tuning.resources.registry import registered
from pulumi_gcp_tuning.wording import KEYED, Property, PropertyPath, Spelling
from support.preflight_case import Case
from support.preflight_table import OF_RESOURCES, PURE
from support.preflight_world import TYPES

if TYPE_CHECKING:
    from collections.abc import Iterator

    from preflight.conftest import WorldOf
    from pulumi_gcp_tuning.errors import Finding

OTHER_DOOR: Final = Spelling(camel_case=True, setting=lambda key: f"<{key.partition(':')[2]}>")
"""A door that writes properties in camelCase and has another name for each configuration key."""

SOURCES: Final = sorted(Path(pulumi_gcp_tuning.__file__).parent.rglob("*.py"))
ARGS: Final = {frame.name: frame.resource.Args for frame in registered()}
TO_COME: Final = frozenset(
    {
        "accelerator_type",
        "batch_size",
        "beta",
        "custom_base_model",
        "enable_checkpoint_selection",
        "enable_early_stopping",
        "evaluation_data_uri",
        "evaluation_interval",
        "learning_rate",
        "member",
        "output_uri",
        "tensorboard_resource_id",
        "tuning_mode",
        "validation",
    }
)
"""Properties of resources that there are not yet; the rules for them are there."""
GOOGLES: Final = "The output_uri field is required for this model."
"""What Google said is quoted as it stands."""


def names_in(model: type[BaseModel]) -> Iterator[str]:
    """The names of all properties, also those of objects."""
    for name, field in model.model_fields.items():
        yield name
        for inner in (field.annotation, *get_args(field.annotation)):
            if isinstance(inner, type) and issubclass(inner, BaseModel):
                yield from names_in(inner)


NAMES: Final = TO_COME | {name for args in ARGS.values() for name in names_in(args)}


def first_names(case: Case) -> set[str]:
    """What a path may begin with."""
    return set(NAMES) if case.kind == "pure" else set(ARGS[TYPES[case.kind]].model_fields)


def of_properties(path: PropertyPath) -> set[str]:
    """The names of properties in a path, without keys of maps."""
    pairs = zip(("", *path), path, strict=False)
    return {part for above, part in pairs if isinstance(part, str) and above not in KEYED}


def properties_named(finding: Finding) -> set[str]:
    parts: tuple[Any, ...] = (*finding.problem.parts, *(finding.remedy.words.parts if finding.remedy else ()))
    return {name for part in parts if isinstance(part, Property) for name in of_properties(part.path)}


def spelled_for_python(text: str) -> set[str]:
    """Names of properties and configuration keys that a text has as plain text."""
    said = text.replace(GOOGLES, "")
    left = {word for word in re.findall(r"[a-z0-9]+(?:_[a-z0-9]+)+", said) if word in NAMES}
    return left | set(re.findall(r"\bgcp(?:-tuning)?:|\bchecks=", said))


def finds(function: ast.FunctionDef) -> bool:
    """Whether a function makes a finding, or a text of one."""
    called = [node.func for node in ast.walk(function) if isinstance(node, ast.Call)]
    names = {each.id for each in called if isinstance(each, ast.Name)}
    return bool(names & {"advise", "words"}) or any(
        isinstance(f, ast.Attribute) and f.attr == "finding" for f in called
    )


def assert_spelled_by_the_door(case: Case, findings: list[Finding]) -> None:
    assert findings != []
    for finding in findings:
        # what the program wrote and no resource has is named as well
        strangers = (
            {finding.path[-1]}
            if "no property" in str(finding.problem) or "not a hyper" in str(finding.problem)
            else set()
        )
        assert finding.path == () or finding.path[0] in first_names(case) | strangers, finding
        assert properties_named(finding) <= NAMES | strangers, finding
        assert spelled_for_python(str(finding.printed(OTHER_DOOR))) == set(), finding


resources = pytest.mark.parametrize("case", [pytest.param(case, id=case.id) for case in OF_RESOURCES])
pure = pytest.mark.parametrize("case", [pytest.param(case, id=case.id) for case in PURE])


@resources
def test_a_door_of_another_language_spells_all_that_a_finding_names(
    case: Case, world_of: WorldOf, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert_spelled_by_the_door(case, judged(case, case.refused, world_of, tmp_path))


@pure
def test_it_spells_what_no_resource_has_yet(case: Case) -> None:
    assert case.judge is not None
    assert_spelled_by_the_door(case, list(case.judge(**case.refused["arguments"])))


def test_no_text_in_the_source_of_a_finding_has_a_name_outside_braces() -> None:
    nodes = [node for file in SOURCES for node in ast.walk(ast.parse(file.read_text("utf-8")))]
    functions = [node for node in nodes if isinstance(node, ast.FunctionDef) and finds(node)]
    documented = {ast.get_docstring(function, clean=False) for function in functions}
    texts = {
        node.value
        for function in functions
        for node in ast.walk(function)
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and " " in node.value
    }
    assert len(texts - documented) > 200
    assert [text for text in texts - documented if spelled_for_python(re.sub(r"\{[^}]*\}", "", text))] == []
