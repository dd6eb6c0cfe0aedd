"""Properties as Pulumi sends and stores them, and as ``resources/core/lifecycle.py`` has them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final

import pulumi
from pulumi.runtime import rpc

from pulumi_gcp_tuning.resources.core.unknown import UNKNOWN

if TYPE_CHECKING:
    from pulumi_gcp_tuning.resources.core.lifecycle import Properties

PROVIDER_KEY: Final = "__provider"
_EXACT: Final = 2**53  # Pulumi's numbers are floats: whole numbers past this lose digits


def stored_in(inputs: Any) -> Properties | None:
    """The inputs in state, as the engine sends them; None if it sent none."""
    if not getattr(inputs, "fields", None):
        return None
    stored: Properties = from_pulumi(rpc.deserialize_properties(inputs))
    return stored


def for_engine(properties: Properties) -> dict[str, Any]:
    """Properties for the engine. It marks secrets by property name, so copies of a secret under other names are marked here."""
    from pulumi_gcp_tuning.resources.core.secrets import secret_copies

    marked: dict[str, Any] = to_pulumi(properties)
    for key in secret_copies(properties) & marked.keys():
        if marked[key] != rpc.UNKNOWN:
            marked[key] = {rpc._special_sig_key: rpc._special_secret_sig, "value": marked[key]}  # noqa: SLF001
    return marked


def from_pulumi(value: Any) -> Any:
    """Plain properties: our own unknowns, integers instead of whole floats, no ``__provider``, no key without a value."""
    if isinstance(value, str):
        return UNKNOWN if value == rpc.UNKNOWN else value
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, pulumi.output.Unknown):
        return UNKNOWN
    if isinstance(value, dict | Mapping):
        return {k: from_pulumi(v) for k, v in value.items() if v is not None and k != PROVIDER_KEY}
    if isinstance(value, list | tuple):
        return [from_pulumi(item) for item in value]
    if isinstance(value, float) and value.is_integer() and abs(value) <= _EXACT:
        return int(value)
    return value


def to_pulumi(value: Any) -> Any:
    """Properties that the engine stores without loss: no None, whole numbers above 2^53 as text."""
    if value is UNKNOWN:
        return rpc.UNKNOWN
    if isinstance(value, str):
        return value
    if isinstance(value, dict | Mapping):
        return {k: to_pulumi(v) for k, v in value.items() if v is not None}
    if isinstance(value, list | tuple):
        return [to_pulumi(item) for item in value]
    if isinstance(value, int | float) and not isinstance(value, bool) and abs(value) > _EXACT:
        return str(int(value)) if value == int(value) else str(value)
    return value


def is_plain(value: Any) -> bool:
    """Whether a value holds only what JSON can hold."""
    if isinstance(value, dict):
        return all(isinstance(key, str) and is_plain(each) for key, each in value.items())
    if isinstance(value, list):
        return all(map(is_plain, value))
    return value is None or isinstance(value, str | int | float)
