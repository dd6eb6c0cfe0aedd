"""What every declaration of a billed job says in the same way, checked without asking Google."""

from __future__ import annotations

from typing import Any, Final

from pulumi_gcp_tuning.errors import Finding
from pulumi_gcp_tuning.preflight import cmek, hyperparameters, places, spelling
from pulumi_gcp_tuning.preflight.rule import Rules
from pulumi_gcp_tuning.resources.core.inputs import known
from pulumi_gcp_tuning.resources.facts.dataset_reports import DataPaths

RULES: Final[Rules] = (
    spelling.DISPLAY_NAME,
    *spelling.OF_LABELS,
    spelling.DATASET,
    spelling.SUFFIX,
    spelling.ACCOUNT,
    places.OFFERED,
    places.MODEL,
    places.TUNABLE,
    places.METHOD,
    hyperparameters.NUMBER,
    hyperparameters.RANGE,
    hyperparameters.OF_PIPELINES,
    cmek.NAME,
    cmek.PLACE,
)


def check_written(
    args: Any, paths: DataPaths, training: str | None, validation: str | None, *names: str
) -> list[Finding]:
    """The datasets, the service account, the labels, and these display names."""
    findings = spelling.check_dataset_uri(training, path=paths.training)
    findings += spelling.check_dataset_uri(validation, path=paths.validation)
    findings += spelling.check_service_account(known(args.service_account))
    for name in names:
        findings += spelling.check_display_name(known(getattr(args, name)), path=(name,))
    return findings + spelling.check_labels(known(args.pulumi_labels))
