"""What the deployment of weights needs at Google: their folder, the project, and the room in a region."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Any, Final

from pulumi_gcp_tuning.names import GcsUri, MalformedName
from pulumi_gcp_tuning.preflight import identity, location, organization
from pulumi_gcp_tuning.preflight.facts import NOT_ASKED, Known
from pulumi_gcp_tuning.preflight.location import check_bucket
from pulumi_gcp_tuning.preflight.machines import check_machine, check_machines_place, check_weights
from pulumi_gcp_tuning.resources.core.declared import checks_on, softened
from pulumi_gcp_tuning.resources.core.inputs import known
from pulumi_gcp_tuning.resources.facts import surroundings
from pulumi_gcp_tuning.resources.facts.checkpoints import fetch_folder
from pulumi_gcp_tuning.resources.jobs.serving_room import check_serving_room
from pulumi_gcp_tuning.resources.jobs.tuning_jobs import TUNING_JOB

if TYPE_CHECKING:
    from pulumi_gcp_tuning.errors import Finding
    from pulumi_gcp_tuning.preflight.rule import Rules
    from pulumi_gcp_tuning.resources.core.lifecycle import Call, Properties
    from pulumi_gcp_tuning.resources.core.told import ReferringTold

DEPLOY: Final = ("aiplatform.models.upload", "aiplatform.endpoints.create", "aiplatform.endpoints.deploy")
"""The permissions on the project that the deployment of weights needs."""

RULES: Final[Rules] = (
    location.BUCKET_EXISTS,
    location.BUCKET_PAYER,
    identity.API,
    identity.BILLING,
    identity.ORG_PLACE,
    identity.ORG_KEY,
)


def home_of(call: Call, tuning_job: str | None) -> tuple[str | None, str | None]:
    """The project and the region of the machines: those of the job, else those of the provider."""
    project, place = call.settings.project, call.settings.location
    try:
        name = TUNING_JOB.parse_name(tuning_job) if tuning_job is not None else None
    except MalformedName:
        name = None
    if name is None:
        return project, place
    return name.project, place if name.location == "global" else name.location


def check_declared_machine(args: Any) -> list[Finding]:
    """The machine as it is declared, which Google is not asked about."""
    kind, accelerator, count = known(args.machine_type), known(args.accelerator_type), known(args.accelerator_count)
    return check_machine(kind, accelerator, count, known(args.min_replica_count), known(args.max_replica_count))


def check_what_weights_need(
    call: Call, told: ReferringTold, args: Any, inputs: Properties, *, ask: bool, creating: bool
) -> list[Finding]:
    """The place of the machines and, if ``ask``, the weights, the project and the quota."""
    project, place = home_of(call, known(args.tuning_job))
    findings = check_machines_place(place) if args.tuning_job is None else []
    if ask and not creating and not findings:
        findings += _check_folder(call, told, args) + _check_project(call, told, args, project, place)
    if ask:
        findings += check_serving_room(call, args, inputs, project, place)
    return findings


def _check_folder(call: Call, told: ReferringTold, args: Any) -> list[Finding]:
    """The bucket of the weights exists, and the folder has them."""
    folder = known(args.artifacts)
    on = checks_on(call.settings, known(args.checks))
    if folder is None or told.may_come("artifacts") or not on & {"location", "artifacts"}:
        return []
    bucket = GcsUri.parse(folder).bucket
    found = surroundings.fetch_bucket(call, bucket, being_made=False)
    missing = check_bucket(bucket, found, None, product="OPEN", path=("artifacts",)) if "location" in on else []
    if "artifacts" not in on or (isinstance(found, Known) and found.value is None):
        return missing
    return missing + check_weights(folder, fetch_folder(call, folder))


def _check_project(call: Call, told: ReferringTold, args: Any, project: str | None, place: str | None) -> list[Finding]:
    """The project can be billed, has the API, lets the caller deploy, and its organization allows the machines."""
    if project is None or "identity" not in checks_on(call.settings, known(args.checks)):
        return []
    ask: dict[str, Callable[[], Any]] = {
        "apis": partial(surroundings.fetch_apis, call, project),
        "billing": partial(surroundings.fetch_billing, call, project),
        "permissions": partial(surroundings.fetch_permissions, call, project, DEPLOY),
        "org_location": partial(surroundings.fetch_org_policy, call, project, "gcp.resourceLocations"),
        "org_key": partial(surroundings.fetch_org_policy, call, project, "gcp.restrictNonCmekServices"),
    }
    found = surroundings.fetch_together(ask)
    path = ("machine_type",)
    findings = identity.check_apis(found["apis"], project, path=path) + identity.check_billing(
        found["billing"], path=path
    )
    findings = softened(findings) if told.made.maybe("services") else findings
    findings += identity.check_caller(found["permissions"], f"project {project}", path=path)
    policies = organization.said_once({name: found[name] for name in ("org_location", "org_key")})
    findings += identity.check_org_location(policies["org_location"], place, path=path)
    return findings + identity.check_org_key(policies.get("org_key", NOT_ASKED), None, keyless=True, path=path)
