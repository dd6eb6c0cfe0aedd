"""JSON as Google reads and writes it: proto JSON, validated by a discovery document's schemas."""

from __future__ import annotations

import base64
import binascii
import math
import re
from typing import Any

from tuning_sandbox.kernel import enums
from tuning_sandbox.kernel.discovery import Document, Schema
from tuning_sandbox.kernel.errors import GoogleError, bad_request
from tuning_sandbox.spelling import to_camel, to_snake

INTEGERS = {
    "int32": (-(2**31), 2**31 - 1),
    "uint32": (0, 2**32 - 1),
    "int64": (-(2**63), 2**63 - 1),
    "uint64": (0, 2**64 - 1),
}
_TYPE_NAMES = {"int32": "TYPE_INT32", "uint32": "TYPE_UINT32", "int64": "TYPE_INT64", "uint64": "TYPE_UINT64"}
_STAMP = re.compile(r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,9})?(Z|[+-]\d\d:\d\d)$")
_DECIMAL = re.compile(r"-?[0-9]+(\.[0-9]+)?([eE][+-]?[0-9]{1,3})?")
_NOT_FINITE = frozenset({"NaN", "Infinity", "-Infinity"})
# the members of each proto oneof, which discovery documents do not list
ONE_OF = {
    "TuningJob": {
        "source_model": frozenset({"baseModel", "preTunedModel"}),
        "tuning_spec": frozenset(
            {
                "supervisedTuningSpec", "preferenceOptimizationSpec", "distillationSpec", "reinforcementTuningSpec",
                "partnerModelTuningSpec", "fullFineTuningSpec", "veoTuningSpec", "veoLoraTuningSpec",
            }
        ),
    },
    "Part": {
        "data": frozenset(
            {
                "text", "inlineData", "fileData", "functionCall", "functionResponse", "executableCode",
                "codeExecutionResult",
            }
        )
    },
}  # fmt: skip
_ONE_FOR_MANY = frozenset({"parts"})


class _Reader:
    def __init__(self, document: Document, *, keep_output_only: bool, loose: bool) -> None:
        self.document = document
        self.loose = loose
        self.keep_output_only = keep_output_only
        self.violations: list[dict[str, str]] = []

    def refuse(self, path: str, text: str) -> None:
        self.violations.append({"field": path, "description": text} if path else {"description": text})

    def message(self, schema_name: str, value: Any, path: str) -> Any:
        schema = self.document.schemas[schema_name]
        properties = schema.get("properties")
        if not isinstance(value, dict):
            self.refuse(path, f"Invalid value at '{path}' (type.googleapis.com/{schema_name}), {_shown(value)}")
            return None
        if properties is None:
            return value
        if isinstance(schema.get("additionalProperties"), dict):
            return value
        return self.fields(schema_name, properties, value, path)

    def fields(self, owner: str, properties: dict[str, Schema], value: dict[str, Any], path: str) -> dict[str, Any]:
        read: dict[str, Any] = {}
        self._refuse_two_of_one(owner, properties, value, path)
        for key, inner in value.items():
            name = key if key in properties else to_camel(key)
            if name not in properties:
                if self.loose:
                    continue
                at = f" at '{path}'" if path else ""
                self.refuse(path, f'Invalid JSON payload received. Unknown name "{key}"{at}: Cannot find field.')
            elif inner is not None:
                self._field(owner, properties[name], name, key, inner, path, read)
        return read

    def _refuse_two_of_one(self, owner: str, properties: dict[str, Schema], value: dict[str, Any], path: str) -> None:
        for oneof, names in ONE_OF.get(self.document.short(owner), {}).items():
            known = names & properties.keys()
            given = [key for key, inner in value.items() if to_camel(key) in known and inner is not None]
            for key in given[1:]:
                self.refuse(
                    path,
                    f"Invalid value at '{path}' (oneof), oneof field '{oneof}' is already set. Cannot set '{to_camel(key)}'",
                )

    def _field(
        self, owner: str, field: Schema, name: str, key: str, inner: Any, path: str, read: dict[str, Any]
    ) -> None:
        below = f"{path}.{to_snake(name)}" if path else to_snake(name)
        if name in read:
            text = f"Invalid JSON payload received. Unknown name \"{key}\" at '{path}': Proto field is set twice."
            self.refuse(below, text)
            return
        got = self.value(field, inner, below, name, f"{self.document.short(owner)}.{name}")
        if got is not None and (self.keep_output_only or not field.get("readOnly")):
            read[name] = got

    def value(self, field: Schema, value: Any, path: str, name: str, owner: str) -> Any:
        if "$ref" in field:
            return self.message(field["$ref"], value, path)
        kind = field.get("type")
        if kind == "array":
            if not isinstance(value, list):
                if name in _ONE_FOR_MANY and isinstance(value, dict):
                    value = [value]
                else:
                    self.refuse(path, f"Invalid value at '{path}', {_shown(value)}: a list is expected.")
                    return None
            return [self.value(field["items"], item, f"{path}[{i}]", "", owner) for i, item in enumerate(value)]
        if isinstance(value, list) and kind not in ("any", None):
            self.refuse(
                path,
                f"Invalid JSON payload received. Unknown name \"{name}\" at '{path.rpartition('.')[0]}': "
                "Proto field is not repeating, cannot start list.",
            )
            return None
        if kind == "object":
            return self._map(field, value, path, owner)
        if "enum" in field:
            return self._enum(field["enum"], value, path, owner)
        return self._scalar(kind, field.get("format"), value, path)

    def _map(self, field: Schema, value: Any, path: str, owner: str) -> Any:
        if not isinstance(value, dict):
            self.refuse(path, f"Invalid value at '{path}' (Map), {_shown(value)}")
            return None
        if "properties" in field:
            return self.fields(owner, field["properties"], value, path)
        inner = field.get("additionalProperties")
        if not isinstance(inner, dict) or inner.get("type") == "any":
            return value
        return {k: self.value(inner, v, f"{path}[{k}]", "", owner) for k, v in value.items() if v is not None}

    def _enum(self, names: list[str], value: Any, path: str, owner: str) -> Any:
        if isinstance(value, str) and value in names:
            return value
        if (number := _to_int(value)) is not None and not isinstance(value, str):
            name = enums.name_of(owner, names, number)
            if name is not None:
                return name
        message, _, field = owner.rpartition(".")
        of = f"type.googleapis.com/google.cloud.{self.document.name}.{self.document.version}.{message}.{field[:1].upper()}{field[1:]}"
        self.refuse(path, f"Invalid value at '{path}' ({of}), {_shown(value)}")
        return None

    def _scalar(self, kind: str | None, form: str | None, value: Any, path: str) -> Any:
        if form in INTEGERS:
            number = _to_int(value)
            low, high = INTEGERS[form]
            if number is None or not low <= number <= high:
                self.refuse(path, f"Invalid value at '{path}' ({_TYPE_NAMES[form]}), {_shown(value)}")
                return None
            return str(number) if form in ("int64", "uint64") else number
        if kind in ("number", "integer"):
            decimal = _to_float(value)
            if decimal is None:
                self.refuse(
                    path,
                    f"Invalid value at '{path}' (TYPE_{'FLOAT' if form == 'float' else 'DOUBLE'}), {_shown(value)}",
                )
                return None
            return value if isinstance(value, int | float) or not math.isfinite(decimal) else decimal
        if kind == "boolean":
            if isinstance(value, bool) or value in ("true", "false"):
                return value in (True, "true")
            self.refuse(path, f"Invalid value at '{path}' (TYPE_BOOL), {_shown(value)}")
            return None
        if kind == "string":
            return self._string(form, value, path)
        return value

    def _string(self, form: str | None, value: Any, path: str) -> Any:
        if not isinstance(value, str):
            self.refuse(path, f"Invalid value at '{path}' (TYPE_STRING), {_shown(value)}")
        elif form in ("google-datetime", "date-time") and not _STAMP.match(value):
            self.refuse(
                path, f"Invalid value at '{path}' (type.googleapis.com/google.protobuf.Timestamp), {_shown(value)}"
            )
        elif form == "google-duration" and not re.match(r"^-?\d+(\.\d{1,9})?s$", value):
            self.refuse(
                path, f"Invalid value at '{path}' (type.googleapis.com/google.protobuf.Duration), {_shown(value)}"
            )
        elif form == "byte":
            try:
                read = base64.b64decode(
                    value.replace("-", "+").replace("_", "/") + "=" * (-len(value) % 4), validate=True
                )
            except (binascii.Error, ValueError):
                self.refuse(path, f"Invalid value at '{path}' (TYPE_BYTES), Base64 decoding failed for {_shown(value)}")
            else:
                return base64.b64encode(read).decode()
        else:
            return value
        return None


def read_message(
    document: Document, schema: str, value: Any, *, family: str = "google", loose: bool = False
) -> dict[str, Any]:
    """The body in one form (lowerCamel, enum names, int64 as strings), or the 400 that names every error in it."""
    short = document.short(schema)
    top = "" if short.endswith("Request") or family == "gcs" else to_snake(short)
    reader = _Reader(document, keep_output_only=family == "gcs", loose=loose)
    read = reader.message(schema, value, top)
    if reader.violations:
        raise violations_error(reader.violations)
    message: dict[str, Any] = read
    return message


def violations_error(violations: list[dict[str, str]]) -> GoogleError:
    """The 400 for a body with these violations."""
    return bad_request("\n".join(v["description"] for v in violations), violations)


def write_message(
    document: Document, schema: str, value: Any, *, enum_numbers: bool, drop: bool = True
) -> dict[str, Any]:
    """The answer as Google writes it: no defaults, int64 as strings, enums as names or numbers."""
    written: dict[str, Any] = _Writer(document, enum_numbers=enum_numbers, drop=drop).message(schema, value)
    return written


class _Writer:
    def __init__(self, document: Document, *, enum_numbers: bool, drop: bool) -> None:
        self.document = document
        self.enum_numbers = enum_numbers
        self.drop = drop

    def message(self, schema_name: str, value: Any) -> Any:
        schema = self.document.schemas.get(schema_name, {})
        properties = schema.get("properties")
        if properties is None or not isinstance(value, dict):
            return value
        written: dict[str, Any] = {}
        for name, inner in value.items():
            field = properties.get(name)
            if inner is None:
                continue
            if field is None:
                raise ValueError(f"the sandbox answered a field that {schema_name} does not have: {name}")
            got = self.value(field, inner, f"{self.document.short(schema_name)}.{name}")
            if self.drop and _is_default(field, got):
                continue
            written[name] = got
        return written

    def value(self, field: Schema, value: Any, owner: str) -> Any:
        if "$ref" in field:
            return self.message(field["$ref"], value)
        if field.get("type") == "array" and isinstance(value, list):
            return [self.value(field["items"], item, owner) for item in value]
        if field.get("type") == "object" and isinstance(value, dict):
            inner = field.get("additionalProperties")
            if "@type" in value:
                return self._any(value)
            if not isinstance(inner, dict) or inner.get("type") == "any":
                return value
            return {key: self.value(inner, item, owner) for key, item in value.items()}
        if "enum" in field and isinstance(value, str):
            number = enums.number_of(owner, field["enum"], value)
            if number is None:
                raise ValueError(f"the sandbox answered an enum name that {owner} does not have: {value}")
            return number if self.enum_numbers else value
        if field.get("format") in ("int64", "uint64") and isinstance(value, int):
            return str(value)
        return value

    def _any(self, value: dict[str, Any]) -> dict[str, Any]:
        of = value["@type"].rpartition("/")[2]
        name = "".join(part[:1].upper() + part[1:] for part in of.split("."))
        inner = {k: v for k, v in value.items() if k != "@type"}
        if name not in self.document.schemas:
            return value
        return {"@type": value["@type"], **self.message(name, inner)}


def _is_default(field: Schema, value: Any) -> bool:
    if "$ref" in field:
        return False
    if field.get("type") == "object":
        return (
            value == {}
            and isinstance(field.get("additionalProperties"), dict)
            and field["additionalProperties"].get("type") != "any"
        )
    if "enum" in field and isinstance(value, str):
        return bool(value == field["enum"][0] and value.endswith("_UNSPECIFIED"))
    return value in ("", [], 0, False) or (field.get("format") in ("int64", "uint64") and value == "0")


def _to_int(value: Any) -> int | None:
    if isinstance(value, bool):
        return None
    if isinstance(value, int):
        return value
    if isinstance(value, float) and value.is_integer():
        return int(value)
    if isinstance(value, str) and re.fullmatch(r"-?[0-9]{1,20}", value):
        return int(value)
    return None


def _to_float(value: Any) -> float | None:
    if isinstance(value, str):
        if value in _NOT_FINITE:
            return float(value)
        if not _DECIMAL.fullmatch(value):
            return None
    elif isinstance(value, bool) or not isinstance(value, int | float):
        return None
    try:
        number = float(value)
    except OverflowError:
        return None
    # 1e999 is a valid number in JSON but not in a double
    return number if math.isfinite(number) else None


def _shown(value: Any) -> str:
    if isinstance(value, str):
        return f'"{value}"'
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, dict | list):
        return "a message or list"
    return str(value)
