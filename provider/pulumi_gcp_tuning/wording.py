"""The properties, configuration keys and remedies that a message names, independent of their spelling.

A rule writes ``words("{base_model} and {pre_tuned_model} exclude each other.")``; a spelling writes ``base_model`` or
``baseModel``. A name in braces is a given value, else a configuration key if it has a colon
(``{gcp-tuning:maxCost}``), else a property (``{encryption_spec.kms_key_name}``, ``{on_quota=wait}`` with its value).
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Final, Literal, TypeAlias

from pulumi_gcp_tuning.grammar import camel

PropertyPath: TypeAlias = tuple[str | int, ...]
"""The names of properties in snake case, indices of lists and keys of maps; ``()`` is the resource as a whole."""

KEYED: Final = frozenset({"labels", "pulumi_labels", "checks"})
"""The properties that are maps: the part of a path after one of them is the user's own key and never respelled."""

RemedyKind = Literal[
    "set a property",
    "remove a property",
    "undo the change",
    "change the data",
    "create it first",
    "change it at Google",
    "grant a permission",
    "enable an API",
    "ask the administrator",
    "ask Google for more",
    "set a configuration key",
    "run it again",
    "wait",
    "check it yourself",
]


@dataclass(frozen=True)
class Property:
    """A property that a text names, with the value to set if the text gives one."""

    path: PropertyPath
    to: str | None = None


@dataclass(frozen=True)
class Setting:
    """A configuration key that a text names, as Pulumi's configuration has it: ``gcp:region``, ``gcp-tuning:maxCost``."""

    key: str


Part: TypeAlias = str | bool | Property | Setting
"""The parts of a text."""


@dataclass(frozen=True, kw_only=True)
class Spelling:
    """How an interface spells names; ``setting`` is its name for a configuration key."""

    camel_case: bool
    setting: Callable[[str], str] = str

    def path(self, path: PropertyPath) -> str:
        """``spec.epoch_count`` or ``spec.epochCount``, ``list[0]``, ``labels["Team"]``; keys of maps are left alone."""
        written = ""
        for above, part in zip(("", *path), path, strict=False):
            if isinstance(part, int):
                written += f"[{part}]"
            elif above in KEYED:
                written += f'["{part}"]'
            else:
                name = camel(part) if self.camel_case else part
                written += f".{name}" if written else name
        return written

    def spell(self, part: Part) -> str:
        """One part of a text."""
        if isinstance(part, Setting):
            return self.setting(part.key)
        if isinstance(part, bool):
            return json.dumps(part) if self.camel_case else str(part)
        if isinstance(part, str):
            return part
        if part.to is None:
            return self.path(part.path)
        key = part.path[-1] if len(part.path) > 1 and part.path[-2] in KEYED else None
        value: object = part.to if key is None else {key: part.to}
        name = self.path(part.path if key is None else part.path[:-1])
        return f"{name}: {json.dumps(value)}" if self.camel_case else f"{name}={value!r}"


PYTHON: Final = Spelling(camel_case=False)
CAMEL_CASE: Final = Spelling(camel_case=True)


@dataclass(frozen=True)
class Words:
    """A text that holds its properties, configuration keys and booleans as values. ``str()`` is the Python spelling."""

    parts: tuple[Part, ...] = ()

    def spelled(self, spelling: Spelling) -> str:
        """The text in a spelling."""
        return "".join(map(spelling.spell, self.parts))

    def __str__(self) -> str:
        return self.spelled(PYTHON)


@dataclass(frozen=True)
class Remedy:
    """What to do about a finding. If the text names several remedies, ``kind`` is the first."""

    kind: RemedyKind
    words: Words

    def __str__(self) -> str:
        return str(self.words)


def words(template: str, /, **values: object) -> Words:
    """The text with its values; see above. The template is a literal; everything that varies is a value."""
    parts: list[Part] = []
    for index, text in enumerate(_NAMED.split(template)):
        value = text if index % 2 == 0 else values[text] if text in values else _named(text)
        for part in value.parts if isinstance(value, Words) else (value,):
            if isinstance(part, bool | Property | Setting):
                parts.append(part)
            elif parts and isinstance(parts[-1], str):
                parts[-1] += str(part)
            elif str(part):
                parts.append(str(part))
    return Words(tuple(parts))


def joined(between: str, texts: Iterable[object]) -> Words:
    """Texts and values joined by ``between``."""
    values = [value for text in texts for value in (between, text)][1:]
    return words("".join(f"{{v{index}}}" for index in range(len(values))), **{f"v{i}": v for i, v in enumerate(values)})


def advise(kind: RemedyKind, template: str, /, **values: object) -> Remedy:
    """A remedy whose text is written as for :func:`words`."""
    return Remedy(kind, words(template, **values))


def like(example: object) -> Remedy:
    """The remedy for a value that cannot be parsed."""
    return advise("set a property", "It looks like this: {example}", example=example)


_NAMED: Final = re.compile(r"\{([a-z][\w.:=-]*)\}")


def _named(name: str) -> Property | Setting:
    if ":" in name:
        return Setting(name)
    path, _, to = name.partition("=")
    return Property(tuple(path.split(".")), to or None)
