"""Suggestions for a base model that is not in the catalogue."""

from __future__ import annotations

import re
from datetime import date
from typing import Final

from pulumi_gcp_tuning.catalog import Catalogue, Method, ModelRow
from pulumi_gcp_tuning.names import MalformedName, ModelName
from pulumi_gcp_tuning.preflight.alternatives import use_instead
from pulumi_gcp_tuning.wording import Remedy, Words, advise, words

_RESOURCE: Final = re.compile(r"projects/[^/]+/locations/[^/]+/([A-Za-z]+)/[^/]+")
_RESOURCES: Final = {"endpoints": "an endpoint", "tuningJobs": "a tuning job", "pipelineJobs": "a pipeline job"}


def explain_unknown(base_model: str, method: Method, as_of: date, known: Catalogue, use: Words) -> tuple[str, Remedy]:
    """The problem with the name, and the remedy; ``use`` names the models that can be tuned."""
    try:
        tuned = ModelName.parse(base_model)
    except MalformedName:
        tuned = None
    if tuned is not None:
        problem = f"{base_model!r} is a tuned model of your own, not a base model."
        way_out = "To train on from it, set {pre_tuned_model} in place of {base_model}. {use}"
        if method == "PIPELINE":
            way_out = "To train on from it, declare a TuningJob with {pre_tuned_model}. {use}"
        return problem, advise("set a property", way_out, use=use)
    other = _RESOURCE.fullmatch(base_model)
    if other is not None and other[1] in _RESOURCES:
        return f"{base_model!r} is {_RESOURCES[other[1]]}, not a base model.", advise(
            "set a property", "{use}", use=use
        )
    if base_model.startswith("tunedModels/"):
        problem = f"{base_model!r} is a tuned model of the Gemini API, not a base model of Vertex AI."
        return problem, advise("set a property", "{use}", use=use)
    name = base_model.strip().lower().removeprefix("publishers/google/").removeprefix("models/")
    whole = next((each for each in known.models if each.endswith(f"@{name}")), None)
    if whole is not None:
        problem = f"{base_model!r} is short for {whole}, an open model."
        return problem, advise("set a property", "{use}", use=use)
    bare = name.partition("@")[0]
    if bare != name and known.find_model(bare) is not None:
        return f"{base_model!r} is not a model: it has no such version.", _use_bare(bare, as_of, known)
    family = known.family_of(name)
    near = known.nearest_model(name)
    if family is not None and not (near and "@" in name):
        return f"{base_model!r} is {family.what}: {family.why}.", advise("set a property", "{use}", use=use)
    hint: Words | str = use
    if near is not None:
        row = known.models[near]
        hint = words("Did you mean {near}?{state}", near=near, state=_state(row, as_of, known))
    way_out = "{hint} If the model is newer than the catalogue, set {checks.model=warn}."
    return f"{base_model!r} is not a tunable model of the catalogue.", advise("set a property", way_out, hint=hint)


def _use_bare(bare: str, as_of: date, known: Catalogue) -> Remedy:
    row = known.find_model(bare)
    if row is None or row.tunable_at(as_of):
        if row is not None and "@" in row.id:
            return advise("set a property", "Use {model}.", model=row.id)
        return advise("set a property", "Use {model}. The version is not given.", model=bare)
    return advise(
        "set a property",
        "{model} cannot be tuned on {day}. {use}",
        model=bare,
        day=as_of,
        use=use_instead(row, as_of, known),
    )


def _state(row: ModelRow, as_of: date, known: Catalogue) -> Words | str:
    """The restrictions of the model that was probably meant; empty if every project can tune it."""
    standing = row.standing(as_of)
    if row.is_tunable and standing in ("OPEN", "DUE"):
        return ""
    ends = (
        f" It cannot be tuned on {as_of}. "
        if not row.is_tunable or standing != "ACTIVE_ONLY"
        else " It is closed to new projects. "
    )
    return words("{ends}{use}", ends=ends, use=use_instead(row, as_of, known))
