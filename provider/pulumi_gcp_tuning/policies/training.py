"""Policies on what is trained, for how long, at which cost, and how long the result can serve."""

from __future__ import annotations

from collections.abc import Iterator
from fnmatch import fnmatchcase
from typing import Any, Final

from pulumi_gcp_tuning.grammar import counted
from pulumi_gcp_tuning.policies.declared import Declared, Options, Verdict, broken, not_yet, unclear
from pulumi_gcp_tuning.resources.core.unknown import UNKNOWN
from pulumi_gcp_tuning.resources.jobs.pipeline_inputs import DEFAULT_STEPS
from pulumi_gcp_tuning.resources.jobs.spec import content_hash

DAYS: Final = 90
"""How many days a base model has to live, if the option ``days`` is not given."""
_EPOCHS: Final = "supervised_tuning_spec.hyper_parameters.epoch_count"


def base_model_is_allowed(resource: Declared, options: Options) -> Iterator[Verdict]:
    """Jobs of every kind: the base model, by its id in the catalogue or as it is written, matches a pattern."""
    patterns = options.get("models") or ()
    if not patterns:
        return
    model = resource.get("baseModel")
    if model is UNKNOWN:
        yield not_yet("base_model")
    elif model is None:
        yield _continues()
    else:
        row = resource.row()
        names = {str(model), row.id if row else str(model)}
        if not any(fnmatchcase(name, str(pattern)) for name in names for pattern in patterns):
            shown = resource.shown(model, "baseModel")
            yield broken(f"base_model {shown} is not one of the allowed models: {', '.join(map(str, patterns))}.")


def job_has_a_cost_limit(resource: Declared, options: Options) -> Iterator[Verdict]:
    """Jobs: a limit that the check `cost` enforces, at most ``usd``, for a model whose price the catalogue has."""
    most = options.get("usd")
    if most is None:
        return
    around = resource.surroundings
    own, name = resource.get("maxCost"), "max_cost"
    limit = own if own is not None else around.max_cost
    if limit is UNKNOWN:
        yield not_yet("max_cost")
    elif limit is None:
        what = "max_cost" if resource.kind == "TuningJob" else "gcp-tuning:maxCost"
        yield broken(f"No limit of cost is set. Set {what} to at most {most:g} (US dollars).")
    elif limit > most:
        name = "max_cost" if own is not None else "gcp-tuning:maxCost"
        yield broken(f"{name} is {resource.shown(f'{limit:g}', 'maxCost')}, more than {most:g} US dollars.")
    level = resource.get("checks", "cost") or (around.checks or {}).get("cost") or "error"
    if level is UNKNOWN:
        yield not_yet("checks")
    elif level != "error":
        yield broken(f"The check cost is set to {level}, so nothing refuses a job above its limit. Set it to error.")
    yield from _priced(resource)


def _priced(resource: Declared) -> Iterator[Verdict]:
    model, row = resource.get("baseModel"), resource.row()
    if model is UNKNOWN:
        yield not_yet("base_model")
    elif model is None:
        yield _continues()
    elif row is None or row.price is None:
        shown = resource.shown(model, "baseModel")
        yield broken(
            f"The catalogue has no price of tuning {shown}, so its cost cannot be limited. Add one (gcp-tuning:catalog)."
        )


def tuning_job_has_few_epochs(resource: Declared, options: Options) -> Iterator[Verdict]:
    """Tuning jobs: ``epoch_count`` is set and at most ``epochs``."""
    count = resource.get("supervisedTuningSpec", "hyperParameters", "epochCount")
    yield from _at_most(count, options.get("epochs"), _EPOCHS, "epoch")


def gemini_api_model_has_few_epochs(resource: Declared, options: Options) -> Iterator[Verdict]:
    """Models of the Gemini API: as for a tuning job."""
    yield from _at_most(resource.get("epochCount"), options.get("epochs"), "epoch_count", "epoch")


def pipeline_has_few_steps(resource: Declared, options: Options) -> Iterator[Verdict]:
    """Pipelines count steps: ``train_steps`` is at most ``steps``."""
    steps = resource.get("trainSteps")
    yield from _at_most(DEFAULT_STEPS if steps is None else steps, options.get("steps"), "train_steps", "step")


def _at_most(count: Any, most: float | None, name: str, noun: str) -> Iterator[Verdict]:
    if most is None:
        return
    allowed = counted(int(most), noun)
    if count is UNKNOWN:
        yield not_yet(name)
    elif count is None:
        yield broken(f"{name} is not set, so Google chooses it. Set it to at most {int(most)}.")
    elif float(count) > most:
        yield broken(f"{name} is {float(count):g}; at most {allowed} {'is' if most == 1 else 'are'} allowed.")


def tuning_job_has_pinned_data(resource: Declared, options: Options) -> Iterator[Verdict]:
    """Tuning jobs: the URIs of training and validation data hold the hash of the content."""
    for name in ("trainingDatasetUri", "validationDatasetUri"):
        python = "training_dataset_uri" if name.startswith("training") else "validation_dataset_uri"
        uri = resource.get("supervisedTuningSpec", name)
        yield from _pinned(resource, uri, "supervisedTuningSpec", f"supervised_tuning_spec.{python}")


def pipeline_has_pinned_data(resource: Declared, options: Options) -> Iterator[Verdict]:
    """Pipelines: as for a tuning job."""
    yield from _pinned(resource, resource.get("datasetUri"), "datasetUri", "dataset_uri")
    yield from _pinned(resource, resource.get("evaluationDataUri"), "evaluationDataUri", "evaluation_data_uri")


def _pinned(resource: Declared, uri: Any, key: str, name: str) -> Iterator[Verdict]:
    if uri is UNKNOWN:
        yield not_yet(name)
    elif uri is not None and content_hash(uri) is None:
        shown = resource.shown(uri, key)
        yield broken(
            f"{name} {shown} can be overwritten, and a change of its rows would not show in a review. "
            "Declare a TuningDataset and give its uri."
        )


def base_model_lives_long_enough(resource: Declared, options: Options) -> Iterator[Verdict]:
    """Jobs of every kind: the day of the base model's retirement in the catalogue is at least ``days`` away."""
    model, row, location = resource.get("baseModel"), resource.row(), resource.get("location")
    if model is UNKNOWN or location is UNKNOWN:
        yield not_yet("base_model" if model is UNKNOWN else "location")
    elif model is None:
        yield _continues()
    elif row is None:
        yield unclear(
            f"The catalogue does not have {resource.shown(model, 'baseModel')}, so its last day is not known."
        )
    else:
        yield from _alive(resource, row.id, row.retired_on(location), int(options.get("days", DAYS)))


def _alive(resource: Declared, model: str, last: Any, days: int) -> Iterator[Verdict]:
    around = resource.surroundings
    if last is None:
        return
    left = (last - around.as_of).days
    if left >= days:
        return
    when = f"retires on {last}, in {counted(left, 'day')}" if left > 0 else f"retired on {last}"
    row = around.catalogue.models[model]
    live = around.catalogue.live_successors(row, around.as_of)
    instead = f" Its successor is {' or '.join(live)}." if live else ""
    shown = resource.shown(model, "baseModel")
    instead = instead if shown == model else ""
    yield broken(f"{shown} {when} (as of {around.as_of}); at least {counted(days, 'day')} are asked for.{instead}")


def _continues() -> Verdict:
    return unclear("base_model is not set: the job trains on from a tuned model, whose base model a policy cannot see.")
