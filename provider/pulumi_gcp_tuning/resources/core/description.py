"""The single description of a field: its meaning, the effect of a change, and its place in Google's API.

``described`` goes into the annotation of a field of ``Args`` or ``State``. ``make generate`` reads it from pydantic's
JSON Schema and writes the declarations and the tables of the docs. The functions below use the same description to say
what a change replaces and what ``changes`` watches. ``wire.py`` uses it to build requests.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Any, Final, Literal, cast

from pydantic import BaseModel, Field

Role = Literal["spec", "place", "patched", "submitted once", "ours", "follows"]
"""What a change of an input does.

- ``spec``: it says what is trained or made. A change replaces the resource.
- ``place``: it says where. A change replaces the resource.
- ``patched``: Google changes it in place.
- ``submitted once``: Google takes it at creation only. A change changes nothing, and a warning says so.
- ``ours``: Google never sees it. A change updates the state only.
- ``follows``: its value follows from another input, so a change of it alone is not watched.
"""
WATCHED: Final[tuple[Role, ...]] = ("spec", "place", "patched", "submitted once", "ours")
MEANING: Final = "x-meaning"
"""The key in a JSON Schema that contains the description."""
SENT: Final[tuple[Role, ...]] = ("spec", "patched", "submitted once")


def described(
    text: str,
    *,
    role: Role | None = None,
    form: str = "",
    unit: str = "",
    default: str = "",
    wire: str | None = None,
    at_google: str = "",
    source: str = "",
    when: str = "",
    names: str = "",
    refers: Mapping[str, str] | None = None,
    comes_from: str = "",
    accepts: str = "",
    required: bool = False,
    filled: bool = False,
    shown: bool = False,
    always: bool | None = None,
    computed: bool = False,
    free: bool = False,
    ends: bool = False,
    stays: bool = False,
) -> Any:
    """The meaning of a field, as a part of its annotation.

    For readers: ``text`` is one or two sentences. ``form`` describes the value (``an email``). ``unit`` and ``default``
    are shown as given. ``source`` names who defines the field, if it is not Google under the wire name. ``when``
    replaces the role's text about a change. ``at_google`` replaces the wire name in the tables.

    For the program: ``accepts`` is the Python type that a program may give, if the schema has a different one (a name
    in a hand-written file of ``declare/`` is written ``file.Name``). ``refers`` maps a resource that may be given as
    the value to the output that is used. ``comes_from`` is the resource whose output a nested field usually has, so that
    preview follows it. ``required`` marks a field that the schema alone would make optional. ``ends``
    says that the resource given here has ended once this one is made.

    For the resource: ``role`` is the effect of a change. ``wire`` is the key in Google's request if it differs (dots
    for nested ones, "" for not sent). ``names`` is the type of object that the value names; the checks look whether it
    exists. ``computed`` says that the outputs have Google's value if the input is left out. ``filled`` says that no
    program gives the field: check fills it in from other inputs and the configuration.

    For outputs: ``shown`` marks a field of ``Told`` that is also an output. ``always`` says that the output is always
    present, if the schema does not say so. ``free`` marks a map with any content. ``stays`` says that no update changes
    the output once it is set.
    """
    given = {name: value for name, value in locals().items() if name != "text" and value not in (None, "", False)}
    kept = {name: value for name, value in (("always", always), ("wire", wire)) if value is not None}
    return Field(description=text, json_schema_extra={MEANING: cast("dict[str, Any]", {**given, **kept})})


def meaning_of(model: type[BaseModel], name: str) -> Mapping[str, Any]:
    """The values that ``described`` gives for a field, without its text."""
    extra = model.model_fields[name].json_schema_extra
    meaning = extra.get(MEANING) if isinstance(extra, dict) else None
    return meaning if isinstance(meaning, dict) else {}


def about(**told: str) -> dict[str, Any]:
    """The entries for ``model_config`` that the JSON Schema of a whole class has besides its docstring."""
    return {MEANING: told}


GOES_FIRST = "goes_first"
"""The entry of a state's ``about`` that lets the old one be deleted before its replacement exists."""


def goes_first(state: type[BaseModel]) -> bool:
    """Whether a resource with this state may be deleted before its replacement exists."""
    extra = state.model_config.get("json_schema_extra")
    told = extra.get(MEANING) if isinstance(extra, dict) else None
    return isinstance(told, dict) and GOES_FIRST in told


@cache
def keys_in(*models: type[BaseModel]) -> frozenset[str]:
    """The camelCase keys of all fields."""
    return frozenset(field.alias or name for model in models for name, field in model.model_fields.items())


@cache
def keys_of(model: type[BaseModel], *roles: Role) -> tuple[str, ...]:
    """The camelCase keys of the fields in these roles, in the order of the roles and then of the class."""
    return tuple(
        field.alias or name
        for role in roles
        for name, field in model.model_fields.items()
        if meaning_of(model, name).get("role") == role
    )


@cache
def always_keys(model: type[BaseModel]) -> frozenset[str]:
    """The keys of the fields that are marked as always present."""
    return frozenset(f.alias or n for n, f in model.model_fields.items() if meaning_of(model, n).get("always"))


@cache
def staying_keys(model: type[BaseModel]) -> frozenset[str]:
    """The keys of the outputs that no update changes once they are set."""
    return frozenset(f.alias or n for n, f in model.model_fields.items() if meaning_of(model, n).get("stays"))


@cache
def watched_keys(model: type[BaseModel]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The keys whose change is shown: those that always count, and those that count only if the program gives them.

    The second group are the computed ones: the outputs have Google's value if the program gives none.
    """
    computed = {f.alias or n for n, f in model.model_fields.items() if meaning_of(model, n).get("computed")}
    keys = keys_of(model, *WATCHED)
    return tuple(key for key in keys if key not in computed), tuple(key for key in keys if key in computed)
