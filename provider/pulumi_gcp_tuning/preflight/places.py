"""Checks that a base model can be tuned in this location, by this method, on this day."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date
from typing import Final

from pulumi_gcp_tuning.catalog import Catalogue, Method, ModelRow, Product, shipped
from pulumi_gcp_tuning.errors import Finding
from pulumi_gcp_tuning.grammar import some_of
from pulumi_gcp_tuning.preflight.alternatives import (
    AS_SURE,
    METHOD_NAMES,
    MOST_SHOWN,
    finding_of_row,
    name_of,
    offered,
    resource_of,
    severity_of,
    use_instead,
    use_one_of,
    way_to,
)
from pulumi_gcp_tuning.preflight.model_names import explain_unknown
from pulumi_gcp_tuning.preflight.retirement import check_dates
from pulumi_gcp_tuning.preflight.rule import Rule
from pulumi_gcp_tuning.wording import PropertyPath, Remedy, advise, joined, words

CONTINUOUS_SINCE: Final = date(2025, 7, 11)
"""A model that was tuned before that day cannot be tuned further."""

REGION: Final = Rule(
    check="region",
    name="region exists",
    refuses="an unknown location, also in the name of a job, model or endpoint (with the nearest match)",
    why="Google's discovery documents list the locations.",
    evidence="discovery",
)
ONE_REGION: Final = Rule(
    check="region",
    name="one region",
    refuses="a multi-region, and `global` for anything but an open model",
    why="A job's name holds one region; Google answers FAILED_PRECONDITION for Gemini at global.",
    evidence="discovery",
)
ENDPOINT_HOME: Final = Rule(
    check="region",
    name="location of an endpoint",
    refuses="nothing: it warns of an endpoint in `global`",
    why="Tuned models are in single regions, us or eu; a public user saw 404 for a tuned model's endpoint at global. No page "
    "says whether Google makes an empty one there.",
    evidence="assumed",
    severity="warn",
)
OFFERED: Final = Rule(
    check="region",
    name="model in region",
    refuses="a region that does not offer the model for this method (with those that do)",
    why=f"The catalogue's row of the model names its source. {AS_SURE}",
    evidence="docs",
)
ACCELERATOR: Final = Rule(
    check="region",
    name="accelerator type",
    refuses="an accelerator type other than GPU (computes in us-central1) and TPU (in europe-west4)",
    why="Seed 002.",
    evidence="seed",
)
MODEL: Final = Rule(
    check="model",
    name="model is known",
    refuses="a model that is not in the catalogue (with what it is, or the nearest match)",
    why="Google's pages list the models; gcp-tuning:catalog adds newer models.",
    evidence="docs",
)
TUNABLE: Final = Rule(
    check="model",
    name="model is tuned",
    refuses="a model that is not tuned: that only generates text, images or vectors, or only teaches a distillation",
    why="The catalogue's row of the model or of its family names its source.",
    evidence="docs",
)
METHOD: Final = Rule(
    check="model",
    name="method and mode",
    refuses="a method or tuning mode that the model is not offered for (with one that is)",
    why=f"The catalogue's row of the model names its source. {AS_SURE}",
    evidence="docs",
)
PARENT: Final = Rule(
    check="model",
    name="parent of continuous tuning",
    refuses=f"a parent model that was tuned before {CONTINUOUS_SINCE}",
    why="Google's page on continuous tuning.",
    evidence="docs",
)
RULES: Final = (REGION, ONE_REGION, ENDPOINT_HOME, OFFERED, ACCELERATOR, MODEL, TUNABLE, METHOD, PARENT)

_IN_A_NAME: Final = re.compile(r"projects/[^/]+/locations/([^/]+)/")
_MODES: Final = ("FULL", "PEFT_ADAPTER")
_KINDS: Final[dict[Product, str]] = {
    "GEMINI": "A Gemini model",
    "OPEN": "An open model",
    "PIPELINE": "A bison model",
    "GEMINI_API": "A model of the Gemini API",
}


def check_location(
    location: str | None,
    *,
    path: PropertyPath = ("location",),
    base_model: str | None = None,
    catalogue: Catalogue | None = None,
) -> list[Finding]:
    """A location that exists and in which jobs run: one region, or ``global`` for an open model."""
    if location is None:
        return []
    known = catalogue or shipped()
    row = known.regions.get(location)
    if row is None:
        near = known.nearest_region(location)
        if near and location.startswith(f"{near}-"):
            remedy = advise("set a property", "Use its region, {near}.", near=near)
            return [REGION.finding(path, f"{location!r} is a zone, not a region.", remedy)]
        hint = "Did you mean {near}?" if near else "Use a region such as us-central1."
        remedy = advise("set a property", hint, near=near)
        return [REGION.finding(path, f"The region {location!r} does not exist.", remedy)]
    model = known.find_model(base_model) if base_model else None
    if row.kind == "region" or (model is not None and location in model.regions):
        return []
    whose = _KINDS[model.product] if model is not None else "A Gemini model"
    way_out = "Use a single region that offers the model, such as {region}."
    remedy = advise("set a property", way_out, region=_region_for(model, location))
    problem = f"{whose} cannot be tuned in {location!r}: a tuning job runs in one region."
    return [ONE_REGION.finding(path, problem, remedy)]


def check_places_in_names(names: Mapping[PropertyPath, str | None], catalogue: Catalogue) -> list[Finding]:
    """The location in each name of an object of Vertex AI exists. Passes None and what has no location."""
    findings: list[Finding] = []
    for path, name in names.items():
        place = _IN_A_NAME.match(name) if name is not None else None
        if place is None or place[1] in catalogue.regions:
            continue
        near = catalogue.nearest_region(place[1])
        hint = "Did you mean {near}?" if near else "Correct it."
        problem = f"{name} is in {place[1]}, a region that does not exist."
        findings.append(REGION.finding(path, problem, advise("set a property", hint, near=near)))
    return findings


def check_endpoint_location(location: str | None, *, path: PropertyPath = ("location",)) -> list[Finding]:
    """A location that can hold an endpoint for tuned models: a region, ``us`` or ``eu``."""
    if location != "global":
        return []
    remedy = advise("set a property", "Use the location of the model: a region, us or eu.")
    return [ENDPOINT_HOME.finding(path, "No tuned model is known to answer at an endpoint in 'global'.", remedy)]


def check_model(
    base_model: str | None,
    location: str | None,
    as_of: date,
    *,
    method: Method = "SUPERVISED",
    path: PropertyPath = ("base_model",),
    mode_path: PropertyPath = ("supervised_tuning_spec", "tuning_mode"),
    location_path: PropertyPath = ("location",),
    catalogue: Catalogue | None = None,
) -> list[Finding]:
    """The catalogue offers the model for this method, in this region, on this day.

    A fact that the catalogue assumes gives a warning. ``mode_path`` is the property with FULL or PEFT_ADAPTER.
    """
    if base_model is None:
        return []
    known = catalogue or shipped()
    row = known.find_model(base_model)
    if row is None:
        use = use_one_of(offered(known, as_of, base_model, method=method), as_of)
        return [MODEL.finding(path, *explain_unknown(base_model, method, as_of, known, use))]
    if not row.is_tunable:
        return [_never_tuned(row, path, known, as_of)]
    findings: list[Finding] = []
    if method not in row.methods:
        findings.append(_other_method(row, method, as_of, path, mode_path, known))
        if row.product in {"PIPELINE", "GEMINI_API"} and method == "SUPERVISED":
            return findings  # the date and region of its tuning do not matter for this job
    findings += check_dates(row, method, location, as_of, path, known)
    regions = row.regions_for(method) or row.regions
    place = known.regions.get(location) if location else None
    if location and place and place.kind == "region" and location not in regions and row.product != "GEMINI_API":
        ways: tuple[Method, ...] = (method,) if method in row.methods else row.methods[:1]
        elsewhere = [name for way in ways for name in known.tunable_models(as_of, region=location, method=way)]
        other = f", or in {location} one of {some_of(elsewhere, MOST_SHOWN)}" if elsewhere else ""
        problem = words("{model} cannot be tuned in {place}.", model=row.id, place=location)
        if method in row.method_regions and location in row.regions:
            not_so = "{model} is not offered for {method} in {place}."
            problem = words(not_so, model=row.id, method=METHOD_NAMES[method], place=location)
        fact = f"regions.{location}"
        remedy = advise("set a property", "Use {regions}{other}.", regions=some_of(regions, MOST_SHOWN), other=other)
        findings.append(finding_of_row(OFFERED, row, fact, location_path, problem, remedy))
    return findings


def check_accelerator(
    accelerator_type: str | None, *, path: PropertyPath = ("accelerator_type",), catalogue: Catalogue | None = None
) -> list[Finding]:
    """The type is GPU or TPU; it alone decides the region of a pipeline's machines."""
    if accelerator_type is None:
        return []
    known = catalogue or shipped()
    if accelerator_type in known.accelerators:
        return []
    ways = ", ".join(f"{row.id} ({row.machines}, {row.compute_region})" for row in known.accelerators.values())
    remedy = advise("set a property", "Use one of {ways}.", ways=ways)
    return [ACCELERATOR.finding(path, f"The accelerator type {accelerator_type!r} does not exist.", remedy)]


def check_pre_tuned_model(
    tuned_on: date | None, *, path: PropertyPath = ("pre_tuned_model", "tuned_model_name")
) -> list[Finding]:
    """A model that is tuned further is recent enough; one whose date is not known passes."""
    if tuned_on is None or tuned_on >= CONTINUOUS_SINCE:
        return []
    problem = f"The model was tuned on {tuned_on}; only a model tuned since {CONTINUOUS_SINCE} can be tuned further."
    remedy = advise(
        "set a property",
        "Tune it again from its base model ({base_model} instead of {pre_tuned_model}), with the old and the new "
        "examples.",
    )
    return [PARENT.finding(path, problem, remedy)]


def _region_for(model: ModelRow | None, location: str) -> str:
    """The region whose results are in that location, else any region that offers the model."""
    regions = model.regions if model is not None else ()
    near = [region for region in regions if model is not None and model.result_location(region) == location]
    usual = "us-central1"
    return next(iter(near), usual if usual in regions or not regions else regions[0])


def _never_tuned(row: ModelRow, path: PropertyPath, known: Catalogue, as_of: date) -> Finding:
    if "TEACHER" in row.methods:
        students = known.tunable_models(as_of, method="DISTILLATION")
        way_out = "Use it as the teacher of a distillation. {students}"
        remedy = advise("set a property", way_out, students=use_one_of(students, as_of))
        return TUNABLE.finding(path, f"{row.id} can only be the teacher of a distillation; it cannot be tuned.", remedy)
    use = use_instead(row, as_of, known)
    newer = "{use} If Google tunes {model} by now, set {checks.model=warn}."
    remedy = advise("set a property", newer if row.retired is None else "{use}", use=use, model=row.id)
    problem = f"{row.id} can generate, but cannot be tuned."
    return TUNABLE.finding(path, problem, remedy, evidence=row.evidence_for("methods"))


def _other_method(
    row: ModelRow, method: Method, as_of: date, path: PropertyPath, mode_path: PropertyPath, known: Catalogue
) -> Finding:
    evidence = row.evidence_for("methods")
    offers = offered(known, as_of, row.id, method=method)
    other = row.methods[0]
    none = "No model is offered for {method} on {day}" + ("." if other == method else "; use {other}.")
    instead = words(none, method=name_of(method), day=as_of, other=way_to(other))
    if offers:
        instead = words("Use one of {models}.", models=some_of(offers, MOST_SHOWN))
    use = Remedy("set a property", instead)
    if method in _MODES and row.product == "OPEN":
        mode = next((found for found in row.methods if found in _MODES), None)
        remedy = advise("set a property", "Set {tuning_mode} to {mode}. {use}", mode=mode, use=instead)
        problem = words("{model} is not offered for {method}.", model=row.id, method=name_of(method))
        return METHOD.finding(mode_path, problem, remedy if mode else use, evidence=evidence)
    if row.product == "PIPELINE":
        through = f"{row.id} was tuned through pipelines (a PipelineTuningJob), not through tuning jobs."
        return METHOD.finding(path, through, use, evidence=evidence)
    if row.product == "GEMINI_API":
        through = f"{row.id} was tuned through the Gemini API (a GeminiApiTunedModel), not through Vertex AI."
        return METHOD.finding(path, through, use, evidence=evidence)
    ways = joined(" and ", [name_of(found) for found in row.methods])
    only = "{model} is not offered for {method}, only for {ways}{by}."
    resource = resource_of(other)
    by = "" if resource == resource_of(method) else f" by {resource}"
    problem = words(only, model=row.id, method=name_of(method), ways=ways, by=by)
    return METHOD.finding(path, problem, use, evidence=evidence, severity=severity_of(row, f"methods.{method}"))
