"""The policies that show what the identities of a job may do."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from pulumi_gcp_tuning.preflight import identity
from pulumi_gcp_tuning.preflight.agents import AccountPolicies
from pulumi_gcp_tuning.preflight.facts import Bucket, Fact, Known, Policy
from pulumi_gcp_tuning.resources.facts.surroundings import fact_of, fetch_project

if TYPE_CHECKING:
    from collections.abc import Callable

    from pulumi_gcp_tuning.resources.core.lifecycle import Call
    from pulumi_gcp_tuning.wording import PropertyPath


def fetch_account_policies(call: Call, project: str, email: str, *, has_agent: Callable[[], bool]) -> AccountPolicies:
    """The policies of the project and of the account, once per run each.

    ``has_agent`` answers whether the project's agent for tuning exists. Before that, nobody can grant it anything.
    """
    owner = fetch_project(call, project)
    agent = identity.tuning_agent(owner.value.number) if isinstance(owner, Known) and has_agent() else None
    return AccountPolicies(
        email=email,
        project=project,
        agent=agent,
        of_project=_policy(
            call,
            lambda: call.google.projects.get_iam_policy(project),
            f"the roles of {email}",
            f"resourcemanager.projects.getIamPolicy on {project} (roles/iam.securityReviewer)",
        ),
        of_account=_policy(
            call,
            lambda: call.google.service_accounts.get_account_policy(email),
            f"who may use {email}",
            "iam.serviceAccounts.getIamPolicy (roles/iam.securityReviewer)",
        ),
    )


def fetch_foreign_buckets(
    call: Call, project: str, buckets: Mapping[str, tuple[PropertyPath, Fact[Bucket | None]]]
) -> dict[str, Any]:
    """The ``project_number``, and under ``foreign`` the policies of the buckets that belong to another project."""
    if not any(isinstance(fact, Known) and fact.value is not None for _, fact in buckets.values()):
        return {}
    owner = fetch_project(call, project)
    if not isinstance(owner, Known):
        return {}
    foreign = {
        name: path
        for name, (path, fact) in buckets.items()
        if isinstance(fact, Known)
        and fact.value is not None
        and fact.value.project_number not in (None, owner.value.number)
    }
    policies = {name: (path, fetch_bucket_policy(call, name)) for name, path in foreign.items()}
    return {"project_number": owner.value.number, "foreign": policies}


def fetch_bucket_policy(call: Call, bucket: str) -> Fact[Policy]:
    """The policy of a bucket, once per run."""
    needs = f"storage.buckets.getIamPolicy on the bucket {bucket} (roles/storage.legacyBucketOwner)"
    return _policy(
        call, lambda: call.google.storage.get_bucket_policy(bucket), f"who may read the bucket {bucket}", needs
    )


def _policy(call: Call, ask: Callable[[], Mapping[str, Any]], subject: str, needs: str) -> Fact[Policy]:
    fact: Fact[Policy] = fact_of(call, lambda: Policy.from_wire(ask()), subject=subject, needs=needs)
    return fact
