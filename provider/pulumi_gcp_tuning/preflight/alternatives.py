"""The alternatives to a model, and the wording of models and methods in findings."""

from __future__ import annotations

from datetime import date
from typing import Final

from pulumi_gcp_tuning.catalog import Catalogue, Method, ModelRow, Product
from pulumi_gcp_tuning.errors import Finding, Severity
from pulumi_gcp_tuning.grammar import some_of
from pulumi_gcp_tuning.preflight.rule import Rule
from pulumi_gcp_tuning.wording import PropertyPath, Remedy, Words, words

MOST_SHOWN: Final = 6  # names of models or regions in a sentence
AS_SURE: Final = "What the catalogue's row only assumes is a warning."
METHOD_NAMES: Final[dict[Method, str | Words]] = {
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

_RESOURCES: Final[dict[Product, str]] = {
    "GEMINI": "TuningJob",
    "OPEN": "TuningJob",
    "PIPELINE": "PipelineTuningJob",
    "GEMINI_API": "GeminiApiTunedModel",
}


def resource_for(row: ModelRow) -> str | None:
    """The resource that a program declares to tune a model; None if no resource tunes models of that product."""
    return _RESOURCES.get(row.product)


def name_successors(row: ModelRow, as_of: date, known: Catalogue) -> str:
    """The sentence that names the model's replacement; empty if there is none."""
    names = known.live_successors(row, as_of)
    return f"{' or '.join(names)} replaces it." if names else ""


def use_instead(row: ModelRow, as_of: date, known: Catalogue) -> Words:
    """The models to use if no other method or region must be named: the successors, else models that can be tuned."""
    successors = known.live_successors(row, as_of)
    if successors:
        return words("Use {models}.", models=" or ".join(successors))
    return use_one_of(offered(known, as_of, row.id), as_of)


def what_to_use(row: ModelRow, method: Method, location: str | None, as_of: date, known: Catalogue) -> Words:
    """The models to tune instead: Google's successors, else models with the same method, preferably in the same region."""
    way: Method = method if method in row.methods else row.methods[0]
    if successors := known.live_successors(row, as_of):
        return _successors([known.models[name] for name in successors], way, location)
    live = offered(known, as_of, row.id, region=location, method=way) or offered(known, as_of, row.id, method=way)
    return use_one_of(live or offered(known, as_of, row.id), as_of)


def offered(
    known: Catalogue, as_of: date, instead_of: str, *, region: str | None = None, method: Method = "SUPERVISED"
) -> list[str]:
    """The models that a job can start from; a translation model is not suggested for another job."""
    names = known.tunable_models(as_of, region=region, method=method)
    return [name for name in names if _translates(name) == _translates(instead_of)] or (
        names if _translates(instead_of) else []
    )


def _translates(model: str) -> bool:
    return "translat" in model


def _successors(rows: list[ModelRow], way: Method, location: str | None) -> Words:
    """How to use a successor, which may need another method or region than the replaced model."""
    first = rows[0]
    regions = first.regions_for(way) or first.regions
    alike = [row.id for row in rows if (way in row.methods, row.regions) == (way in first.methods, first.regions)]
    offer = "offers" if len(alike) == 1 else "offer"
    how = (
        "" if way in first.methods else words(", which {offer} {method}", offer=offer, method=way_to(first.methods[0]))
    )
    where = f" in {some_of(regions, MOST_SHOWN)}" if location is not None and location not in regions else ""
    return words("Use {models}{where}{how}.", models=" or ".join(alike), where=where, how=how)


def use_one_of(names: list[str], as_of: date) -> Words:
    """The sentence that offers these models."""
    if len(names) == 1:
        return words("Use {model}.", model=names[0])
    if names:
        return words("Use one of {models}.", models=some_of(names, MOST_SHOWN))
    return words("The catalogue has no model for {day}; {gcp-tuning:asOf} sets another date.", day=as_of)


def name_of(method: Method) -> str | Words:
    """The name of a method in findings."""
    return METHOD_NAMES.get(method, method)


def way_to(method: Method) -> Words:
    """The name of a method in a remedy, with the resource that a program declares for it."""
    return words("{way} (a {resource})", way=name_of(method), resource=resource_of(method))


def resource_of(method: Method) -> str:
    """The resource that a program declares for a method."""
    return {"PIPELINE": "PipelineTuningJob", "GEMINI_API": "GeminiApiTunedModel"}.get(method, "TuningJob")


def severity_of(row: ModelRow, field: str) -> Severity:
    """Whether a finding on that field is an error; it is a warning if the field is assumed."""
    return "error" if row.sure_of(field) else "warn"


def finding_of_row(
    rule: Rule, row: ModelRow, fact: str, path: PropertyPath, problem: Words | str, remedy: Remedy
) -> Finding:
    """A finding with the catalogue's evidence for the fact."""
    return rule.finding(path, problem, remedy, severity=severity_of(row, fact), evidence=row.evidence_for(fact))
