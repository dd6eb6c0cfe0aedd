"""Inputs as a program gives them, parsed once.

Every Args model derives from :class:`Inputs`. A value that apply will know (:data:`UNKNOWN`) passes at any leaf, and so
does a value that was found wrong: :func:`parse` reports it and goes on with the rest, so that all findings of a
resource come at once.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from copy import deepcopy
from difflib import get_close_matches
from typing import Annotated, Any, TypeVar, get_args

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    ValidationError,
    ValidatorFunctionWrapHandler,
    WrapValidator,
    field_validator,
)
from pydantic.alias_generators import to_camel

from pulumi_gcp_tuning.errors import Finding
from pulumi_gcp_tuning.names import MalformedName
from pulumi_gcp_tuning.resources.lifecycle import UNKNOWN, Properties

T = TypeVar("T")
I = TypeVar("I", bound="Inputs")  # noqa: E741

Place = tuple[str | int, ...]


def _unknown_passes(value: Any, handler: ValidatorFunctionWrapHandler) -> Any:
    return value if value is UNKNOWN else handler(value)


Text = Annotated[str, WrapValidator(_unknown_passes)]
Labels = dict[str, Text]


class Inputs(BaseModel):
    """Properties in camelCase outside, snake_case inside; nothing undeclared passes."""

    model_config = ConfigDict(
        alias_generator=to_camel, populate_by_name=False, extra="forbid", frozen=True, allow_inf_nan=False
    )

    @field_validator("*", mode="wrap")
    @classmethod
    def _unknown_leaves_pass(cls, value: Any, handler: ValidatorFunctionWrapHandler) -> Any:
        return _unknown_passes(value, handler)

    def properties(self) -> Properties:
        """The camelCase properties that are set, normalised."""
        given = {field.alias or name: getattr(self, name) for name, field in type(self).model_fields.items()}
        return {
            key: value.properties() if isinstance(value, Inputs) else deepcopy(value)
            for key, value in given.items()
            if value is not None
        }


class CommonArgs(Inputs):
    """What every resource takes."""

    project: str | None = None
    location: str | None = None
    resource_urn: str | None = None
    deletion_policy: str | None = Field(default=None, pattern="^(DELETE|ABANDON|PREVENT)$")
    labels: Labels | None = None
    pulumi_labels: Labels | None = None
    checks: dict[str, Text] | None = None


def known(value: T | None) -> T | None:
    """The value, or None where only apply will know it."""
    return None if value is UNKNOWN else value


def parse(model: type[I], news: Mapping[str, Any], resource: str) -> tuple[I, list[Finding]]:
    """The inputs as ``model``, with UNKNOWN in place of whatever is wrong or missing, and a finding for each of those."""
    raw: dict[str, Any] = {key: deepcopy(value) for key, value in news.items() if key != "__provider"}
    findings: list[Finding] = []
    for _ in range(3):
        try:
            return model.model_validate(raw), findings
        except ValidationError as error:
            details = error.errors(include_url=False)
            findings += [_finding(detail, model, resource) for detail in details]
            for detail in details:
                _blank(raw, detail["loc"], drop=detail["type"] == "extra_forbidden")
    raise AssertionError(f"{resource}: {findings}")  # pragma: no cover


def python_path(place: Place) -> str:
    """A property path in Python spelling: ``supervised_tuning_spec.hyper_parameters.epoch_count``, ``labels["Team"]``."""
    parts: list[str] = []
    free_keys = False
    for part in place:
        if isinstance(part, int):
            parts.append(f"[{part}]")
        elif free_keys:
            parts.append(f'["{part}"]')
        else:
            parts.append(f".{snake(part)}" if parts else snake(part))
            free_keys = part in ("labels", "checks")
    return "".join(parts)


def snake(name: str) -> str:
    """``epochCount`` as ``epoch_count``."""
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name).lower()


def unknown_places(value: Any, place: Place = ()) -> Iterator[Place]:
    """Where in a value UNKNOWN stands."""
    if value is UNKNOWN:
        yield place
    elif isinstance(value, Mapping):
        for key, inner in value.items():
            yield from unknown_places(inner, (*place, key))
    elif isinstance(value, Sequence) and not isinstance(value, str):
        for index, inner in enumerate(value):
            yield from unknown_places(inner, (*place, index))


def _blank(raw: Any, place: Place, *, drop: bool) -> None:
    holder: Any = raw
    for part in place[:-1]:
        below = holder.get(part) if isinstance(holder, dict) else holder[part] if isinstance(part, int) else None
        if not isinstance(below, dict | list):
            break
        holder = below
    else:
        if drop and isinstance(holder, dict):
            holder.pop(place[-1], None)
        else:
            holder[place[-1]] = UNKNOWN


def _finding(detail: Any, model: type[Inputs], resource: str) -> Finding:
    place, kind, context = detail["loc"], detail["type"], detail.get("ctx", {})
    path = python_path(place)
    got = detail.get("input")
    seen = "an object" if isinstance(got, Mapping) else "a list" if isinstance(got, list) else repr(got)
    if kind == "missing":
        problem, remedy = "It is required and not set.", f"Set {path} of the {resource}."
    elif kind == "extra_forbidden":
        siblings = [field.alias or name for name, field in _model_at(model, place[:-1]).model_fields.items()]
        close = get_close_matches(str(place[-1]), siblings, n=1)
        hint = f"Did you mean {snake(close[0])}?" if close else "Remove it."
        problem, remedy = f"{resource} has no property {snake(str(place[-1]))}.", hint
    elif kind in ("int_type", "int_parsing", "int_from_float"):
        problem, remedy = f"{seen} is not a whole number.", "Give a whole number."
    elif kind in ("float_type", "float_parsing", "finite_number"):
        problem, remedy = f"{seen} is not a number.", "Give a number."
    elif kind == "string_type":
        problem, remedy = f"{seen} is not a string.", "Give a string."
    elif kind in ("bool_type", "bool_parsing"):
        problem, remedy = f"{seen} is neither true nor false.", "Give True or False."
    elif kind in ("dict_type", "model_type", "model_attributes_type"):
        problem, remedy = f"{seen} is not an object.", "Give an object (an Args class or a dict)."
    elif kind == "greater_than_equal":
        problem, remedy = f"{seen} is too small.", f"The least is {context['ge']}."
    elif kind == "greater_than":
        problem, remedy = f"{seen} is too small.", f"It must be above {context['gt']}."
    elif kind == "less_than_equal":
        problem, remedy = f"{seen} is too large.", f"The most is {context['le']}."
    elif kind == "literal_error":
        problem, remedy = f"{seen} is not one of the values.", f"It is {context['expected']}."
    elif kind == "string_pattern_mismatch":
        choices = re.sub(r"[\^$()]", "", context["pattern"]).replace("|", ", ")
        problem, remedy = f"{seen} is not one of the values.", f"It is one of {choices}."
    elif isinstance(context.get("error"), MalformedName):
        name = context["error"]
        problem, remedy = f"{name.text!r} cannot be read: {name.reason}.", f"It looks like this: {name.example}"
    else:
        text = str(context["error"]) if "error" in context else detail["msg"]
        problem, remedy = f"{text.rstrip('.')}.", ""
    return Finding(path=path, problem=problem, remedy=remedy, check="schema", evidence="policy")


def _model_at(model: type[Inputs], place: Place) -> type[BaseModel]:
    found: type[BaseModel] = model
    for part in place:
        field = next((f for n, f in found.model_fields.items() if (f.alias or n) == part), None)
        annotations = (field.annotation, *get_args(field.annotation)) if field else ()
        found = next((a for a in annotations if isinstance(a, type) and issubclass(a, BaseModel)), found)
    return found
