"""Whether a base model is tuned in this location, on this day."""

from __future__ import annotations

from datetime import date

from pulumi_gcp_tuning import catalog
from pulumi_gcp_tuning.catalog import ModelRow
from pulumi_gcp_tuning.errors import Finding


def check_location(location: str | None, *, path: str = "location") -> list[Finding]:
    """A tuning job runs in one region that exists."""
    if location is None:
        return []
    row = catalog.regions().get(location)
    if row is None:
        near = catalog.nearest_region(location)
        hint = f"Did you mean {near}?" if near else "Use a region such as us-central1."
        return [_region(path, f"There is no region {location!r}.", hint)]
    if row.kind != "region":
        return [
            _region(
                path,
                f"A Gemini model cannot be tuned in {location!r}: a tuning job runs in one region.",
                "Use a single region that offers the model, such as us-central1.",
            )
        ]
    return []


def check_model(base_model: str | None, location: str | None, as_of: date) -> list[Finding]:
    """The catalogue offers the model for supervised tuning, in this region, on this day."""
    if base_model is None:
        return []
    row = catalog.find_model(base_model)
    if row is None:
        near = catalog.nearest_model(base_model, as_of)
        hint = f"Did you mean {near}?" if near else f"Use one of {_some(catalog.tunable_models(as_of))}."
        hint += " If the model is newer than the catalogue, set checks={'model': 'warn'}."
        return [_model("base_model", f"No tunable model {base_model!r} is known.", hint)]
    findings: list[Finding] = []
    if "SUPERVISED" not in row.methods:
        findings.append(
            _model(
                "base_model",
                f"{row.id} was tuned through pipelines, not through tuning jobs.",
                f"Use one of {_some(catalog.tunable_models(as_of))}.",
            )
        )
    findings += _dates(row, location, as_of)
    place = catalog.regions().get(location) if location else None
    if location and place and place.kind == "region" and location not in row.regions:
        elsewhere = catalog.tunable_models(as_of, region=location)
        other = f", or in {location} one of {_some(elsewhere)}" if elsewhere else ""
        findings.append(
            _region("location", f"{row.id} is not tuned in {location}.", f"Use {_some(list(row.regions))}{other}.")
        )
    return findings


def _dates(row: ModelRow, location: str | None, as_of: date) -> list[Finding]:
    instead = row.successor
    while instead and not _tunable(instead, as_of):
        following = catalog.models().get(instead)
        instead = following.successor if following else None
    live = catalog.tunable_models(as_of, region=location) or catalog.tunable_models(as_of)
    way_out = f"Use {instead}." if instead else f"Use one of {_some(live)}."
    if row.launched and as_of < row.launched:
        return [_retirement(f"{row.id} is offered from {row.launched} on; today is {as_of}.", way_out)]
    if row.tunable_at(as_of):
        last = row.last_tuning or row.retired
        if last and last - as_of <= catalog.SOON:
            soon = f"{row.id} is tuned until {last} and retires on {row.retired}."
            return [_retirement(soon, "A model tuned from it retires with it.", severity="warn")]
        return []
    if row.retired and as_of >= row.retired:
        return [_retirement(f"{row.id} retired on {row.retired} (as of {as_of}).", way_out)]
    return [_retirement(f"{row.id} takes no new tuning since {row.last_tuning} (as of {as_of}).", way_out)]


def _tunable(model: str, day: date) -> bool:
    row = catalog.models().get(model)
    return row is not None and row.tunable_at(day)


def _some(names: list[str]) -> str:
    return ", ".join(names[:6]) + (f" and {len(names) - 6} more" if len(names) > 6 else "")


def _region(path: str, problem: str, remedy: str) -> Finding:
    return Finding(path=path, problem=problem, remedy=remedy, check="region", evidence="discovery")


def _model(path: str, problem: str, remedy: str) -> Finding:
    return Finding(path=path, problem=problem, remedy=remedy, check="model", evidence="thread")


def _retirement(problem: str, remedy: str, severity: str = "error") -> Finding:
    return Finding(
        path="base_model",
        problem=problem,
        remedy=remedy,
        check="retirement",
        severity="warn" if severity == "warn" else "error",
        evidence="thread",
    )
