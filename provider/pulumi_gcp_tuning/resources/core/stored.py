"""Checks a state entry before a verb uses it: another release may have written it, or somebody may have edited it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from pydantic import BaseModel, ValidationError

from pulumi_gcp_tuning.errors import Refused
from pulumi_gcp_tuning.grammar import some_of
from pulumi_gcp_tuning.resources.core.declared import called
from pulumi_gcp_tuning.resources.core.description import always_keys, keys_in, keys_of
from pulumi_gcp_tuning.resources.core.inputs import CommonArgs, property_path
from pulumi_gcp_tuning.resources.core.lifecycle import UNKNOWN

if TYPE_CHECKING:
    from pulumi_gcp_tuning.resources.core.lifecycle import Call, Place, Properties
    from pulumi_gcp_tuning.resources.core.outputs import Outputs
    from pulumi_gcp_tuning.resources.core.told import CommonTold

    Models = tuple[type[CommonArgs], type[CommonTold], type[Outputs]]

_SHOWN = 3


def refuse_unreadable(call: Call, models: Models, stored: Properties, id: str | None) -> None:  # noqa: A002
    """Raises Refused if a property of the entry has the wrong form, or an input that is always set is missing.

    ``models`` are its ``Args``, ``Told`` and ``State``. Properties that none of them has are ignored. ``id`` is the
    object's id, if the object exists.
    """
    wrong = dict.fromkeys(_wrong(models, stored))
    if not wrong:
        return
    names = [call.spelling.path(property_path(place)) + how for place, how in wrong]
    kept = f" ({id} then remains at Google)" if id else ""
    raise Refused(
        f"The state entry of {called(call, stored)!r} cannot be read: {some_of(names, _SHOWN)}.\n"
        "Nothing was changed. Another release of pulumi-gcp-tuning wrote the entry, or somebody edited it.\n"
        "Run the release that wrote it, or correct the entry (pulumi stack export, then pulumi stack import). If an import "
        "file has it, write the file again: gcp-tuning adopt JOB --import-file FILE.\n"
        f"To remove the entry from the state, run: pulumi state delete '{call.urn}'{kept}."
    )


def _wrong(models: Models, stored: Properties) -> list[tuple[Place, str]]:
    """The places of missing and wrong properties, each with its problem."""
    filled_in = [key for key in keys_of(models[0], "place", "spec") if key in always_keys(models[0])]
    found: list[tuple[Place, str]] = [((key,), " is missing") for key in filled_in if key not in stored]
    for model in models:
        found += _misfits(model, {key: stored[key] for key in stored.keys() & keys_in(model)})
    return found


def _misfits(model: type[BaseModel], given: Mapping[str, object]) -> list[tuple[Place, str]]:
    if not given and not issubclass(model, CommonArgs):
        return []
    try:
        model.model_validate({key: value for key, value in given.items() if value is not UNKNOWN})
    except ValidationError as error:
        wrong = [
            each for each in error.errors(include_url=False, include_input=False) if each["type"] != "extra_forbidden"
        ]
        if not issubclass(model, CommonArgs):  # a missing output was not known yet, or a later release adds it
            wrong = [each for each in wrong if each["type"] != "missing"]
        missing = [
            each for each in wrong if each["type"] == "missing" and given.get(str(each["loc"][0])) is not UNKNOWN
        ]
        others = [each for each in wrong if each["type"] != "missing"]
        return [(each["loc"], " is missing") for each in missing] + [
            (each["loc"], " has the wrong form") for each in others
        ]
    return []
