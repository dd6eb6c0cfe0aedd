"""The checks of a tuning pipeline, apart from those that every billed job has."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from pulumi_gcp_tuning.errors import Finding
from pulumi_gcp_tuning.preflight import (
    artifacts,
    cmek,
    datasets,
    hyperparameters,
    identity,
    location,
    organization,
    pipelines,
    retirement,
)
from pulumi_gcp_tuning.preflight.artifacts import check_output_uri
from pulumi_gcp_tuning.preflight.facts import NOT_ASKED, Fact
from pulumi_gcp_tuning.preflight.hyperparameters import check_pipeline_parameters
from pulumi_gcp_tuning.preflight.location import check_pipeline_places, check_tensorboard
from pulumi_gcp_tuning.preflight.places import check_model
from pulumi_gcp_tuning.preflight.rule import Rules
from pulumi_gcp_tuning.resources.core.catalogue import catalogue_of
from pulumi_gcp_tuning.resources.core.declared import checks_on
from pulumi_gcp_tuning.resources.core.inputs import known
from pulumi_gcp_tuning.resources.core.lifecycle import UNKNOWN, Call
from pulumi_gcp_tuning.resources.core.told import Made
from pulumi_gcp_tuning.resources.facts.dataset_reports import DataPaths
from pulumi_gcp_tuning.resources.facts.grants import key_name_of
from pulumi_gcp_tuning.resources.facts.surroundings import fetch_tensorboard_is_there
from pulumi_gcp_tuning.resources.jobs import written
from pulumi_gcp_tuning.resources.jobs.pipeline_inputs import EvaluationArgs

OF_PIPELINES: Final[Rules] = (
    *written.RULES,
    location.UPLOAD_PLACE,
    location.TENSORBOARD_PLACE,
    location.TENSORBOARD_EXISTS,
    location.BUCKET_PROJECT,
    retirement.LAUNCH,
    retirement.CLOSED,
    retirement.RETIRED,
    retirement.SOON,
    hyperparameters.EVALUATION,
    hyperparameters.BEST_CHECKPOINT,
    hyperparameters.INTERVAL,
    *pipelines.RULES,
    cmek.PIPELINE,
    cmek.EXISTS,
    cmek.USABLE,
    cmek.GRANT,
    identity.ACCOUNT,
    organization.ORG_KEY_PROJECT,
    artifacts.FOLDER,
    datasets.kinds_of_a_pipeline,
)
DATA: Final = DataPaths(("dataset_uri",), ("evaluation_data_uri",))
_PARAMETERS: Final = ("train_steps", "learning_rate_multiplier", *EvaluationArgs.model_fields)


def check_pipeline_spelling(call: Call, args: Any, board: Callable[[], Fact[bool]] | None) -> list[Finding]:
    """What can be checked without asking Google, and whether the TensorBoard exists if ``board`` asks for it."""
    catalogue, base_model = catalogue_of(call.settings), known(args.base_model)
    place, upload = known(args.location), known(args.tuned_model_location)
    findings = check_pipeline_places(place, upload, catalogue=catalogue)
    runs = None if any(finding.path == ("location",) for finding in findings) else place
    findings += check_model(base_model, runs, call.settings.as_of, method="PIPELINE", catalogue=catalogue)
    findings += check_output_uri(known(args.gcs_output_directory), "PIPELINE", path=("gcs_output_directory",))
    given: dict[str, object] = {name: getattr(args, name) for name in _PARAMETERS}
    unknown = [name for name, value in given.items() if value is UNKNOWN]
    findings += check_pipeline_parameters(given, base_model, unknown=unknown, catalogue=catalogue)
    findings += pipelines.check_recommended_steps(known(args.train_steps), base_model, catalogue=catalogue)
    findings += pipelines.check_default_context(known(args.default_context), base_model, catalogue=catalogue)
    key_name, accelerator = key_name_of(args.encryption_spec), known(args.accelerator_type)
    findings += cmek.check_key_place(key_name, cmek.ONLY_REGION)
    findings += cmek.check_pipeline_key(key_name, accelerator, place, upload)
    findings += check_tensorboard(known(args.tensorboard_resource_id), place, board() if board else NOT_ASKED)
    data, names = (known(args.dataset_uri), known(args.evaluation_data_uri)), ("display_name", "model_display_name")
    return findings + written.check_written(args, DATA, *data, *names)


def find_tensorboard(call: Call, args: Any, made: Made, *, creating: bool) -> Fact[bool]:
    """Whether the TensorBoard exists; not asked if this run may be about to make it."""
    name = known(args.tensorboard_resource_id)
    being_made = not creating and made.maybe("tensorboardResourceId")
    if name is None or "/" not in name or being_made or "location" not in checks_on(call.settings, known(args.checks)):
        return NOT_ASKED
    return fetch_tensorboard_is_there(call, name)
