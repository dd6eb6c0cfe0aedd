"""What is known of an endpoint before it is created."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any, Final

from pulumi_gcp_tuning.preflight import cmek, identity
from pulumi_gcp_tuning.preflight.facts import NOT_ASKED
from pulumi_gcp_tuning.preflight.places import check_location
from pulumi_gcp_tuning.preflight.spelling import check_display_name, check_labels
from pulumi_gcp_tuning.resources.core.catalogue import catalogue_of
from pulumi_gcp_tuning.resources.core.declared import checks_on
from pulumi_gcp_tuning.resources.core.inputs import known
from pulumi_gcp_tuning.resources.facts import surroundings as facts
from pulumi_gcp_tuning.resources.jobs.questions import check_grants, fetch_grants, key_is_known, key_name_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from pulumi_gcp_tuning.errors import Finding
    from pulumi_gcp_tuning.resources.core.lifecycle import Call
    from pulumi_gcp_tuning.resources.endpoint import Args

CREATE: Final = ("aiplatform.endpoints.create", "aiplatform.endpoints.get")
"""What a caller needs on the project to declare an endpoint."""


def check_endpoint(call: Call, args: Args, *, ask: bool, creating: bool) -> list[Finding]:
    """Every finding; Google is asked only where ``ask``. Raises Refused for a catalogue that cannot be used."""
    place, key_name = known(args.location), key_name_of(args)
    catalogue = catalogue_of(call.settings)
    findings = check_display_name(known(args.display_name), path="display_name")
    findings += check_labels(known(args.pulumi_labels))
    if place is not None and place not in catalogue.regions:
        return [*findings, *check_location(place, catalogue=catalogue)]
    in_place = cmek.check_key_place(key_name, place)
    findings += in_place
    return (
        findings + _check_with_google(call, args, None if in_place else key_name, creating=creating)
        if ask
        else findings
    )


def _check_with_google(call: Call, args: Args, key_name: str | None, *, creating: bool) -> list[Finding]:
    project, place = known(args.project), known(args.location)
    made = frozenset() if creating else frozenset(known(args.from_resources) or ())
    on = checks_on(call.settings, known(args.checks))
    asks_for_key = key_name_of(args) is not None or not key_is_known(args)
    ask: dict[str, Callable[[], Any]] = {}
    if project is not None and "project" not in made and "identity" in on:
        if "services" not in made:
            ask["apis"] = partial(facts.fetch_apis, call, project)
        ask["permissions"] = partial(facts.fetch_permissions, call, project, CREATE)
        ask["org_location"] = partial(facts.fetch_org_policy, call, project, "gcp.resourceLocations")
        if not asks_for_key:
            ask["org_key"] = partial(facts.fetch_org_policy, call, project, "gcp.restrictNonCmekServices")
    if key_name is not None and "cmek" in on:
        ask["key"] = partial(facts.fetch_key, call, key_name, being_made="encryptionSpec" in made)
        if project is not None:
            ask["grants"] = partial(fetch_grants, call, project, key_name)
    found = facts.fetch_together(ask)
    findings: list[Finding] = []
    if project is not None:
        findings += identity.check_apis(found.get("apis", NOT_ASKED), project)
        findings += identity.check_caller(found.get("permissions", NOT_ASKED), f"project {project}")
    findings += identity.check_org_location(found.get("org_location", NOT_ASKED), place)
    findings += identity.check_org_key(found.get("org_key", NOT_ASKED), None, key_known=not asks_for_key)
    findings += cmek.check_key(key_name, found.get("key", NOT_ASKED))
    return findings + check_grants(key_name, found.get("key", NOT_ASKED), found.get("grants"))
