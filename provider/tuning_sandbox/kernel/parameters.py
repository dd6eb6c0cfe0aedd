"""Parameters of a request: their values, and the error for each one that is not served."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from tuning_sandbox.kernel.errors import GoogleError, bad_request, invalid_argument
from tuning_sandbox.kernel.seen import CALLER, UNCOUNTED, Seen
from tuning_sandbox.kernel.wire import INTEGERS
from tuning_sandbox.spelling import to_camel, to_snake

if TYPE_CHECKING:
    from tuning_sandbox.kernel.call import Call
    from tuning_sandbox.kernel.discovery import Schema

_OTHERS = frozenset({".xgafv", "callback", "uploadType", "uploadProtocol", "userProject"})
# for parameters whose default is only in the text of the discovery document
_DEFAULTS = {"projection": "noAcl", ".xgafv": "2"}
_ALTS = ("json", "media", "proto", "sse")
_WHOLE = re.compile(r"-?[0-9]{1,20}")


def check_query(call: Call) -> None:
    """400 for an unknown parameter or a value of another type; 501 for a format that is not served."""
    method, route = call.method, call.route
    known = {to_camel(name) for name in route.query} | (set(method.query) if method is not None else set())
    for key, value in call.query_pairs:
        name = to_camel(key.removeprefix("$"))
        if name in known or to_camel(key) in known:
            schema = method.query.get(to_camel(key)) if method is not None else None
            if schema is not None and value:
                _check_value(call, to_camel(key), schema, value)
        elif name not in UNCOUNTED | _OTHERS:
            text = (
                f'Invalid JSON payload received. Unknown name "{key}": Cannot bind query parameter. '
                f"Field '{key}' could not be found in request message."
            )
            raise bad_request(text, [{"description": text}])
    for name, schema in (method.query if method is not None else {}).items():
        if schema.get("required") and not any(to_camel(key) == name for key, _ in call.query_pairs):
            told = f"Required parameter: {name}"
            raise GoogleError(400, "INVALID_ARGUMENT", told, reason="required", location=("parameter", name))
    _check_once(call)
    _check_alt(call)


def _check_once(call: Call) -> None:
    """501 for two values of a parameter that has one; which of them Google takes, no page says."""
    values: dict[str, str] = {}
    for key, value in call.query_pairs:
        name = to_camel(key.removeprefix("$"))
        schema = call.method.query.get(to_camel(key), {}) if call.method is not None else {}
        if name not in CALLER and not schema.get("repeated") and values.setdefault(name, value) != value:
            raise not_served(call, f"more than one value of {key}")


def _check_value(call: Call, name: str, schema: Schema, value: str) -> None:
    kind = schema.get("type")
    wrong = (
        (kind == "boolean" and value.lower() not in ("true", "false"))
        or (_is_whole(schema) and not _fits(schema, value))
        or (
            _is_whole(schema)
            and "minimum" in schema
            and schema["minimum"] != "0"
            and int(value) < int(schema["minimum"])
        )
        or ("enum" in schema and value not in schema["enum"])
    )
    if wrong:
        one_of = schema.get("enum")
        where = f"; it is one of {', '.join(one_of)}" if one_of else f" (TYPE_{_type_name(schema)})"
        raise invalid_argument(f"Invalid value at '{to_snake(name)}'{where}, \"{value}\"", to_snake(name))


def _is_whole(schema: Schema) -> bool:
    """Whether the parameter is a whole number; those of 64 bits are texts in discovery."""
    return schema.get("type") == "integer" or schema.get("format") in ("int64", "uint64")


def _fits(schema: Schema, value: str) -> bool:
    """Whether it is a whole number of the parameter's type; a negative one of an unsigned type has an error of its own."""
    low, high = INTEGERS[schema.get("format", "int32")]
    return bool(_WHOLE.fullmatch(value)) and (low or -(high + 1) // 2) <= int(value) <= high


def _type_name(schema: Schema) -> str:
    return "BOOL" if schema.get("type") == "boolean" else str(schema.get("format", "int32")).upper()


def _check_alt(call: Call) -> None:
    alt = call.alt
    if alt == "json" or alt in call.route.alts:
        return
    if alt not in _ALTS:
        raise invalid_argument(f"Invalid value for alt: {alt}.", "alt")
    raise not_served(call, f"alt={alt}")


def refuse_unread(call: Call) -> None:
    """501 that names each parameter, in the query or in a request message, that the method did not read."""
    unread = [name for name in call.query.unread() if _says_something(call, name)]
    if call.body_was_read and isinstance(call.body, Seen):
        unread += [
            name for name in call.body.unread() if name != "kind" and not is_default(dict.__getitem__(call.body, name))
        ]
    if unread:
        raise not_served(call, ", ".join(unread))


def not_served(call: Call, what: str) -> GoogleError:
    """The 501 that names a parameter and its method."""
    of = call.route.id or f"{call.route.method} {call.route.template}"
    return GoogleError(501, "UNIMPLEMENTED", f"The sandbox does not serve {what} of {of}.")


def _says_something(call: Call, name: str) -> bool:
    """Whether a parameter asks for something other than the default."""
    value = str(dict.__getitem__(call.query, name))
    schema = call.method.query.get(name) if call.method is not None else None
    if schema is not None and schema.get("type") == "boolean":
        value = value.lower()
    if name in UNCOUNTED or not value or value == _DEFAULTS.get(name):
        return False
    if schema is None:
        return True
    default = str(schema.get("default", "false" if schema.get("type") == "boolean" else ""))
    if "enum" in schema and value == schema["enum"][0] and value.endswith("_UNSPECIFIED"):
        return False
    zero = schema.get("type") == "integer" and call.route.api.family != "gcs" and not int(value)
    return value != default and not zero


def is_default(value: Any) -> bool:
    """Whether a field has the same meaning as its absence."""
    return value in ("", 0, "0", False, [], {}) or (isinstance(value, str) and value.endswith("_UNSPECIFIED"))
