"""The parameterValues of a tuning pipeline, checked against the template and the limits of its models."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from tuning_sandbox.kernel import GoogleError, invalid_argument
from tuning_sandbox.vertex.pipelines.bison import ACCELERATORS, REGIONS, BisonModel, find_bison
from tuning_sandbox.vertex.pipelines.templates import Template
from tuning_sandbox.vertex.service import api

MOST_STEPS = 10_000
_TENSORBOARD = re.compile(r"(projects/[^/]+/locations/(?P<location>[^/]+)/tensorboards/)?[0-9]+")
_EVALUATING = ("evaluation_interval", "enable_early_stopping")
_SELECTIONS = ("true", "false", "default")
Doc = dict[str, Any]

api.behaviour(
    "what is wrong with a pipeline's parameters is refused at create; Google may find some of it out in the run",
    source="assumed",
)
api.behaviour("a parameter that the template does not have is refused by name", source="sdk")
api.behaviour(
    "evaluation_interval and enable_early_stopping need evaluation_data_uri; chat models take none of the three",
    source="thread",
    ref="seed 002",
)
api.behaviour("enable_early_stopping needs no evaluation_data_uri if it is false", source="assumed")
api.behaviour(
    "bison models: tuning ended on 8 October 2024, service on 9 April 2025", source="thread", ref="Google's pages"
)
api.behaviour("pipelines take at most 10,000 steps", source="assumed")
api.behaviour(
    "a create judges a TensorBoard by its name and region; one that does not exist fails the pipeline before it tunes",
    source="assumed",
)


@dataclass(frozen=True)
class Parameters:
    """The values of a tuning pipeline, with the template's defaults filled in."""

    model: BisonModel
    model_display_name: str
    dataset_uri: str
    upload_location: str
    accelerator: str
    train_steps: int
    rate_multiplier: float
    evaluation_data_uri: str
    evaluation_interval: int
    stops_early: bool
    selection: str
    default_context: str
    key: str
    tensorboard: str = ""

    @property
    def selects_best(self) -> bool:
        """Whether the checkpoint with the best evaluation is kept in place of the last one."""
        return bool(self.evaluation_data_uri) and self.selection == "true"


class _Findings:
    """The errors of the parameters, reported together."""

    def __init__(self) -> None:
        self.told: list[tuple[str, str]] = []

    def add(self, name: str, message: str) -> None:
        self.told.append((f"runtime_config.parameter_values[{name}]", message))

    def error(self) -> GoogleError:
        found = "".join(
            f"\t{at}.Field: {field}; Message: {text}" for at, (field, text) in enumerate(self.told, start=1)
        )
        return invalid_argument(f"List of found errors:{found}\t", self.told[0][0])


def read_parameters(template: Template, values: Mapping[str, Any], location: str, on: date) -> Parameters:
    """The parameters of a pipeline that is created in a location on a day, or the 400 with every error."""
    findings = _Findings()
    held = _typed(template, values, findings)
    model = find_bison(str(held["large_model_reference"] or ""))
    _check_model(template, held, model, on, findings)
    upload = str(held["location"] or location)
    _check_places(held, upload, location, findings)
    _check_numbers(held, findings)
    _check_evaluation(template, values, held, findings)
    if findings.told or model is None:
        raise findings.error()
    return Parameters(
        model=model,
        model_display_name=held["model_display_name"],
        dataset_uri=held["dataset_uri"],
        upload_location=upload,
        accelerator=held["accelerator_type"],
        train_steps=held["train_steps"],
        rate_multiplier=float(held["learning_rate_multiplier"]),
        evaluation_data_uri=held.get("evaluation_data_uri") or "",
        evaluation_interval=held.get("evaluation_interval") or 0,
        stops_early=bool(held.get("enable_early_stopping")) and bool(held.get("evaluation_data_uri")),
        selection=held.get("enable_checkpoint_selection") or "false",
        default_context=held.get("default_context") or "",
        key=held["encryption_spec_key_name"] or "",
        tensorboard=held["tensorboard_resource_id"] or "",
    )


def _typed(template: Template, values: Mapping[str, Any], findings: _Findings) -> Doc:
    for name in values:
        if name not in template.parameters:
            findings.add(name, f"The parameter is not in the pipeline {template.name}.")
    held: Doc = {}
    for name, parameter in template.parameters.items():
        value = values.get(name)
        held[name] = parameter.default
        # a client sends an empty text or null for an absent value
        if value in (None, ""):
            if parameter.required:
                findings.add(name, "The parameter is required.")
            continue
        try:
            held[name] = parameter.read(value)
        except ValueError:
            findings.add(name, f"The parameter must be of the type {parameter.kind}.")
    return held


def _check_model(template: Template, held: Doc, model: BisonModel | None, on: date, findings: _Findings) -> None:
    name = held["large_model_reference"]
    if name is None:
        return
    if model is None:
        findings.add("large_model_reference", f"The model {name} is not supported.")
    elif not model.is_tunable(on):
        findings.add("large_model_reference", f"The model {model.name} takes no tuning on {on.isoformat()}.")
    elif model.chat != template.chat:
        kind = "a chat model" if model.chat else "not a chat model"
        findings.add("large_model_reference", f"The model {model.name} is {kind}: {template.name} does not tune it.")
    if not held["dataset_uri"]:
        findings.add("dataset_uri", "The parameter is required.")
    elif not held["dataset_uri"].startswith("gs://"):
        findings.add("dataset_uri", f"{held['dataset_uri']} is not a Cloud Storage URI.")


def _check_places(held: Doc, upload: str, location: str, findings: _Findings) -> None:
    if upload not in REGIONS:
        findings.add("location", f"A tuned model cannot be uploaded to {upload}.")
    accelerator = held["accelerator_type"]
    if accelerator not in ACCELERATORS:
        findings.add("accelerator_type", f"It is one of {' and '.join(ACCELERATORS)}, not {accelerator}.")
    board = held["tensorboard_resource_id"]
    if board:
        match = _TENSORBOARD.fullmatch(board)
        if match is None:
            findings.add("tensorboard_resource_id", f"{board} is not the name of a TensorBoard.")
        elif match["location"] not in (None, location):
            findings.add("tensorboard_resource_id", f"The TensorBoard must be in the pipeline's region, {location}.")


def _check_numbers(held: Doc, findings: _Findings) -> None:
    steps = held["train_steps"]
    if not 0 < steps <= MOST_STEPS:
        findings.add("train_steps", f"It must be from 1 to {MOST_STEPS:,}, not {steps}.")
    if not held["learning_rate_multiplier"] > 0:
        findings.add("learning_rate_multiplier", "It must be greater than 0.")
    if held.get("evaluation_interval", 1) < 1:
        findings.add("evaluation_interval", "It must be at least 1.")


def _check_evaluation(template: Template, values: Mapping[str, Any], held: Doc, findings: _Findings) -> None:
    if template.chat:
        return
    uri = held["evaluation_data_uri"]
    if uri and not uri.startswith("gs://"):
        findings.add("evaluation_data_uri", f"{uri} is not a Cloud Storage URI.")
    for name in _EVALUATING:
        is_used = values.get(name) not in (None, "") and held[name] is not False
        if not uri and is_used:
            findings.add(name, "It needs evaluation_data_uri.")
    if held["enable_checkpoint_selection"] not in _SELECTIONS:
        findings.add("enable_checkpoint_selection", f"It is one of {', '.join(_SELECTIONS)}.")
