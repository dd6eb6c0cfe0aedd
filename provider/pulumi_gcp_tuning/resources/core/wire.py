"""Translates inputs to Google's requests and back, by the wire names in the descriptions. Names change, values do not."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from copy import deepcopy
from functools import cache
from typing import Any, get_args

from pydantic import BaseModel

from pulumi_gcp_tuning.resources.core.description import SENT, Role, meaning_of
from pulumi_gcp_tuning.resources.core.labels import effective_labels, with_live_labels
from pulumi_gcp_tuning.resources.core.lifecycle import Properties


def body_of(args: BaseModel, roles: tuple[Role, ...] = SENT) -> Properties:
    """The body of a request: the inputs set in these roles, under Google's names, without what this package adds."""
    return _body(args, roles)


def inputs_of(model: type[BaseModel], body: Mapping[str, Any], roles: tuple[Role, ...] = SENT) -> Properties:
    """The inputs that an answer of Google describes: the inverse of :func:`body_of`. Empty values are left out."""
    return _inputs(model, body, roles)


def keys_below(model: type[BaseModel], place: tuple[str, ...], roles: tuple[Role, ...]) -> dict[str, str]:
    """The camelCase keys of the inputs in these roles directly below a place of the request, by Google's names."""
    aliases = {name: field.alias or name for name, field in model.model_fields.items()}
    return {keys[-1]: aliases[name] for name, keys in _sent(model, roles) if keys[:-1] == place}


def with_live_values(model: type[BaseModel], inputs: Properties, live: Mapping[str, Any]) -> Properties:
    """The stored inputs, with the labels that we manage and the patched inputs at the values of Google's object."""
    found = with_live_labels(inputs, effective_labels(live))
    patched = keys_below(model, (), ("patched",))
    return found | {key: live.get(wire, "") for wire, key in patched.items() if key in inputs}


def with_models_below(model: type[BaseModel]) -> Iterator[type[BaseModel]]:
    """The model and the models of its fields, at any depth."""
    yield model
    for field in model.model_fields.values():
        for below in _models_in(field.annotation):
            yield from with_models_below(below)


def referred(model: type[BaseModel], properties: Mapping[str, Any]) -> frozenset[str]:
    """The classes of the resources that a field with a value, at any depth, is given as or usually comes from."""
    found: set[str] = set()
    for name, field in model.model_fields.items():
        value, meaning = properties.get(field.alias or name), meaning_of(model, name)
        if value is not None:
            found |= {*meaning.get("refers", ()), *filter(None, [meaning.get("comes_from")])}
        if isinstance(value, Mapping):
            found = found.union(*(referred(below, value) for below in _models_in(field.annotation)))
    return frozenset(found)


def _body(args: BaseModel, roles: tuple[Role, ...] | None) -> Properties:
    body: Properties = {}
    for name, keys in _sent(type(args), roles):
        value = getattr(args, name)
        if isinstance(value, BaseModel):
            inner = _body(value, None)
            value = {key: each for key, each in inner.items() if each != ""} or None
        if value is not None:
            holder = body
            for key in keys[:-1]:
                holder = holder.setdefault(key, {})
            holder[keys[-1]] = deepcopy(value)
    return body


def _inputs(model: type[BaseModel], body: Mapping[str, Any], roles: tuple[Role, ...] | None) -> Properties:
    found: Properties = {}
    for name, keys in _sent(model, roles):
        field = model.model_fields[name]
        value: Any = body
        for key in keys:
            value = value.get(key) if isinstance(value, Mapping) else None
        below = next(_models_in(field.annotation), None)
        if below is not None and isinstance(value, Mapping):
            value = _inputs(below, value, None)
        if value:
            found[field.alias or name] = deepcopy(value)
    return found


@cache
def _sent(model: type[BaseModel], roles: tuple[Role, ...] | None) -> tuple[tuple[str, tuple[str, ...]], ...]:
    """The fields that are sent, with their places in the body. Only a resource's own fields have roles; nested fields are all sent."""
    found: list[tuple[str, tuple[str, ...]]] = []
    for name, field in model.model_fields.items():
        meaning = meaning_of(model, name)
        wire = str(meaning.get("wire", field.alias or name))
        if wire and not meaning.get("filled") and (roles is None or meaning.get("role") in roles):
            found.append((name, tuple(wire.split("."))))
    return tuple(found)


def _models_in(annotation: Any) -> Iterator[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
    for each in get_args(annotation):
        yield from _models_in(each)
