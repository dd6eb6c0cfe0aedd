"""Inputs as a program gives them, parsed once.

Every Args model derives from :class:`Inputs`. A value that only apply knows (:data:`UNKNOWN`) is accepted at any leaf.
So is a value with an error: :func:`parse` reports it and continues with the rest, so that all findings of a resource
come at once.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from copy import deepcopy
from difflib import get_close_matches
from functools import cache
from typing import Annotated, Any, Final, Literal, TypeVar, get_args

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    StrictBool,
    ValidationError,
    ValidatorFunctionWrapHandler,
    WrapValidator,
    field_validator,
)
from pydantic.fields import FieldInfo
from pydantic_core import PydanticKnownError

from pulumi_gcp_tuning.errors import Finding
from pulumi_gcp_tuning.grammar import camel, snake
from pulumi_gcp_tuning.other_jobs import OF_OTHER_JOBS
from pulumi_gcp_tuning.preflight.spelling import PROPERTY
from pulumi_gcp_tuning.resources.core.description import described
from pulumi_gcp_tuning.resources.core.lifecycle import UNKNOWN, Place, Properties
from pulumi_gcp_tuning.wording import KEYED, Property, PropertyPath, advise, words

T = TypeVar("T")
I = TypeVar("I", bound="Inputs")  # noqa: E741


def _unknown_passes(value: Any, handler: ValidatorFunctionWrapHandler) -> Any:
    return value if value is UNKNOWN else handler(value)


Text = Annotated[str, WrapValidator(_unknown_passes)]
Texts = Annotated[list[Text], WrapValidator(_unknown_passes)]
Labels = dict[str, Text]


def whole_as_text(value: Any) -> Any:
    """A whole number as its digits, because numbers arrive as floats."""
    whole = isinstance(value, int | float) and not isinstance(value, bool) and float(value).is_integer()
    return str(int(value)) if whole else value


def _as_switch(value: Any) -> Any:
    """Configuration values are text, so this accepts true and false and no other text."""
    return {"true": True, "false": False}.get(value, value) if isinstance(value, str) else value


Switch = Annotated[StrictBool, BeforeValidator(_as_switch)]


class Inputs(BaseModel):
    """Properties, in camelCase outside and snake_case inside. Undeclared ones are refused."""

    model_config = ConfigDict(
        alias_generator=camel,
        populate_by_name=False,
        extra="forbid",
        frozen=True,
        allow_inf_nan=False,
        defer_build=True,
    )

    @field_validator("*", mode="wrap")
    @classmethod
    def _unknown_leaves_pass(cls, value: Any, handler: ValidatorFunctionWrapHandler) -> Any:
        parsed = _unknown_passes(value, handler)
        if isinstance(value, bool) and isinstance(parsed, int | float) and not isinstance(parsed, bool):
            # pydantic reads True as 1
            raise PydanticKnownError("int_type" if isinstance(parsed, int) else "float_type")
        return parsed

    def properties(self) -> Properties:
        """The camelCase properties that are set, normalised."""
        given = ((key, getattr(self, name)) for name, key in _keys(type(self)))
        return {
            key: value.properties() if isinstance(value, Inputs) else _copied(value)
            for key, value in given
            if value is not None
        }


@cache
def _keys(model: type[BaseModel]) -> tuple[tuple[str, str], ...]:
    return tuple((name, field.alias or name) for name, field in model.model_fields.items())


def _copied(value: Any) -> Any:
    return value if isinstance(value, str | int | float) else deepcopy(value)


class CommonArgs(Inputs):
    """The inputs that every resource takes."""

    deletion_policy: Annotated[
        str | None,
        described(
            "What deleting the resource does: DELETE removes it, ABANDON leaves it at Google, PREVENT makes every delete fail.",
            role="ours",
            default="`gcp-tuning:deletionPolicy`, else `DELETE`",
            always=True,
        ),
    ] = Field(default=None, pattern="^(DELETE|ABANDON|PREVENT)$")
    checks: Annotated[
        dict[str, Text] | None,
        described(
            "How strict each check is for this resource; see the page on checks.",
            role="ours",
            form="from check to `error`, `warn` or `off`",
            default="`gcp-tuning:checks`",
        ),
    ] = None


class Placed(Inputs):
    """A resource with its own location. It then requires a project too."""

    project: Annotated[
        str | None,
        described(
            "The project of the resource.",
            role="place",
            form="an id or a number",
            default="`gcp:project`",
            at_google="the parent in the URL",
            source="Google's resource names",
            names="project",
            always=True,
        ),
    ] = None
    location: Annotated[
        str | None,
        described(
            "The location of the resource.",
            role="place",
            form="one region",
            default="`gcp:region`",
            at_google="the parent in the URL",
            source="Google's resource names",
            always=True,
        ),
    ] = None


class Labelled(Inputs):
    """A resource with labels that Google can change."""

    labels: Annotated[
        Labels | None,
        described("Labels; labels set by others are kept.", role="patched", wire="", at_google="`labels`"),
    ] = None
    pulumi_labels: Annotated[
        Labels | None,
        described("`labels` over `gcp:defaultLabels`.", role="patched", filled=True, always=True),
    ] = None


class LabelledOnce(Labelled):
    """A resource with labels that Google takes at creation only."""

    labels: Annotated[
        Labels | None,
        described("Labels of the job.", role="submitted once", wire="", at_google="`labels`"),
    ] = None
    pulumi_labels: Annotated[
        Labels | None,
        described("`labels` over `gcp:defaultLabels`.", role="submitted once", filled=True, always=True),
    ] = None


class EncryptionSpec(Inputs):
    """The customer's key."""

    kms_key_name: Annotated[
        str | None,
        described(
            "The key, in the location of the resource that it encrypts.",
            form="`projects/P/locations/L/keyRings/R/cryptoKeys/K`",
            names="key",
            required=True,
        ),
    ] = None


class Keyed(Inputs):
    """A resource that Google can encrypt with the customer's key."""

    encryption_spec: Annotated[
        EncryptionSpec | None,
        described(
            "The customer-managed key; without it Google's own key is used.", role="spec", default="Google's key"
        ),
    ] = None


class JobArgs(LabelledOnce):
    """The inputs that every billed job takes: labels and policies."""

    retry: Annotated[
        str | None,
        BeforeValidator(whole_as_text),
        described(
            "A new value submits a new job, for example after one that failed.",
            role="place",
            form="any text or number",
            at_google="part of the label `gcp-tuning-id`",
        ),
    ] = None
    adopt: Annotated[
        str | None,
        described("The name of an existing job to take over; nothing is submitted.", role="ours", form="a job's name"),
    ] = None
    on_change: Annotated[
        Literal["replace", "error"] | None,
        described(
            "Whether a changed spec trains a new model or is refused.",
            role="ours",
            default="`gcp-tuning:onChange`, else `replace`",
        ),
    ] = None
    on_quota: Annotated[
        Literal["wait", "fail"] | None,
        described(
            "Whether a job without a free slot waits for one or is refused.",
            role="ours",
            default="`gcp-tuning:onQuota`, else `wait`",
        ),
    ] = None


def known(value: T | None) -> T | None:
    """The value, or None if only apply will know it."""
    return None if value is UNKNOWN else value


def parse(model: type[I], news: Mapping[str, Any], resource: str) -> tuple[I, list[Finding]]:
    """The inputs as ``model``. Each wrong or missing value is replaced by UNKNOWN and reported as a finding."""
    raw: dict[str, Any] = {key: _copied(value) for key, value in news.items() if key != "__provider"}
    findings: list[Finding] = []
    for _ in range(8):
        try:
            return model.model_validate(raw), findings
        except ValidationError as error:
            details = error.errors(include_url=False)
            findings += [_finding(detail, model, resource) for detail in details]
            for detail in details:
                _blank(raw, detail["loc"], drop=detail["type"] == "extra_forbidden")
    raise AssertionError(f"{resource}: {findings}")  # pragma: no cover


def property_path(place: Place) -> PropertyPath:
    """The path of a property in state: ``("spec", "epoch_count")``, ``("labels", "Team")``."""
    path: list[str | int] = []
    for part in place:
        is_name = isinstance(part, str) and not (path and path[-1] in KEYED)
        path.append(snake(str(part)) if is_name else part)
    return tuple(path)


def _blank(raw: Any, place: Place, *, drop: bool) -> None:
    """Puts UNKNOWN in place of a wrong value, as deep as the given values go."""
    holder: Any = raw
    last: Any = place[0]
    for part in place[1:]:
        below = holder[last] if isinstance(holder, list) else holder.get(last)
        fits = isinstance(below, dict) or (isinstance(below, list) and isinstance(part, int) and part < len(below))
        if not fits:
            drop = False
            break
        holder, last = below, part
    if drop and isinstance(holder, dict):
        holder.pop(last, None)
    else:
        holder[last] = UNKNOWN


_NUMBER: Final = ("{seen} is not a number.", "Give a number.")
_WHOLE: Final = ("{seen} is not a whole number.", "Use a whole number.")
_NUMBERS: Final = ("int_type", "int_parsing", "float_type", "float_parsing")
_OBJECT: Final = ("{seen} is not an object.", "Use an object (an Args class or a dict).")
_SWITCH: Final = ("{seen} is neither true nor false.", "Use {yes} or {no}.")
_WORDS: Final[Mapping[str, tuple[str, str]]] = {
    "missing": ("It is required but not set.", "Set {path} of the {resource}."),
    "int_type": _WHOLE,
    "int_parsing": _WHOLE,
    "int_from_float": _WHOLE,
    "float_type": _NUMBER,
    "float_parsing": _NUMBER,
    "finite_number": _NUMBER,
    "string_type": ("{seen} is not a string.", "Give a string."),
    "bool_type": _SWITCH,
    "bool_parsing": _SWITCH,
    "dict_type": _OBJECT,
    "model_type": _OBJECT,
    "model_attributes_type": _OBJECT,
    "greater_than_equal": ("{seen} is too small.", "The least is {ge}."),
    "greater_than": ("{seen} is too small.", "It must be above {gt}."),
    "less_than_equal": ("{seen} is too large.", "The most is {le}."),
    "literal_error": ("{seen} is not one of the values.", "It is {expected}."),
    "string_pattern_mismatch": ("{seen} is not valid.", "It is {choices}."),
}


def _finding(detail: Any, model: type[Inputs], resource: str) -> Finding:
    place, kind, context = detail["loc"], detail["type"], dict(detail.get("ctx", {}))
    path, got = property_path(place), detail.get("input")
    if kind == "extra_forbidden":
        siblings = [field.alias or name for name, field in _model_at(model, place[:-1]).model_fields.items()]
        close = get_close_matches(str(place[-1]), siblings, n=1)
        name = snake(str(place[-1]))
        below = _below(_model_at(model, place[:-1]), name)
        hint = advise("remove a property", "Remove it.")
        if below:
            hint = advise(
                "set a property", "Set {below} instead.", below=Property((*property_path(place[:-1]), *below))
            )
        elif name in OF_OTHER_JOBS:
            hint = advise("remove a property", "Remove it: {why}.", why=words(OF_OTHER_JOBS[name]))
        elif close:
            hint = advise("set a property", "Did you mean {close}?", close=Property((snake(close[0]),)))
        stranger = Property((name,))
        return PROPERTY.finding(path, words("{what} has no property {name}.", what=resource, name=stranger), hint)
    problem, way_out = _WORDS.get(kind, ("{message}.", "Correct {path}."))
    if _without_commas(got) is not None and kind in _NUMBERS:
        problem, way_out = "{seen} is a number with a comma.", "Write {plain}."
    values = {
        **{key: f"{value:g}" if isinstance(value, int | float) else value for key, value in context.items()},
        "seen": "an object" if isinstance(got, Mapping) else "a list" if isinstance(got, list) else repr(got),
        "path": Property(path),
        "plain": _without_commas(got),
        "resource": resource,
        "yes": True,
        "no": False,
        "message": str(context.get("error", detail["msg"])).rstrip("."),
        "choices": re.sub(r"[\^$()]", "", str(context.get("pattern", ""))).replace("|", ", "),
    }
    return PROPERTY.finding(path, words(problem, **values), advise("set a property", way_out, **values))


def _without_commas(text: object) -> str | None:
    """The number that a text with commas means, as JSON writes it: ``1,000`` is 1000 and ``0,5`` is 0.5. None for any other."""
    if not isinstance(text, str):
        return None
    if re.fullmatch(r"[1-9]\d{0,2}(,\d{3})+(\.\d+)?", text.strip()):
        return text.strip().replace(",", "")
    return text.strip().replace(",", ".") if re.fullmatch(r"\d+,\d+", text.strip()) else None


def _model_at(model: type[Inputs], place: Place) -> type[BaseModel]:
    found: type[BaseModel] = model
    for part in place:
        field = next((f for n, f in found.model_fields.items() if (f.alias or n) == part), None)
        found = (field and _model_in(field)) or found
    return found


def _model_in(field: FieldInfo) -> type[BaseModel] | None:
    annotations = (field.annotation, *get_args(field.annotation))
    return next((each for each in annotations if isinstance(each, type) and issubclass(each, BaseModel)), None)


def _below(model: type[BaseModel], name: str) -> PropertyPath:
    """The path of the property of that name in one of the model's objects; empty if none has it."""
    for outer, field in model.model_fields.items():
        inner = _model_in(field)
        if inner is not None:
            rest = (name,) if name in inner.model_fields else _below(inner, name)
            if rest:
                return (outer, *rest)
    return ()
