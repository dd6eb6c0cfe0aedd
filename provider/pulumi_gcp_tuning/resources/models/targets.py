"""The targets of a deployment: whether the endpoint and the model exist, and are in one place."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from pulumi_gcp_tuning.errors import Finding
from pulumi_gcp_tuning.names import EndpointName, ModelName
from pulumi_gcp_tuning.preflight.existing import check_endpoint_exists, check_model_exists
from pulumi_gcp_tuning.preflight.identity import check_caller
from pulumi_gcp_tuning.preflight.location import check_coming_places
from pulumi_gcp_tuning.resources.core.declared import checks_on
from pulumi_gcp_tuning.resources.core.foreseen import Foreseen
from pulumi_gcp_tuning.resources.core.lifecycle import Call
from pulumi_gcp_tuning.resources.core.told import ReferringTold
from pulumi_gcp_tuning.resources.facts.surroundings import (
    fetch_endpoint_is_there,
    fetch_model_is_there,
    fetch_permissions,
)

DEPLOY: Final = ("aiplatform.endpoints.deploy",)
"""The permission that a caller needs on the endpoint's project."""


def check_targets_exist(
    call: Call, told: ReferringTold, endpoint: str | None, model: str | None, checks: Mapping[str, str] | None
) -> list[Finding]:
    """The findings of the rule that a target given by name exists. A target that comes from a resource is not checked here."""
    if "existence" not in checks_on(call.settings, checks):
        return []
    findings: list[Finding] = []
    if endpoint is not None and not told.may_come("endpoint"):
        findings += check_endpoint_exists(endpoint, fetch_endpoint_is_there(call, endpoint))
    if model is not None and not told.may_come("model"):
        findings += check_model_exists(model, fetch_model_is_there(call, model))
    return findings


def check_may_deploy(
    call: Call, told: ReferringTold, endpoint: str | None, checks: Mapping[str, str] | None
) -> list[Finding]:
    """The findings of the rule that the caller may deploy on an endpoint given by name."""
    if endpoint is None or told.may_come("endpoint") or "identity" not in checks_on(call.settings, checks):
        return []
    project = EndpointName.parse(endpoint).project
    found = fetch_permissions(call, project, DEPLOY)
    return check_caller(found, f"project {project}", path=("endpoint",))


def check_where_it_will_be(call: Call, told: ReferringTold, endpoint: str | None, model: str | None) -> list[Finding]:
    """The findings of the rule that endpoint and model are in one place, if their resources know it before they are made."""
    if endpoint is not None and model is not None:
        return []
    foreseen = call.run.of(Foreseen)
    at = EndpointName.parse(endpoint).location if endpoint is not None else foreseen.place_of(told.sources, "endpoint")
    there = ModelName.parse(model).location if model is not None else foreseen.place_of(told.sources, "model")
    return check_coming_places(at, there)
