"""Structured answers: places a model's output in the fields of a schema."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from zlib import crc32

from tuning_sandbox.kernel import invalid_argument
from tuning_sandbox.vertex.service import api, not_in_sandbox

Doc = dict[str, Any]
JSON, ENUM, PLAIN = "application/json", "text/x.enum", "text/plain"
_MOST_LEVELS = 30
_NUMBER = re.compile(r"-?[0-9]+(?:\.[0-9]+)?")
_WORD = re.compile(r"[^\W_]+")
_TRUTHS = {"true": True, "yes": True, "false": False, "no": False}
_SHOWN = ("STRING", "INTEGER", "NUMBER", "BOOLEAN", "ARRAY", "OBJECT", "NULL")
_NOT_THERE = object()

api.behaviour(
    "a JSON answer of a tuned model is what it learned, placed in the schema: an answer that is JSON by the names of its "
    "properties, a plain one in the first property that can hold it; a schema that this does not fill is 501 by the name of "
    "the field",
    source="assumed",
)
api.behaviour("a base model fills every field of a schema with values of the right type", source="assumed")
api.behaviour("a responseSchema without responseMimeType application/json or text/x.enum is refused", source="thread")


class UnfilledError(Exception):
    """A field of the schema for which the model has no value."""

    def __init__(self, path: str, problem: str) -> None:
        super().__init__(f"{path or 'the whole answer'}: {problem}")


@dataclass(frozen=True)
class Form:
    """The requested format: a MIME type, and a schema if one was given."""

    mime_type: str
    schema: Doc | None

    def write(self, text: str, prompt: str, *, knows: bool) -> str:
        """The answer in this format; `knows`: the model is tuned, so every value must be a learned one."""
        if self.mime_type == PLAIN:
            return text
        learned = _learned(text)
        if self.schema is None:
            return text.strip() if learned is not text else json.dumps(text, ensure_ascii=False)
        try:
            value = _Filler(self.schema, text, prompt, knows=knows).place(self.schema, learned, "", 0)
        except UnfilledError as error:
            raise not_in_sandbox(f"an answer that fills responseSchema ({error})") from None
        return str(value) if self.mime_type == ENUM else json.dumps(value, ensure_ascii=False)


def form_of(config: Doc) -> Form:
    """The format of a generationConfig, or the 400 if it contradicts itself."""
    mime_type = config.get("responseMimeType") or PLAIN
    given = [name for name in ("responseSchema", "responseJsonSchema") if config.get(name)]
    if mime_type not in (PLAIN, JSON, ENUM):
        raise not_in_sandbox(f"responseMimeType {mime_type}")
    if len(given) > 1:
        raise invalid_argument("Only one of response_schema and response_json_schema can be set.", "generation_config")
    if given and mime_type == PLAIN:
        raise invalid_argument(
            "controlled generation of a response_schema needs the response_mime_type application/json or text/x.enum.",
            "generation_config.response_mime_type",
        )
    schema = config[given[0]] if given else None
    if schema is not None and not isinstance(schema, Mapping):
        raise invalid_argument("response_json_schema must be an object.", "generation_config.response_json_schema")
    if mime_type == ENUM and not (schema and schema.get("enum")):
        raise invalid_argument("text/x.enum needs a response_schema with enum.", "generation_config.response_schema")
    return Form(mime_type, dict(schema) if schema is not None else None)


def _learned(text: str) -> Any:
    stripped = re.sub(r"^```(?:json)?\s*|\s*```$", "", text.strip())
    try:
        return json.loads(stripped)
    except ValueError:
        return text


class _Filler:
    def __init__(self, root: Doc, text: str, prompt: str, *, knows: bool) -> None:
        self.root, self.text, self.prompt, self.knows = root, text, prompt, knows

    def place(self, schema: Doc, value: Any, path: str, level: int) -> Any:
        """The value as the schema requires it; UnfilledError if it does not fit and no value may be invented."""
        if level > _MOST_LEVELS:
            raise UnfilledError(path, "the schema has no end")
        schema = self._resolved(schema, path)
        for name in ("anyOf", "oneOf"):
            if schema.get(name):
                return self._any_of(schema[name], value, path, level)
        if schema.get("enum"):
            return self._choice(schema, value, path)
        if "const" in schema:
            return schema["const"]
        kind = _kind_of(schema, value)
        if value is None and (schema.get("nullable") or kind == "NULL"):
            return None
        if kind == "OBJECT":
            return self._object(schema, value, path, level)
        if kind == "ARRAY":
            return self._array(schema, value, path, level)
        return self._scalar(kind, schema, value, path)

    def _resolved(self, schema: Doc, path: str) -> Doc:
        reference = schema.get("ref") or schema.get("$ref")
        if not reference:
            return schema
        at: Any = self.root
        for step in str(reference).lstrip("#/").split("/"):
            found = at.get(step) if isinstance(at, Mapping) else None
            at = found if found is not None else at.get("$" + step) if isinstance(at, Mapping) else None
        if not isinstance(at, Mapping):
            raise UnfilledError(path, f"the reference {reference} leads nowhere")
        return dict(at)

    def _any_of(self, schemas: list[Doc], value: Any, path: str, level: int) -> Any:
        problem: UnfilledError | None = None
        for schema in sorted(schemas, key=lambda each: not _suits(each, value)):
            try:
                return self.place(schema, value, path, level + 1)
            except UnfilledError as error:
                problem = problem or error
        raise problem or UnfilledError(path, "anyOf is empty")

    def _choice(self, schema: Doc, value: Any, path: str) -> Any:
        choices = [str(choice) for choice in schema["enum"]]
        said = value if isinstance(value, str) else self.text if value is _NOT_THERE else json.dumps(value)
        folded = said.strip().casefold()
        fits = [choice for choice in choices if choice.casefold() == folded]
        fits = fits or [choice for choice in choices if choice and choice.casefold() in folded]
        if len(fits) != 1 and self.knows:
            raise UnfilledError(path, f"what the model says is none of {', '.join(choices[:8])}")
        chosen = fits[0] if fits else self._guess(choices)
        return schema["enum"][choices.index(chosen)]

    def _guess(self, choices: list[str]) -> str:
        asked = set(_WORD.findall(self.prompt.lower()))
        draw = {choice: crc32(f"{choice} {self.text}".encode()) for choice in choices}
        return max(choices, key=lambda choice: (len(asked & set(_WORD.findall(choice.lower()))), draw[choice]))

    def _object(self, schema: Doc, value: Any, path: str, level: int) -> Doc:
        properties: Doc = schema.get("properties") or {}
        required = list(schema.get("required") or ())
        order = list(schema.get("propertyOrdering") or ())
        names = [*(name for name in order if name in properties), *(name for name in properties if name not in order)]
        if unknown := [name for name in required if name not in properties]:
            raise UnfilledError(_join(path, unknown[0]), "it is required and not among the properties")
        if not properties:
            return dict(value) if isinstance(value, Mapping) else {}
        held = dict(value) if isinstance(value, Mapping) else self._spread(properties, names, value, path, level)
        if self.knows and value and value is not _NOT_THERE and not any(name in held for name in names):
            raise UnfilledError(path, "none of its properties can hold what the model says")
        filled: Doc = {}
        for name in names:
            if name in held:
                filled[name] = self.place(properties[name], held[name], _join(path, name), level + 1)
            elif name in required or not self.knows:
                filled[name] = self._missing(properties[name], _join(path, name), level)
        return filled

    def _spread(self, properties: Doc, names: list[str], value: Any, path: str, level: int) -> Doc:
        """A plain answer in the first property that accepts it: enums first, then strings, then the rest."""
        for name in sorted(names, key=lambda name: _rank(properties[name], value)):
            filler = _Filler(self.root, self.text, self.prompt, knows=True)
            try:
                filler.place(properties[name], value, _join(path, name), level + 1)
            except UnfilledError:
                continue
            return {name: value}
        return {}

    def _missing(self, schema: Doc, path: str, level: int) -> Any:
        schema = self._resolved(schema, path)
        if schema.get("nullable") and self.knows:
            return None
        if self.knows:
            raise UnfilledError(path, "it is required, and what the model says has no value for it")
        return self.place(schema, _NOT_THERE, path, level + 1)

    def _array(self, schema: Doc, value: Any, path: str, level: int) -> list[Any]:
        least, most = int(schema.get("minItems") or 0), int(schema.get("maxItems") or 10_000)
        items = schema.get("items") or {}
        held = list(value) if isinstance(value, list) else [value]
        if len(held) < least and not self.knows:
            held += [_NOT_THERE] * (least - len(held))
        if not least <= len(held) <= most:
            raise UnfilledError(path, f"it takes {least} to {most} items and the model says {len(held)}")
        return [self.place(items, item, f"{path}[{at}]", level + 1) for at, item in enumerate(held)]

    def _scalar(self, kind: str, schema: Doc, value: Any, path: str) -> Any:
        if value is _NOT_THERE:
            value = self.text
        if kind == "STRING":
            return self._text(schema, value, path)
        if kind == "BOOLEAN":
            truth = value if isinstance(value, bool) else _TRUTHS.get(str(value).strip().lower())
            if truth is None and self.knows:
                raise UnfilledError(path, "what the model says is neither true nor false")
            return bool(truth)
        if kind in ("INTEGER", "NUMBER"):
            return self._number(kind, schema, value, path)
        if kind == "NULL":
            return None
        raise UnfilledError(path, f"the type {kind} is not known")

    def _text(self, schema: Doc, value: Any, path: str) -> str:
        text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
        if schema.get("pattern") and not re.search(str(schema["pattern"]), text):
            raise UnfilledError(path, f"what the model says does not match {schema['pattern']}")
        if schema.get("format") in ("date", "date-time", "time", "duration") and not re.match(r"[0-9P]", text):
            raise UnfilledError(path, f"what the model says is no {schema['format']}")
        if int(schema.get("minLength") or 0) > len(text):
            raise UnfilledError(path, "what the model says is too short")
        return text[: int(schema["maxLength"])] if schema.get("maxLength") else text

    def _number(self, kind: str, schema: Doc, value: Any, path: str) -> int | float:
        found: float | None = None
        if isinstance(value, int | float) and not isinstance(value, bool):
            found = value
        elif isinstance(value, str) and (match := _NUMBER.fullmatch(value.strip())):
            found = float(match[0])
        low, high = float(schema.get("minimum", "-inf")), float(schema.get("maximum", "inf"))
        if low > high:
            raise UnfilledError(path, "its minimum is above its maximum")
        if (found is None or not low <= found <= high) and self.knows:
            raise UnfilledError(path, "what the model says is no number that it takes")
        if found is None or not low <= found <= high:
            found = min(max(0.0, low), high)
        return int(found) if kind == "INTEGER" else found


def _kind_of(schema: Doc, value: Any) -> str:
    kind = schema.get("type")
    if isinstance(kind, list):
        named = [str(each).upper() for each in kind]
        return next((each for each in named if _suits({"type": each}, value)), named[0])
    if kind and kind != "TYPE_UNSPECIFIED":
        return str(kind).upper()
    if "properties" in schema:
        return "OBJECT"
    return "ARRAY" if "items" in schema else next(name for name in _SHOWN if _suits({"type": name}, value))


def _suits(schema: Doc, value: Any) -> bool:
    kind = str(schema.get("type", "")).upper()
    if isinstance(value, bool):
        return kind == "BOOLEAN"
    if isinstance(value, Mapping):
        return kind == "OBJECT"
    if isinstance(value, list):
        return kind == "ARRAY"
    if isinstance(value, int | float):
        return kind in ("INTEGER", "NUMBER")
    return kind == ("NULL" if value is None else "STRING")


def _rank(schema: Doc, value: Any) -> int:
    if schema.get("enum"):
        return 0
    return 1 if _suits(schema, value) else 2


def _join(path: str, name: str) -> str:
    return f"{path}.{name}" if path else name
