"""The tables of the docs pages, and the replacement of text between markers; text outside them is unchanged."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from generate.shapes import Described, DescriptionError, Field
from generate.words import type_on_page, when_it_changes


def with_tables(page: str, text: str, resource: Described) -> str:
    """The page of a resource with its tables generated again."""
    return replace_part(page, replace_part(page, text, "inputs", inputs_of(resource)), "outputs", outputs_of(resource))


def replace_part(
    file: str, text: str, part: str, lines: Iterable[str], *, comment: tuple[str, str] = ("<!-- ", " -->")
) -> str:
    """The text with the part between these markers replaced."""
    begin, end = (f"{comment[0]}{each} {part}{comment[1]}" for each in ("generated:", "end of"))
    found = re.compile(rf"(?<={re.escape(begin)}\n).*?(?=^{re.escape(end)}$)", re.DOTALL | re.MULTILINE)
    if len(found.findall(text)) != 1:
        raise DescriptionError(f"{file} needs these two lines once, with the part between them:\n{begin}\n{end}")
    made = "\n".join(lines) + "\n"
    return found.sub(lambda _: made, text)


def inputs_of(resource: Described) -> Iterator[str]:
    """The tables of the arguments: the resource's own, then those of each Args class in it."""
    given = sorted((f for f in resource.args.fields if not f.filled), key=_order)
    yield from _table(("name", "type", "default", "what it is", "at Google", "when it changes"))
    for field in given:
        yield _row(*_cells(field, resource), when_it_changes(field))
    for shape in resource.inner_args:
        yield ""
        yield f"`{shape.name}Args`: {shape.text[:1].lower()}{shape.text[1:]}"
        yield ""
        yield from _table(("name", "type", "default", "what it is", "at Google"))
        for field in sorted(shape.fields, key=lambda f: not f.required):
            yield _row(*_cells(field, resource))


def outputs_of(resource: Described) -> Iterator[str]:
    """The table of the outputs; its last row lists the inputs."""
    filled = [f for f in resource.args.fields if f.filled]
    own = sorted([*resource.state.fields, *resource.told_outputs, *filled], key=lambda f: f.name == "api_origin")
    yield from _table(("name", "type", "what it is"))
    for field in own:
        yield _row(f"`{field.name}`", type_on_page(field, resource.inner_state, given=False), field.text)
    names = {field.name for field in own}
    given = sorted((f for f in resource.args.fields if not f.filled and f.name not in names), key=_order)
    yield _row(", ".join(f"`{field.name}`" for field in given), "", "as they were given")


_NOTHING = "\N{EN DASH}"
_ROLES = ("spec", "place", "patched", "submitted once", "follows", "ours")


def _order(field: Field) -> tuple[bool, int]:
    return not field.required, _ROLES.index(str(field.meaning["role"]))


def _cells(field: Field, resource: Described) -> tuple[str, ...]:
    kind = type_on_page(field, resource.inner_args, given=True)
    return f"`{field.name}`", kind, str(field.meaning.get("default", "")), field.text, field.at_google


def _table(columns: tuple[str, ...]) -> Iterator[str]:
    yield "| " + " | ".join(columns) + " |"
    yield "| " + " | ".join("---" for _ in columns) + " |"


def _row(*cells: str) -> str:
    return "| " + " | ".join(cell.replace("|", "\\|") or _NOTHING for cell in cells) + " |"
