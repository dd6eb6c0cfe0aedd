"""The text for a field: its type in Python and on a page, and the lines of a docstring."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Iterable, Iterator

from generate.shapes import DescriptionError, Field, Shape

WIDTH = 120
_PLAIN = {"string": "str", "integer": "int", "number": "float", "boolean": "bool"}
_CHANGES = {
    "spec": "replaces",
    "place": "replaces",
    "patched": "updates in place",
    "submitted once": "warning: fixed once submitted",
    "ours": "updates state only",
    "follows": "",
}
_CHANGES_IN_WORDS = {
    "spec": "A change replaces the resource.",
    "place": "A change replaces the resource.",
    "patched": "A change updates it in place.",
    "submitted once": "A change only warns: what was submitted stays.",
    "ours": "A change updates the state only.",
    "follows": "",
}


def input_type(field: Field) -> str:
    """The type of the argument in Python."""
    schema, kind = field.schema, str(field.schema.get("type", ""))
    accepts = str(field.meaning.get("accepts", "")).rpartition(".")[2]
    if accepts:
        found = f"Input[{accepts}]"
    elif kind == "object":
        found = "Labels"
    elif field.shape and kind != "array":
        found = f"Input[{field.shape}Args | {field.shape}ArgsDict]"
    elif kind == "array" and not field.shape:
        found = f"Input[Sequence[Input[{_PLAIN[schema['items']['type']]}]]]"
    elif kind in _PLAIN:
        found = f"Input[{_PLAIN[kind]}]"
    else:
        raise DescriptionError(
            f"{field.name}: the generator has no type for {schema}. Extend scripts/generate/words.py."
        )
    return " | ".join([found, *field.meaning.get("refers", ())])


def output_type(field: Field) -> str:
    """The type of the output in Python."""
    found = _output(field)
    return f"{found} | None" if field.optional_output else found


def _output(field: Field) -> str:
    kind = str(field.schema.get("type", ""))
    if field.meaning.get("free"):
        return "Sequence[Any]" if kind == "array" else "Mapping[str, Any]"
    if kind == "array":
        return f"Sequence[{field.shape or _PLAIN[field.schema['items']['type']]}]"
    if kind == "object":
        return f"Mapping[str, {_PLAIN[field.schema['additionalProperties']['type']]}]"
    return field.shape or _PLAIN[kind]


def type_on_page(field: Field, inner: Iterable[Shape], *, given: bool) -> str:
    """The type as shown in a table, with the form of its values. ``given``: as an argument."""
    schema, meaning = field.schema, field.meaning
    shape = next((s for s in inner if s.name == field.shape), None)
    if given:
        first = f"`{field.shape}Args` or dict" if field.shape else _plain_on_page(field)
        own = [name for name in meaning.get("refers", ()) if "." not in name]
        first = " or ".join([first, *(f"{_article(name)} `{name}`" for name in own)])
    elif shape is not None:
        names = ", ".join(f"`{each.name}`" for each in shape.fields)
        first = f"{'list of ' * (schema.get('type') == 'array')}`{shape.name}`: {names}"
    else:
        first = "map" if meaning.get("free") else _plain_on_page(field)
    return ", ".join([first, *limits(field), *(["required"] if given and field.required else [])])


def limits(field: Field) -> Iterator[str]:
    """The form, the bounds and the unit of the value."""
    schema, meaning = field.schema, field.meaning
    if meaning.get("form"):
        yield str(meaning["form"])
    if "minimum" in schema:
        yield f"at least {schema['minimum']:g}"
    if "exclusiveMinimum" in schema:
        yield f"above {schema['exclusiveMinimum']:g}"
    if meaning.get("unit"):
        yield f"in {meaning['unit']}"


def when_it_changes(field: Field) -> str:
    """The effect of a change of the field."""
    return str(field.meaning.get("when", "")) or _CHANGES[str(field.meaning["role"])]


def docstring(first: str, fields: Iterable[Field], *, indent: int, given: bool = True, after: str = "") -> list[str]:
    """The lines of a docstring with the meaning of each field. ``given``: as arguments, with the effect of a change."""
    space = " " * indent
    body = [line for each in plain(after).splitlines() for line in textwrap.wrap(each, WIDTH - indent) or [""]]
    body += [""] if after else []
    for field in fields:
        said = plain(f"- `{field.name}`: {_sentences(field, given=given)}")
        body += textwrap.wrap(said, WIDTH - indent, subsequent_indent="  ", break_on_hyphens=False)
    if not any(body):
        return [f'{space}"""{plain(first)}"""']
    while body and not body[-1]:
        body.pop()
    return [f'{space}"""{plain(first)}', "", *(f"{space}{line}".rstrip() for line in body), f'{space}"""']


def plain(text: str) -> str:
    """A page's text in the form of a docstring: links become their text, code is in double backticks."""
    unlinked = re.sub(r"\[([^\]]+)\]\([^)]+\)", r"\1", text)
    return re.sub(r"(?<!`)`([^`]+)`(?!`)", r"``\1``", unlinked)


def choices_of(field: Field) -> list[str]:
    """The possible values, if they are few."""
    if "enum" in field.schema:
        return [str(each) for each in field.schema["enum"]]
    found = re.fullmatch(r"\^\(([A-Z|]+)\)\$", str(field.schema.get("pattern", "")))
    return found[1].split("|") if found else []


def _sentences(field: Field, *, given: bool) -> str:
    looks = [*([_plain_on_page(field)] if choices_of(field) else []), *limits(field)]
    said = [field.text]
    if looks:
        text = ", ".join(looks)
        said.append(f"{text[:1].upper()}{text[1:]}.")
    if field.meaning.get("default"):
        said.append(f"Default: {field.meaning['default']}.")
    if given and field.meaning.get("role"):
        when = field.meaning.get("when")
        said.append(f"When it changes: {when}." if when else _CHANGES_IN_WORDS[str(field.meaning["role"])])
    if given:
        said.append(f"Source: {field.source}.")
    return " ".join(filter(None, said))


def _plain_on_page(field: Field) -> str:
    accepts = str(field.meaning.get("accepts", ""))
    if accepts and "." not in accepts:
        return accepts.replace(" | ", " or ")
    choices = choices_of(field)
    if choices:
        return (
            " or ".join(f"`{each}`" for each in choices) if len(choices) < 3 else ", ".join(f"`{c}`" for c in choices)
        )
    kind = str(field.schema.get("type", ""))
    if kind == "object":
        return f"map of {_PLAIN[field.schema['additionalProperties']['type']]}"
    return f"list of {_PLAIN[field.schema['items']['type']]}" if kind == "array" else _PLAIN[kind]


def _article(name: str) -> str:
    return "an" if name[0] in "AEIOU" else "a"
