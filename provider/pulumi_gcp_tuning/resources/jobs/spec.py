"""What a job is asked for, normalised, so that two ways of writing one thing are one spec.

The spec is the wire body without labels, display name and description, with dataset URIs that carry a content hash
replaced by that hash.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any, Final

from pulumi_gcp_tuning.names import ADAPTER_SIZES
from pulumi_gcp_tuning.resources.core.lifecycle import UNKNOWN, Place, Properties

_DATASET_KEYS: Final = ("trainingDatasetUri", "validationDatasetUri", "datasetUri")
_CONTENT: Final = re.compile(r"gs://.*/([0-9a-f]{64})\.jsonl")


def normalised(spec: Mapping[str, Any]) -> Properties:
    """A spec without what says nothing: empty objects, false switches and unset values are left out.

    Whole numbers are ints whatever they came as, and the URI of a dataset that carries its content hash is that hash.
    """
    pruned = _pruned(spec, ())
    return pruned if isinstance(pruned, dict) else {}


def content_hash(uri: object) -> str | None:
    """The hash in the name of an object that a TuningDataset made, None for any other URI."""
    match = _CONTENT.fullmatch(uri) if isinstance(uri, str) else None
    return match.group(1) if match else None


def _pruned(value: Any, place: Place) -> Any:
    if isinstance(value, Mapping):
        inner = {key: _pruned(below, (*place, key)) for key, below in value.items()}
        return {
            key: below for key, below in inner.items() if below not in (None, {}, [], False, "") or below is UNKNOWN
        }
    key = place[-1] if place else ""
    if value is UNKNOWN or isinstance(value, bool):
        return value
    if key == "adapterSize":
        return adapter_name(value)
    if key in _DATASET_KEYS and isinstance(value, str):
        found = content_hash(value)
        return f"sha256:{found}" if found else value
    if key == "baseModel" and isinstance(value, str):
        return value.removeprefix("publishers/google/models/")
    if key in ("epochCount", "trainSteps"):
        return _whole(value)
    if isinstance(value, int | float):
        return float(value)
    return value


def _whole(value: Any) -> Any:
    """Google writes int64 as text; what is no whole number is left as it is, for the schema to refuse."""
    try:
        return int(value) if isinstance(value, str | int | float) and float(value).is_integer() else value
    except (ValueError, OverflowError):
        return value


def adapter_name(value: Any) -> Any:
    """Google's name of an adapter size given as a number or as a name; anything else unchanged."""
    if isinstance(value, bool):
        return value
    if isinstance(value, int | float) and value in ADAPTER_SIZES:
        return ADAPTER_SIZES[int(value)]
    if isinstance(value, str) and value.isdigit() and int(value) in ADAPTER_SIZES:
        return ADAPTER_SIZES[int(value)]
    return value


def differences(old: Any, new: Any, place: Place = ()) -> Iterator[tuple[Place, Any, Any]]:
    """Where two normalised specs differ for sure: (place, old, new). UNKNOWN in ``new`` differs from nothing for sure."""
    if old is UNKNOWN or new is UNKNOWN:
        return
    if isinstance(old, Mapping) and isinstance(new, Mapping):
        for key in dict.fromkeys([*old, *new]):
            yield from differences(old.get(key), new.get(key), (*place, key))
    elif isinstance(new, Mapping) and all(below is UNKNOWN for below in new.values()):
        return
    elif old != new:
        yield place, old, new
