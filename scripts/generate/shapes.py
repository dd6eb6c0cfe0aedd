"""The generator's model of the resources, read only from pydantic's JSON Schema of Args, Told and State."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, get_args

from pulumi_gcp_tuning.resources.core.description import Role

MEANING = "x-meaning"
Schema = Mapping[str, Any]


class DescriptionError(Exception):
    """A description that is incomplete; the message names the field and the remedy."""


@dataclass(frozen=True)
class Field:
    """One field: its name, its schema without null, and its description."""

    name: str
    key: str
    text: str
    schema: Schema
    nullable: bool
    required: bool
    meaning: Mapping[str, Any]
    source: str

    @property
    def filled(self) -> bool:
        """Whether check sets it and no program does."""
        return bool(self.meaning.get("filled"))

    @property
    def optional_output(self) -> bool:
        """Whether the output may be missing."""
        always = self.meaning.get("always")
        return self.nullable and not self.required if always is None else not always

    @property
    def at_google(self) -> str:
        """Its path in Google's API, as shown on a page; empty if it is never sent."""
        said = str(self.meaning.get("at_google", ""))
        return said or (f"`{self.wire}`" if self.wire else "")

    @property
    def wire(self) -> str:
        """Google's name for it; empty if it is never sent."""
        return str(self.meaning.get("wire", self.key))

    @property
    def shape(self) -> str:
        """The name of the nested shape in it, one or many; empty if it has none or accepts any content."""
        if self.meaning.get("free"):
            return ""
        return str(self.schema.get("items", self.schema).get("$ref", "")).rpartition("/")[2]


@dataclass(frozen=True)
class Shape:
    """An object: its name, its description and its fields."""

    name: str
    text: str
    fields: tuple[Field, ...]

    @property
    def looks(self) -> tuple[tuple[str, str, str, str], ...]:
        """The key by which two shapes are the same: names, types and meanings of their fields."""
        return tuple((f.name, f.text, str(f.schema.get("type", "")), f.shape) for f in self.fields)

    def named(self, name: str) -> Field:
        """The field with that name."""
        return next(field for field in self.fields if field.name == name)

    @property
    def arguments(self) -> list[Field]:
        """The arguments of a program, required ones first, then by name."""
        return sorted((f for f in self.fields if not f.filled), key=lambda f: (not f.required, f.name))


@dataclass(frozen=True)
class Described:
    """One resource: its kind, the class that a program declares, and its descriptions."""

    kind: str
    name: str
    args: Shape
    told: Shape
    state: Shape
    about: Mapping[str, Any]
    inner_args: tuple[Shape, ...]
    inner_state: tuple[Shape, ...]

    @property
    def outputs(self) -> list[Field]:
        """Every output, by name: Google's value has precedence over the declared one."""
        shown = {f.name: f for f in (*self.args.fields, *self.told_outputs)}
        return sorted({**shown, **{f.name: f for f in self.state.fields}}.values(), key=lambda f: f.name)

    @property
    def told_outputs(self) -> list[Field]:
        """The values that the program's package sends and that are also outputs."""
        return [f for f in self.told.fields if f.meaning.get("shown")]

    @property
    def told_keys(self) -> list[str]:
        """The keys that the program's package sends and that are not outputs."""
        return sorted(f.key for f in self.told.fields if not f.meaning.get("shown"))

    @property
    def naming(self) -> list[str]:
        """The keys of the inputs that name an object whose existence is checked, directly or in a nested field."""
        return sorted(f.key for f in self.args.fields if self._names(f))

    @property
    def sources(self) -> list[str]:
        """The paths of the inputs whose resource the program's package sends, because preview follows it."""
        inner = {shape.name: shape.fields for shape in self.inner_args}
        own = [f.key for f in self.args.fields if f.meaning.get("refers")]
        nested = [(f.key, below) for f in self.args.fields for below in inner.get(f.shape, ())]
        return [*own, *(f"{key}.{below.key}" for key, below in nested if below.meaning.get("comes_from"))]

    @property
    def ends(self) -> str:
        """The key of the input whose resource has ended when this one is created."""
        return next((f.key for f in self.args.fields if f.meaning.get("ends")), "")

    def _names(self, field: Field) -> bool:
        inner = next((s for s in self.inner_args if s.name == field.shape), None)
        return bool(field.meaning.get("names")) or (inner is not None and any(map(self._names, inner.fields)))


def describe(kind: str, name: str, models: tuple[Any, Any, Any]) -> Described:
    """A resource from its models Args, Told and State. Raises DescriptionError with every field that has no description."""
    args, told, state = (model.model_json_schema(by_alias=False) for model in models)
    about = {**args.get(MEANING, {}), **state.get(MEANING, {})}
    wrong = [
        *_undescribed("Args", args),
        *_undescribed("Told", told),
        *_undescribed("State", state),
        *_without_role(args),
    ]
    wrong += [f"State: {key} is missing: {ABOUT[key]}" for key in ABOUT if key not in about]
    if wrong:
        raise DescriptionError("\n".join(f"resources/{kind}.py: {each}" for each in wrong))
    top = _shape("Args", args, str(about.get("google", "")))
    return Described(
        args=top,
        told=_shape("Told", told, ""),
        state=_shape("State", state, ""),
        inner_args=tuple(_nested(top, args)),
        inner_state=tuple(_nested(_shape("State", state, ""), state)),
        kind=kind,
        name=name,
        about=about,
    )


ABOUT = {
    "summary": "say in one line what the resource is, with model_config = ConfigDict(json_schema_extra=about(summary=...)).",
    "get": "say which id `get` takes, with model_config = ConfigDict(json_schema_extra=about(get=...)).",
}


def shared(resources: Iterable[Described]) -> dict[str, Shape]:
    """The nested shapes of several resources. Raises DescriptionError unless names and shapes match one to one."""
    seen: dict[str, tuple[str, Shape]] = {}
    names: dict[object, tuple[str, str]] = {}
    found: dict[str, Shape] = {}
    for resource in resources:
        for shape in {s.name: s for s in (*resource.inner_state, *resource.inner_args)}.values():
            kind, other = seen.setdefault(shape.name, (resource.kind, shape))
            first, name = names.setdefault(shape.looks, (resource.kind, shape.name))
            if name != shape.name:
                raise DescriptionError(
                    f"resources/{first}.py and resources/{resource.kind}.py: {name} and {shape.name} are one shape. "
                    "Use one class for both: a native provider has one type for each shape."
                )
            if other.looks != shape.looks:
                raise DescriptionError(
                    f"resources/{kind}.py and resources/{resource.kind}.py: {shape.name} means two shapes. "
                    "Give one of them another class name: it is a public name."
                )
            if kind != resource.kind:
                found[shape.name] = shape
    return found


def _shape(name: str, schema: Schema, google: str) -> Shape:
    required = set(schema.get("required", ()))
    fields = tuple(_field(each, inner, each in required, google) for each, inner in schema["properties"].items())
    return Shape(name, str(schema.get("description", "")), fields)


def _field(name: str, schema: Schema, required: bool, google: str) -> Field:  # noqa: FBT001  # built from the schema
    meaning = schema.get(MEANING, {})
    parts = [part for part in schema.get("anyOf", ()) if part.get("type") != "null"]
    if len(parts) > 1:
        raise DescriptionError(f"{name} has several types: give its annotation WithJsonSchema with one of them.")
    key = "".join(part if at == 0 else part.capitalize() for at, part in enumerate(name.split("_")))
    sent = meaning.get("wire", key) if google and meaning.get("role") not in ("ours", "place", "follows") else ""
    plain = {**meaning, "wire": sent}
    own = re.fullmatch(r"`(\w+)`", str(meaning.get("at_google", "")))
    theirs = own[1] if own and google else sent
    source = str(meaning.get("source", "")) or (f"Google's {google}.{theirs}" if theirs else "this plugin")
    return Field(
        name=name,
        key=key,
        text=str(schema.get("description", "")),
        schema={**schema, **(parts[0] if parts else {})},
        nullable="anyOf" in schema,
        required=required or bool(meaning.get("required")),
        meaning=plain,
        source=source,
    )


def _nested(top: Shape, schema: Schema) -> Iterator[Shape]:
    """The nested shapes, each once, outer ones before inner ones."""
    waiting = [(field.shape, bool(field.wire)) for field in top.fields]
    seen: set[str] = set()
    while waiting:
        name, sent = waiting.pop(0)
        if not name or name in seen:
            continue
        seen.add(name)
        shape = _shape(name, schema["$defs"][name], name if sent else "")
        yield shape
        waiting += [(field.shape, sent) for field in shape.fields]


def _undescribed(where: str, schema: Schema) -> Iterator[str]:
    for name, each in {where: schema, **schema.get("$defs", {})}.items():
        for field, inner in each.get("properties", {}).items():
            if not inner.get("description") and (same := inner.get("$ref") if MEANING in inner else None):
                shape = str(same).rpartition("/")[2]
                yield f"{name}.{field} is described by the same words as the class {shape}. Give one of them other words."
            elif not inner.get("description"):
                yield f"{name}.{field} has no description. Add described(...) to its annotation."


def _without_role(schema: Schema) -> Iterator[str]:
    for name, inner in schema["properties"].items():
        meaning = inner.get(MEANING, {})
        role = meaning.get("role")
        if not role:
            yield f"Args.{name} has no role. Add role= to its described(...): what does a change of it do?"
        elif role not in get_args(Role):
            yield f"Args.{name}: there is no role {role!r}. Use one of {', '.join(get_args(Role))}."
