"""Checks of organization policies about the services, models and keys that a project may use."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from pulumi_gcp_tuning.errors import Finding
from pulumi_gcp_tuning.names import KmsKeyName, MalformedName
from pulumi_gcp_tuning.preflight.facts import Fact, Known, Missing, OrgPolicy
from pulumi_gcp_tuning.preflight.rule import Rule
from pulumi_gcp_tuning.wording import PropertyPath, advise

SERVICES: Final = "gcp.restrictServiceUsage"
MODELS: Final = "vertexai.allowedModels"
KEY_PROJECTS: Final = "gcp.restrictCmekCryptoKeyProjects"

ORG_SERVICE: Final = Rule(
    check="identity",
    name=SERVICES,
    refuses=f"a project in which the organization policy {SERVICES} denies Vertex AI or Cloud Storage",
    why="Google's organization policy reference.",
    evidence="thread",
    facts=("organization policies",),
)
ORG_MODEL: Final = Rule(
    check="identity",
    name=MODELS,
    refuses=f"a base model that the organization policy {MODELS} does not let the project tune",
    why="Google's page on access to Model Garden models: values are publishers/P/models/M:ACTION, and tune is an action.",
    evidence="thread",
    facts=("organization policies",),
)
ORG_KEY_PROJECT: Final = Rule(
    check="identity",
    name=KEY_PROJECTS,
    refuses=f"a key of a project that the organization policy {KEY_PROJECTS} does not allow",
    why="Google's organization policy reference. A folder or organization in the list is not looked into: then it only warns.",
    evidence="thread",
    facts=("organization policies",),
)
RULES: Final = (ORG_SERVICE, ORG_MODEL, ORG_KEY_PROJECT)

_ASK: Final = advise("ask the administrator", "Ask its administrator.")


def check_services(
    policy: Fact[OrgPolicy | None],
    project: str | None,
    *,
    wanted: Sequence[str] = ("aiplatform.googleapis.com", "storage.googleapis.com"),
    path: PropertyPath = ("project",),
) -> list[Finding]:
    """The organization lets the project use the services that a job needs."""
    said = _said(policy)
    if said is None:
        return [ORG_SERVICE.not_judged(path, policy)] if isinstance(policy, Missing) else []
    barred = [service for service in wanted if not _allows(said, {service, f"is:{service}"})]
    if not barred:
        return []
    problem = f"The organization policy {SERVICES} does not let project {project} use {' and '.join(barred)}."
    return [ORG_SERVICE.finding(path, problem, _ASK)]


def check_model(
    policy: Fact[OrgPolicy | None], base_model: str | None, *, path: PropertyPath = ("base_model",)
) -> list[Finding]:
    """The organization lets the project tune the base model."""
    said = _said(policy)
    if said is None or base_model is None:
        return [ORG_MODEL.not_judged(path, policy)] if isinstance(policy, Missing) else []
    name = f"publishers/google/models/{base_model.rpartition('/')[2]}"
    if _allows(said, {f"{prefix}{name}{action}" for prefix in ("", "is:") for action in ("", ":tune")}):
        return []
    problem = f"The organization policy {MODELS} does not let the project tune {base_model}."
    remedy = advise(
        "set a property", "Use a model that it allows, or ask its administrator for {value}.", value=f"{name}:tune"
    )
    return [ORG_MODEL.finding(path, problem, remedy)]


def check_key_project(
    policy: Fact[OrgPolicy | None],
    key_name: str | None,
    *,
    path: PropertyPath = ("encryption_spec", "kms_key_name"),
) -> list[Finding]:
    """The organization allows keys of the key's project."""
    said, project = _said(policy), _project_of(key_name)
    if said is None or project is None:
        return [ORG_KEY_PROJECT.not_judged(path, policy)] if project and isinstance(policy, Missing) else []
    mine = {f"{prefix}projects/{project}" for prefix in ("", "under:", "is:")}
    if _allows(said, mine):
        return []
    problem = f"The organization policy {KEY_PROJECTS} does not allow keys of project {project}."
    above = [value for value in said.allowed or () if "folders/" in value or "organizations/" in value]
    if above and not said.deny_all and not mine & said.denied:
        problem = (
            f"The organization policy {KEY_PROJECTS} allows keys below {', '.join(sorted(above)[:4])}; whether project "
            f"{project} is among them was not checked."
        )
        return [ORG_KEY_PROJECT.finding(path, problem, _ASK, severity="warn")]
    remedy = advise("set a property", "Use a key of a project that it allows, or ask its administrator.")
    return [ORG_KEY_PROJECT.finding(path, problem, remedy)]


def said_once(policies: Mapping[str, Fact[OrgPolicy | None]]) -> dict[str, Fact[OrgPolicy | None]]:
    """The policies, with only the first unreadable one, because the same permission reads them all."""
    missing = [name for name, policy in policies.items() if isinstance(policy, Missing)]
    return {name: policy for name, policy in policies.items() if name not in missing[1:]}


def _said(policy: Fact[OrgPolicy | None]) -> OrgPolicy | None:
    return policy.value if isinstance(policy, Known) else None


def _allows(said: OrgPolicy, values: set[str]) -> bool:
    if said.deny_all or values & said.denied:
        return False
    return said.allowed is None or bool(values & said.allowed)


def _project_of(key_name: str | None) -> str | None:
    try:
        return KmsKeyName.parse(key_name).project if key_name is not None else None
    except MalformedName:
        return None
