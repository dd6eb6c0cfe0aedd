"""Google's discovery documents, read lazily from google-api-python-client; never copied.

It has none of the Gemini API, so `documents/` has the names and types of that API's published reference.
"""

from __future__ import annotations

import importlib.util
import json
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

Schema = dict[str, Any]
_OWN = Path(__file__).parent.parent / "documents"
_KEPT = ("type", "format", "$ref", "items", "additionalProperties", "readOnly", "enum")


class DiscoveryMissingError(Exception):
    """google-api-python-client, or one document of it, is not installed."""


@dataclass(frozen=True)
class Method:
    """One method of an API, from its discovery document."""

    id: str
    http: str
    path: str
    request: str | None
    response: str | None
    query: dict[str, Schema]


@dataclass(frozen=True)
class Document:
    """The methods and message schemas of one version of one API."""

    name: str
    version: str
    revision: str
    locations: tuple[str, ...]
    methods: dict[str, Method]
    schemas: dict[str, Schema]
    _short: dict[str, str] = field(default_factory=dict)

    def short(self, schema: str) -> str:
        """The message's own name, without the package (`TuningJob`)."""
        found = self._short.get(schema)
        if found is None:
            found = schema
            prefix = f"GoogleCloud{self.name}{self.version}"
            if schema.lower().startswith(prefix.lower()):
                found = schema[len(prefix) :]
            self._short[schema] = found
        return found


def folder() -> Path:
    """The folder of the documents."""
    spec = importlib.util.find_spec("googleapiclient")
    if spec is None or not spec.submodule_search_locations:
        raise DiscoveryMissingError(
            "the sandbox reads Google's discovery documents from google-api-python-client, which is not installed; "
            "install it with: pip install 'pulumi-gcp-tuning[sandbox]'"
        )
    return Path(next(iter(spec.submodule_search_locations))) / "discovery_cache" / "documents"


@cache
def document(name: str, version: str) -> Document:
    """The document of one API version."""
    own = _OWN / f"{name}.{version}.json"
    path = own if own.exists() else folder() / own.name
    try:
        raw = json.loads(path.read_bytes())
    except FileNotFoundError as error:
        raise DiscoveryMissingError(
            f"google-api-python-client has no discovery document {path.name}; "
            "install the version this sandbox asks for with: pip install 'pulumi-gcp-tuning[sandbox]'"
        ) from error
    methods: dict[str, Method] = {}
    _collect(raw, raw.get("servicePath", ""), methods)
    return Document(
        name=name,
        version=version,
        revision=raw["revision"],
        locations=tuple(sorted({e["location"] for e in raw.get("endpoints", ())})),
        methods=methods,
        schemas={key: _trim(schema) for key, schema in raw["schemas"].items()},
    )


def _collect(node: dict[str, Any], service_path: str, into: dict[str, Method]) -> None:
    for method in node.get("methods", {}).values():
        parameters = {k: v for k, v in method.get("parameters", {}).items() if v.get("location") == "query"}
        into[method["id"]] = Method(
            id=method["id"],
            http=method["httpMethod"],
            path=service_path + method.get("flatPath", method["path"]),
            request=method.get("request", {}).get("$ref"),
            response=method.get("response", {}).get("$ref"),
            query=parameters,
        )
    for resource in node.get("resources", {}).values():
        _collect(resource, service_path, into)


def _trim(schema: dict[str, Any]) -> Schema:
    kept = {key: schema[key] for key in _KEPT if key in schema}
    if "properties" in schema:
        kept["properties"] = {name: _trim(inner) for name, inner in schema["properties"].items()}
    for key in ("items", "additionalProperties"):
        if isinstance(kept.get(key), dict):
            kept[key] = _trim(kept[key])
    return kept
