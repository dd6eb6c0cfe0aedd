"""Numbers of a request's settings and their ranges."""

from __future__ import annotations

from typing import Any

from tuning_sandbox.kernel import invalid_argument

Doc = dict[str, Any]

MOST_STOPS = 5
"""The most stop sequences of an answer."""


def read_number(config: Doc, field: str, default: float, low: float, high: float, where: str) -> float:
    """A number in a request's settings, or the 400 that names the range."""
    value = float(config.get(field, default))
    if not low <= value <= high:
        raise invalid_argument(
            f"Unable to submit request because it has a {field} value of {value:g} but the supported range is from "
            f"{low:g} (inclusive) to {high:g} (inclusive). Update the value and try again.",
            f"{where}.{field}",
        )
    return value
