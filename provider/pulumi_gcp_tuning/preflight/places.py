"""Checks of whether a base model can be tuned in this location, by this method, on this day."""

from __future__ import annotations

from datetime import date
from typing import Final

from pulumi_gcp_tuning.catalog import CLOSES_SOON, Catalogue, Method, ModelRow, Product, shipped
from pulumi_gcp_tuning.errors import Finding, Severity
from pulumi_gcp_tuning.preflight.model_names import explain_unknown
from pulumi_gcp_tuning.preflight.rule import Rule
from pulumi_gcp_tuning.wording import PropertyPath, Remedy, Words, advise, joined, words

CONTINUOUS_SINCE: Final = date(2025, 7, 11)
"""A model that was tuned before that day cannot be tuned further."""

_AS_SURE: Final = "What the catalogue's row only assumes is a warning."

REGION: Final = Rule(
    check="region",
    name="region exists",
    refuses="an unknown location (with the nearest match)",
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
OFFERED: Final = Rule(
    check="region",
    name="model in region",
    refuses="a region that does not offer the model for this method (with those that do)",
    why=f"The catalogue's row of the model names its source. {_AS_SURE}",
    evidence="thread",
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
    evidence="thread",
)
TUNABLE: Final = Rule(
    check="model",
    name="model is tuned",
    refuses="a model that can only generate, or only be the teacher of a distillation",
    why="The catalogue's row of the model names its source.",
    evidence="thread",
)
METHOD: Final = Rule(
    check="model",
    name="method and mode",
    refuses="a method or tuning mode that the model is not offered for (with one that is)",
    why=f"The catalogue's row of the model names its source. {_AS_SURE}",
    evidence="thread",
)
PARENT: Final = Rule(
    check="model",
    name="parent of continuous tuning",
    refuses=f"a parent model that was tuned before {CONTINUOUS_SINCE}",
    why="Google's page on continuous tuning.",
    evidence="thread",
)
LAUNCH: Final = Rule(
    check="retirement",
    name="launched",
    refuses="a model before its launch",
    why=f"Google's page on model versions. {_AS_SURE}",
    evidence="thread",
)
CLOSED: Final = Rule(
    check="retirement",
    name="tuning is open",
    refuses="a model past its last day of tuning (with the successor)",
    why=f"Google's life cycle page: tuning closes a month before a model retires. {_AS_SURE}",
    evidence="thread",
)
RETIRED: Final = Rule(
    check="retirement",
    name="not retired",
    refuses="a model that has retired (with the successor)",
    why="Google's page on model versions: a tuned model retires with its base model.",
    evidence="thread",
)
SOON: Final = Rule(
    check="retirement",
    name="closes soon",
    refuses=f"nothing: it warns of a model whose last day of tuning is at most {CLOSES_SOON.days} days away",
    why="A model that is tuned now retires with its base.",
    evidence="thread",
    severity="warn",
)
RULES: Final = (REGION, ONE_REGION, OFFERED, ACCELERATOR, MODEL, TUNABLE, METHOD, PARENT, LAUNCH, CLOSED, RETIRED, SOON)

_NAMES: Final[dict[Method, str | Words]] = {
    "SUPERVISED": "supervised tuning",
    "PREFERENCE": "preference tuning",
    "REINFORCEMENT": "reinforcement tuning",
    "CONTINUOUS": "continuous tuning",
    "FULL": words("full tuning (FULL)"),
    "PEFT_ADAPTER": words("adapter tuning (PEFT_ADAPTER)"),
    "DISTILLATION": "distillation",
    "PIPELINE": "tuning through a pipeline",
    "GEMINI_API": "tuning through the Gemini API",
}
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

    What the catalogue only assumes is a warning. ``mode_path`` is where FULL or PEFT_ADAPTER was asked for.
    """
    if base_model is None:
        return []
    known = catalogue or shipped()
    row = known.find_model(base_model)
    if row is None:
        use = _use(_for_a_job_like(base_model, known.tunable_models(as_of, method=method)), as_of)
        return [MODEL.finding(path, *explain_unknown(base_model, as_of, known, use))]
    if not row.is_tunable:
        return [_never_tuned(row, path, known, as_of)]
    findings: list[Finding] = []
    if method not in row.methods:
        findings.append(_other_method(row, method, as_of, path, mode_path, known))
        if row.product in {"PIPELINE", "GEMINI_API"} and method == "SUPERVISED":
            return findings  # when and where it was tuned does not matter to this job
    findings += _dates(row, method, location, as_of, path, known)
    regions = row.regions_for(method) or row.regions
    place = known.regions.get(location) if location else None
    if location and place and place.kind == "region" and location not in regions and row.product != "GEMINI_API":
        ways: tuple[Method, ...] = (method,) if method in row.methods else row.methods[:1]
        elsewhere = [name for way in ways for name in known.tunable_models(as_of, region=location, method=way)]
        other = f", or in {location} one of {_some(elsewhere)}" if elsewhere else ""
        problem = words("{model} cannot be tuned in {place}.", model=row.id, place=location)
        if method in row.method_regions and location in row.regions:
            not_so = "{model} is not offered for {method} in {place}."
            problem = words(not_so, model=row.id, method=_NAMES[method], place=location)
        fact = f"regions.{location}"
        remedy = advise("set a property", "Use {regions}{other}.", regions=_some(list(regions)), other=other)
        findings.append(_of_row(OFFERED, row, fact, location_path, problem, remedy))
    return findings


def check_accelerator(
    accelerator_type: str | None, *, path: PropertyPath = ("accelerator_type",), catalogue: Catalogue | None = None
) -> list[Finding]:
    """The type is GPU or TPU; it alone decides where a pipeline computes."""
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
    """The region whose results appear in that location, else any that offers the model."""
    regions = model.regions if model is not None else ()
    near = [region for region in regions if model is not None and model.result_location(region) == location]
    usual = "us-central1"
    return next(iter(near), usual if usual in regions or not regions else regions[0])


def _never_tuned(row: ModelRow, path: PropertyPath, known: Catalogue, as_of: date) -> Finding:
    if "TEACHER" in row.methods:
        students = known.tunable_models(as_of, method="DISTILLATION")
        way_out = "Use it as the teacher of a distillation. {students}"
        remedy = advise("set a property", way_out, students=_use(students, as_of))
        return TUNABLE.finding(path, f"{row.id} can only be the teacher of a distillation; it cannot be tuned.", remedy)
    instead = known.live_successor(row, as_of)
    others = _for_a_job_like(row.id, known.tunable_models(as_of))
    use = f"Use {instead}." if instead else _use(others, as_of)
    remedy = advise("set a property", "{use}", use=use)
    problem = f"{row.id} can generate, but cannot be tuned."
    return TUNABLE.finding(path, problem, remedy, evidence=row.evidence_for("methods"))


def _other_method(
    row: ModelRow, method: Method, as_of: date, path: PropertyPath, mode_path: PropertyPath, known: Catalogue
) -> Finding:
    evidence = row.evidence_for("methods")
    offers = _for_a_job_like(row.id, known.tunable_models(as_of, method=method))
    other = row.methods[0]
    none = "No model is offered for {method} on {day}" + ("." if other == method else "; use {other}.")
    instead = words(none, method=_name(method), day=as_of, other=_name(other))
    if offers:
        instead = words("Use one of {models}.", models=_some(offers))
    use = Remedy("set a property", instead)
    if method in _MODES and row.product == "OPEN":
        mode = next((found for found in row.methods if found in _MODES), None)
        remedy = advise("set a property", "Set {tuning_mode} to {mode}. {use}", mode=mode, use=instead)
        problem = words("{model} is not offered for {method}.", model=row.id, method=_name(method))
        return METHOD.finding(mode_path, problem, remedy if mode else use, evidence=evidence)
    if row.product == "PIPELINE":
        through = f"{row.id} was tuned through pipelines, not through tuning jobs."
        return METHOD.finding(path, through, use, evidence=evidence)
    if row.product == "GEMINI_API":
        through = f"{row.id} was tuned through the Gemini API, not through Vertex AI."
        return METHOD.finding(path, through, use, evidence=evidence)
    if row.product == "OPEN" and method == "SUPERVISED":
        is_open = f"{row.id} is an open model, which cannot be tuned with this resource yet."
        return METHOD.finding(path, is_open, use, evidence=evidence)
    ways = joined(" and ", [_name(found) for found in row.methods])
    only = "{model} is not offered for {method}, only for {ways}."
    problem = words(only, model=row.id, method=_name(method), ways=ways)
    return METHOD.finding(path, problem, use, evidence=evidence, severity=_severity(row, f"methods.{method}"))


def _dates(
    row: ModelRow, method: Method, location: str | None, as_of: date, path: PropertyPath, known: Catalogue
) -> list[Finding]:
    way: Method = method if method in row.methods else row.methods[0]
    instead = known.live_successor(row, as_of)
    if instead:
        use = _successor(known.models[instead], way, location)
    else:
        live = known.tunable_models(as_of, region=location, method=way) or known.tunable_models(as_of, method=way)
        live = live or known.tunable_models(as_of)
        use = _use([each for each in live if _for_the_same(each, row)] or live, as_of)
    remedy = Remedy("set a property", use)
    if row.launched and as_of < row.launched:
        problem = f"{row.id} is not offered before {row.launched} (as of {as_of})."
        return [_of_row(LAUNCH, row, "launched", path, problem, remedy)]
    last = row.last_tuning or row.retired
    if row.tunable_at(as_of):
        if last and last - as_of <= CLOSES_SOON:
            soon = f"{row.id} can be tuned until {last} and retires on {row.retired or 'a later day'} (as of {as_of})."
            next_one = f" {instead} replaces it." if instead else ""
            remedy = advise("set a property", "A model tuned from it retires with it.{next_one}", next_one=next_one)
            return [SOON.finding(path, soon, remedy, evidence=row.evidence_for("last_tuning"))]
        return []
    if last and last > row.as_of:
        remedy = advise(
            "set a property",
            "{use} The day was announced before {day}; if Google moved it, set {checks.retirement=warn}.",
            use=use,
            day=row.as_of,
        )
    if row.retired and as_of >= row.retired:
        problem = f"{row.id} retired on {row.retired} (as of {as_of})."
        return [RETIRED.finding(path, problem, remedy, evidence=row.evidence_for("retired"))]
    problem = f"{row.id} can no longer be tuned: its last day of tuning was {row.last_tuning} (as of {as_of})."
    return [_of_row(CLOSED, row, "last_tuning", path, problem, remedy)]


def _for_a_job_like(base_model: str, models: list[str]) -> list[str]:
    """The models without those of translation, unless the job is one of translation."""
    translates = "translat" in base_model
    return [each for each in models if each.startswith("translation") == translates] or models


def _for_the_same(model: str, row: ModelRow) -> bool:
    """Whether both or neither are for translation: a model for translation is no remedy for another job."""
    return model.startswith("translation") == row.id.startswith("translation")


def _successor(row: ModelRow, way: Method, location: str | None) -> Words:
    """How to use the successor, which may need another method or region."""
    how = "" if way in row.methods else words(", which offers {method}", method=_name(row.methods[0]))
    regions = row.regions_for(way) or row.regions
    where = f" in {_some(list(regions))}" if location is not None and location not in regions else ""
    return words("Use {model}{where}{how}.", model=row.id, where=where, how=how)


def _use(names: list[str], as_of: date) -> Words:
    if names:
        return words("Use one of {models}.", models=_some(names))
    return words("The catalogue has no model for {day}; {gcp-tuning:asOf} sets another date.", day=as_of)


def _name(method: Method) -> str | Words:
    return _NAMES.get(method, method)


def _severity(row: ModelRow, field: str) -> Severity:
    return "error" if row.sure_of(field) else "warn"


def _some(names: list[str]) -> str:
    return ", ".join(names[:6]) + (f" and {len(names) - 6} more" if len(names) > 6 else "")


def _of_row(rule: Rule, row: ModelRow, fact: str, path: PropertyPath, problem: Words | str, remedy: Remedy) -> Finding:
    """A finding that is as sure as the catalogue is of the fact."""
    return rule.finding(path, problem, remedy, severity=_severity(row, fact), evidence=row.evidence_for(fact))
