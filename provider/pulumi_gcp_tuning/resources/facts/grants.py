"""The keys that a declaration names, and whether Vertex AI's agent may use them."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

from pulumi_gcp_tuning.preflight import cmek, identity
from pulumi_gcp_tuning.preflight.facts import NOT_ASKED, Fact, Key, KeyPolicies, Known, Missing
from pulumi_gcp_tuning.resources.core.inputs import EncryptionSpec, known
from pulumi_gcp_tuning.resources.facts import surroundings

if TYPE_CHECKING:
    from pulumi_gcp_tuning.errors import Finding
    from pulumi_gcp_tuning.resources.core.lifecycle import Call
    from pulumi_gcp_tuning.resources.core.told import Made
    from pulumi_gcp_tuning.wording import PropertyPath

Grants: TypeAlias = tuple[tuple[str, ...], KeyPolicies] | Missing | None


def key_name_of(encryption: EncryptionSpec | None) -> str | None:
    """The name of the declared key, if it is known."""
    spec = known(encryption)
    return known(spec.kms_key_name) if spec else None


def key_is_known(encryption: EncryptionSpec | None) -> bool:
    """Whether it is known which key is declared, or that none is."""
    spec = known(encryption)
    if spec is None:
        return encryption is None
    return spec.kms_key_name is None or known(spec.kms_key_name) is not None


def fetch_grants(call: Call, project: str, key_name: str) -> Grants:
    """The agents that must be able to use the key, and the policies that may grant it to them."""
    owner = surroundings.fetch_project(call, project)
    if not isinstance(owner, Known):
        return owner if isinstance(owner, Missing) else None
    agent = identity.vertex_agent(owner.value.number)
    granted = surroundings.fetch_key_policies(call, key_name, granted=lambda read: cmek.is_granted(agent, read))
    return (agent,), granted


def check_dataset_key(
    call: Call,
    key_name: str,
    bucket: str | None,
    made: Made,
    declared_place: str | None = None,
    *,
    path: PropertyPath,
) -> list[Finding]:
    """The findings of the rules that a dataset's key exists, encrypts, is in the bucket's place, and is granted to Cloud Storage.

    ``declared_place`` is where the program declares the bucket, if it does.
    """
    key = surroundings.fetch_key(call, key_name, being_made=made.maybe("kmsKeyName"))
    findings = cmek.check_key(key_name, key, path=path)
    held = NOT_ASKED if bucket is None else surroundings.fetch_bucket(call, bucket, being_made=made.maybe("bucket"))
    findings += cmek.check_bucket_key(key_name, held, declared_place, path=path)
    found = held.value if isinstance(held, Known) else None
    if not isinstance(key, Known) or key.value is None or found is None or found.project_number is None:
        return findings
    agent = identity.storage_agent(found.project_number)
    policies = surroundings.fetch_key_policies(call, key_name, granted=lambda read: cmek.is_granted(agent, read))
    return findings + cmek.check_key_grant(key_name, (agent,), policies, path=path, rule=cmek.STORAGE_GRANT)


def check_grants(key_name: str | None, key: Fact[Key | None], grants: Grants) -> list[Finding]:
    """The findings of the rule that an existing key is granted to the agents."""
    if isinstance(grants, Missing):
        return [cmek.GRANT.not_judged(cmek.PATH, grants)]
    if grants is None or not isinstance(key, Known) or key.value is None:
        return []
    agents, policies = grants
    return cmek.check_key_grant(key_name, agents, policies)
