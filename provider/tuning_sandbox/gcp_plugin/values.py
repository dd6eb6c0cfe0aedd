"""Pulumi property values as Python values; unknowns and secrets are kept in both directions."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Final

from google.protobuf import struct_pb2

SIGNATURE: Final = "4dabf18193072939515e22adb298388d"
SECRET: Final = "1b47061264138c4ac30d75fd1eb44270"
ASSET: Final = "c44067f5952c0a294b673a41bacd8c17"
UNKNOWN_TEXT: Final = "04da6b54-80e4-46f7-96ec-b56ff0331ba9"
_UNKNOWN_TEXTS: Final = frozenset(
    {
        UNKNOWN_TEXT,
        "1c4a061d-8072-4f0a-a4cb-0ff528b18fe7",  # bool
        "3eeb2bf0-c639-47a8-9e75-3b44932eb421",  # number
        "6a19a0b0-7e62-4c92-b797-7f8e31da9cc2",  # array
        "030794c1-ac77-496b-92df-f27374a8bd58",  # asset
        "e48ece36-62e2-4504-bad9-02848725956a",  # archive
        "dd056dcd-154b-4c76-9bd3-c8f88648b5ff",  # object
    }
)

Properties = dict[str, Any]


class Unknown:
    """A value that is not known until apply. It is a single object: compare with `is`."""

    def __repr__(self) -> str:
        return "UNKNOWN"


UNKNOWN: Final = Unknown()


def from_struct(struct: struct_pb2.Struct) -> tuple[Properties, set[str]]:
    """The plain properties, and the names of those that contain a secret at any depth."""
    plain: Properties = {}
    secret: set[str] = set()
    for name, value in struct.fields.items():
        found: list[bool] = []
        plain[name] = _from_value(value, found)
        if found:
            secret.add(name)
    return plain, secret


def _from_value(value: struct_pb2.Value, secrets_seen: list[bool]) -> Any:
    kind = value.WhichOneof("kind")
    if kind == "string_value":
        return UNKNOWN if value.string_value in _UNKNOWN_TEXTS else value.string_value
    if kind == "bool_value":
        return value.bool_value
    if kind == "number_value":
        number = value.number_value
        return int(number) if number.is_integer() else number
    if kind == "list_value":
        return [_from_value(item, secrets_seen) for item in value.list_value.values]
    if kind == "struct_value":
        fields = value.struct_value.fields
        if SIGNATURE in fields and fields[SIGNATURE].string_value == SECRET:
            secrets_seen.append(True)
            return _from_value(fields["value"], secrets_seen)
        return {name: _from_value(item, secrets_seen) for name, item in fields.items()}
    return None


def to_struct(properties: Mapping[str, Any], secret: Iterable[str] = ()) -> struct_pb2.Struct:
    """The wire form; the named properties are marked secret."""
    struct = struct_pb2.Struct()
    names = set(secret)
    for name, value in properties.items():
        if value is None:
            continue
        wire = _to_plain(value)
        struct[name] = {SIGNATURE: SECRET, "value": wire} if name in names else wire
    return struct


def _to_plain(value: Any) -> Any:
    if value is UNKNOWN:
        return UNKNOWN_TEXT
    if isinstance(value, Mapping):
        return {name: _to_plain(item) for name, item in value.items() if item is not None}
    if isinstance(value, list | tuple):
        return [_to_plain(item) for item in value]
    return value


def has_unknown(value: Any) -> bool:
    """Whether any part of the value is unknown."""
    if isinstance(value, Mapping):
        return any(has_unknown(item) for item in value.values())
    if isinstance(value, list):
        return any(has_unknown(item) for item in value)
    return value is UNKNOWN


def texts_in(value: Any) -> Iterable[str]:
    """Every string inside a value."""
    if isinstance(value, Mapping):
        for item in value.values():
            yield from texts_in(item)
    elif isinstance(value, list):
        for item in value:
            yield from texts_in(item)
    elif isinstance(value, str):
        yield value


def secret_outputs(inputs: Mapping[str, Any], secret_inputs: Iterable[str], outputs: Mapping[str, Any]) -> set[str]:
    """The outputs to mark as secret: those with a secret input's name, and those that contain a secret text."""
    named = set(secret_inputs)
    texts = {text for name in named for text in texts_in(inputs.get(name)) if len(text) > 3}
    repeating = {name for name, value in outputs.items() if any(s in text for text in texts_in(value) for s in texts)}
    return (named & set(outputs)) | repeating
