"""Checks of the caller's permissions, the project, the service agents and the organization policies."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

from pulumi_gcp_tuning.errors import Finding
from pulumi_gcp_tuning.preflight.facts import (
    Fact,
    Known,
    Missing,
    OrgPolicy,
    Permissions,
    Policy,
    Project,
    ServiceAccount,
)
from pulumi_gcp_tuning.preflight.location import PUBLIC_BUCKETS
from pulumi_gcp_tuning.preflight.rule import Rule
from pulumi_gcp_tuning.wording import PropertyPath, advise

API: Final = Rule(
    check="identity",
    name="API enabled",
    refuses="a project in which the API that the job is sent to, or reads from, is disabled",
    why=(
        "Google answers 403 with the reason SERVICE_DISABLED; seed 004 requires Vertex AI and Cloud Storage to "
        "be enabled."
    ),
    evidence="seed",
    facts=("enabled services",),
)
BILLING: Final = Rule(
    check="identity",
    name="billing on",
    refuses="a project without an active billing account",
    why="Seed 004 requires billing.",
    evidence="seed",
    facts=("billing",),
)
PERMISSION: Final = Rule(
    check="identity",
    name="the caller's permissions",
    refuses="a caller who lacks a permission that the job needs",
    why="Google answers 403 and names the permission; testIamPermissions says so in advance.",
    evidence="thread",
    facts=("caller's permissions",),
)
ACCOUNT: Final = Rule(
    check="identity",
    name="service account usable",
    refuses="a service account that does not exist, is disabled, or as which the caller is not allowed to act",
    why="Google's discovery document: the caller needs iam.serviceAccounts.actAs on it.",
    evidence="discovery",
    facts=("service account",),
)
AGENT_READS: Final = Rule(
    check="identity",
    name="open-model agents on the buckets",
    refuses=(
        "nothing: it warns if no grant of objectUser to the two service agents is found on the buckets of data "
        "and images"
    ),
    why="Seed 004: with images in another bucket than the data, both agents need roles/storage.objectUser on both. "
    "A grant on the project, to a group or in a custom role is not found, so this is only a warning.",
    evidence="seed",
    severity="warn",
    facts=("bucket policies", "project"),
)
AGENT_LATER: Final = Rule(
    check="identity",
    name="agents that come with the first job",
    refuses="nothing: it explains that the agents of tuning exist only after a project's first tuning job",
    why="A role cannot be granted to them before; Google says that the account does not exist.",
    evidence="thread",
    severity="warn",
    facts=("whether the project has had a tuning job",),
)
ORG_PLACE: Final = Rule(
    check="identity",
    name="gcp.resourceLocations",
    refuses="a location that the organization policy gcp.resourceLocations does not allow",
    why="Google's organization policy reference. Value groups (in:us-locations) are read if their name says what "
    "they contain; one that cannot be read is a warning.",
    evidence="thread",
    facts=("organization policies",),
)
ORG_KEY: Final = Rule(
    check="identity",
    name="gcp.restrictNonCmekServices",
    refuses="a job without a key if the organization policy gcp.restrictNonCmekServices lists Vertex AI",
    why="Google's organization policy reference.",
    evidence="thread",
    facts=("organization policies",),
)
RULES: Final = (API, BILLING, PERMISSION, ACCOUNT, AGENT_READS, AGENT_LATER, ORG_PLACE, ORG_KEY)

OBJECT_ROLES: Final = frozenset(
    {"roles/storage.objectUser", "roles/storage.objectAdmin", "roles/storage.admin", "roles/storage.legacyObjectOwner"}
)
_ROLE_FOR: Final = {
    "aiplatform.": "roles/aiplatform.user",
    "storage.objects.": "roles/storage.objectUser",
    "storage.buckets.": "roles/storage.legacyBucketReader",
    "iam.serviceAccounts.": "roles/iam.serviceAccountUser",
    "cloudkms.": "roles/cloudkms.viewer",
}
_GROUPS: Final = {
    "us": ("us",),
    "eu": ("eu", "europe"),
    "europe": ("eu", "europe"),
    "asia": ("asia",),
    "australia": ("australia",),
    "canada": ("northamerica-northeast1", "northamerica-northeast2"),
    "southamerica": ("southamerica",),
    "me": ("me",),
    "africa": ("africa",),
}
_ACCOUNT_ID: Final = re.compile(r"[a-z][a-z0-9-]{4,28}[a-z0-9]")
_ACCOUNT_ID_FORM: Final = (
    "6 to 30 lower-case letters, digits and hyphens, begins with a letter and does not end with a hyphen"
)
_OUTSIDE_EU: Final = ("europe-west2", "europe-west6")


def tuning_agent(project_number: str) -> str:
    """The agent that runs Gemini tuning jobs."""
    return f"service-{project_number}@gcp-sa-vertex-tune.iam.gserviceaccount.com"


def storage_agent(project_number: str) -> str:
    """Cloud Storage's agent: it encrypts the objects of the project's buckets."""
    return f"service-{project_number}@gs-project-accounts.iam.gserviceaccount.com"


def vertex_agent(project_number: str) -> str:
    """Vertex AI's own agent: it encrypts, and it reads images of open-model jobs."""
    return f"service-{project_number}@gcp-sa-aiplatform.iam.gserviceaccount.com"


def open_model_agent(project_number: str) -> str:
    """The agent that runs tuning jobs of open models."""
    return f"service-{project_number}@gcp-sa-vertex-moss-ft.iam.gserviceaccount.com"


def check_apis(
    services: Fact[Mapping[str, bool]],
    project: str,
    wanted: tuple[str, ...] = ("aiplatform.googleapis.com", "storage.googleapis.com"),
    *,
    path: PropertyPath = ("project",),
) -> list[Finding]:
    """Every API that the job needs is enabled; an API whose state was not requested passes."""
    if isinstance(services, Missing):
        return [API.not_judged(path, services)]
    if not isinstance(services, Known):
        return []
    off = [api for api in wanted if services.value.get(api) is False]
    if not off:
        return []
    remedy = advise(
        "enable an API",
        "Run `gcloud services enable {apis} --project {id}` (if this stack enables the API: enable it in an "
        "earlier up, or set {checks.identity=warn} for this one).",
        apis=" ".join(off),
        id=project,
    )
    return [API.finding(path, f"{_are(off)} disabled in project {project}.", remedy)]


def check_billing(project: Fact[Project], *, path: PropertyPath = ("project",)) -> list[Finding]:
    """The project has active billing."""
    if not isinstance(project, Known):
        return [BILLING.not_judged(path, project)] if isinstance(project, Missing) else []
    billing = project.value.billing
    if isinstance(billing, Missing):
        return [BILLING.not_judged(path, billing)]
    if not isinstance(billing, Known) or billing.value:
        return []
    way_out = "Link one: `gcloud billing projects link {id} --billing-account=ACCOUNT`."
    remedy = advise("change it at Google", way_out, id=project.value.id)
    return [BILLING.finding(path, f"Project {project.value.id} has no active billing account.", remedy)]


def check_caller(permissions: Fact[Permissions], on: str, *, path: PropertyPath = ("project",)) -> list[Finding]:
    """The caller has every tested permission; ``on`` names the resource."""
    if isinstance(permissions, Missing):
        return [PERMISSION.not_judged(path, permissions)]
    if not isinstance(permissions, Known) or not permissions.value.lacking:
        return []
    lacking = permissions.value.lacking
    roles = dict.fromkeys(r for p in lacking for prefix, r in _ROLE_FOR.items() if p.startswith(prefix))
    remedy = advise("grant a permission", "Ask for a role that includes them.")
    if roles:
        remedy = advise("grant a permission", "Ask for {roles} there.", roles=" and ".join(roles))
    return [PERMISSION.finding(path, f"You lack {', '.join(lacking)} on {on}.", remedy)]


def check_service_account_usable(
    email: str | None, account: Fact[ServiceAccount | None], *, path: PropertyPath = ("service_account",)
) -> list[Finding]:
    """The account exists, is enabled, and the caller may act as it."""
    if email is None:
        return []
    if isinstance(account, Missing):
        return [ACCOUNT.not_judged(path, account)]
    if not isinstance(account, Known):
        return []
    if account.value is None:
        way_out = "Create it first, or take its email from the Account resource so that Pulumi creates it."
        remedy = advise("create it first", way_out)
        own_id, _, place = email.partition("@")
        never = place.endswith(".iam.gserviceaccount.com") and not _ACCOUNT_ID.fullmatch(own_id)
        why = f": the id before the @ has {_ACCOUNT_ID_FORM}" if never else ""
        return [ACCOUNT.finding(path, f"The service account {email} does not exist{why}.", remedy)]
    findings: list[Finding] = []
    if account.value.disabled:
        way_out = "Run `gcloud iam service-accounts enable {email}`, or use another one."
        remedy = advise("change it at Google", way_out, email=email)
        findings.append(ACCOUNT.finding(path, f"The service account {email} is disabled.", remedy))
    act_as = account.value.act_as
    if isinstance(act_as, Missing):
        findings.append(ACCOUNT.not_judged(path, act_as))
    elif isinstance(act_as, Known) and not act_as.value:
        way_out = "Ask for roles/iam.serviceAccountUser on it (it includes iam.serviceAccounts.actAs), or leave it out."
        remedy = advise("grant a permission", way_out)
        findings.append(ACCOUNT.finding(path, f"You are not allowed to act as {email}.", remedy))
    return findings


def check_open_model_agents(
    project_number: str | None,
    data_bucket: str | None,
    image_buckets: tuple[str, ...],
    policies: Mapping[str, Fact[Policy]],
    had_a_job: Fact[bool],
    *,
    path: PropertyPath = ("supervised_tuning_spec", "training_dataset_uri"),
) -> list[Finding]:
    """A grant of objectUser to both agents of open-model tuning is found on the buckets of data and images.

    Checked if an image is in another bucket than the data. ``had_a_job`` False: one agent does not exist yet.
    """
    others = tuple(dict.fromkeys(b for b in image_buckets if b != data_bucket and b not in PUBLIC_BUCKETS))
    if project_number is None or data_bucket is None or not others:
        return []
    later, agents = open_model_agent(project_number), [vertex_agent(project_number), open_model_agent(project_number)]
    findings: list[Finding] = []
    for bucket in (data_bucket, *others):
        policy = policies.get(bucket)
        if bucket in PUBLIC_BUCKETS or policy is None:
            continue
        if isinstance(policy, Missing):
            findings.append(AGENT_READS.not_judged(path, policy))
            continue
        if not isinstance(policy, Known):
            continue
        without = [agent for agent in agents if not OBJECT_ROLES & policy.value.roles_of(f"serviceAccount:{agent}")]
        if later in without and isinstance(had_a_job, Known) and not had_a_job.value:
            without.remove(later)
            problem = (
                f"{later} does not exist before the project's first open-model job, so it has no access to the "
                f"bucket {bucket} yet."
            )
            way_out = "Run one small text-only job first, then grant it roles/storage.objectUser on both buckets."
            remedy = advise("wait", way_out)
            findings.append(AGENT_LATER.finding(path, problem, remedy))
        if without:
            problem = (
                f"No grant of roles/storage.objectUser to {' or '.join(without)} was found on the bucket {bucket}."
            )
            remedy = advise(
                "grant a permission",
                "Grant it with gcp.storage.BucketIAMMember on both buckets, or keep the images in the data's "
                "bucket; this check does not find grants on the project, to a group or in a custom role.",
            )
            findings.append(AGENT_READS.finding(path, problem, remedy))
    return findings


def check_tuning_agent_exists(
    member: str | None, project_number: str | None, had_a_job: Fact[bool], *, path: PropertyPath = ("member",)
) -> list[Finding]:
    """Explains a grant to a tuning agent before it fails in a project that has had no tuning job."""
    if member is None or project_number is None or not isinstance(had_a_job, Known) or had_a_job.value:
        return []
    agents = (tuning_agent(project_number), open_model_agent(project_number))
    if member.removeprefix("serviceAccount:") not in agents:
        return []
    problem = f"{member} does not exist before the project's first tuning job."
    way_out = "Run one job first; Vertex AI's own agent can be created now with `gcloud beta services identity create`."
    return [AGENT_LATER.finding(path, problem, advise("wait", way_out))]


def check_org_location(
    policy: Fact[OrgPolicy | None], location: str | None, *, path: PropertyPath = ("location",)
) -> list[Finding]:
    """The organization policy allows resources in the location."""
    if isinstance(policy, Missing):
        return [ORG_PLACE.not_judged(path, policy)]
    if location is None or not isinstance(policy, Known) or policy.value is None:
        return []
    said = policy.value
    name = "The organization policy gcp.resourceLocations"
    remedy = advise("set a property", "Use a location that it allows, or ask its administrator.")
    ask = advise("ask the administrator", "Ask its administrator.")
    if said.deny_all or any(_covers(value, location) for value in said.denied):
        return [ORG_PLACE.finding(path, f"{name} denies {location}.", remedy)]
    unread = sorted(value for value in said.denied if _covers(value, location) is None)
    if unread and (said.allowed is None or any(_covers(value, location) is not False for value in said.allowed)):
        problem = f"{name} denies {', '.join(unread[:8])}; whether {location} is among them was not checked."
        return [ORG_PLACE.finding(path, problem, ask, severity="warn")]
    if said.allowed is None or any(_covers(value, location) for value in said.allowed):
        return []
    allowed = ", ".join(sorted(said.allowed)[:8])
    if any(_covers(value, location) is None for value in said.allowed):
        problem = f"{name} allows {allowed}; whether {location} is among them was not checked."
        return [ORG_PLACE.finding(path, problem, ask, severity="warn")]
    return [ORG_PLACE.finding(path, f"{name} allows {allowed}, not {location}.", remedy)]


def check_org_key(
    policy: Fact[OrgPolicy | None],
    key_name: str | None,
    *,
    key_known: bool = True,
    possible: bool = True,
    keyless: bool = False,
    path: PropertyPath = ("encryption_spec",),
) -> list[Finding]:
    """A key is set if the organization requires keys for Vertex AI.

    ``key_known`` False: the key is known only at apply. ``possible`` False: no tunable model supports keys.
    ``keyless``: the resource takes no key.
    """
    if isinstance(policy, Missing):
        return [ORG_KEY.not_judged(path, policy)]
    if key_name or not key_known or not isinstance(policy, Known) or policy.value is None:
        return []
    named = {value.removeprefix("is:") for value in policy.value.denied}
    if not policy.value.deny_all and "aiplatform.googleapis.com" not in named:
        return []
    problem = "The organization policy gcp.restrictNonCmekServices requires a customer-managed key for Vertex AI."
    remedy = advise("set a property", "Set {encryption_spec.kms_key_name}, with a model that can be tuned with a key.")
    if not possible:
        way_out = "No model that can be tuned today takes a key, so no job is possible under this policy: ask its administrator."
        remedy = advise("ask the administrator", way_out)
    if keyless:
        way_out = "Weights are deployed without a key, so this resource cannot deploy them under this policy: ask its administrator."
        remedy = advise("ask the administrator", way_out)
    return [ORG_KEY.finding(path, problem, remedy)]


def allows_no_job(finding: Finding) -> bool:
    """Whether it is the finding that the organization requires a key, which no setting of the key remedies."""
    return (finding.check, finding.path, finding.severity) == (ORG_KEY.check, ("encryption_spec",), "error")


def _covers(value: str, location: str) -> bool | None:
    """Whether an entry of the policy includes the location; None if the entry cannot be read."""
    if not value.startswith("in:"):
        return value.removeprefix("is:").lower() == location
    group = value.removeprefix("in:").removesuffix("-locations").lower()
    if group == location:
        return True
    starts = _GROUPS.get(group)
    if starts is None:
        # a group of one region (in:us-central1-locations) includes that region; other groups are not known
        return False if group[-1:].isdigit() else None
    if group == "eu" and location in _OUTSIDE_EU:
        return False
    return any(location == start or location.startswith(f"{start}-") for start in starts)


def _are(names: list[str]) -> str:
    return f"{' and '.join(names)} {'is' if len(names) == 1 else 'are'}"
