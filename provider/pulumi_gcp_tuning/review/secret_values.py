"""The secrets that the file of a preview marks: with Pulumi's signature, or by the name of a secret output."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import suppress
from typing import Any, Final

SIGNATURE: Final = "4dabf18193072939515e22adb298388d"
"""The key of a value that is not plain: a secret, a file."""
_SECRET: Final = "1b47061264138c4ac30d75fd1eb44270"
_NAMES: Final = "additionalSecretOutputs"
_HOLDS: Final = ("plaintext", "value")


def secrets_in(answer: Any) -> list[str]:
    """The texts of all secrets in the answer of `pulumi preview --json`, each once."""
    found: dict[str, None] = {}
    left = [answer]
    while left:
        value = left.pop()
        if isinstance(value, list):
            left += value
        elif isinstance(value, Mapping):
            if value.get(SIGNATURE) == _SECRET:
                found |= dict.fromkeys(text for key in _HOLDS for text in _texts_in(_plain(value.get(key))))
                continue
            left += value.values()
            if _NAMES in value:
                for part in ("inputs", "outputs"):
                    left += [each for each in with_marks(value, part).values() if is_marked(each)]
    return list(found)


def with_marks(state: Mapping[str, Any], part: str) -> Mapping[str, Any]:
    """The inputs or the outputs of a state, those with the name of a secret output marked as secrets."""
    values, names = state.get(part), state.get(_NAMES)
    if not isinstance(values, Mapping):
        return {}
    secret = {name for name in names if isinstance(name, str)} if isinstance(names, list) else set()
    return {
        name: {SIGNATURE: _SECRET, "value": value} if name in secret and not is_marked(value) else value
        for name, value in values.items()
    }


def is_marked(value: Any) -> bool:
    """Whether a value has a signature, so that it is not shown."""
    return isinstance(value, Mapping) and SIGNATURE in value


def _plain(value: Any) -> Any:
    """A value that may be JSON in a text."""
    with suppress(ValueError, RecursionError, TypeError):
        return json.loads(value)
    return value


def _texts_in(value: Any) -> Iterator[str]:
    left = [value]
    while left:
        each = left.pop()
        if isinstance(each, str):
            yield each
        elif isinstance(each, Mapping):
            left += each.values()
        elif isinstance(each, list):
            left += each
        elif isinstance(each, int | float) and not isinstance(each, bool):
            yield json.dumps(each)
