"""The checks of a supervised tuning, apart from those that every billed job has."""

from __future__ import annotations

from typing import Any, Final

from pulumi_gcp_tuning.errors import Finding
from pulumi_gcp_tuning.preflight import (
    cmek,
    continuing,
    cost,
    datasets,
    evaluating,
    hyperparameters,
    places,
    retirement,
)
from pulumi_gcp_tuning.preflight.artifacts import check_mode
from pulumi_gcp_tuning.preflight.hyperparameters import check_hyperparameters
from pulumi_gcp_tuning.preflight.places import check_location, check_model, check_places_in_names
from pulumi_gcp_tuning.preflight.rule import Rules
from pulumi_gcp_tuning.resources.core.catalogue import catalogue_of
from pulumi_gcp_tuning.resources.core.inputs import known
from pulumi_gcp_tuning.resources.core.lifecycle import Call
from pulumi_gcp_tuning.resources.core.told import ReferringTold
from pulumi_gcp_tuning.resources.facts.dataset_reports import SUPERVISED
from pulumi_gcp_tuning.resources.facts.grants import key_is_known, key_name_of
from pulumi_gcp_tuning.resources.jobs import open_models, written
from pulumi_gcp_tuning.resources.jobs.continuing import Start, check_start_of
from pulumi_gcp_tuning.resources.jobs.supervised import check_evaluation_of

OF_TUNING_JOBS: Final[Rules] = (
    *written.RULES,
    places.REGION,
    places.ONE_REGION,
    *continuing.RULES,
    *evaluating.RULES,
    *retirement.RULES,
    cost.MANY_EPOCHS,
    hyperparameters.PARAMETER,
    hyperparameters.SIZE,
    hyperparameters.SIZE_OFFERED,
    hyperparameters.SIZE_UNUSED,
    hyperparameters.TAKEN,
    hyperparameters.ONE_RATE,
    *open_models.RULES,
    cmek.MODEL,
    datasets.kinds_of_a_job,
)


def check_tuning_spelling(
    call: Call, args: Any, told: ReferringTold, start: Start, result_location: str | None, *, ask: bool, creating: bool
) -> list[Finding]:
    """What can be checked without asking Google for more than what the job starts from."""
    catalogue = catalogue_of(call.settings)
    place, base_model, as_of = known(args.location), start.base_model, call.settings.as_of
    key_name = key_name_of(args.encryption_spec)
    findings = check_location(place, base_model=base_model, catalogue=catalogue)
    findings += check_start_of(
        start,
        args.base_model,
        args.pre_tuned_model,
        place,
        result_location,
        key_name=key_name,
        key_known=key_is_known(args.encryption_spec),
    )
    findings += check_places_in_names({continuing.PARENT: start.name}, catalogue)
    spec = known(args.supervised_tuning_spec)
    row = catalogue.find_model(base_model) if base_model else None
    method = open_models.method_of(row, known(spec.tuning_mode) if spec else None, start.method)
    findings += check_model(base_model, place, as_of, method=method, path=start.path, catalogue=catalogue)
    findings += open_models.check_folders(
        call,
        row,
        args.base_model,
        args.output_uri,
        args.custom_base_model,
        known(args.checks),
        told,
        ask=ask,
        creating=creating,
    )
    if spec:
        findings += check_mode(known(spec.tuning_mode), row.product if row else None)
        parameters = known(spec.hyper_parameters)
        if parameters:
            given = {name: known(getattr(parameters, name)) for name in type(parameters).model_fields}
            findings += check_hyperparameters(given, base_model, method=method, catalogue=catalogue)
    findings += check_evaluation_of(spec, place, ask=ask)
    data = (known(spec.training_dataset_uri), known(spec.validation_dataset_uri)) if spec else (None, None)
    findings += written.check_written(args, SUPERVISED, *data, "tuned_model_display_name")
    findings += cmek.check_key_place(key_name, place if place in catalogue.regions else None)
    return findings + cmek.check_model_takes_key(key_name, base_model, place, as_of, catalogue=catalogue)
