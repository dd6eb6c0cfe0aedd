"""A difference in detail: the kind of change of each property that differs."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from pulumi_gcp_tuning.resources.core.lifecycle import Difference, Place, Properties

_NAME: Final = re.compile(r"[A-Za-z_$][A-Za-z0-9_$]*")
_PART: Final = re.compile(r'\["((?:[^"\\]|\\.)*)"\]|\[(\d+|\*)\]|([^.\[]+)')


@dataclass(frozen=True)
class PropertyDiff:
    """The change of one property.

    ``kind`` is Pulumi's: ``ADD``, ``DELETE`` or ``UPDATE``, with ``_REPLACE`` behind it if the change replaces the
    resource. ``of_inputs`` says that the inputs differ; otherwise an output differs from what the inputs say.
    """

    kind: str
    of_inputs: bool


def find_property_diffs(
    difference: Difference,
    old_inputs: Properties | None,
    olds: Properties,
    news: Properties,
    ignored: Iterable[str] = (),
) -> dict[str, PropertyDiff]:
    """The changes by Pulumi's property path. Empty if they are for the engine to find, or if there are none.

    ``old_inputs`` are the inputs in state, None if they are not known; ``ignored`` are the paths of ``ignore_changes``.
    A difference of inputs that differs in no input has no changes here, because the engine then sees none either. What a
    wait is for is no change.
    """
    if difference.changed is False:
        return {}
    inputs = olds if old_inputs is None else old_inputs
    left_out = [_parts_of(path) for path in ignored]
    found: dict[str, PropertyDiff] = {}
    for place in difference.paths:
        if any(_covers(each, place) for each in left_out):
            continue
        old, new = _at(inputs, place), _at(news, place)
        of_inputs = old != new
        if difference.waits and not of_inputs:
            continue
        if not of_inputs:
            old = _at(olds, place)
        kind = "ADD" if old is None else "DELETE" if new is None and of_inputs else "UPDATE"
        replaces = "_REPLACE" if place[0] in difference.replaces else ""
        found[property_path_of(place)] = PropertyDiff(kind + replaces, of_inputs)
    is_drift = difference.changed is True
    return found if is_drift or any(each.of_inputs for each in found.values()) else {}


def property_path_of(place: Place) -> str:
    """The path as Pulumi writes it: ``spec.epochCount``, ``labels["cost.center"]``, ``examples[0]``."""
    path = ""
    for part in place:
        if isinstance(part, int):
            path += f"[{part}]"
        elif _NAME.fullmatch(part):
            path += f".{part}" if path else part
        else:
            escaped = part.replace("\\", "\\\\").replace('"', '\\"')
            path += f'["{escaped}"]'
    return path


def _parts_of(path: str) -> tuple[str, ...]:
    return tuple(quoted or index or name for quoted, index, name in _PART.findall(path))


def _covers(parts: Sequence[str], place: Place) -> bool:
    """Whether a path of ``ignore_changes`` is the property or one that holds it."""
    if len(parts) > len(place):
        return False
    return all(part in ("*", str(given)) for part, given in zip(parts, place, strict=False))


def _at(properties: Properties, place: Place) -> Any:
    """The value at the path; None if nothing is there."""
    value: Any = properties
    for part in place:
        if isinstance(value, Mapping) and isinstance(part, str):
            value = value.get(part)
        elif isinstance(value, list) and isinstance(part, int) and part < len(value):
            value = value[part]
        else:
            return None
    return value
