"""The spec of a job, normalised, so that two spellings of the same job have one spec.

The spec is the wire body without labels, display name and description. Dataset URIs that contain a content hash are
replaced by that hash. The part of an output folder that is of one training only is left out, as it follows from the rest.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any, Final, get_args

from pydantic import BaseModel

from pulumi_gcp_tuning.names import ADAPTER_SIZES
from pulumi_gcp_tuning.resources.core.description import meaning_of
from pulumi_gcp_tuning.resources.core.lifecycle import UNKNOWN, Place, Properties
from pulumi_gcp_tuning.resources.core.wire import with_models_below

MODES: Final = {"FULL": "TUNING_MODE_FULL", "PEFT_ADAPTER": "TUNING_MODE_PEFT_ADAPTER"}
TRAINING: Final = "{training}"
"""A part of the folder for an open model's checkpoints that another training has otherwise."""
_OF_TRAINING: Final = re.compile(r"/(?:\{training\}|training-[0-9a-f]{12})(?=/|$)")
_CONTENT: Final = re.compile(r"gs://.*/([0-9a-f]{64})\.jsonl")


def normalised(spec: Mapping[str, Any], args: type[BaseModel]) -> Properties:
    """A spec without empty objects, false switches and unset values.

    The fields of ``args`` say which values are whole numbers and which are URIs of data. Whole numbers become ints. A
    data URI that contains its content hash becomes that hash.
    """
    pruned = _pruned(spec, "", _meant_by(args))
    return pruned if isinstance(pruned, dict) else {}


def hash_of(spec: Properties) -> str:
    """The 32 hex digits of a normalised spec."""
    text = json.dumps(spec, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()[:32]


def folder_of_training(uri: str, identity: str, spec_hash: str) -> str:
    """The folder of one training: another identity, which has ``retry`` in it, or another spec has another one."""
    own = hashlib.sha256(f"{identity}/{spec_hash}".encode()).hexdigest()[:12]
    return uri.replace(TRAINING, f"training-{own}")


def without_training(uri: str) -> str:
    """The folder that all trainings of a declaration share."""
    return _OF_TRAINING.sub("", uri)


def content_hash(uri: object) -> str | None:
    """The hash in the name of an object that a TuningDataset made; None for any other URI."""
    match = _CONTENT.fullmatch(uri) if isinstance(uri, str) else None
    return match.group(1) if match else None


@dataclass(frozen=True)
class _Meant:
    """The keys of a spec whose values are compared by meaning, not as written."""

    data: frozenset[str]
    whole: frozenset[str]


@cache
def _meant_by(args: type[BaseModel]) -> _Meant:
    fields = [(model, name, field) for model in with_models_below(args) for name, field in model.model_fields.items()]
    data = (field.alias or name for model, name, field in fields if meaning_of(model, name).get("names") == "object")
    whole = (field.alias or name for _, name, field in fields if int in (field.annotation, *get_args(field.annotation)))
    return _Meant(frozenset(data), frozenset(whole))


def _pruned(value: Any, key: str, meant: _Meant) -> Any:
    if isinstance(value, Mapping):
        inner = {name: _pruned(below, name, meant) for name, below in value.items()}
        return {
            name: below for name, below in inner.items() if below not in (None, {}, [], False, "") or below is UNKNOWN
        }
    if value is UNKNOWN or isinstance(value, bool):
        return value
    if key == "adapterSize":
        return adapter_name(value)
    if key == "tuningMode":
        return mode_name(value)
    if key in meant.data and isinstance(value, str):
        found = content_hash(value)
        return f"sha256:{found}" if found else value
    if key == "baseModel" and isinstance(value, str):
        return value.removeprefix("publishers/google/models/")
    if key == "outputUri" and isinstance(value, str):
        return without_training(value)
    if key in meant.whole:
        return _whole(value)
    if isinstance(value, int | float):
        return float(value)
    return value


def _whole(value: Any) -> Any:
    """An int from Google's text for an int64. Any other value stays as it is, and the schema refuses it."""
    try:
        return int(value) if isinstance(value, str | int | float) and float(value).is_integer() else value
    except (ValueError, OverflowError):
        return value


def adapter_name(value: Any) -> Any:
    """Google's name of an adapter size that is given as a number or a name. Any other value is unchanged."""
    if isinstance(value, bool):
        return value
    if isinstance(value, int | float) and value in ADAPTER_SIZES:
        return ADAPTER_SIZES[int(value)]
    if isinstance(value, str) and value.isdigit() and int(value) in ADAPTER_SIZES:
        return ADAPTER_SIZES[int(value)]
    return value


def mode_name(value: Any) -> Any:
    """Google's name of a tuning mode that is given in its short form. Any other value is unchanged."""
    return MODES.get(value.upper(), value) if isinstance(value, str) else value


def differences(old: Any, new: Any, place: Place = ()) -> Iterator[tuple[Place, Any, Any]]:
    """Where two normalised specs certainly differ: (place, old, new). UNKNOWN in ``new`` never certainly differs."""
    if old is UNKNOWN or new is UNKNOWN:
        return
    if isinstance(old, Mapping) and isinstance(new, Mapping):
        for key in dict.fromkeys([*old, *new]):
            yield from differences(old.get(key), new.get(key), (*place, key))
    elif isinstance(new, Mapping) and all(below is UNKNOWN for below in new.values()):
        return
    elif old != new:
        yield place, old, new
