"""Checks that the identities of a job have the permissions they need: its own service account, and Google's agents."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from pulumi_gcp_tuning.errors import Finding
from pulumi_gcp_tuning.preflight.facts import NOT_ASKED, Fact, Known, Missing, Policy
from pulumi_gcp_tuning.preflight.rule import Rule
from pulumi_gcp_tuning.wording import PropertyPath, advise

RUNNER: Final = "roles/aiplatform.tuningServiceAgent"
TOKENS: Final = "roles/iam.serviceAccountTokenCreator"
READER: Final = "roles/storage.objectViewer"
_ALL: Final = frozenset({"roles/owner", "roles/editor"})
_READERS: Final = frozenset(
    {READER, "roles/storage.objectUser", "roles/storage.objectAdmin", "roles/storage.admin",
     "roles/storage.legacyObjectReader", "roles/storage.legacyObjectOwner"}
)  # fmt: skip
_NOT_FOUND: Final = "A grant above the project, to a group or in a custom role is not found, so this is only a warning."

RUNS: Final = Rule(
    check="identity",
    name="service account may run the job",
    refuses=f"nothing: it warns if the job's own service account has not {RUNNER} on the project",
    why=f"Google's page on supervised fine-tuning. {_NOT_FOUND}",
    evidence="thread",
    severity="warn",
    facts=("project policy",),
)
ACTS: Final = Rule(
    check="identity",
    name="agent may use the service account",
    refuses="nothing: it warns if the Secure Fine Tuning agent may not make tokens for the job's own service account",
    why=f"Google's page on supervised fine-tuning asks for {TOKENS}. Google makes the agent with the first tuning job. {_NOT_FOUND}",
    evidence="thread",
    severity="warn",
    facts=("service account's policy", "project policy"),
)
READS: Final = Rule(
    check="identity",
    name="data of another project",
    refuses="nothing: it warns if who runs the job may not read a bucket of another project",
    why=f"The identity that runs the job reads its data. {_NOT_FOUND}",
    evidence="thread",
    severity="warn",
    facts=("bucket policy",),
)
RULES: Final = (RUNS, ACTS, READS)


@dataclass(frozen=True, kw_only=True)
class AccountPolicies:
    """The policies with grants to and on a job's own service account; ``agent`` is the agent that creates its tokens."""

    email: str
    project: str
    agent: str | None = None
    of_project: Fact[Policy] = NOT_ASKED
    of_account: Fact[Policy] = NOT_ASKED


def check_account(
    found: AccountPolicies | None, *, may_come: bool = False, path: PropertyPath = ("service_account",)
) -> list[Finding]:
    """The job's own service account may run jobs, and Google's agent may act for it. An unread policy is reported once.

    ``may_come``: the program makes the account, so that it may make its grants too, in this run.
    """
    if found is None:
        return []
    if isinstance(found.of_project, Missing):
        return [RUNS.not_judged(path, found.of_project)]
    if not isinstance(found.of_project, Known):
        return []
    way_out = "Grant it, unless this run does: {code}" if may_come else "Grant it: {code}"
    above, member, findings = found.of_project.value, f"serviceAccount:{found.email}", []
    if not (_ALL | {RUNNER}) & above.roles_of(member):
        problem = f"No grant of {RUNNER} to {found.email} was found on project {found.project}."
        code = f'gcp.projects.IAMMember("tuner-runs", project="{found.project}", role="{RUNNER}", member="{member}")'
        findings.append(RUNS.finding(path, problem, advise("grant a permission", way_out, code=code)))
    if found.agent is None:
        return findings
    if isinstance(found.of_account, Missing):
        return [*findings, ACTS.not_judged(path, found.of_account)]
    agent = f"serviceAccount:{found.agent}"
    own = found.of_account.value.roles_of(agent) if isinstance(found.of_account, Known) else frozenset()
    if TOKENS not in own | above.roles_of(agent):
        problem = f"No grant of {TOKENS} on {found.email} to {found.agent} was found."
        account = f"projects/-/serviceAccounts/{found.email}"
        code = f'gcp.serviceaccount.IAMMember("tuner-tokens", service_account_id="{account}", role="{TOKENS}", member="{agent}")'
        findings.append(ACTS.finding(path, problem, advise("grant a permission", way_out, code=code)))
    return findings


def check_foreign_buckets(
    reader: str | None, policies: Mapping[str, tuple[PropertyPath, Fact[Policy]]]
) -> list[Finding]:
    """The job's identity may read buckets of other projects. ``policies`` are by bucket, with the property that names it."""
    findings: list[Finding] = []
    for bucket, (path, policy) in policies.items():
        if isinstance(policy, Missing):
            findings.append(READS.not_judged(path, policy))
        elif isinstance(policy, Known) and reader is not None:
            member = f"serviceAccount:{reader}"
            if _READERS & (policy.value.roles_of(member) | policy.value.roles_of("allUsers")):
                continue
            problem = (
                f"The bucket {bucket} is of another project, and no grant of {READER} on it to {reader} was found."
            )
            code = f'gcp.storage.BucketIAMMember("tuning-data", bucket="{bucket}", role="{READER}", member="{member}")'
            findings.append(READS.finding(path, problem, advise("grant a permission", "Grant it: {code}", code=code)))
    return findings
