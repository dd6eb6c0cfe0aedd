"""Arguments and outputs in Python spelling, and how they go over the wire.

``@arguments`` makes an input type (``FooArgs``) and ``@outputs`` an output type from annotations alone:
``base_model`` is ``baseModel`` in state. :func:`to_wire` translates what a program gave, both Args objects and
plain dicts, and refuses a key that does not exist with its property path.
"""

from __future__ import annotations

import functools
import re
import typing
from collections.abc import Iterable, Mapping
from typing import Any, TypeVar, dataclass_transform

import pulumi

from pulumi_gcp_tuning.grammar import camel, snake
from pulumi_gcp_tuning.other_jobs import OF_OTHER_JOBS
from pulumi_gcp_tuning.redaction import quoted

T = TypeVar("T")
Labels = pulumi.Input[Mapping[str, pulumi.Input[str]]]
Text = pulumi.Input[str] | None
FREE_FORM = frozenset({"labels", "checks"})  # maps whose keys are the user's


def camel_path(path: str) -> str:
    """A property path as the engine knows it; keys of the user's own are left alone."""
    first = re.split(r"[.\[]", path, maxsplit=1)[0]
    return path if first in FREE_FORM else re.sub(r"[A-Za-z]\w*", lambda m: camel(m[0]), path)


@dataclass_transform(kw_only_default=True)
def arguments(cls: type[T]) -> type[T]:
    """An input type whose constructor accepts the annotated names; those with a default may be left out."""
    names = tuple(cls.__annotations__)
    required = [name for name in names if name not in cls.__dict__]
    for name in names:
        default = {"default": cls.__dict__[name]} if name in cls.__dict__ else {}
        setattr(cls, name, pulumi.property(camel(name), **default))
    made: Any = pulumi.input_type(cls)
    init = made.__init__

    @functools.wraps(init)
    def checked(self: T, *args: Any, **kwargs: Any) -> None:
        if args:
            raise WrongArgumentError(f"{cls.__name__}: give its arguments by name: {names[0]}=...")
        if not kwargs.keys() <= set(names):
            check_names(kwargs, fields_of(made), prefix=f"{cls.__name__}: ")
        if missing := [name for name in required if name not in kwargs]:
            lines = (f"{cls.__name__}: {name}: it is required but not set." for name in missing)
            raise WrongArgumentError("\n".join(lines))
        init(self, **kwargs)

    made.__init__ = checked
    return typing.cast("type[T]", made)


def outputs(cls: type[T]) -> type[T]:
    """An output type with the annotated attributes."""
    for name in cls.__annotations__:
        setattr(cls, name, pulumi.property(camel(name)))
    return pulumi.output_type(cls)


class WrongArgumentError(pulumi.RunError, TypeError):
    """A TypeError that Pulumi shows as its message alone."""


@functools.cache
def fields_of(shape: type) -> dict[str, Any]:
    """The names of an input type and their types."""
    return typing.get_type_hints(shape, localns={"Output": pulumi.Output, "T": type(None)})  # what Input[...] refers to


def to_wire(given: Any, shape: type, path: str = "") -> Any:
    """``given`` (an Args object, a mapping or an output of either) with the keys of state. None is left out."""
    if given is None:
        return None
    if isinstance(given, pulumi.Output):
        return given.apply(lambda value: to_wire(value, shape, path))
    fields = fields_of(shape)
    values = given_values(given, shape, path)
    wired: dict[str, Any] = {}
    for name, value in values.items():
        where = f"{path}.{name}" if path else name
        nested = None if name in FREE_FORM else nested_shape(fields[name])
        if value is None:
            continue
        if nested is not None:
            wired[camel(name)] = to_wire(value, nested, where)
        elif isinstance(value, pulumi.CustomResource):
            wired[camel(name)] = _referenced(value, shape, name, where)
        else:
            wired[camel(name)] = value
    return wired


def given_values(given: Any, shape: type, path: str = "") -> dict[str, Any]:
    """What an Args object or a mapping gives, by name. Refuses anything else, and a name that does not exist."""
    fields = fields_of(shape)
    if isinstance(given, shape):
        return {name: getattr(given, name) for name in fields}
    if not isinstance(given, Mapping):
        got = quoted(given) if isinstance(given, str | int | float | list | tuple) else f"a {type(given).__name__}"
        raise WrongArgumentError(f"{path or shape.__name__}: expected a {shape.__name__} or a dict, got {got}.")
    check_names(given, fields, path)
    return dict(given)


def check_names(given: Iterable[Any], fields: Iterable[str], path: str = "", prefix: str = "") -> None:
    """Refuse all names that do not exist at once, each with its property path and the nearest that does."""
    known = list(fields)
    wrong = [name for name in map(str, given) if name not in known]
    if wrong:
        where = f"{prefix}{path}{'.' * bool(path)}"
        lines = (f"{where}{name}: there is no such argument. {_way_out(name, fields)}" for name in wrong)
        raise WrongArgumentError("\n".join(lines))


def _way_out(name: str, fields: Iterable[str]) -> str:
    import difflib

    known = list(fields)
    if isinstance(fields, Mapping) and (below := _below(snake(name), fields)):
        return f"It is an argument of {below}."
    if snake(name) in OF_OTHER_JOBS:
        why = OF_OTHER_JOBS[snake(name)].translate({ord(brace): None for brace in "{}"})
        return f"{why[0].upper()}{why[1:]}."
    close = difflib.get_close_matches(snake(name), known, n=1, cutoff=0.5)
    return f"Did you mean {close[0]}?" if close else f"There are {', '.join(known)}."


def _below(name: str, fields: Mapping[str, Any]) -> str:
    """The argument that has an argument of that name, with those above it; empty if none has."""
    for outer, hint in fields.items():
        inner = None if outer in FREE_FORM else nested_shape(hint)
        if inner is not None:
            names = fields_of(inner)
            if name in names:
                return outer
            if deeper := _below(name, names):
                return f"{outer}.{deeper}"
    return ""


def _referenced(resource: pulumi.CustomResource, shape: type, name: str, where: str) -> pulumi.Output[Any]:
    attribute = getattr(shape, "REFERENCES", {}).get(name, "")
    value = getattr(resource, attribute, None) if attribute else None
    if value is None:
        raise WrongArgumentError(
            f"{where}: {type(resource).__name__} cannot be given here; give {_output_for(resource, name)}."
        )
    return typing.cast("pulumi.Output[Any]", value)


def _output_for(resource: pulumi.CustomResource, argument: str) -> str:
    """The output of a resource that the argument probably wants, as a program writes it."""
    kind = type(resource).__name__
    own = snake(kind)
    if kind == "Bucket" and argument != "bucket":
        return f'pulumi.Output.concat("gs://", {own}.name, "/train.jsonl")'
    if kind == "BucketObject":
        return f'pulumi.Output.concat("gs://", {own}.bucket, "/", {own}.name)'
    wanted = {"Bucket": "name", "Account": "email", "CryptoKey": "id", "Project": "project_id"}
    return f"one of its outputs, for example {own}.{wanted.get(kind, 'id')}"


@functools.cache
def nested_shape(hint: Any) -> type | None:
    """The input type that a type allows; None where it allows none."""
    if isinstance(hint, type) and hasattr(hint, "_pulumi_input_type"):
        return hint
    found = (nested_shape(part) for part in typing.get_args(hint))
    return next((shape for shape in found if shape is not None), None)
