"""One request as an API module receives it, and the answer that it can return."""

from __future__ import annotations

import json
import re
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from tuning_sandbox.kernel.discovery import Document, Method, document
from tuning_sandbox.kernel.errors import bad_request, invalid_argument
from tuning_sandbox.kernel.pages import take_page
from tuning_sandbox.kernel.people import Principal
from tuning_sandbox.kernel.registry import Project
from tuning_sandbox.kernel.routes import Route
from tuning_sandbox.kernel.sandbox import Sandbox
from tuning_sandbox.kernel.seen import UNCOUNTED, Seen
from tuning_sandbox.kernel.wire import read_message
from tuning_sandbox.spelling import read_mask, to_camel, to_snake

_MOST_LEVELS = 100
_MOST_BYTES = 256 * 1024 * 1024
# a string, or a comma before the end of an object or list
_TRAILING = re.compile(r'("(?:[^"\\]|\\.)*")|,(?=\s*[}\]])')
_HALF = re.compile("[\ud800-\udfff]")


@dataclass(frozen=True)
class Answer:
    """An answer that is not simply 200 with a JSON message."""

    body: dict[str, Any] | bytes | None = None
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    media_type: str | None = None


@dataclass
class Call:
    """The request; every value read from it is decoded, checked and in one form."""

    sandbox: Sandbox
    route: Route
    params: dict[str, str]
    path: str
    query_pairs: Sequence[tuple[str, str]]
    headers: Mapping[str, str]
    raw: bytes
    principal: Principal
    body_was_read: bool = False

    @property
    def version(self) -> str:
        """The version in the path (`v1`, `v1beta1`, `ui`), or the API's first."""
        return self.route.version or self.route.api.versions[0]

    @property
    def location(self) -> str:
        """The location in the path."""
        return self.params["location"]

    @cached_property
    def project(self) -> Project:
        """The project in the path (or in the query's `project`), given by id or by number."""
        return self.sandbox.projects.resolve(self.params.get("project") or self.query["project"])

    @property
    def now(self) -> str:
        """The current time of the sandbox's clock, RFC 3339 with microseconds and Z."""
        return self.sandbox.clock.stamp()

    @cached_property
    def query(self) -> Seen:
        """Query parameters in lowerCamel, without `$`; the last value of a repeated one."""
        return Seen([(to_camel(key.removeprefix("$")), value) for key, value in self.query_pairs])

    def query_all(self, name: str) -> list[str]:
        """Every value of a repeated query parameter."""
        self.query.read.add(name)
        return [value for key, value in self.query_pairs if to_camel(key) == name]

    def flag(self, name: str) -> bool:
        """Whether a parameter is true, in any case of letters: Google's storage client sends `True`."""
        return str(self.query.get(name, "")).lower() == "true"

    def leave(self, *names: str) -> None:
        """Mark parameters as served although this call does not read them."""
        self.query.read.update(names)

    @property
    def alt(self) -> str:
        """The requested format of the answer: `json`, `media` or `sse`."""
        return str(self.query.get("alt") or "json").partition(";")[0]

    @property
    def document(self) -> Document | None:
        """The discovery document of this version, None if there is none."""
        api = self.route.api
        if not api.document or self.route.document_version is None:
            return None
        return document(api.document, self.route.document_version)

    @property
    def method(self) -> Method | None:
        """The discovery document's entry for this method."""
        document = self.document
        return document.methods.get(self.route.id) if document is not None and self.route.id else None

    @cached_property
    def body(self) -> dict[str, Any]:
        """The JSON body, validated by the method's request schema if it has one."""
        self.body_was_read = True
        value = self.parse_json(self.text)
        method, document = self.method, self.document
        if method is None or document is None:
            return value
        if method.request is None:
            if value and not self.sandbox.config.loose:
                key = next(iter(value))
                text = f'Invalid JSON payload received. Unknown name "{key}": Cannot find field.'
                raise bad_request(text, [{"description": text}])
            return {}
        read = self.read(method.request, value)
        return Seen(read) if document.short(method.request).endswith("Request") else read

    @property
    def text(self) -> bytes:
        """The body as it was before it was compressed."""
        if self.headers.get("content-encoding", "").lower() != "gzip":
            return self.raw
        try:
            opened = zlib.decompressobj(wbits=zlib.MAX_WBITS | 16)
            data = opened.decompress(self.raw, _MOST_BYTES)
        except zlib.error as error:
            raise invalid_argument("The request's body is not gzip, as its Content-Encoding says.") from error
        if not opened.eof:
            raise invalid_argument(f"The request's body is not whole, or holds more than {_MOST_BYTES} bytes.")
        return data

    def parse_json(self, data: bytes) -> dict[str, Any]:
        """A JSON object, `{}` for an empty body, or the 400."""
        if not data.strip():
            return {}
        try:
            value = self._load(data)
            check_json(value)
        except (ValueError, RecursionError) as error:
            text = f"Invalid JSON payload received. {_said_of(error)}"
            raise bad_request(text, [{"description": text}]) from error
        if not isinstance(value, dict):
            text = 'Invalid JSON payload received. Unknown name "": Root element must be a message.'
            raise bad_request(text, [{"description": text}])
        return value

    def _load(self, data: bytes) -> Any:
        try:
            return json.loads(data, parse_constant=_refuse_constant)
        except json.JSONDecodeError:
            kept = self.sandbox.policy.get("wire.trailing_commas") == "accept" and self.route.api.family != "gcs"
            if not kept:
                raise
            return json.loads(_TRAILING.sub(r"\1", data.decode()), parse_constant=_refuse_constant)

    def read(self, schema: str, value: dict[str, Any]) -> dict[str, Any]:
        """A message validated by a schema of this API's document (for parts of multipart bodies)."""
        document = self.document
        if document is None:
            return value
        return read_message(document, schema, value, family=self.route.api.family, loose=self.sandbox.config.loose)

    @cached_property
    def resource(self) -> str:
        """The path without version and verb, the project as its number."""
        return self._resource(lambda project: project.number)

    @cached_property
    def resource_by_id(self) -> str:
        """The path without version and verb, the project as its id."""
        return self._resource(lambda project: project.id)

    @property
    def parent(self) -> str:
        """`resource` without its last segment (for a collection: its parent)."""
        return self.resource.rpartition("/")[0]

    @property
    def parent_by_id(self) -> str:
        """`resource_by_id` without its last segment."""
        return self.resource_by_id.rpartition("/")[0]

    def require(self, path: str) -> Any:
        """The value at a dotted path of the body, or the 400 that names the field."""
        value: Any = self.body
        for part in path.split("."):
            value = value.get(part) if isinstance(value, dict) else None
        if value in (None, "", []):
            snake = to_snake(path)
            raise invalid_argument(f"Required field is not set: {snake}.", snake)
        return value

    @property
    def update_mask(self) -> list[str]:
        """The query's updateMask as lowerCamel paths; empty if none was sent."""
        return read_mask(self.query.get("updateMask", ""))

    def page(
        self, items: Sequence[Any], key: str, *, default: int = 100, maximum: int = 1000, size: str = "pageSize"
    ) -> dict[str, Any]:
        """One page of items under `key`, with nextPageToken if there are more."""
        wanted = self.query.get(size) or "0"
        if not re.fullmatch(r"[0-9]{1,18}", wanted):
            raise invalid_argument(f"Invalid value for {size}: {wanted}.", to_snake(size))
        count = min(int(wanted) or default, maximum)
        found, following = take_page(items, self.query.get("pageToken", ""), count, self._list_name(size))
        page: dict[str, Any] = {key: found}
        if following is not None:
            page["nextPageToken"] = following
        return page

    def _list_name(self, size: str) -> str:
        """The list that a page token belongs to: its path and every parameter that decides its items."""
        pairs = [(to_camel(name), value) for name, value in self.query_pairs]
        return f"{self.resource} {sorted(pair for pair in pairs if pair[0] not in {*UNCOUNTED, 'pageToken', size})}"

    def _resource(self, form: Any) -> str:
        template = self.route.template.strip("/").split("/")
        path = self.path.strip("/").split("/")
        from urllib.parse import unquote

        verb = ":" + template[-1].rpartition(":")[2] if ":" in template[-1] else ""
        parts = [unquote(part) for part in path]
        if verb and parts[-1].endswith(verb):
            parts[-1] = parts[-1][: -len(verb)]
        if self.route.version is not None:
            parts = parts[1:]
        if len(parts) > 1 and parts[0] == "projects":
            parts[1] = form(self.sandbox.projects.resolve(parts[1]))
        return "/".join(parts)


def _refuse_constant(name: str) -> float:
    raise ValueError(f"{name} is not JSON")


def check_json(value: Any) -> None:
    """ValueError if JSON is deeper than Google reads, or holds half a character (a lone surrogate)."""
    level = [value]
    for _ in range(_MOST_LEVELS):
        level = [item for items in level if isinstance(items, dict | list) for item in _inside(items)]
        if not level:
            return
    raise ValueError("Message too deep. Max recursion depth reached.")


def _inside(value: dict[str, Any] | list[Any]) -> list[Any]:
    items = [*value, *value.values()] if isinstance(value, dict) else value
    for item in items:
        if isinstance(item, str) and not item.isascii() and _HALF.search(item):
            raise ValueError("Unpaired surrogate in a string.")
    return items


def _said_of(error: ValueError | RecursionError) -> str:
    if isinstance(error, UnicodeDecodeError):
        return "Encountered non UTF-8 code points."
    if isinstance(error, json.JSONDecodeError):
        return f"Unexpected token. Line {error.lineno}, column {error.colno}."
    return "A number is too long." if "digits" in str(error) else str(error)
