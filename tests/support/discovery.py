"""Google's discovery documents as a judge of requests: a route or a field that they do not have is a failure."""

from __future__ import annotations

import json
import re
from functools import cache
from pathlib import Path
from typing import Any

import googleapiclient.discovery_cache  # type: ignore[import-untyped]

_DOCUMENTS = Path(googleapiclient.discovery_cache.__file__).parent / "documents"
_OF_THE_SANDBOX = Path(__file__).parents[2] / "provider" / "tuning_sandbox" / "documents"
_FREE = {"alt", "prettyPrint", "$alt"}
_PYTHON: dict[str, Any] = {
    "object": dict,
    "array": list,
    "string": object,  # also int64 and enums
    "integer": int,
    "number": (int, float),
    "boolean": bool,
    "any": object,
}


class NotGoogles(AssertionError):
    """A request that Google's own description of the API does not contain."""


@cache
def document(api: str) -> dict[str, Any]:
    """A discovery document, e.g. ``aiplatform.v1beta1``."""
    folder = _OF_THE_SANDBOX if api.startswith("generativelanguage.") else _DOCUMENTS
    found: dict[str, Any] = json.loads((folder / f"{api}.json").read_text(encoding="utf-8"))
    return found


def check_request(api: str, verb: str, path: str, query: dict[str, list[str]], body: Any) -> str:
    """The id of the method that a request is; raises NotGoogles where there is none or the body has unknown fields."""
    method = next(
        (each for each, pattern in _methods(api) if each["httpMethod"] == verb and pattern.fullmatch(path)), None
    )
    if method is None:
        raise NotGoogles(f"{api} has no {verb} {path}")
    for name in query:
        common = document(api).get("parameters", {})
        if name not in method.get("parameters", {}) and name not in common and name not in _FREE:
            raise NotGoogles(f"{method['id']} has no parameter {name}")
    if "request" in method:
        check_body(api, method["request"]["$ref"], body if body is not None else {})
    elif body not in (None, {}, b""):
        raise NotGoogles(f"{method['id']} takes no body")
    return str(method["id"])


def check_body(api: str, schema: str, value: Any, where: str = "") -> None:
    """Walks ``value`` along a schema of the document."""
    _walk(document(api)["schemas"], {"$ref": schema}, value, where or schema)


def _walk(schemas: dict[str, Any], schema: dict[str, Any], value: Any, where: str) -> None:
    if "$ref" in schema:
        schema = schemas[schema["$ref"]]
    kind = schema.get("type", "any")
    if not isinstance(value, _PYTHON[kind]) or (isinstance(value, bool) and kind not in {"boolean", "string", "any"}):
        raise NotGoogles(f"{where} is not of type {kind}: {value!r}")
    if kind == "object":
        known, free = schema.get("properties", {}), schema.get("additionalProperties")
        for key, inner in value.items():
            if key not in known and free is None:
                raise NotGoogles(f"{where} has no field {key}")
            _walk(schemas, known.get(key, free), inner, f"{where}.{key}")
    elif kind == "array":
        for index, inner in enumerate(value):
            _walk(schemas, schema["items"], inner, f"{where}[{index}]")
    elif kind == "string":
        _check_string(schema, value, where)


def _check_string(schema: dict[str, Any], value: Any, where: str) -> None:
    if "enum" in schema:
        # Google takes an enum by name or by number; which number is which only its protos say
        if isinstance(value, bool) or not (isinstance(value, int) or value in schema["enum"]):
            raise NotGoogles(f"{where} cannot be {value!r}")
    elif schema.get("format") == "int64":
        if isinstance(value, bool) or not re.fullmatch(r"-?\d+", str(value)):
            raise NotGoogles(f"{where} is not an int64: {value!r}")
    elif not isinstance(value, str):
        raise NotGoogles(f"{where} is not a string: {value!r}")


@cache
def _methods(api: str) -> list[tuple[dict[str, Any], re.Pattern[str]]]:
    service_path = document(api)["servicePath"]
    found: list[tuple[dict[str, Any], re.Pattern[str]]] = []
    nodes = [document(api)]
    while nodes:
        node = nodes.pop()
        found += [(method, _pattern(method, service_path)) for method in node.get("methods", {}).values()]
        nodes += node.get("resources", {}).values()
    return found


def _pattern(method: dict[str, Any], service_path: str) -> re.Pattern[str]:
    flat = method.get("flatPath") or method["path"]
    text = re.escape("/" + (service_path + flat).lstrip("/"))
    return re.compile(re.sub(r"\\\{[^}]*\\\}", r"[^/:]+", text))
